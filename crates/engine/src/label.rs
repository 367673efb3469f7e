//! Labels of changes: derived from the change of engagements. Only approval rules that name a label decide by it.

use crate::Context;
use crate::by_time::Earlier;
use crate::gap::gap;
use crate::rehired::began_anew;
use crate::values::{values_on, winning};
use crate::window::{Timeline, window};
use jiff::{SignedDuration, Timestamp};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use tenure_model::when::start_of_day;
use tenure_model::{
    AttributeName, CaseLabel, Engagement, EngagementId, EngagementState, EngagementType, Identity,
    JustificationKind, Override, Phase,
};

/// Before and after of one identity's change, at one moment. What it says of engagements at that moment is computed once.
#[derive(Debug)]
pub struct IdentityChange<'a> {
    context: &'a Context,
    /// The identity as it was decided before; `None` when it is new.
    pub(crate) before: Option<&'a Identity>,
    /// Its phase then.
    pub(crate) phase_before: Phase,
    /// When its settlement was to change by itself; an instant at or before `now` means that time did it.
    pub(crate) woken_at: Option<Timestamp>,
    /// The identity as it is now.
    pub(crate) after: &'a Identity,
    /// Its phase now.
    pub(crate) phase_after: Phase,
    now: Timestamp,
    was: OnceCell<Timeline<'a>>,
    is: Timeline<'a>,
}

impl<'a> IdentityChange<'a> {
    /// The change from an identity as it was last decided, or from none, to what it is at `now`.
    #[must_use]
    pub fn new(
        context: &'a Context,
        earlier: Option<Earlier<'a>>,
        after: &'a Identity,
        now: Timestamp,
    ) -> Self {
        let is = Timeline::of(context, after, now);
        Self {
            context,
            before: earlier.map(|b| b.identity),
            phase_before: earlier.map_or(Phase::Expected, |b| b.phase),
            woken_at: earlier.and_then(|b| b.next),
            after,
            phase_after: is.phase(),
            now,
            was: OnceCell::new(),
            is,
        }
    }

    /// The same with the phase of a settlement, which knows of erasure too.
    pub(crate) fn in_phase(self, phase_after: Phase) -> Self {
        Self { phase_after, ..self }
    }

    /// The last instant before the change: the values until then are compared with those of now.
    pub(crate) fn then(&self) -> Timestamp {
        match self.woken_at {
            Some(woken) if woken <= self.now => {
                woken.checked_sub(SignedDuration::from_secs(1)).unwrap_or(woken)
            }
            _ => self.now,
        }
    }

    /// The timeline of the identity as it is now.
    pub(crate) const fn timeline(&self) -> &Timeline<'a> {
        &self.is
    }

    /// The timeline of the identity before, at [`IdentityChange::then`].
    pub(crate) fn timeline_before(&self, before: &'a Identity) -> &Timeline<'a> {
        self.was.get_or_init(|| Timeline::of(self.context, before, self.then()))
    }
}

/// The label of a change, by the declared precedence; `None` if the engagements state nothing new.
#[must_use]
pub fn label(context: &Context, change: &IdentityChange<'_>, now: Timestamp) -> Option<CaseLabel> {
    labels(context, change, now).into_iter().min_by_key(|l| place(context, *l))
}

/// Whether a label names a case rather than another one, by the declared precedence.
#[must_use]
pub fn precedes(context: &Context, label: CaseLabel, other: CaseLabel) -> bool {
    place(context, label) < place(context, other)
}

fn place(context: &Context, label: CaseLabel) -> (usize, CaseLabel) {
    let order = &context.setup.policy.labels;
    (order.iter().position(|o| *o == label).unwrap_or(order.len()), label)
}

/// When the change takes effect: for an end the end itself, for a beginning the beginning, for a changed value the day from which it
/// holds if that is earlier, else `now`.
#[must_use]
pub(crate) fn effective_at(
    context: &Context,
    change: &IdentityChange<'_>,
    label: CaseLabel,
    now: Timestamp,
) -> Timestamp {
    let windows = || change.timeline().windows();
    match label {
        CaseLabel::Leaver => {
            let ends = || windows().filter_map(|w| w.end);
            ends().filter(|end| *end <= now).max().or(ends().max()).unwrap_or(now)
        }
        CaseLabel::Joiner | CaseLabel::Rehire => {
            windows().filter(|w| w.phase != Phase::Departed).filter_map(|w| w.start).min().unwrap_or(now)
        }
        CaseLabel::Mover | CaseLabel::Correction if change.woken_at.is_none_or(|w| w > now) => {
            held_since(context, change, now).unwrap_or(now)
        }
        _ => change.woken_at.filter(|w| *w <= now).unwrap_or(now),
    }
}

