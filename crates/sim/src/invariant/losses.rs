//! No feed takes access from more people than its brake lets pass, at once or later, by whatever it says (promise 6).

use super::before::{Before, Then, values};
use super::checker::Notes;
use super::given::{days_ahead, is_given};
use super::property::Property;
use super::snapshot::{Member, Snapshot};
use jiff::Timestamp;
use tenure_model::{Engagement, EngagementState, Grant, Identity, JustificationKind, Phase, SourceName};

pub(super) fn check(before: &Before, after: &Snapshot<'_>, notes: &mut Notes) {
    // What people sign, release or reconcile is not counted.
    if !after.is_quiet {
        return;
    }
    for source in after.setup().sources.values() {
        let of = |then: &&Then| then.identity.engagements.iter().any(|e| e.source == source.name);
        let population = before.members.values().filter(of).count();
        let losing: Vec<&str> = after
            .living()
            .filter(|m| {
                let then = before.members.get(&m.identity.id);
                let loses = |t: &Then| loses(after, t, m) || forgoes(after, t, m) || loses_ahead(after, t, m);
                then.is_some_and(|t| says_less(after, t, m, &source.name) && loses(t))
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

/// Whether a source says something else about an engagement that it stated before: values, an earlier end, a later beginning, or
/// nothing any more.
fn says_less(after: &Snapshot<'_>, then: &Then, member: &Member, source: &SourceName) -> bool {
    let mut stated = then.identity.engagements.iter().filter(|e| e.source == *source);
    stated.any(|was| {
        let Some(is) = member.identity.engagements.iter().find(|e| e.id == was.id) else { return true };
        let is_gone = was.state == EngagementState::Stated && is.state != EngagementState::Stated;
        let old = values(after, &then.identity, was, after.now);
        let is_other =
            old != values(after, &member.identity, is, after.now) || was.attributes != is.attributes;
        is_gone || ends_earlier(after, was, is) || was.start < is.start || is_other
    })
}

fn ends_earlier(after: &Snapshot<'_>, was: &Engagement, is: &Engagement) -> bool {
    let zone = after.zone(&is.zone.name);
    let end = |e: &Engagement| e.stated_end().map(|end| end.instant(&zone));
    end(is).is_some_and(|new| end(was).is_none_or(|old| new < old))
}

fn is_managed(after: &Snapshot<'_>, grant: &Grant) -> bool {
    let system = after.setup().systems.get(&grant.account.system);
    let mut all = system.into_iter().flat_map(|s| s.entitlements.iter());
    all.any(|e| e.name == grant.entitlement && e.owner.is_some())
}

/// Whether something is held no more, or not as long as it was to be, that time alone did not end and no suspension keeps back.
fn loses(after: &Snapshot<'_>, then: &Then, member: &Member) -> bool {
    then.grants.iter().filter(|g| is_managed(after, g)).any(|was| {
        let old = end(was);
        if old.is_some_and(|old| old <= after.now) {
            return false;
        }
        let mut same =
            member.decided().filter(|g| g.account == was.account && g.entitlement == was.entitlement);
        match same.next() {
            // Where another engagement gives it from its new end on, access goes on.
            Some(is) => end(is).is_some_and(|new| {
                let goes_on = || is_given(after, &member.identity, &was.entitlement, new);
                old.is_none_or(|old| new < old) && !goes_on()
            }),
            None => !(is_suspended(member) && comes_back(after, &member.identity, was)),
        }
    })
}

/// Whether what a suspension keeps back does not come back any more, by what is said now.
fn forgoes(after: &Snapshot<'_>, then: &Then, member: &Member) -> bool {
    then.resting.iter().filter(|g| is_managed(after, g)).any(|was| {
        let mut held = member.decided();
        let is_held = held.any(|g| g.account == was.account && g.entitlement == was.entitlement);
        !is_held && comes_back(after, &then.identity, was) && !comes_back(after, &member.identity, was)
    })
}

/// Whether a rule gives on a day ahead no more what it was to give on that day, by what is said now: the day of another value, or on
/// which an engagement was to begin.
fn loses_ahead(after: &Snapshot<'_>, then: &Then, member: &Member) -> bool {
    let by_rule = |g: &&Grant| g.justifications.iter().all(|j| j.kind == JustificationKind::Baseline);
    let held = then.grants.iter().chain(&then.resting).filter(by_rule).filter(|g| is_managed(after, g));
    let Some(engagement) = member.identity.engagements.last() else { return false };
    let zone = after.zone(&engagement.zone.name);
    let today = after.now.to_zoned(zone.clone()).date();
    let begin = then.identity.engagements.iter().filter_map(|e| e.start).filter(|start| *start > today);
    let ahead = days_ahead(&member.identity, today).into_iter().chain(begin);
    let ahead: Vec<Timestamp> =
        ahead.filter_map(|d| Some(d.to_zoned(zone.clone()).ok()?.timestamp())).collect();
    held.into_iter().any(|was| {
        let given = |identity: &Identity, at: Timestamp| is_given(after, identity, &was.entitlement, at);
        ahead.iter().any(|at| given(&then.identity, *at) && !given(&member.identity, *at))
    })
}

/// Whether something keeps back what an identity was given: an absence, a cut-off, or that its next engagement has not begun.
pub(super) fn is_suspended(member: &Member) -> bool {
    let is_away = matches!(member.phase, Phase::Absent | Phase::Expected | Phase::Preparing);
    is_away || member.identity.is_cut_off()
}

/// Whether a rule gives it, or will when the engagement begins, or a person's decision that is there still.
pub(super) fn comes_back(after: &Snapshot<'_>, identity: &Identity, was: &Grant) -> bool {
    let begins = identity.engagements.iter().filter_map(|e| {
        let start = e.start?.to_zoned(after.zone(&e.zone.name)).ok()?.timestamp();
        (start > after.now).then_some(start)
    });
    let mut instants = std::iter::once(after.now).chain(begins);
    let decided = || {
        let mut all = identity.decisions.individual.iter();
        all.any(|s| s.entitlement == was.entitlement || s.bundle().is_some())
    };
    instants.any(|at| is_given(after, identity, &was.entitlement, at)) || decided()
}

/// When the last justification ends; none where one never does.
fn end(grant: &Grant) -> Option<Timestamp> {
    let ends: Option<Vec<Timestamp>> = grant.justifications.iter().map(|j| j.until).collect();
    ends.and_then(|ends| ends.into_iter().max())
}
