//! A change that time alone brings is not caused by the person who acts on the identity first: an operation causes only what would not
//! happen without it (docs/adr/0099).

use crate::ahead::look_ahead;
use crate::dated::forgo_ahead;
use crate::label::{IdentityChange, changes};
use crate::provenance::provenance;
use crate::settle::settle;
use crate::used_up::note_reasons;
use crate::{Context, advance_decisions};
use jiff::Timestamp;
use tenure_model::{DueQuestion, Identity, Phase, Settlement, Subject};
use tenure_policy::ClassCache;

/// An identity as it was last decided.
#[derive(Debug, Clone, Copy)]
pub struct Earlier<'a> {
    /// Its facts and decisions.
    pub identity: &'a Identity,
    /// Its phase.
    pub phase: Phase,
    /// When its settlement was to change by itself.
    pub next: Option<Timestamp>,
    /// Whether an operation, a record or an answer changes the identity itself now.
    pub changed: bool,
}

/// Adds future questions and future losses to a settlement, and removes the actor from questions that time alone would bring. The
/// identity must have stored what the settlement remembers.
pub(crate) fn look_forward(
    context: &Context,
    earlier: Option<Earlier<'_>>,
    subject: &mut Subject,
    settlement: &mut Settlement,
    cache: &mut ClassCache,
    now: Timestamp,
) {
    look_ahead(context, subject, settlement, cache, now);
    let Some(earlier) = earlier else { return };
    if let Some(alone) = by_time(context, &earlier, subject, settlement, cache, now) {
        absolve(subject, settlement, &alone);
    }
    forgo_ahead(context, earlier.identity, subject, settlement, cache, now);
}

/// What the identity would be asked about without a person's action. `None` if no person acted, or if the operation itself changes
/// what rules read of a change: a person who does so while a reason waits is one of its causes.
fn by_time(
    context: &Context,
    earlier: &Earlier<'_>,
    subject: &Subject,
    settlement: &Settlement,
    cache: &mut ClassCache,
    now: Timestamp,
) -> Option<Settlement> {
    let is_asked = !settlement.questions.is_empty() || !settlement.ahead.is_empty();
    if !earlier.changed || subject.provenance.by.is_empty() || !is_asked {
        return None;
    }
    let mut identity = earlier.identity.clone();
    advance_decisions(context, Some(earlier.identity), &mut identity, now);
    let change = IdentityChange::new(context, Some(*earlier), &identity, now);
    let (labels, brought) = (changes(context, &change, None, now), provenance(context, &change, None, now));
    let names = subject.provenance.references.difference(&brought.references).next().is_some();
    if names || subject.changes.difference(&labels).next().is_some() {
        return None;
    }
    let mut alone = Subject { provenance: brought, changes: labels, ..subject.clone() };
    alone.identity = identity;
    let mut then = settle(context, &alone, cache, now);
    note_reasons(&mut alone.identity, &subject.grants, &then);
    look_ahead(context, &alone, &mut then, cache, now);
    Some(then)
}

/// Gives questions that would be asked without the operation the causes that they would have then.
fn absolve(subject: &mut Subject, settlement: &mut Settlement, alone: &Settlement) {
    let by_time = |question: &DueQuestion| {
        let mut all = alone.questions.iter().chain(&alone.ahead);
        all.find(|other| other.binding == question.binding).map(|other| other.provenance.clone())
    };
    let Settlement { questions, ahead, reasons, .. } = settlement;
    let noted = &mut subject.identity.decisions.reasons;
    for question in questions.iter_mut().chain(ahead) {
        let Some(provenance) = by_time(question) else { continue };
        for remembered in [&mut *reasons, &mut *noted].into_iter().filter(|_| question.on.is_none()) {
            if let Some(waiting) = remembered.get_mut(&question.about.reason) {
                waiting.provenance.clone_from(&provenance);
            }
        }
        question.provenance = provenance;
        question.by_time = true;
    }
}
