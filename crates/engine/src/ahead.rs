//! Dated changes are asked about before their day: what the same settlement asks then, asked of the people of that day.

use crate::asking::Asking;
use crate::label::{Change, changes};
use crate::provenance::provenance;
use crate::reasons::note_reasons;
use crate::settle::{phase, settle};
use crate::{Context, follow};
use jiff::Timestamp;
use std::collections::BTreeSet;
use tenure_model::{Answer, Grant, Holding, Identity, Provenance, Reason, Settlement, Subject};
use tenure_policy::ClassCache;

/// Most instants ahead that are looked at; the identity is settled again at each, and looks further then.
const LOOK_AHEAD_MAX: u32 = 8;

/// Adds to a settlement what is asked ahead of its next instants, and lets it be settled again when there is more to be asked. The
/// identity must have taken in what the settlement remembers. An answer that was given ahead ends where what it is about will not be
/// there: a change that is withdrawn takes its yes and its no with it.
pub fn look_ahead(
    context: &Context,
    subject: &mut Subject,
    settlement: &mut Settlement,
    cache: &mut ClassCache,
    now: Timestamp,
) {
    let Some(Looked { seen, until }) = look(context, subject, settlement, cache, now) else { return };
    let is_moot = |answer: &Answer| {
        let on = answer.ahead.as_ref().map(|ahead| ahead.on);
        on.is_some_and(|on| until.is_none_or(|until| on < until)) && !seen.contains(&answer.reason)
    };
    subject.identity.decisions.answers.retain(|_, answer| !is_moot(answer));
}

/// What was seen ahead.
struct Looked {
    /// Reasons that are there at one of the instants, in force or not.
    seen: BTreeSet<Reason>,
    /// Before which instant all was looked at; `None` where nothing is beyond.
    until: Option<Timestamp>,
}

impl Looked {
    fn note(&mut self, settlement: &Settlement) {
        let given = settlement
            .grants
            .iter()
            .flat_map(|g| g.justifications.iter().map(|j| Reason::of(&g.account, &g.entitlement, j)));
        let asked = settlement.questions.iter().map(|q| q.about.reason.clone());
        self.seen.extend(given.chain(asked).chain(settlement.reasons.keys().cloned()));
    }
}

/// Looks at the next instants; nothing where no question could be asked.
fn look(
    context: &Context,
    subject: &Subject,
    settlement: &mut Settlement,
    cache: &mut ClassCache,
    now: Timestamp,
) -> Option<Looked> {
    let policy = &context.setup.policy;
    let lead = policy.ask_ahead;
    if policy.approvals.is_empty() || lead.is_zero() || settlement.cut_off {
        return None;
    }
    let mut looked = Looked { seen: BTreeSet::new(), until: None };
    looked.note(settlement);
    let mut known: BTreeSet<[u8; 32]> = settlement.questions.iter().map(|q| q.binding).collect();
    let mut before = subject.clone();
    take(&mut before, settlement);
    let mut phase_before = settlement.phase;
    let mut edge = settlement.next;
    for _ in 0..LOOK_AHEAD_MAX {
        let Some(at) = edge else { return Some(looked) };
        looked.until = Some(at);
        let ask_at = at.checked_sub(lead).unwrap_or(now);
        // Who is settled again before that looks again then.
        if ask_at > now && settlement.next.is_some_and(|next| next <= ask_at) {
            return Some(looked);
        }
        let then = on(context, &before, phase_before, at);
        let later = settle(context, &then, cache, at);
        looked.note(&later);
        let asked = later.questions.iter().filter(|q| !q.refused && !known.contains(&q.binding));
        let asked: Vec<_> = asked.cloned().collect();
        if ask_at > now && !asked.is_empty() {
            settlement.next = Some(settlement.next.map_or(ask_at, |next| next.min(ask_at)));
            return Some(looked);
        }
        known.extend(asked.iter().map(|q| q.binding));
        settlement.ahead.extend(asked.into_iter().map(|mut question| {
            question.on = Some(at);
            question
        }));
        (phase_before, edge) = (later.phase, later.next.filter(|next| *next > at));
        looked.until = edge;
        before = then;
        take(&mut before, &later);
    }
    Some(looked)
}

/// The subject as it will be at an instant, with the labels of the change that time brings.
pub(crate) fn on(
    context: &Context,
    before: &Subject,
    phase_before: tenure_model::Phase,
    at: Timestamp,
) -> Subject {
    let mut then = before.clone();
    follow(context, Some(&before.identity), &mut then.identity, at);
    let change = Change {
        before: Some(&before.identity),
        phase_before,
        woken_at: Some(at),
        after: &then.identity,
        phase_after: phase(context, &then.identity, at),
    };
    let labels = changes(context, &change, None, at);
    let by_time = provenance(context, &change, None, at);
    then.provenance = Provenance { by: before.provenance.by.clone(), own: before.provenance.own, ..by_time };
    then.changes = labels;
    then
}

/// Takes a settlement as done.
pub(crate) fn take(subject: &mut Subject, settlement: &Settlement) {
    note_reasons(&mut subject.identity, settlement);
    subject.grants = settlement
        .grants
        .iter()
        .map(|due| Grant {
            account: due.account.clone(),
            entitlement: due.entitlement.clone(),
            justifications: due.justifications.clone(),
            holding: Holding::Held,
        })
        .collect();
}

/// Looks again at answers that were given ahead of an instant that has come: one counts only if its seats are held by the same
/// people still. What does not count is asked anew.
pub fn confirm_ahead(identity: &mut Identity, asking: &Asking<'_>) {
    let (moved, stand) = asking.confirmed();
    let answers = &mut identity.decisions.answers;
    moved.iter().for_each(|binding| drop(answers.remove(binding)));
    for binding in stand {
        answers.entry(binding).and_modify(|answer| answer.ahead = None);
    }
}
