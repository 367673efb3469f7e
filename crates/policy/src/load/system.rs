//! `systems/*.toml`.

use super::accounts::{kinds, matches, orphans};
use super::context::{Context, Places, Sheet};
use super::doc::{Location, Table, Toml};
use super::fields::{Fields, Spot};
use super::source::brake;
use super::words::{holds_secret, is_secret_reference};
use crate::condition::{Scope, Type};
use crate::diagnostic::{code, did_you_mean};
use crate::{Activation, Entitlement, How, Mode, OnManualDisable, Outbound, Strength, System};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::text::is_unprintable;
use tenure_model::{AttributeName, EntitlementName, Kind, Name, SystemName};
use unicode_normalization::UnicodeNormalization as _;

const MODES: [(&str, Mode); 4] = [
    ("observe", Mode::Observe),
    ("end_only", Mode::EndOnly),
    ("add_only", Mode::AddOnly),
    ("enforce", Mode::Enforce),
];
const ON_MANUAL_DISABLE: [(&str, OnManualDisable); 3] =
    [("keep", OnManualDisable::Keep), ("ask", OnManualDisable::Ask), ("enable", OnManualDisable::Enable)];
const STRENGTHS: [(&str, Strength); 3] =
    [("always", Strength::Always), ("initial", Strength::Initial), ("if_empty", Strength::IfEmpty)];
const HOWS: [(&str, How); 3] =
    [("federated", How::Federated), ("one_time_link", How::OneTimeLink), ("manual", How::Manual)];
/// How long a link works by default.
const LINK_EXPIRES: SignedDuration = SignedDuration::from_hours(72);
/// Keys of `[limits]`, with the smallest and largest number for each.
const LIMITS: [(&str, u32, u32); 4] = [
    ("timeout_seconds", 1, 3_600),
    ("calls_per_second", 1, 10_000),
    ("calls_at_once", 1, 1_000),
    ("retries", 0, 100),
];

/// The entitlements of a system, read before the policy that grants them.
pub(super) fn catalogue(context: &mut Context<'_>, sheet: &Sheet, name: &SystemName) {
    let root = Fields::new(&sheet.root, context.sink);
    let mut places = Places::new();
    let mut alike: BTreeMap<String, (Arc<str>, Location)> = BTreeMap::new();
    let mut found = Vec::new();
    for table in root.tables("entitlement") {
        let fields = Fields::new(table, context.sink);
        if let Some(entitlement) = entitlement(context, &fields, name, &mut places) {
            let local: Arc<str> = Arc::from(entitlement.name.local());
            let first = alike.entry(compared(&local)).or_insert_with(|| (local.clone(), table.place.clone()));
            if first.0 != local {
                let title = format!("the entitlement `{local}` is `{}` in another writing", first.0);
                let place = table.place.error(code::DUPLICATE, title).also(&first.1, "declared here");
                fields.put(place.help("systems compare names without case, width and blanks around and between words: they are one"));
            }
            found.push((entitlement, table.place.clone()));
        }
        fields.finish();
    }
    context.catalogue.insert(name.clone(), found);
}

/// A name as systems compare names (RFC 4518): ignoring case, width, blanks around and between words, and invisible characters.
fn compared(name: &str) -> String {
    let text: String = name.nfkc().flat_map(char::to_lowercase).collect();
    let words =
        text.split_whitespace().map(|w| w.chars().filter(|c| !is_unprintable(*c)).collect::<String>());
    words.collect::<Vec<_>>().join(" ")
}

fn entitlement(
    context: &Context<'_>,
    fields: &Fields<'_>,
    system: &SystemName,
    places: &mut Places,
) -> Option<Entitlement> {
    let spot = fields.need_text("name", "\"developer\"");
    let owner = fields.text("owner").map(|spot| context.owner(spot));
    let risk = fields.int("risk", 0..=100).and_then(|r| u8::try_from(r).ok()).unwrap_or(0);
    let max = fields.duration("max");
    let kind = fields.text("kind").and_then(|spot| fields.name(&spot)).unwrap_or_default();
    let contains = fields.texts("contains").iter().filter_map(|s| local(fields, system, s)).collect();
    let opens = fields.text("opens").map(|s| s.text);
    let spot = spot?;
    context.once(places, "the entitlement", &spot);
    let name = EntitlementName::of(system, &spot.text);
    let braces = (spot.text.matches('{').count(), spot.text.matches('}').count());
    if !matches!(braces, (0, 0) | (1, 1)) {
        let diagnostic = spot.place.error(code::PARAMETER, "an entitlement has at most one parameter");
        fields.put(diagnostic.help("for example \"project/{project}\""));
    }
    match name {
        Ok(name) => Some(Entitlement { name, owner, risk, max, kind, contains, opens, at: spot.place.at() }),
        Err(error) => {
            fields.put(spot.place.error(code::NAME, format!("`{}` cannot be a name: {error}", spot.text)));
            None
        }
    }
}

