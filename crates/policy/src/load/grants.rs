//! What rules give: entitlements, families with a parameter, and expanded bundles.

use super::context::{Context, Places, Sheet};
use super::doc::Location;
use super::fields::{Fields, Spot};
use crate::diagnostic::{code, did_you_mean};
use crate::{Bundle, Given};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{BundleName, EntitlementName, Name, ValueType};

/// A family of entitlements: the text before and after its parameter.
fn family(local: &str) -> Option<(&str, &str, &str)> {
    let (prefix, rest) = local.split_once('{')?;
    let (parameter, suffix) = rest.split_once('}')?;
    Some((prefix, parameter, suffix))
}

/// Whether a declared name (possibly a family) covers a concrete one.
pub(crate) fn covers(declared: &str, local: &str) -> bool {
    match family(declared) {
        None => declared == local,
        Some((prefix, _, suffix)) => {
            let middle = local.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(suffix));
            middle.is_some_and(|m| !m.is_empty())
        }
    }
}

impl Context<'_> {
    /// A concrete entitlement that its system declares.
    pub(crate) fn entitlement(&self, spot: &Spot) -> Option<EntitlementName> {
        let name: EntitlementName = match EntitlementName::new(&spot.text) {
            Ok(name) => name,
            Err(error) => {
                let diagnostic =
                    spot.place.error(code::NAME, format!("`{}` is not an entitlement: {error}", spot.text));
                self.sink.put(diagnostic.help("for example \"git:developer\""));
                return None;
            }
        };
        if family(name.local()).is_some() {
            let diagnostic = spot.place.error(code::PARAMETER, "a parameter has no place here");
            self.sink
                .put(diagnostic.help("name one entitlement; parameters are for `grant` of a [[baseline]]"));
            return None;
        }
        self.in_catalogue(spot, &name).then_some(name)
    }

    fn in_catalogue(&self, spot: &Spot, name: &EntitlementName) -> bool {
        let system = Spot { text: Arc::from(name.system_str()), place: spot.place.clone() };
        let Some(system) = self.system(&system) else { return false };
        let Some(all) = self.catalogue.get(&system) else { return true };
        if all.iter().any(|(e, _)| covers(e.name.local(), name.local())) {
            return true;
        }
        let known = all.iter().map(|(e, _)| e.name.local());
        let help = did_you_mean(name.local(), known);
        let help = help.unwrap_or_else(|| format!("declare it by [[entitlement]] in systems/{system}.toml"));
        let diagnostic =
            spot.place.error(code::ENTITLEMENT, format!("{system} has no entitlement `{}`", name.local()));
        self.sink.put(diagnostic.label("unknown entitlement").help(help));
        false
    }

    /// What one entry of `grant` gives.
    pub(crate) fn given(&mut self, spot: &Spot) -> Vec<Given> {
        if let Some(bundle) = spot.text.strip_prefix("bundle:") {
            return self.bundle(spot, bundle).into_iter().map(Given::One).collect();
        }
        let Some((system, local)) = spot.text.split_once(':') else {
            return self.entitlement(spot).into_iter().map(Given::One).collect();
        };
        let Some((prefix, attribute, suffix)) = family(local) else {
            return self.entitlement(spot).into_iter().map(Given::One).collect();
        };
        self.each(spot, system, (prefix, attribute, suffix)).into_iter().collect()
    }

    fn each(
        &mut self,
        spot: &Spot,
        system: &str,
        (prefix, attribute, suffix): (&str, &str, &str),
    ) -> Option<Given> {
        let start = spot.text.find('{').map_or(0, |at| at + 1);
        let place = spot.place.within(&spot.text, start..start + attribute.len());
        let attribute = self.attribute(&Spot { text: Arc::from(attribute), place: place.clone() })?;
        let declared = self.declared.attributes.get(&attribute).map(|d| d.value_type);
        if !matches!(declared, Some(ValueType::Text | ValueType::Texts)) || suffix.contains('{') {
            let diagnostic = place.error(code::PARAMETER, format!("`{attribute}` cannot fill a grant"));
            self.sink.put(diagnostic.help("one parameter, of type text or texts"));
            return None;
        }
        self.read.insert(attribute.clone());
        let system = self.system(&Spot { text: Arc::from(system), place: spot.place.clone() })?;
        // Whatever the parameter's value is, the result belongs to the declared family.
        let sample = format!("{prefix}\u{1}{suffix}");
        let known = self
            .catalogue
            .get(&system)
            .is_none_or(|all| all.iter().any(|(e, _)| covers(e.name.local(), &sample)));
        if !known {
            let title = format!("{system} has no entitlements `{prefix}{{…}}{suffix}`");
            let help = format!(
                "declare the family in systems/{system}.toml: name = \"{prefix}{{{attribute}}}{suffix}\""
            );
            self.sink.put(spot.place.error(code::ENTITLEMENT, title).help(help));
            return None;
        }
        Some(Given::Each { system, prefix: Arc::from(prefix), attribute, suffix: Arc::from(suffix) })
    }

    fn bundle(&self, spot: &Spot, name: &str) -> BTreeSet<EntitlementName> {
        if let Some(found) = self.bundles.get(name) {
            return found.clone();
        }
        let help = did_you_mean(name, self.bundles.keys().map(Name::as_str));
        let diagnostic = spot.place.error(code::BUNDLE, format!("there is no bundle `{name}`"));
        self.sink.put(
            diagnostic
                .help(help.unwrap_or_else(|| "declare it by [[bundle]] in a file in policy/".to_owned())),
        );
        BTreeSet::new()
    }
}

