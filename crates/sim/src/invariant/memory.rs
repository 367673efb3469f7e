//! What was in force after the last step, and what only rests since: a suspension uses no yes up (§5, "asked in time").

use super::snapshot::{Member, Snapshot};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use tenure_model::{EngagementId, Grant, IdentityId, Justification, Phase, Reason};

/// A reason of an identity.
pub(super) type Given = (IdentityId, Reason);

/// The engagements that there were, each with its first day: one that begins again is another one.
type Engaged = BTreeSet<(EngagementId, Option<Date>)>;

/// What is newly in force, with the instant from which a yes about it counts: what was agreed to before is used up.
pub(super) type Fresh = BTreeMap<Given, Option<Timestamp>>;

/// Reasons in force, and those that were.
#[derive(Default)]
pub(super) struct Memory {
    given: BTreeMap<Given, Engaged>,
    /// What something suspends.
    resting: BTreeMap<Given, Engaged>,
    /// Since when what is over is so.
    over: BTreeMap<Given, Timestamp>,
}

impl Memory {
    /// Records what is in force now; returns what of it is new, and does not come back from a suspension.
    pub(super) fn follow(&mut self, after: &Snapshot<'_>) -> Fresh {
        let given: BTreeMap<Given, Engaged> = after
            .living()
            .flat_map(|m| in_force(after, m).map(|(_, _, reason)| ((m.identity.id, reason), engaged(m))))
            .collect();
        let goes_on = |key: &Given, now: &Engaged| {
            self.given.contains_key(key) || self.resting.get(key).is_some_and(|then| then.is_subset(now))
        };
        let new: Vec<Given> =
            given.iter().filter(|(key, now)| !goes_on(key, now)).map(|(key, _)| key.clone()).collect();
        let mut before = std::mem::take(&mut self.resting);
        before.append(&mut self.given);
        let rests = |(id, _): &Given| after.members.get(id).is_some_and(|m| is_suspended(after, m));
        before.retain(|key, _| !given.contains_key(key));
        let (resting, over) = before.into_iter().partition(|(key, _)| rests(key));
        self.resting = resting;
        self.over.extend(BTreeMap::into_iter(over).map(|(key, _)| (key.clone(), since(after, key.0))));
        self.given = given;
        new.into_iter().map(|key| (key.clone(), self.over.remove(&key))).collect()
    }
}

/// The justifications of an identity that are in force, with the grant of each.
pub(super) fn in_force<'m>(
    after: &Snapshot<'_>,
    member: &'m Member,
) -> impl Iterator<Item = (&'m Grant, &'m Justification, Reason)> {
    let now = after.now;
    let lasts = move |j: &&Justification| {
        j.from.is_none_or(|from| from <= now) && j.until.is_none_or(|until| now < until)
    };
    member.decided().flat_map(move |grant| {
        let all = grant.justifications.iter().filter(move |j| lasts(j));
        all.map(move |j| (grant, j, Reason::of(&grant.account, &grant.entitlement, j)))
    })
}

/// From when on a yes counts about what is over now: a dated change is asked about so long ahead.
fn since(after: &Snapshot<'_>, id: IdentityId) -> Timestamp {
    if after.members.get(&id).is_some_and(|m| m.identity.is_cut_off()) {
        return after.now;
    }
    after.now.checked_sub(after.setup().policy.ask_ahead).unwrap_or(after.now)
}

fn engaged(member: &Member) -> Engaged {
    member.identity.engagements.iter().map(|e| (e.id, e.start)).collect()
}

/// Whether what an identity was given rests: a cut-off whose class uses no yes up, an absence, or an end that may be taken back.
fn is_suspended(after: &Snapshot<'_>, member: &Member) -> bool {
    let used_up = &after.setup().settings.reapprove_after;
    if let Some(cut) = &member.identity.decisions.cut_off {
        return !used_up.contains(&cut.class);
    }
    if matches!(member.phase, Phase::Departed | Phase::Absent) {
        return true;
    }
    member.identity.engagements.iter().any(|engagement| {
        let day = after.now.to_zoned(after.zone(&engagement.zone.name)).date();
        engagement.absences.iter().any(|a| a.from <= day && a.until.is_none_or(|until| day <= until))
    })
}