/// An entitlement of the same system, with or without the system prefix.
fn local(fields: &Fields<'_>, system: &SystemName, spot: &Spot) -> Option<EntitlementName> {
    let own = format!("{system}:");
    let local = spot.text.strip_prefix(&own).unwrap_or(&spot.text);
    EntitlementName::of(system, local)
        .map_err(|e| {
            fields.put(spot.place.error(code::NAME, format!("`{}` cannot be a name: {e}", spot.text)))
        })
        .ok()
}

/// The rest of the file, once attributes and identifiers are known.
pub(super) fn read(
    context: &mut Context<'_>,
    sheet: &Sheet,
    name: &SystemName,
    keys: &BTreeSet<Arc<str>>,
) -> Option<System> {
    let root = Fields::new(&sheet.root, context.sink);
    root.get("edition");
    root.get("entitlement");
    let connector = root.need_text("connector", "\"ldap\"");
    let owner = root.need_text("owner", "\"1001\"").map(|spot| context.owner(spot));
    let mode = root.word("mode", &MODES);
    if root.get("mode").is_none() {
        root.missing("mode", "\"observe\"");
    }
    let account_name = root.need_text("account_name", "\"user_name\"");
    if let Some(spot) = &account_name {
        identifier(context, spot);
    }
    let attributes = attributes(context, &root);
    let kinds = kinds(context, &root, &attributes);
    let account_name = account_name.map(|s| s.text).unwrap_or_default();
    let mut names = vec![(Kind::default(), account_name.clone())];
    names.extend(kinds.iter().map(|(kind, k)| (kind.clone(), k.name.clone())));
    let matches = matches(context, &root, &names, keys);
    let entitlements = context.catalogue.get(name).map(|all| all.iter().map(|(e, _)| e.clone()).collect());
    let system = System {
        name: name.clone(),
        connector: connector.map(|s| s.text).unwrap_or_default(),
        owner: owner.unwrap_or_default(),
        mode: mode.unwrap_or(Mode::Observe),
        on_manual_disable: root.word("on_manual_disable", &ON_MANUAL_DISABLE).unwrap_or(OnManualDisable::Ask),
        delete: root.bool("delete", false),
        account_name,
        kinds,
        matches,
        orphans: orphans(context, &root),
        connection: root.table("connection").map(|t| connection(&root, t)).unwrap_or_default(),
        limits: limits(&root),
        brake: brake(&root),
        attested_by: root.text("attested_by").map(|spot| context.owner(spot)),
        activation: activation(context, &root),
        protected: root.texts("protected").into_iter().map(|s| s.text).collect(),
        attributes,
        entitlements: entitlements.unwrap_or_default(),
        at: sheet.file.whole().at(),
    };
    root.finish();
    contents(context, name);
    Some(system)
}

fn activation(context: &mut Context<'_>, root: &Fields<'_>) -> Option<Activation> {
    let fields = Fields::new(root.table("activation")?, root.sink);
    let how = fields.word("how", &HOWS);
    if fields.get("how").is_none() {
        fields.missing("how", "\"one_time_link\"");
    }
    let to = fields.text("to").filter(|spot| &*spot.text != "self").and_then(|spot| {
        let name = context.attribute(&spot)?;
        if context.declared.attributes.get(&name).is_some_and(|d| d.reference.is_none()) {
            let title = format!("`{name}` does not refer to a person");
            let help = "write to = \"self\", or an attribute that is declared with `reference`";
            fields.put(spot.place.error(code::ATTRIBUTE, title).help(help));
        }
        context.read.insert(name.clone());
        Some(name)
    });
    let address = fields.text("address");
    if let Some(spot) = &address {
        if let Some((name, _)) = context.declared.attributes.get_key_value(&*spot.text) {
            context.read.insert(name.clone());
        } else {
            identifier(context, spot);
        }
    } else if how == Some(How::OneTimeLink) {
        fields.missing("address", "\"mail\"");
    }
    let expires = fields.duration("expires").unwrap_or(LINK_EXPIRES);
    fields.finish();
    Some(Activation { how: how?, to, address: address.map(|s| s.text).unwrap_or_default(), expires })
}

pub(super) fn identifier(context: &Context<'_>, spot: &Spot) {
    if !context.declared.identifiers.contains(&spot.text) {
        let help = did_you_mean(&spot.text, context.declared.identifiers.iter().map(|i| &**i));
        let diagnostic =
            spot.place.error(code::IDENTIFIER, format!("there is no identifier `{}`", spot.text));
        context
            .sink
            .put(diagnostic.help(
                help.unwrap_or_else(|| "declare it by [[identifier]] in a file in policy/".to_owned()),
            ));
    }
}