/// The earliest day before today from which a value holds that became known now, as an instant.
fn held_since(context: &Context, change: &IdentityChange<'_>, now: Timestamp) -> Option<Timestamp> {
    let mut earliest = None;
    let before = change.before?;
    for (was, is) in pairs(before, change.after) {
        let Some(place) = change.timeline().window_of(is.id) else { continue };
        let old = values_on(context, before, was, window(context, before, was, now).day, now);
        let new = values_on(context, change.after, is, place.day, now);
        for name in new.keys().chain(old.keys()).filter(|n| old.get(*n) != new.get(*n)) {
            let line = winning(context, change.after, is, name, place.day);
            let from = line.and_then(|(line, _)| line.entry_at(place.day)?.from).filter(|f| *f < place.day);
            let since = from.map(|f| start_of_day(f, &place.zone));
            earliest = [earliest, since].into_iter().flatten().min();
        }
    }
    earliest
}

/// Every label that fits a change, for rules that read `change`. A move is a label even if another label names the case, and even if
/// it became known while the person was absent or departed.
#[must_use]
pub fn changes(
    context: &Context,
    change: &IdentityChange<'_>,
    given: Option<CaseLabel>,
    now: Timestamp,
) -> BTreeSet<CaseLabel> {
    let mut found = labels(context, change, now);
    found.extend(given);
    if let Some(before) = change.before {
        by_values(context, change, before, now, &mut found);
        found.extend(lasts_longer_by_hand(before, change.after).then_some(CaseLabel::Correction));
    }
    found
}

/// Whether a value set by hand lasts longer than before, or is set anew: also where it is the value already.
fn lasts_longer_by_hand(before: &Identity, after: &Identity) -> bool {
    let known = &before.decisions.overrides;
    after.decisions.overrides.iter().any(|is| {
        let same = |was: &&Override| was.attribute == is.attribute && was.value == is.value;
        known.iter().find(same).is_none_or(|was| was.until < is.until)
    })
}

fn labels(context: &Context, change: &IdentityChange<'_>, now: Timestamp) -> BTreeSet<CaseLabel> {
    let mut found = BTreeSet::new();
    let Some(before) = change.before else {
        // An engagement that was over when it was first stated begins nothing.
        if !change.after.engagements.is_empty() && change.phase_after != Phase::Departed {
            found.insert(CaseLabel::Joiner);
        }
        return found;
    };
    if change.after.is_cut_off() && !before.is_cut_off() {
        found.insert(CaseLabel::CutOff);
    }
    by_phase(context, change, before, now, &mut found);
    // For an identity that has departed and stays departed no end is rescinded: its record was only missing for a while.
    if (change.phase_before, change.phase_after) != (Phase::Departed, Phase::Departed) {
        by_ends(change.after, before, now, &mut found);
    }
    // For a person who has not begun yet, another type is no conversion: they join with the type that begins first.
    if matches!(change.phase_before, Phase::Active | Phase::Absent) || before.decisions.paused.is_some() {
        by_kind(change, before, &mut found);
    }
    if change.phase_after != Phase::Departed && change.phase_before != Phase::Departed {
        by_values(context, change, before, now, &mut found);
    }
    if asks_for_more(change.after, before) {
        found.insert(CaseLabel::Request);
    }
    found
}

fn by_phase(
    context: &Context,
    change: &IdentityChange<'_>,
    before: &Identity,
    now: Timestamp,
    found: &mut BTreeSet<CaseLabel>,
) {
    use Phase::{Absent, Active, Departed, Erased, Expected, Preparing};
    let same: bool = change.after.engagements.len() == before.engagements.len();
    let is_long = || gap(context, change.timeline().windows(), now).is_some_and(|g| g.is_long);
    let label = match (change.phase_before, change.phase_after) {
        (Expected | Preparing, Departed) => CaseLabel::Withdrawn,
        (Active | Absent, Departed) if never_began(change.after) => CaseLabel::Withdrawn,
        (Active | Absent, Departed) => CaseLabel::Leaver,
        (Departed | Erased, Departed | Erased) => return,
        (Departed, _) if same && began_anew(before, change.after).next().is_some() => CaseLabel::Rehire,
        (Departed, _) if same => CaseLabel::Rescinded,
        (Departed | Erased, _) => CaseLabel::Rehire,
        // Between two engagements: a long gap is a departure, a short one an absence; what follows is a return.
        (Active | Absent, Expected | Preparing) if is_long() => CaseLabel::Leaver,
        (Active | Absent, Expected | Preparing) => CaseLabel::Absence,
        (Expected | Preparing, Active | Absent) if before.decisions.paused.is_some() => CaseLabel::Return,
        (Expected, Preparing) if before.decisions.paused.is_some() => return,
        (Expected | Preparing, Active | Preparing | Absent) if change.phase_before != change.phase_after => {
            CaseLabel::Joiner
        }
        (Active, Absent) => CaseLabel::Absence,
        (Absent, Active) => CaseLabel::Return,
        _ => return,
    };
    found.insert(label);
}

