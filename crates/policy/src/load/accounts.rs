//! `[[account]]`, `[[match]]` and `[[orphan]]` of a system: kinds of accounts, account matching, and classification of orphans.

use super::context::Context;
use super::fields::{Fields, Spot};
use super::system::{attributes, identifier};
use crate::diagnostic::{code, did_you_mean};
use crate::{AccountKind, AccountMatch, MatchBy, OrphanRule, Outbound};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{AttributeName, Kind, OrphanClass};

/// The prefix of an identifier where a key could be.
const ISSUED: &str = "id.";

const CLASSES: [(&str, OrphanClass); 5] = [
    ("human", OrphanClass::Human),
    ("service", OrphanClass::Service),
    ("shared", OrphanClass::Shared),
    ("built-in", OrphanClass::BuiltIn),
    ("unknown", OrphanClass::Unknown),
];

/// The kinds that have names of their own. Attributes that they do not define are written as on every account.
pub(super) fn kinds(
    context: &mut Context<'_>,
    root: &Fields<'_>,
    common: &[Outbound],
) -> BTreeMap<Kind, AccountKind> {
    let mut kinds = BTreeMap::new();
    for table in root.tables("account") {
        let fields = Fields::new(table, root.sink);
        let kind = fields.need_text("kind", "\"admin\"");
        let name = fields.need_text("name", "\"admin_name\"");
        let mut own = attributes(context, &fields);
        fields.finish();
        if let Some(spot) = &name {
            identifier(context, spot);
        }
        let (Some(spot), Some(name)) = (kind, name) else { continue };
        let Some(kind) = root.name::<Kind>(&spot) else { continue };
        if kind == Kind::default() || kinds.contains_key(&kind) {
            let title = format!("accounts of the kind `{kind}` have a name already");
            root.put(
                spot.place.error(code::DUPLICATE, title).help("the default kind is named by `account_name`"),
            );
            continue;
        }
        let mut all: Vec<Outbound> = common.to_vec();
        all.retain(|a| !own.iter().any(|o| o.name == a.name));
        all.append(&mut own);
        kinds.insert(kind, AccountKind { name: name.text, attributes: all });
    }
    kinds
}

/// The rules that match accounts to identities. A kind without a rule is matched by account name.
pub(super) fn matches(
    context: &Context<'_>,
    root: &Fields<'_>,
    names: &[(Kind, Arc<str>)],
    keys: &BTreeSet<Arc<str>>,
) -> Vec<AccountMatch> {
    let mut rules = Vec::new();
    for table in root.tables("match") {
        let fields = Fields::new(table, root.sink);
        let kind = kind(&fields, names);
        let attribute = fields.text("attribute").and_then(|spot| fields.name(&spot));
        let patterns = fields.texts("names").into_iter().map(|s| s.text).collect();
        let exact = fields.text("exact");
        let ask_from = fields.int("ask_from", 1..=100).and_then(|n| u8::try_from(n).ok());
        let by = match (exact, ask_from) {
            (Some(spot), None) => told(context, &fields, &spot, keys),
            (None, Some(percent)) => Some(MatchBy::Alike(percent)),
            _ => {
                let diagnostic = fields
                    .place()
                    .error(code::CORRELATE, "a match is either `exact` or asks from a likeness on");
                fields.put(diagnostic.help(
                    "exact = \"worker_number\" or exact = \"id.mail\", or ask_from = 85 for a person's name",
                ));
                None
            }
        };
        rules.extend(by.map(|by| AccountMatch { kind, names: patterns, attribute, by }));
        fields.finish();
    }
    for (kind, name) in names {
        if !rules.iter().any(|r| r.kind == *kind) {
            let by = MatchBy::Identifier(name.clone());
            rules.push(AccountMatch { kind: kind.clone(), names: Vec::new(), attribute: None, by });
        }
    }
    rules
}

/// A kind of account that the system has.
fn kind(fields: &Fields<'_>, names: &[(Kind, Arc<str>)]) -> Kind {
    let Some(spot) = fields.text("kind") else { return Kind::default() };
    let Some(kind) = fields.name::<Kind>(&spot) else { return Kind::default() };
    if !names.iter().any(|(known, _)| *known == kind) {
        let title = format!("the system has no kind of account `{kind}`");
        let help = format!("declare it: [[account]] with kind = \"{kind}\" and the identifier that names it");
        fields.put(spot.place.error(code::CORRELATE, title).help(help));
    }
    kind
}

/// What an attribute identifies: a key that some source states, or an identifier.
fn told(
    context: &Context<'_>,
    fields: &Fields<'_>,
    spot: &Spot,
    keys: &BTreeSet<Arc<str>>,
) -> Option<MatchBy> {
    if let Some(name) = spot.text.strip_prefix(ISSUED) {
        let name = Spot { text: Arc::from(name), place: spot.place.clone() };
        identifier(context, &name);
        return Some(MatchBy::Identifier(name.text));
    }
    if !keys.contains(&spot.text) {
        let help = did_you_mean(&spot.text, keys.iter().map(|k| &**k));
        let title = format!("no source gives the key `{}`", spot.text);
        fields.put(spot.place.error(code::CORRELATE, title).maybe_help(help));
        return None;
    }
    Some(MatchBy::Key(spot.text.clone()))
}

/// The classes of orphan accounts.
pub(super) fn orphans(context: &Context<'_>, root: &Fields<'_>) -> Vec<OrphanRule> {
    let mut rules = Vec::new();
    for table in root.tables("orphan") {
        let fields = Fields::new(table, root.sink);
        let class = fields.word("class", &CLASSES);
        if fields.get("class").is_none() {
            fields.missing("class", "\"service\"");
        }
        let names: Vec<Arc<str>> = fields.texts("names").into_iter().map(|s| s.text).collect();
        let attribute: Option<AttributeName> = fields.text("attribute").and_then(|spot| fields.name(&spot));
        let values: Vec<Arc<str>> = fields.texts("values").into_iter().map(|s| s.text).collect();
        let owner = fields.text("owner").map(|spot| context.owner(spot));
        if attribute.is_some() == values.is_empty() || (names.is_empty() && attribute.is_none()) {
            let diagnostic = fields
                .place()
                .error(code::CORRELATE, "a class is told by names, or by an attribute with values");
            fields.put(
                diagnostic
                    .help("names = [\"svc-*\"], or attribute = \"employeeType\" and values = [\"service\"]"),
            );
        }
        let attribute = attribute.map(|name| (name, values));
        rules.extend(class.map(|class| OrphanRule { class, names, attribute, owner }));
        fields.finish();
    }
    rules
}
