//! The evaluation of one identity: the one order in which it is settled, named, asked about and decided. Application and simulator both
//! run this.

use crate::ahead::{advance_decisions_ahead, confirm_ahead, instants_ahead, is_there_on_other_days};
use crate::by_time::{Earlier, look_forward};
use crate::custody::note_silence;
use crate::decide::{Decided, decide};
use crate::ended::note_ended;
use crate::foreseen::{LaterLoss, foreseen, late_end, losses_later};
use crate::gate::{Gated, gate};
use crate::individual::mark_counted;
use crate::label::{IdentityChange, changes, effective_at, label};
use crate::lifted::restores;
use crate::provenance::provenance;
use crate::released::{mark_released, pass_released};
use crate::rename::keep_names;
use crate::renamed::{carried, carry_renamed};
use crate::reset::{add_resets, note_return};
use crate::settle::settle;
use crate::used_up::note_reasons;
use crate::{Asking, Context};
use jiff::Timestamp;
use std::collections::BTreeSet;
use tenure_model::{
    ApprovalRequest, CaseLabel, Finding, Identity, IdentityId, Reference, Settlement, Subject, SystemName,
};
use tenure_policy::ClassCache;

/// What an evaluation needs to know of other identities: the caller has read them before.
pub trait Others {
    /// The references of an identity as of an instant that is not past.
    fn references_on(&self, identity: &Identity, on: Timestamp) -> Vec<Reference>;
    /// Calls `ask` with the approvers of a subject, as of the day on which it takes effect; `None`: now.
    fn asking(&self, subject: &Subject, on: Option<Timestamp>, ask: &mut dyn FnMut(&Asking<'_>));
    /// Adds the authors of the configuration that count for a subject, whose labels and provenance are known.
    fn add_authors(&self, subject: &mut Subject);
}

/// Why an identity is evaluated, and who caused it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Occasion<'a> {
    /// A label that the change has independently of the engagements.
    pub label: Option<CaseLabel>,
    /// The person who caused it.
    pub actor: Option<IdentityId>,
    /// A person knows the secret of its accounts who must not know it.
    pub exposed: bool,
    /// It follows from an answer to a question: the answering person does not count as its cause.
    pub is_answer: bool,
    /// The brake of the source that causes it has counted its losses.
    pub counted: bool,
    /// A person signs it for this one identity: no brake counts its losses.
    pub signed: bool,
    /// Systems whose brakes its losses pass as well, now and later: they were counted there, and released.
    pub passes: Option<&'a BTreeSet<SystemName>>,
}

/// The inputs of one evaluation.
#[derive(Debug)]
pub struct Draft<'a> {
    /// The identity as it was last decided; `None` when it is new.
    pub earlier: Option<Earlier<'a>>,
    /// The identity as it is now, with its references and what it holds.
    pub subject: Subject,
    /// Why it is evaluated.
    pub occasion: Occasion<'a>,
    /// Its requests for approval, as stored.
    pub asked: &'a [ApprovalRequest],
    /// The label of its open case.
    pub open: Option<CaseLabel>,
    /// Findings of the names that were looked for.
    pub findings: Vec<Finding>,
}

/// The result of one evaluation.
#[derive(Debug)]
pub struct Evaluation {
    /// The identity with what is remembered of this settlement.
    pub subject: Subject,
    /// The label of the change, where the engagements or the occasion determine one.
    pub label: Option<CaseLabel>,
    /// The settlement, the plan with its gates, and the questions.
    pub gated: Gated,
    /// What is decided.
    pub decided: Decided,
    /// When the change takes effect.
    pub effective_at: Timestamp,
    /// Whether no brake counts it: foreseen, or signed for one identity.
    pub foreseen: bool,
    /// What would, until now, have been held longer, or have come back.
    pub later: Vec<LaterLoss>,
    /// Its requests for approval, under the rules' names of this configuration.
    pub asked: Vec<ApprovalRequest>,
    /// Whether the days of its presence changed, so that others must be settled again.
    pub moved: bool,
}