/// A bundle as written: its direct entitlements, and its bundles.
struct Raw {
    place: Location,
    version: u32,
    owner: Arc<str>,
    entitlements: BTreeSet<EntitlementName>,
    bundles: Vec<Spot>,
}

impl Raw {
    fn inner(&self) -> BTreeSet<BundleName> {
        self.bundles.iter().filter_map(bundle_name).collect()
    }
}

/// The bundle that `bundle:NAME` names.
pub(super) fn bundle_name(spot: &Spot) -> Option<BundleName> {
    BundleName::new(spot.text.strip_prefix("bundle:")?).ok()
}

/// All bundles of the policy, expanded.
pub(super) fn bundles(context: &mut Context<'_>, sheets: &[&Sheet]) -> BTreeMap<BundleName, Bundle> {
    let mut places = Places::new();
    let mut raw = BTreeMap::new();
    for sheet in sheets {
        let root = Fields::new(&sheet.root, context.sink);
        let of_file = super::rules::file_owner(context, &root);
        for table in root.tables("bundle") {
            let fields = Fields::new(table, context.sink);
            if let Some((name, found)) = bundle(context, &fields, of_file.as_ref(), &mut places) {
                raw.insert(name, found);
            }
            fields.finish();
        }
    }
    let mut all = BTreeMap::new();
    for (name, bundle) in &raw {
        let entitlements = unfold(context, &raw, name);
        context.bundles.insert(name.clone(), entitlements.clone());
        let (version, owner) = (bundle.version, bundle.owner.clone());
        all.insert(
            name.clone(),
            Bundle {
                name: name.clone(),
                version,
                owner,
                entitlements,
                own: bundle.entitlements.clone(),
                bundles: bundle.inner(),
            },
        );
    }
    all
}

fn bundle(
    context: &Context<'_>,
    fields: &Fields<'_>,
    of_file: Option<&Arc<str>>,
    places: &mut Places,
) -> Option<(BundleName, Raw)> {
    let spot = fields.need_text("name", "\"office\"");
    let version = fields.int("version", 1..=1_000_000).unwrap_or(1);
    let owner = context.rule_owner(fields, of_file);
    let (bundles, single): (Vec<Spot>, Vec<Spot>) = fields
        .need_texts("entitlements", "[\"git:developer\"]")
        .into_iter()
        .partition(|s| s.text.starts_with("bundle:"));
    let entitlements = single.iter().filter_map(|s| context.entitlement(s)).collect();
    let spot = spot?;
    context.once(places, "the bundle", &spot);
    let name: BundleName = fields.name(&spot)?;
    Some((name, Raw { place: spot.place, version, owner, entitlements, bundles }))
}

/// Everything that a bundle contains, through other bundles.
fn unfold(
    context: &Context<'_>,
    raw: &BTreeMap<BundleName, Raw>,
    name: &BundleName,
) -> BTreeSet<EntitlementName> {
    let mut all = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![name.as_str()];
    while let Some(next) = open.pop() {
        if !seen.insert(next.to_owned()) {
            continue;
        }
        let Some(bundle) = raw.get(next) else { continue };
        all.extend(bundle.entitlements.iter().cloned());
        for spot in &bundle.bundles {
            let inner = spot.text.strip_prefix("bundle:").unwrap_or_default();
            if inner == name.as_str() {
                let title = format!("the bundle `{name}` contains itself");
                let diagnostic = spot.place.error(code::CYCLE, title);
                let start = raw.get(name).map(|b| b.place.clone());
                context.sink.put(match start {
                    Some(place) => diagnostic.also(&place, "declared here"),
                    None => diagnostic,
                });
            } else if !raw.contains_key(inner) && next == name.as_str() {
                let help = did_you_mean(inner, raw.keys().map(Name::as_str));
                let diagnostic = spot.place.error(code::BUNDLE, format!("there is no bundle `{inner}`"));
                context.sink.put(diagnostic.maybe_help(help));
            }
            open.push(inner);
        }
    }
    all
}

/// Entitlements by pattern with a trailing `*`, for handovers.
pub(super) fn keep(context: &Context<'_>, fields: &Fields<'_>, spot: &Spot) -> Option<EntitlementName> {
    let Some(prefix) = spot.text.strip_suffix('*') else { return context.entitlement(spot) };
    let system = prefix.split(':').next().unwrap_or_default();
    context.system(&Spot { text: Arc::from(system), place: spot.place.clone() })?;
    fields.name(spot)
}