/// Whether every planned engagement is withdrawn: a no-show after the first day.
fn never_began(identity: &Identity) -> bool {
    let mut states = identity.engagements.iter().map(|e| &e.state);
    states.all(|s| matches!(s, EngagementState::Withdrawn { .. }))
}

/// An end that was rescinded or postponed while it was still in the future.
fn by_ends(after: &Identity, before: &Identity, now: Timestamp, found: &mut BTreeSet<CaseLabel>) {
    for (was, is) in pairs(before, after) {
        let missing = |e: &Engagement| matches!(e.state, EngagementState::Missing { ends: Some(ends), .. } if ends > now);
        match (was.stated_end(), is.stated_end()) {
            (Some(_), None) => found.insert(CaseLabel::Rescinded),
            (Some(w), Some(i)) if i > w => found.insert(CaseLabel::Extension),
            _ if missing(was) && is.state == EngagementState::Stated => found.insert(CaseLabel::Rescinded),
            _ => continue,
        };
    }
}

fn pairs<'a>(
    before: &'a Identity,
    after: &'a Identity,
) -> impl Iterator<Item = (&'a Engagement, &'a Engagement)> {
    let is: BTreeMap<EngagementId, &Engagement> = after.engagements.iter().map(|e| (e.id, e)).collect();
    before.engagements.iter().filter_map(move |was| Some((was, *is.get(&was.id)?)))
}

/// A new type of engagement for an active person: a conversion. An engagement that was over when it was stated converts nothing.
fn by_kind(change: &IdentityChange<'_>, before: &Identity, found: &mut BTreeSet<CaseLabel>) {
    if before.engagements.iter().map(|e| &e.kind).eq(change.after.engagements.iter().map(|e| &e.kind)) {
        return;
    }
    let was: BTreeSet<&EngagementType> = before.engagements.iter().map(|e| &e.kind).collect();
    let mut lasting = change.timeline().iter().filter(|(_, w)| w.phase != Phase::Departed);
    if lasting.any(|(e, _)| !was.contains(&e.kind)) {
        found.insert(CaseLabel::Conversion);
    }
}

/// Attribute values then and now: a change of a declared mover attribute makes a mover, any other change a correction.
fn by_values<'a>(
    context: &Context,
    change: &IdentityChange<'a>,
    before: &'a Identity,
    now: Timestamp,
    found: &mut BTreeSet<CaseLabel>,
) {
    let moves = |name: &AttributeName| context.setup.attributes.get(name).is_some_and(|d| d.moves);
    let (then, timeline) = (change.then(), change.timeline_before(before));
    for (was, is) in pairs(before, change.after) {
        let days = timeline.window_of(was.id).zip(change.timeline().window_of(is.id));
        let Some((day, today)) = days.map(|(was, is)| (was.day, is.day)) else { continue };
        let old = values_on(context, before, was, day, then);
        let new = values_on(context, change.after, is, today, now);
        let names: BTreeSet<&AttributeName> = old.keys().chain(new.keys()).collect();
        for name in names.into_iter().filter(|n| old.get(*n) != new.get(*n)) {
            found.insert(if moves(name) { CaseLabel::Mover } else { CaseLabel::Correction });
        }
    }
}

/// Whether access is requested that was not requested before, or for longer.
fn asks_for_more(after: &Identity, before: &Identity) -> bool {
    let requests = |of: &'_ Identity| {
        let all = of.decisions.individual.iter().filter(|s| s.kind == JustificationKind::Request);
        all.map(|s| ((s.reference.clone(), s.from), s.until)).collect::<BTreeMap<_, _>>()
    };
    let before = requests(before);
    let more = |was: &Option<Timestamp>, is: &Option<Timestamp>| match (was, is) {
        (Some(was), Some(is)) => is > was,
        (was, is) => was.is_some() && is.is_none(),
    };
    requests(after).iter().any(|(what, is)| before.get(what).is_none_or(|was| more(was, is)))
}
