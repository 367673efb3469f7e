//! No feed takes access from more people than its brake lets pass, at once or later, by whatever it says (promise 6).

use super::before::{Before, Then, values};
use super::checker::Notes;
use super::property::Property;
use super::snapshot::{Member, Snapshot};
use jiff::Timestamp;
use tenure_model::{EngagementState, Grant, Phase, SourceName};

pub(super) fn check(before: &Before, after: &Snapshot<'_>, notes: &mut Notes) {
    // What people sign, release or reconcile is theirs.
    if !after.is_quiet {
        return;
    }
    for source in after.setup().sources.values() {
        let of = |then: &&Then| then.identity.engagements.iter().any(|e| e.source == source.name);
        let population = before.members.values().filter(of).count();
        let losing: Vec<&str> = after
            .living()
            // What an absence suspends on its day is not lost by a feed: that it may not come back is counted by no brake today
            // (`scenarios/open`).
            .filter(|m| m.phase != Phase::Absent)
            .filter(|m| {
                let then = before.members.get(&m.identity.id);
                then.is_some_and(|t| says_less(after, t, m, &source.name) && loses(after, t, m))
            })
            .map(|m| m.name.as_str())
            .collect();
        let (count, percent) = (losing.len(), usize::from(source.brake.percent));
        if count > source.brake.count as usize && count * 100 > percent * population {
            notes.add(
                Property::BrakeCountsLosses,
                format!(
                    "{count} of {population} lose access by source {}: {}",
                    source.name,
                    losing.join(", ")
                ),
            );
        }
    }
}

/// Whether a source says something else about an engagement that it stated before: values, an earlier end, or nothing any more.
fn says_less(after: &Snapshot<'_>, then: &Then, member: &Member, source: &SourceName) -> bool {
    let mut stated = then.identity.engagements.iter().filter(|e| e.source == *source);
    stated.any(|was| {
        let Some(is) = member.identity.engagements.iter().find(|e| e.id == was.id) else { return true };
        let zone = after.zone(&is.zone.name);
        let end = |e: &tenure_model::Engagement| e.stated_end().map(|end| end.instant(&zone));
        let earlier = end(is).is_some_and(|new| end(was).is_none_or(|old| new < old));
        let is_gone = was.state == EngagementState::Stated && is.state != EngagementState::Stated;
        let old = values(after, &then.identity, was, after.now);
        is_gone || earlier || old != values(after, &member.identity, is, after.now)
    })
}

/// Whether something is held no more, or not as long as it was to be, that time alone did not end.
fn loses(after: &Snapshot<'_>, then: &Then, member: &Member) -> bool {
    let setup = after.setup();
    let is_managed = |g: &&Grant| {
        let system = setup.systems.get(&g.account.system);
        let mut all = system.into_iter().flat_map(|s| s.entitlements.iter());
        all.any(|e| e.name == g.entitlement && e.owner.is_some())
    };
    then.grants.iter().filter(is_managed).any(|was| {
        let old = end(was);
        if old.is_some_and(|old| old <= after.now) {
            return false;
        }
        let mut same =
            member.decided().filter(|g| g.account == was.account && g.entitlement == was.entitlement);
        same.next().is_none_or(|is| end(is).is_some_and(|new| old.is_none_or(|old| new < old)))
    })
}

/// When the last justification ends; none where one never does.
fn end(grant: &Grant) -> Option<Timestamp> {
    let ends: Option<Vec<Timestamp>> = grant.justifications.iter().map(|j| j.until).collect();
    ends.and_then(|ends| ends.into_iter().max())
}
