//! The rules of `policy/*.toml`.

use super::context::{Context, Places};
use super::doc::Table;
use super::fields::{Fields, Spot};
use super::grants;
use crate::condition::Scope;
use crate::diagnostic::code;
use crate::{Baseline, Condition, Handover, LocalRule, PolicyException, Separation, Watch, Withheld};
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::{Day, Phase, RuleName};

/// Phases in which a baseline can give; an engagement far ahead gets nothing.
const DURING: [(&str, Phase); 4] = [
    ("active", Phase::Active),
    ("preparing", Phase::Preparing),
    ("absent", Phase::Absent),
    ("departed", Phase::Departed),
];

/// Where rules of each kind are declared.
#[derive(Default)]
pub(super) struct Declarations {
    pub(super) local: Places,
    pub(super) baseline: Places,
    pub(super) approval: Places,
    pub(super) separation: Places,
    pub(super) handover: Places,
    pub(super) exception: Places,
    pub(super) watch: Places,
    pub(super) identifier: Places,
}

/// `owner = "…"` at the top of a policy file: the owner of its rules.
pub(super) fn file_owner(context: &Context<'_>, root: &Fields<'_>) -> Option<Arc<str>> {
    root.text("owner").map(|spot| context.owner(spot))
}

/// Reads each table of an array completely.
pub(super) fn each<T>(
    context: &mut Context<'_>,
    root: &Fields<'_>,
    key: &'static str,
    mut read: impl FnMut(&mut Context<'_>, &Fields<'_>) -> Option<T>,
) -> Vec<T> {
    let mut all = Vec::new();
    for table in root.tables(key) {
        let fields = Fields::new(table, root.sink);
        all.extend(read(context, &fields));
        fields.finish();
    }
    all
}

/// The name of a rule, unique among its kind.
pub(super) fn name(
    context: &Context<'_>,
    fields: &Fields<'_>,
    places: &mut Places,
    what: &str,
) -> Option<RuleName> {
    let spot = fields.need_text("name", "\"name of the rule\"")?;
    context.once(places, what, &spot);
    fields.name(&spot)
}

/// `when`: a condition about an engagement; without one the rule applies to all engagements.
fn when(context: &mut Context<'_>, fields: &Fields<'_>) -> Option<Condition> {
    match fields.text("when") {
        Some(spot) => context.condition(&spot, Scope::ENGAGEMENT),
        None if fields.key_place("when").is_some() => None,
        None => Some(context.always(fields.place())),
    }
}

pub(super) fn local(context: &mut Context<'_>, root: &Fields<'_>, places: &mut Places) -> Vec<LocalRule> {
    each(context, root, "local", |context, fields| {
        let name = name(context, fields, places, "the local rule");
        let when = when(context, fields);
        let (ends_at, keep_days) = (fields.ends_at("end_access"), fields.days("keep_account"));
        let withheld = withheld(context, fields);
        Some(LocalRule { name: name?, when: when?, ends_at, keep_days, withheld, at: fields.place().at() })
    })
}

/// `withhold` and `readers`: attributes that only some roles may read.
fn withheld(context: &mut Context<'_>, fields: &Fields<'_>) -> Option<Withheld> {
    let spots = fields.texts("withhold");
    let attributes = spots.iter().filter_map(|spot| context.attribute(spot)).collect();
    if fields.get("withhold").is_none() {
        if let Some(spot) = fields.text("readers") {
            context.owner(spot);
            fields.missing("withhold", "[\"birth_date\"]");
        }
        return None;
    }
    let readers = fields.need_text("readers", "\"group:people\"")?;
    Some(Withheld { attributes, readers: context.owner(readers) })
}

pub(super) fn baselines(
    context: &mut Context<'_>,
    root: &Fields<'_>,
    of_file: Option<&Arc<str>>,
    places: &mut Places,
) -> Vec<Baseline> {
    each(context, root, "baseline", |context, fields| {
        let name = name(context, fields, places, "the baseline");
        let when = when(context, fields);
        let grant = fields.need_texts("grant", "[\"git:developer\"]");
        let bundles = grant.iter().filter_map(grants::bundle_name).collect();
        let grant = grant.iter().flat_map(|spot| context.given(spot)).collect();
        let during = during(fields);
        let owner = context.rule_owner(fields, of_file);
        Some(Baseline { name: name?, when: when?, grant, bundles, during, owner, at: fields.place().at() })
    })
}

fn during(fields: &Fields<'_>) -> BTreeSet<Phase> {
    if fields.get("during").is_none() {
        return BTreeSet::from([Phase::Active]);
    }
    fields.need_texts("during", "[\"active\"]").iter().filter_map(|s| fields.word_of(s, &DURING)).collect()
}