/// Evaluates one identity. Nothing is written; evaluating the result again changes nothing.
pub fn evaluate(
    context: &Context,
    mut draft: Draft<'_>,
    others: &dyn Others,
    cache: &mut ClassCache,
    now: Timestamp,
) -> Evaluation {
    prepare(context, &mut draft, others, cache, now);
    let Draft { earlier, mut subject, occasion, asked, open, findings } = draft;
    let mut settlement = settle(context, &subject, cache, now);
    note_reasons(&mut subject.identity, &subject.grants, &settlement);
    let was = earlier.map(|b| (b.identity, b.phase));
    let renewed = note_return(context, was, settlement.phase, &mut subject, now);
    look_forward(context, earlier, &mut subject, &mut settlement, cache, now);
    settlement.findings.extend(findings);

    let change = IdentityChange::new(context, earlier, &subject.identity, now).in_phase(settlement.phase);
    let found = occasion.label.or_else(|| label(context, &change, now));
    // An end that became known late is a finding in addition to those of the settlement.
    settlement.findings.extend(late_end(context, &change, &subject.accounts, found, now));
    let effective_at = effective_at(context, &change, found.or(open).unwrap_or(CaseLabel::Policy), now);
    let foreseen = occasion.signed || foreseen(context, &change, now);
    let asked: Vec<ApprovalRequest> = asked.iter().map(|r| carried(&subject, r)).collect();
    let (gated, decided) = weigh(context, &mut subject, settlement, (&occasion, &asked), renewed, now);

    let later = losses_later(context, earlier.map(|b| b.identity), &subject, &gated.settlement);
    let moved = earlier.is_some_and(|b| is_there_on_other_days(context, b.identity, &subject.identity, now));
    Evaluation { subject, label: found, gated, decided, effective_at, foreseen, later, asked, moved }
}

/// Brings what is remembered of an identity up to now, and says what happened to it and who caused it.
fn prepare(
    context: &Context,
    draft: &mut Draft<'_>,
    others: &dyn Others,
    cache: &mut ClassCache,
    now: Timestamp,
) {
    let Draft { earlier, subject, occasion, .. } = draft;
    if occasion.counted {
        mark_counted(context, &mut subject.identity, now);
    }
    if let Some(earlier) = earlier {
        keep_names(context, earlier.identity, subject);
    }
    note_silence(context, subject, now);
    carry_renamed(context, subject, cache, now);
    advance_decisions_ahead(context, subject, cache, now);
    // What was answered ahead of each day is examined as of that day.
    for on in instants_ahead(&subject.identity) {
        let references = others.references_on(&subject.identity, on.max(now));
        let then = Subject { references, ..subject.clone() };
        others.asking(&then, Some(on), &mut |asking| confirm_ahead(&mut subject.identity, asking, on));
    }
    let change = IdentityChange::new(context, *earlier, &subject.identity, now);
    let is_cause = !occasion.is_answer && !restores(context, change.before, change.after);
    let labels = changes(context, &change, occasion.label, now);
    let provenance = provenance(context, &change, occasion.actor.filter(|_| is_cause), now);
    (subject.changes, subject.provenance) = (labels, provenance);
    others.add_authors(subject);
}

/// The plan of a settlement, what of it waits, and what is decided.
fn weigh(
    context: &Context,
    subject: &mut Subject,
    settlement: Settlement,
    (occasion, asked): (&Occasion<'_>, &[ApprovalRequest]),
    renewed: bool,
    now: Timestamp,
) -> (Gated, Decided) {
    let mut gated = gate(context, subject, settlement, asked);
    add_resets(context, subject, occasion.exposed, &mut gated.plan);
    let mut decided = decide(context, subject, &gated.settlement, &gated.plan, renewed, now);
    pass_released(subject, &gated.plan, &mut decided, now);
    let none = BTreeSet::new();
    mark_released(context, subject, &gated.settlement, occasion.passes.unwrap_or(&none), now);
    note_ended(subject, &decided);
    (gated, decided)
}
