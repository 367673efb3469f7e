//! Times without an engagement between two engagements: their length, and their effect on credentials.

use crate::Context;
use crate::window::{Timeline, Window};
use jiff::Timestamp;
use tenure_model::when::{add_days, local_date};
use tenure_model::{Identity, Phase};

/// A time without access between two engagements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gap {
    /// First instant without access.
    pub(crate) from: Timestamp,
    /// Whether it is longer than `[lifecycle] short_gap`: credentials and passwords then end as after a departure.
    pub(crate) is_long: bool,
}

/// The gap that contains `now`, or the one before the engagement that runs now; `None` if no engagement ended before.
pub(crate) fn gap<'w>(
    context: &Context,
    windows: impl Iterator<Item = &'w Window>,
    now: Timestamp,
) -> Option<Gap> {
    let had: Vec<&Window> =
        windows.filter(|w| w.end.is_none_or(|end| w.start.is_none_or(|s| s < end))).collect();
    if had.len() < 2 {
        return None;
    }
    let all = || had.iter().copied();
    let runs = |w: &&Window| w.start.is_none_or(|s| s <= now) && w.end.is_none_or(|e| now < e);
    let next = match all().filter(runs).min_by_key(|w| w.start) {
        Some(first) => first_of_run(&had, first),
        None => all().filter(|w| w.start.is_some_and(|s| s > now)).min_by_key(|w| w.start)?,
    };
    let until = next.start?;
    let from = had.iter().filter_map(|w| w.end).filter(|end| *end < until).max()?;
    Some(Gap { from, is_long: is_long(context, from, until, next) })
}

/// Whether an identity is between two engagements for longer than `short_gap`: for identities that depend on it, it counts as
/// departed.
#[must_use]
pub fn is_gone_between(context: &Context, identity: &Identity, now: Timestamp) -> bool {
    let timeline = Timeline::of(context, identity, now);
    matches!(timeline.phase(), Phase::Expected | Phase::Preparing)
        && gap(context, timeline.windows(), now).is_some_and(|g| g.is_long && g.from <= now)
}

/// The engagement with which an unbroken run of engagements began.
fn first_of_run<'w>(had: &[&'w Window], running: &'w Window) -> &'w Window {
    let mut first = running;
    // Each iteration moves to an earlier beginning, so there are at most as many iterations as engagements.
    while let Some(start) = first.start {
        let covers = |w: &&Window| w.start < Some(start) && w.end.is_none_or(|end| end >= start);
        match had.iter().copied().filter(covers).min_by_key(|w| w.start) {
            Some(earlier) => first = earlier,
            None => break,
        }
    }
    first
}

fn is_long(context: &Context, from: Timestamp, until: Timestamp, next: &Window) -> bool {
    let short = i32::try_from(context.setup.policy.lifecycle.short_gap_days).unwrap_or(i32::MAX);
    add_days(local_date(from, &next.zone), short) < local_date(until, &next.zone)
}

/// Whether an identity comes back now after a time without access longer than `short_gap`: rehired, after a gap between two
/// engagements, or because its departure was rescinded. Its old credentials may be known to others by now.
#[must_use]
pub(crate) fn is_back(
    context: &Context,
    before: Option<(&Identity, Phase)>,
    after: &Identity,
    phase: Phase,
    now: Timestamp,
) -> bool {
    let is_here = |phase| matches!(phase, Phase::Active | Phase::Absent);
    match before {
        Some((before, Phase::Departed)) if phase != Phase::Departed => {
            after.engagements.len() > before.engagements.len() || was_gone_long(context, before, now)
        }
        Some((before, was)) if !is_here(was) && is_here(phase) && before.decisions.paused.is_some() => {
            gap(context, Timeline::of(context, after, now).windows(), now).is_some_and(|g| g.is_long)
        }
        _ => false,
    }
}

/// Whether a departed identity has been without access for longer than `short_gap`.
fn was_gone_long(context: &Context, before: &Identity, now: Timestamp) -> bool {
    let timeline = Timeline::of(context, before, now);
    let last = timeline.windows().filter_map(|w| Some((w.end?, w))).max_by_key(|(end, _)| *end);
    last.is_some_and(|(end, w)| is_long(context, end, now, w))
}

/// Records the beginning of a gap between two engagements, until the next one has begun: the return is then not labelled as a joiner.
pub(crate) fn note_gap(before: Option<Phase>, phase: Phase, identity: &mut Identity, now: Timestamp) {
    use Phase::{Absent, Active, Departed, Erased, Expected, Preparing};
    match (before, phase) {
        (_, Active | Absent | Departed | Erased) => identity.decisions.paused = None,
        (Some(Active | Absent), Expected | Preparing) => identity.decisions.paused = Some(now),
        (_, Expected | Preparing) => {}
    }
}