pub(super) fn separations(
    context: &mut Context<'_>,
    root: &Fields<'_>,
    of_file: Option<&Arc<str>>,
    places: &mut Places,
) -> Vec<Separation> {
    each(context, root, "separation", |context, fields| {
        let name = name(context, fields, places, "the separation");
        let not_both = sides(context, fields);
        let owner = context.rule_owner(fields, of_file);
        Some(Separation { name: name?, not_both, owner, at: fields.place().at() })
    })
}

fn sides(context: &Context<'_>, fields: &Fields<'_>) -> Vec<BTreeSet<tenure_model::EntitlementName>> {
    use super::doc::Toml;
    let Some(value) = fields.get("not_both") else {
        fields.missing("not_both", "[\"erp:create\", \"erp:release\"]");
        return Vec::new();
    };
    let Toml::List(items) = &value.value else {
        fields.kind(value, "a list of sides");
        return Vec::new();
    };
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for item in items {
        let mut side = BTreeSet::new();
        for spot in fields.texts_of(item) {
            let Some(entitlement) = context.entitlement(&spot) else { continue };
            if !seen.insert(entitlement.clone()) {
                fields.put(spot.place.error(code::SEPARATION, format!("`{entitlement}` is listed twice")));
            }
            side.insert(entitlement);
        }
        all.push(side);
    }
    if items.len() < 2 {
        let diagnostic = value.place.error(code::SEPARATION, "a separation has at least two sides");
        fields.put(diagnostic.help("not_both = [\"erp:create\", \"erp:release\"]"));
    }
    all
}

pub(super) fn handovers(context: &mut Context<'_>, root: &Fields<'_>, places: &mut Places) -> Vec<Handover> {
    each(context, root, "handover", |context, fields| {
        let name = name(context, fields, places, "the handover");
        let when = when(context, fields);
        let keep = fields.need_texts("keep", "[\"git:*\"]");
        let keep = keep.iter().filter_map(|s| grants::keep(context, fields, s)).collect();
        let days = fields.days("for");
        if fields.get("for").is_none() {
            fields.missing("for", "\"14 days\"");
        }
        let below_risk = fields.int("below_risk", 0..=100).and_then(|r| u8::try_from(r).ok()).unwrap_or(50);
        Some(Handover { name: name?, when: when?, keep, days: days?, below_risk, at: fields.place().at() })
    })
}

pub(super) fn exceptions(
    context: &mut Context<'_>,
    root: &Fields<'_>,
    places: &mut Places,
) -> Vec<PolicyException> {
    each(context, root, "exception", |context, fields| {
        let name = name(context, fields, places, "the exception");
        let person = fields.need_text("person", "\"1001\"");
        let grant = fields.need_text("grant", "\"git:developer\"").and_then(|s| context.entitlement(&s));
        let from = fields.need_date("from");
        let until = fields.need_date("until");
        let reason = fields.need_text("reason", "\"why the policy does not fit\"");
        let compensating = fields.need_text("compensating", "\"what is done instead\"");
        let owner = fields.need_text("owner", "\"1001\"").map(|spot| context.owner(spot));
        let (from, until) = (from?, until?);
        if let Err(e) = Day::real_end(until) {
            let place = fields.get("until").map_or(fields.place(), |v| &v.place);
            fields.put(place.error(code::PERIOD, format!("the exception cannot end on {until}: {e}")));
        }
        if until < from {
            let place = fields.get("until").map_or(fields.place(), |v| &v.place);
            fields.put(
                place.error(
                    code::PERIOD,
                    format!("the exception ends on {until}, before it begins on {from}"),
                ),
            );
        }
        Some(PolicyException {
            name: name?,
            person: person?.text,
            grant: grant?,
            from,
            until,
            reason: reason?.text,
            compensating: compensating?.text,
            owner: owner?,
            at: fields.place().at(),
        })
    })
}

pub(super) fn watches(
    context: &mut Context<'_>,
    root: &Fields<'_>,
    of_file: Option<&Arc<str>>,
    places: &mut Places,
) -> Vec<Watch> {
    each(context, root, "watch", |context, fields| {
        let name = name(context, fields, places, "the watch");
        // A watch without a condition would be a finding about every identity.
        let when = fields.need_text("when", "'role == \"administrator\"'");
        let when = when.and_then(|spot| context.condition(&spot, Scope::ENGAGEMENT));
        let owner = context.rule_owner(fields, of_file);
        Some(Watch { name: name?, when: when?, owner, at: fields.place().at() })
    })
}

/// A table that may be in only one of the files.
pub(super) fn single<'a>(
    context: &Context<'_>,
    root: &Fields<'a>,
    key: &'static str,
    places: &mut Places,
) -> Option<&'a Table> {
    let table = root.table(key)?;
    let place = root.key_place(key).cloned().unwrap_or_else(|| table.place.clone());
    let spot = Spot { text: Arc::from(format!("[{key}]")), place };
    context.once(places, "the table", &spot).then_some(table)
}