pub(super) fn attributes(context: &mut Context<'_>, root: &Fields<'_>) -> Vec<Outbound> {
    let mut places = Places::new();
    let mut all = Vec::new();
    for table in root.tables("attribute") {
        let fields = Fields::new(table, root.sink);
        if let Some(outbound) = attribute(context, &fields, &mut places) {
            all.push(outbound);
        }
        fields.finish();
    }
    all
}

/// The attribute that states in which container an account is.
const PLACE: &str = "container";

fn attribute(context: &mut Context<'_>, fields: &Fields<'_>, places: &mut Places) -> Option<Outbound> {
    let spot = fields.need_text("name", "\"title\"");
    let (value, reference) = (fields.text("value"), fields.text("reference"));
    let strength = fields.word("strength", &STRENGTHS).unwrap_or(Strength::Always);
    let name = spot.filter(|s| context.once(places, "the attribute", s)).and_then(|s| fields.name(&s));
    let (value, reference) = match (value, reference) {
        (Some(value), None) => (context.expression(&value, Scope::ACCOUNT, None)?, None),
        (None, Some(spot)) => {
            let attribute = context.attribute(&spot)?;
            let refers = context.declared.attributes.get(&attribute).is_some_and(|d| d.reference.is_some());
            if !refers {
                let diagnostic =
                    spot.place.error(code::ATTRIBUTE, format!("`{attribute}` does not refer to a person"));
                let example =
                    format!("declare {attribute} = {{ type = \"text\", reference = \"worker_number\" }}");
                fields.put(diagnostic.help(example));
            }
            (context.expression(&spot, Scope::ACCOUNT, Some(Type::Text))?, Some(attribute))
        }
        _ => {
            let diagnostic =
                fields.place().error(code::MAPPING, "an attribute has either a `value` or a `reference`");
            fields.put(
                diagnostic.help("value = 'given_name + \" \" + family_name', or reference = \"manager\""),
            );
            return None;
        }
    };
    let name: AttributeName = name?;
    // The place of an account in a directory: a value from a feed must not choose another place than the expression does.
    let value = if Name::as_str(&name) == PLACE && reference.is_none() { value.into_place() } else { value };
    Some(Outbound { name, value_type: value.value_type(), value, reference, strength })
}

/// `[connection]`: texts, numbers and switches, all as texts; secrets only by reference.
fn connection(root: &Fields<'_>, table: &Table) -> BTreeMap<Arc<str>, Arc<str>> {
    let mut settings = BTreeMap::new();
    for entry in &table.entries {
        let text = match &entry.value.value {
            Toml::Text(text) => text.clone(),
            Toml::Int(number) => Arc::from(number.to_string()),
            Toml::Bool(yes) => Arc::from(yes.to_string()),
            _ => {
                root.kind(&entry.value, "a text, a whole number, or true or false");
                continue;
            }
        };
        if holds_secret(&entry.key) && !is_secret_reference(&text) {
            secret(root, &entry.key, &entry.value.place);
        }
        settings.insert(entry.key.clone(), text);
    }
    settings
}

fn secret(root: &Fields<'_>, key: &str, place: &Location) {
    let diagnostic = place.error(code::SECRET, format!("`{key}` holds a secret in clear"));
    let help =
        "write \"env:NAME\", \"file:/path\" or \"credential:NAME\", and change the secret that stood here";
    root.put(diagnostic.label("not a reference").help(help));
}

fn limits(root: &Fields<'_>) -> BTreeMap<Arc<str>, u32> {
    let Some(table) = root.table("limits") else { return BTreeMap::new() };
    let fields = Fields::new(table, root.sink);
    let one = |(key, min, max): &(&'static str, u32, u32)| {
        fields.int(key, *min..=*max).map(|n| (Arc::from(*key), n))
    };
    let found = LIMITS.iter().filter_map(one).collect();
    fields.finish();
    found
}

/// Contained entitlements are known, and contain no cycle.
fn contents(context: &Context<'_>, system: &SystemName) {
    let Some(all) = context.catalogue.get(system) else { return };
    let inside: BTreeMap<&EntitlementName, &[EntitlementName]> =
        all.iter().map(|(e, _)| (&e.name, e.contains.as_slice())).collect();
    for (entitlement, place) in all {
        for part in entitlement.contains.iter().filter(|p| !inside.contains_key(p)) {
            let help = did_you_mean(part.local(), all.iter().map(|(e, _)| e.name.local()));
            let title = format!("`{}` contains `{part}`, which {system} does not have", entitlement.name);
            context.sink.put(place.error(code::ENTITLEMENT, title).maybe_help(help));
        }
        let mut seen = BTreeSet::new();
        let mut open = entitlement.contains.clone();
        while let Some(part) = open.pop() {
            if part == entitlement.name {
                context
                    .sink
                    .put(place.error(code::CYCLE, format!("the entitlement `{part}` contains itself")));
                break;
            }
            if seen.insert(part.clone()) {
                open.extend(inside.get(&part).copied().unwrap_or_default().iter().cloned());
            }
        }
    }
}
