//! What references (manager, sponsor, owner, deputy) mean for a settlement: which identities it read, and what is wrong with them.

use crate::Context;
use crate::grants::EvaluatedEngagement;
use crate::values::value_on;
use crate::window::{Timeline, window};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use tenure_model::{
    AttributeName, Engagement, EngagementId, EngagementState, Finding, FindingDetail, Identity, IdentityId,
    Name, Phase, Reference, ReferenceState, Subject,
};

/// The attribute that names the owner of a non-human identity.
pub const OWNER: &str = "owner";
/// The attribute that names who answers when the owner is departed.
pub const DEPUTY: &str = "deputy";

/// Reports references that do not hold and returns the identities that were read, sorted, including those of before.
pub(crate) fn references(
    subject: &Subject,
    seats: &[EvaluatedEngagement<'_>],
    mut reads: Vec<IdentityId>,
    findings: &mut Vec<Finding>,
) -> Vec<IdentityId> {
    let deputy = subject.references.iter().find(|r| r.attribute.as_str() == DEPUTY && answers(r));
    for reference in &subject.references {
        match &reference.state {
            ReferenceState::Resolved { id, .. } => reads.push(*id),
            ReferenceState::Circular { among } => reads.extend(among),
            ReferenceState::Unresolved | ReferenceState::Ambiguous => {}
        }
        let at_work = seats
            .iter()
            .any(|s| s.engagement.id == reference.engagement && s.window.phase != Phase::Departed);
        if at_work {
            findings.extend(finding(reference, deputy.map(|d| &*d.text)));
        }
    }
    // A person who answered ahead of a day is read too: they may not be available on that day.
    let ahead = subject.identity.decisions.answers.values().filter_map(|a| a.ahead.as_ref());
    reads.extend(ahead.flat_map(|a| a.seats.iter().map(|(_, by)| *by)));
    reads.sort();
    reads.dedup();
    reads
}

fn finding(reference: &Reference, deputy: Option<&str>) -> Option<Finding> {
    let (attribute, name) = (reference.attribute.clone(), reference.text.clone());
    let deputy = deputy.filter(|_| attribute.as_str() == OWNER).map(Arc::from);
    let between = is_custodian(&attribute);
    let about: Arc<str> = Arc::from(attribute.as_str());
    let detail = match &reference.state {
        ReferenceState::Resolved { phase: Phase::Departed, .. } => {
            FindingDetail::ReferenceLeft { attribute, name, between, deputy }
        }
        ReferenceState::Resolved { cut_off: true, .. } => {
            FindingDetail::ReferenceCutOff { attribute, name, deputy }
        }
        ReferenceState::Resolved { .. } => return None,
        ReferenceState::Unresolved => FindingDetail::ReferenceUnknown { attribute, name },
        ReferenceState::Ambiguous => FindingDetail::ReferenceAmbiguous { attribute, name },
        ReferenceState::Circular { .. } => FindingDetail::ReferenceCircular { attribute, name },
    };
    Some(Finding::new(about, detail))
}

/// A reference of an engagement, unresolved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReferenceText {
    /// The engagement that has it.
    pub engagement: EngagementId,
    /// The attribute that holds it.
    pub attribute: AttributeName,
    /// The kind of key of the text.
    pub key: Arc<str>,
    /// The text.
    pub text: Arc<str>,
}

/// The references of an identity's engagements at `now`; engagements that are over have none.
#[must_use]
pub fn reference_texts(context: &Context, identity: &Identity, now: Timestamp) -> Vec<ReferenceText> {
    if declared(context).is_empty() {
        return Vec::new();
    }
    texts_of(context, identity, &Timeline::of(context, identity, now), now)
}

/// The same by a timeline of the identity at `now`.
pub(crate) fn texts_of(
    context: &Context,
    identity: &Identity,
    timeline: &Timeline<'_>,
    now: Timestamp,
) -> Vec<ReferenceText> {
    let declared = declared(context);
    let mut texts = Vec::new();
    for (engagement, seat) in timeline.iter().filter(|(_, w)| w.phase != Phase::Departed) {
        for (attribute, key) in &declared {
            let value = value_on(context, identity, engagement, attribute, seat.day, now);
            let Some(text) = value.and_then(|(v, _)| v.as_text()).filter(|t| !t.is_empty()) else { continue };
            texts.push(ReferenceText {
                engagement: engagement.id,
                attribute: (*attribute).clone(),
                key: (*key).clone(),
                text: Arc::from(text),
            });
        }
    }
    texts
}

/// The attributes that refer to identities, each with its kind of key.
fn declared(context: &Context) -> Vec<(&AttributeName, &Arc<str>)> {
    context.setup.attributes.iter().filter_map(|(n, d)| Some((n, d.reference.as_ref()?))).collect()
}

/// The references of an identity at those future instants at which dated changes are asked about.
#[must_use]
pub fn reference_texts_ahead(context: &Context, identity: &Identity, now: Timestamp) -> Vec<ReferenceText> {
    let policy = &context.setup.policy;
    if policy.approvals.is_empty() || policy.ask_ahead.is_zero() {
        return Vec::new();
    }
    let until = now.checked_add(policy.ask_ahead).unwrap_or(Timestamp::MAX);
    let mut texts = Vec::new();
    for (engagement, window) in Timeline::of(context, identity, now) {
        let lines =
            engagement.attributes.iter().chain(identity.supplements.iter().flat_map(|s| &s.attributes));
        let named = lines
            .filter(|(name, _)| context.setup.attributes.get(*name).is_some_and(|d| d.reference.is_some()));
        let days = named.flat_map(|(_, line)| line.entries().iter().filter_map(|e| e.from));
        let days = days.map(|day| tenure_model::when::start_of_day(day, &window.zone));
        let all: BTreeSet<Timestamp> = days.chain(window.edges.iter().copied()).collect();
        let near = all.into_iter().filter(|at| now < *at && *at <= until);
        texts.extend(near.flat_map(|at| reference_texts(context, identity, at)));
    }
    texts.sort();
    texts.dedup();
    texts
}

