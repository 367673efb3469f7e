//! `[[correlate]]` of a source: how its records find their identity.

use super::doc::{Location, Table};
use super::fields::{Fields, Spot};
use crate::diagnostic::{code, did_you_mean};
use crate::{CorrelateRule, Take};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Kinds of key that similarity can use.
const FUZZY: [&str; 4] = ["name", "birth_date", "email", "previous_number"];

/// The rules, and the first exact one without types.
pub(super) fn read(
    root: &Fields<'_>,
    keys: &BTreeMap<Arc<str>, Take>,
) -> (Vec<CorrelateRule>, Option<Location>) {
    let (mut rules, mut untyped) = (Vec::new(), None);
    for table in root.tables("correlate") {
        let fields = Fields::new(table, root.sink);
        let exact = fields.text("exact");
        let types = fields.texts("types");
        let fuzzy = fields.table("fuzzy");
        let ask_from = fields.int("ask_from", 1..=100).and_then(|n| u8::try_from(n).ok());
        match (exact, fuzzy) {
            (Some(spot), None) => {
                mapped(&fields, keys, &spot);
                if types.is_empty() {
                    untyped.get_or_insert(spot.place.clone());
                }
                let types = types.iter().filter_map(|t| fields.name(t)).collect();
                rules.push(CorrelateRule::Exact { key: spot.text, types });
            }
            (None, Some(table)) => {
                if let Some(spot) = types.first() {
                    let title = "`types` is for exact rules: likeness never links";
                    fields.put(spot.place.error(code::CORRELATE, title));
                }
                rules.push(self::fuzzy(&fields, keys, table, ask_from.unwrap_or(80)));
            }
            _ => {
                let diagnostic = fields.place().error(code::CORRELATE, "a rule is either `exact` or `fuzzy`");
                fields.put(diagnostic.help(
                    "exact = \"worker_number\", or fuzzy = { name = 60, birth_date = 30, email = 10 }",
                ));
            }
        }
        fields.finish();
    }
    (rules, untyped)
}

fn mapped(fields: &Fields<'_>, keys: &BTreeMap<Arc<str>, Take>, spot: &Spot) {
    if !keys.contains_key(&spot.text) {
        let help = did_you_mean(&spot.text, keys.keys().map(|k| &**k));
        let help = help.unwrap_or_else(|| format!("add [keys] with {} = \"column\"", spot.text));
        let diagnostic =
            spot.place.error(code::CORRELATE, format!("[keys] does not map the key `{}`", spot.text));
        fields.put(diagnostic.help(help));
    }
}

fn fuzzy(fields: &Fields<'_>, keys: &BTreeMap<Arc<str>, Take>, table: &Table, ask_from: u8) -> CorrelateRule {
    let inner = Fields::new(table, fields.sink);
    let mut weights = BTreeMap::new();
    for key in FUZZY {
        if let Some(weight) = inner.int(key, 1..=100).and_then(|w| u8::try_from(w).ok()) {
            if let Some(place) = inner.key_place(key) {
                mapped(&inner, keys, &Spot { text: Arc::from(key), place: place.clone() });
            }
            weights.insert(Arc::from(key), weight);
        }
    }
    inner.finish();
    let sum: u32 = weights.values().map(|w| u32::from(*w)).sum();
    if sum != 100 {
        let diagnostic = table.place.error(code::CORRELATE, format!("the weights sum to {sum}, not to 100"));
        fields.put(diagnostic.help("weights are percentages: { name = 60, birth_date = 30, email = 10 }"));
    }
    CorrelateRule::Fuzzy { weights, ask_from }
}