/// How an identity relates to a key: numbers are reused once their holders have left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bearing {
    /// It had the key, in an engagement that is over.
    Past,
    /// It has the key, and the source no longer states it.
    Missing,
    /// It has the key.
    Now,
}

/// How an identity relates to a key; `is` compares a value that a source states.
#[must_use]
pub fn bearing(
    context: &Context,
    identity: &Identity,
    kind: &str,
    is: &dyn Fn(&str) -> bool,
    now: Timestamp,
) -> Bearing {
    let has = |keys: &BTreeMap<Arc<str>, Arc<str>>| keys.get(kind).is_some_and(|v| is(v));
    if identity.supplements.iter().any(|s| has(&s.keys)) {
        return Bearing::Now;
    }
    let theirs = identity.engagements.iter().filter(|e| has(&e.keys));
    let of = |e: &Engagement| match (window(context, identity, e, now).phase, &e.state) {
        (Phase::Departed, _) => Bearing::Past,
        (_, EngagementState::Missing { .. } | EngagementState::Sourceless { .. }) => Bearing::Missing,
        _ => Bearing::Now,
    };
    theirs.map(of).max().unwrap_or(Bearing::Past)
}

/// The identity that a key refers to: the only one with the strongest relation; `None` if there are several.
#[must_use]
pub fn meant(bearers: &[(IdentityId, Bearing)]) -> Option<IdentityId> {
    let most = bearers.iter().map(|(_, bearing)| *bearing).max()?;
    let mut ids = bearers.iter().filter(|(_, bearing)| *bearing == most).map(|(id, _)| *id);
    let first = ids.next();
    first.filter(|_| ids.next().is_none())
}

/// Maximum number of people in a chain that is followed: no chain of managers is longer.
const CIRCLE_MAX: usize = 64;

/// The people on the cycle that following a reference from `first` back to `start` gives, in that order; `None` if there is no cycle.
#[must_use]
pub fn circle(
    start: IdentityId,
    first: IdentityId,
    next: &dyn Fn(IdentityId) -> Vec<IdentityId>,
) -> Option<Vec<IdentityId>> {
    if first == start {
        return Some(Vec::new());
    }
    let mut seen = BTreeSet::from([first]);
    let mut paths = VecDeque::from([vec![first]]);
    while let Some(path) = paths.pop_front() {
        for id in path.last().map(|last| next(*last)).unwrap_or_default() {
            if id == start {
                return Some(path);
            }
            if seen.len() < CIRCLE_MAX && seen.insert(id) {
                paths.push_back(path.iter().copied().chain([id]).collect());
            }
        }
    }
    None
}

/// The phase of a referenced identity, as far as the reference depends on it: an owner or a deputy between two engagements further
/// apart than `short_gap` counts as departed ([`crate::is_gone_between`]).
#[must_use]
pub fn phase_meant(attribute: &AttributeName, phase: Phase, gone_between: bool) -> Phase {
    match is_custodian(attribute) && gone_between {
        true => Phase::Departed,
        false => phase,
    }
}

fn is_custodian(attribute: &AttributeName) -> bool {
    [OWNER, DEPUTY].contains(&attribute.as_str())
}

/// Whether a referenced identity answers for a non-human identity: an owner also while absent, a deputy only while active.
pub(crate) fn answers(reference: &Reference) -> bool {
    match (reference.attribute.as_str(), &reference.state) {
        (OWNER, state) => is_available(state),
        (DEPUTY, ReferenceState::Resolved { phase, cut_off: false, .. }) => *phase == Phase::Active,
        _ => false,
    }
}

/// Whether a reference is valid: the identity is neither departed nor cut off.
#[must_use]
pub fn is_available(state: &ReferenceState) -> bool {
    matches!(state, ReferenceState::Resolved { phase, cut_off: false, .. } if *phase != Phase::Departed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_is_only_about_those_who_are_in_it() {
        let id = |n: u8| IdentityId::from_bytes([n; 16]);
        let next = |of: IdentityId| match of {
            of if of == id(1) => vec![id(2)],
            of if of == id(2) => vec![id(3)],
            of if of == id(3) => vec![id(2)],
            _ => Vec::new(),
        };
        assert_eq!(circle(id(2), id(3), &next), Some(vec![id(3)]));
        assert_eq!(circle(id(1), id(2), &next), None, "who leads into a circle is not in it");
        assert_eq!(circle(id(4), id(4), &next), Some(Vec::new()));
        assert_eq!(circle(id(4), id(5), &next), None);
    }

    #[test]
    fn a_key_means_who_bears_it_most() {
        let id = |n: u8| IdentityId::from_bytes([n; 16]);
        let (past, missing, now) = (Bearing::Past, Bearing::Missing, Bearing::Now);
        assert_eq!(meant(&[(id(1), past), (id(2), now), (id(3), missing)]), Some(id(2)));
        assert_eq!(meant(&[(id(1), past), (id(2), missing)]), Some(id(2)));
        assert_eq!(meant(&[(id(1), now), (id(2), now)]), None);
        assert_eq!(meant(&[]), None);
    }
}
