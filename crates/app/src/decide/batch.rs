//! Decides a batch of changed identities: all their inputs are read at once, each becomes one unit.

use super::Decider;
use super::braked::Braked;
use super::identifiers::{Issued, issue};
use super::{title::title, unit::UnitDraft, unit::unit};
use crate::authored::Authored;
use crate::decision::{Candidate, Cause, Decision};
use crate::directory::Directory;
use crate::references::{Resolved, given_keys, is_circular};
use crate::{AppError, DecisionContext};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_engine::{
    Asking, Change as LabelChange, Context, Decided, Earlier, Gated, ReferenceText, add_resets,
    advance_decisions, advance_decisions_ahead, carried, carry_renamed, changes, confirm_ahead, decide,
    foreseen, gate, instants_ahead, is_there_on_other_days, keep_names, label, late_end, look_forward,
    losses_later, mark_counted, mark_released, note_ended, note_reasons, note_return, note_silence,
    pass_released, phase, provenance, reapprove, reference_texts, reference_texts_ahead, restores, settle,
};
use tenure_model::{
    ApprovalRequest, Case, CaseLabel, Containment, FindingId, FindingKind, Identity, IdentityId, Obligation,
    Owners, Phase, Provenance, Reference, Settlement, Subject, SystemName,
};
use tenure_policy::ClassCache;
use tenure_store::{Change, Keyed, StoredSubject};

/// Inputs that a batch reads once.
pub(crate) struct BatchContext {
    references: BTreeMap<IdentityId, Vec<ReferenceText>>,
    resolved: Resolved,
    cases: BTreeMap<IdentityId, Case>,
    asked: BTreeMap<IdentityId, Vec<ApprovalRequest>>,
    /// Identities whose references were found circular.
    circular: BTreeSet<IdentityId>,
    /// The findings of each identity from its settlement.
    findings: BTreeMap<IdentityId, BTreeSet<FindingId>>,
    pub(crate) directory: Directory,
    /// Kinds of key by which identities refer to each other.
    kinds: BTreeSet<Arc<str>>,
    /// What the identities that leave now own.
    owned: BTreeMap<IdentityId, Vec<Obligation>>,
    /// Systems that must be scanned before manual tasks to create accounts are given.
    pub(crate) unscanned: BTreeSet<SystemName>,
    /// The nesting seen in systems.
    contained: Arc<Containment>,
    /// The owners of exceptions.
    owners: Owners,
    /// Accounts with work that a brake has not released.
    pub(crate) braked: Braked,
    /// Authors of the parts of the configuration that grant access.
    authored: Authored,
}

impl BatchContext {
    /// The findings about an identity.
    pub(crate) fn found_about(&self, id: IdentityId) -> BTreeSet<FindingId> {
        self.findings.get(&id).cloned().unwrap_or_default()
    }

    /// The new keys of an identity by which others may refer to it.
    fn new_keys(&self, before: Option<&StoredSubject>, mut keys: Vec<Keyed>) -> Vec<Keyed> {
        let had: BTreeSet<Keyed> = before.iter().flat_map(|b| given_keys(&b.identity)).collect();
        keys.retain(|k| self.kinds.contains(&k.kind) && !had.contains(k));
        keys
    }

    /// The references of an identity as of a future instant.
    pub(crate) fn references_on(
        &self,
        context: &Context,
        identity: &Identity,
        on: Timestamp,
    ) -> Vec<Reference> {
        self.resolved.of_on(context, identity.id, &reference_texts(context, identity, on), on)
    }

    /// The approval requests about an identity.
    fn asked_about(&self, id: IdentityId) -> &[ApprovalRequest] {
        self.asked.get(&id).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Inputs of a batch that the store does not show yet.
#[derive(Default)]
pub(crate) struct InFlight {
    /// Names given to others in units not yet committed: the kind of name, and the name folded.
    pub(crate) taken: BTreeSet<(Arc<str>, Arc<str>)>,
    /// Reopened cases: the change joins them.
    pub(crate) reopened: BTreeMap<IdentityId, Case>,
}

/// The engine's result for one settlement.
struct Evaluation {
    /// The label of the change, where the engagements or the cause determine one.
    found: Option<CaseLabel>,
    gated: Gated,
    decided: Decided,
    effective_at: Timestamp,
    /// Whether no brake counts it: foreseen, or signed for one identity.
    foreseen: bool,
}

impl Decider<'_> {
    /// Decides a batch. Nothing is written: the caller commits the units, and decides again those that changed meanwhile.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn decide(
        &self,
        candidates: Vec<Candidate>,
        cache: &mut ClassCache,
        moment: &DecisionContext,
    ) -> Result<Vec<Decision>, AppError> {
        self.decide_beside(candidates, InFlight::default(), cache, moment).await
    }

    /// Decides a batch with inputs that are not in the store yet.
    #[tracing::instrument(level = "debug", name = "decide", skip_all, fields(identities = candidates.len()))]
    pub(crate) async fn decide_beside(
        &self,
        mut candidates: Vec<Candidate>,
        beside: InFlight,
        cache: &mut ClassCache,
        moment: &DecisionContext,
    ) -> Result<Vec<Decision>, AppError> {
        // References to other identities are resolved by what is known by now: a source may be back.
        let mut changed = Vec::with_capacity(candidates.len());
        for Candidate { before, after, cause, .. } in &mut candidates {
            changed.push(before.as_ref().is_some_and(|b| b.identity != *after));
            let learnt_since = before.as_ref().filter(|_| !cause.reread).map(|b| &b.identity);
            advance_decisions(&self.app.context, learnt_since, after, moment.now);
            reapprove(&self.app.context, before.as_ref().map(|b| &b.identity), after);
        }
        let mut identities: Vec<&mut Identity> = candidates.iter_mut().map(|c| &mut c.after).collect();
        let issued = issue(self.app, &mut identities, beside.taken, moment).await?;
        self.meet_orders(&mut candidates).await?;
        let mut known = self.known(&candidates, moment).await?;
        for (id, case) in beside.reopened {
            known.cases.entry(id).or_insert(case);
        }
        let decided = candidates.into_iter().zip(issued).zip(changed);
        decided
            .map(|((candidate, issued), changed)| {
                self.decide_one((candidate, changed), issued, &known, cache, moment)
            })
            .collect()
    }

    async fn known(
        &self,
        candidates: &[Candidate],
        moment: &DecisionContext,
    ) -> Result<BatchContext, AppError> {
        let mut references = BTreeMap::new();
        for c in candidates {
            references.insert(c.after.id, reference_texts(&self.app.context, &c.after, moment.now));
        }
        let mut texts: Vec<ReferenceText> = references.values().flatten().cloned().collect();
        for c in candidates {
            texts.extend(reference_texts_ahead(&self.app.context, &c.after, moment.now));
        }
        let resolved = Resolved::load(self.app, &texts, moment).await?;
        let old: Vec<IdentityId> =
            candidates.iter().filter(|c| c.before.is_some()).map(|c| c.after.id).collect();
        let cases = self.app.store.open_cases(&old).await?.into_iter().map(|c| (c.identity, c)).collect();
        let mut asked: BTreeMap<_, Vec<ApprovalRequest>> = BTreeMap::new();
        // Also where no rule asks any more: an open question then asks for nothing.
        for request in self.app.store.approvals_about(&old).await? {
            asked.entry(request.identity).or_default().push(request);
        }
        let mut findings: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        let mut circular = BTreeSet::new();
        for row in self.app.store.findings_about(&old).await? {
            circular.extend(row.identity.filter(|_| row.finding.kind == FindingKind::CircularReference));
            // A late end is found once; it is no cause to decide an identity again.
            let by_settling = row.system.is_none() && row.finding.kind != FindingKind::LateEnd;
            let about = row.identity.filter(|_| by_settling);
            about.map(|id| findings.entry(id).or_default().insert(row.id));
        }
        let asks_for =
            |c: &Candidate| !c.after.decisions.individual.is_empty() || c.after.naming.renaming.is_some();
        let policy = &self.app.context.setup.policy;
        let needs_names = !policy.approvals.is_empty()
            || !policy.exceptions.is_empty()
            || self.app.authored().has_authors().await?;
        let needs_names = needs_names || moment.actor.is_some();
        let directory = if !needs_names && !candidates.iter().any(asks_for) {
            Directory::default()
        } else {
            Directory::load_at(self.app, Some(moment.now)).await?
        };
        let kinds = self.app.context.setup.attributes.values().filter_map(|d| d.reference.clone()).collect();
        let owned = self.app.owned().owned_by_leavers(candidates, moment).await?;
        let owners = self.app.references().owners_named(candidates, &directory, moment).await?;
        let authored = self.app.authored().authored(&directory, moment).await?;
        Ok(BatchContext {
            references,
            resolved,
            cases,
            asked,
            circular,
            findings,
            directory,
            kinds,
            owned,
            unscanned: self.app.first_scan().unscanned().await?,
            contained: self.app.containment().contained().await?,
            owners,
            braked: Braked::load(self.app, candidates).await?,
            authored,
        })
    }

    /// Evaluates what was answered ahead of each day, as of that day.
    fn confirm_each_ahead(&self, subject: &mut Subject, known: &BatchContext, moment: &DecisionContext) {
        let context = &self.app.context;
        for on in instants_ahead(&subject.identity) {
            let references = known.references_on(context, &subject.identity, on.max(moment.now));
            let then = Subject { references, ..subject.clone() };
            let confirm = |asking: Asking<'_>| confirm_ahead(&mut subject.identity, &asking, on);
            known.directory.asking(context, &then, (moment.now, Some(on)), confirm);
        }
    }

    fn decide_one(
        &self,
        (candidate, changed): (Candidate, bool),
        issued: Issued,
        known: &BatchContext,
        cache: &mut ClassCache,
        moment: &DecisionContext,
    ) -> Result<Decision, AppError> {
        let Candidate { before, mut after, extra, expects, cause } = candidate;
        let (before, id, context) = (before.as_ref(), after.id, &self.app.context);
        if cause.counted {
            mark_counted(context, &mut after, moment.now);
        }
        let texts = known.references.get(&id).map_or(&[][..], Vec::as_slice);
        let mut subject = self.to_decide(before, after, texts, known);
        note_silence(context, &mut subject, moment.now);
        carry_renamed(context, &mut subject, cache, moment.now);
        advance_decisions_ahead(context, &mut subject, cache, moment.now);
        self.confirm_each_ahead(&mut subject, known, moment);
        (subject.changes, subject.provenance) = self.changes(&subject, before, &cause, moment);
        note_authors(&mut subject, &cause, known);
        let mut settlement = settle(context, &subject, cache, moment.now);
        note_reasons(&mut subject.identity, &subject.grants, &settlement);
        let earlier = before.map(|b| (&b.identity, b.phase));
        let renewed = note_return(context, earlier, settlement.phase, &mut subject, moment.now);
        let earlier =
            before.map(|b| Earlier { identity: &b.identity, phase: b.phase, next: b.next, changed });
        look_forward(context, earlier, &mut subject, &mut settlement, cache, moment.now);
        settlement.findings.extend(issued.findings.iter().cloned());
        let Evaluation { found, gated, decided, effective_at, foreseen } =
            self.weigh(&mut subject, settlement, before, &cause, renewed, known, moment);
        let title = title(&subject.identity);
        let parts = UnitDraft {
            before,
            extra,
            expects,
            cause: &cause,
            subject,
            title: title.clone(),
            gated: &gated,
            decided: &decided,
            texts,
            issued: &issued,
            found,
            open: known.cases.get(&id),
            asked: known.asked_about(id),
            owned: known.owned.get(&id).map(Vec::as_slice).unwrap_or_default(),
            effective_at,
            foreseen,
        };
        let turns = is_circular(&parts.subject.references) != known.circular.contains(&id);
        let refers_anew = before.is_some_and(|b| reference_texts(context, &b.identity, moment.now) != texts);
        let later = losses_later(context, before.map(|b| &b.identity), &parts.subject, &gated.settlement);
        let timed = before.and_then(|b| b.next).is_some_and(|next| next <= moment.now);
        let named = parts.subject.identity.identifiers.clone();
        let after = &parts.subject.identity;
        let moved = before.is_some_and(|b| is_there_on_other_days(context, &b.identity, after, moment.now));
        let asked: Vec<ApprovalRequest> =
            known.asked_about(id).iter().map(|r| carried(&parts.subject, r)).collect();
        let (unit, keys) = unit(self.app, parts, known, moment)?;
        let concerns_others = turns || moved || shows(before, &named, &gated.settlement);
        Ok(Decision {
            id,
            title,
            label: found,
            is_new: before.is_none(),
            decides: unit.iter().flat_map(|u| &u.changes).any(|c| matches!(c, Change::Append(_))),
            pending: gated.pending().cloned().collect(),
            questions: gated.about_questions(&asked),
            renames: gated.questions.into_iter().flat_map(|q| q.renames).collect(),
            plan: gated.plan,
            concerns_others,
            settlement: gated.settlement,
            later,
            timed,
            refers_anew,
            keys: known.new_keys(before, keys),
            unit,
        })
    }

    /// The identity as it will be, with the earlier decisions.
    fn to_decide(
        self,
        before: Option<&StoredSubject>,
        mut after: Identity,
        texts: &[ReferenceText],
        known: &BatchContext,
    ) -> Subject {
        known.braked.use_up(before, &mut after);
        let (accounts, grants) = before.map(|b| (b.accounts.clone(), b.grants.clone())).unwrap_or_default();
        let (references, contained) = (known.resolved.of(after.id, texts), known.contained.clone());
        let owners = known.owners.clone();
        let mut subject = Subject { references, owners, accounts, grants, contained, ..Subject::new(after) };
        if let Some(before) = before {
            keep_names(&self.app.context, &before.identity, &mut subject);
        }
        subject
    }

    /// All labels of what happened to an identity since it was decided, and the cause.
    fn changes(
        &self,
        subject: &Subject,
        before: Option<&StoredSubject>,
        cause: &Cause,
        moment: &DecisionContext,
    ) -> (BTreeSet<CaseLabel>, Provenance) {
        let change = LabelChange {
            before: before.map(|b| &b.identity),
            phase_before: before.map_or(Phase::Expected, |b| b.phase),
            woken_at: before.and_then(|b| b.next),
            after: &subject.identity,
            phase_after: phase(&self.app.context, &subject.identity, moment.now),
        };
        let restores = restores(&self.app.context, before.map(|b| &b.identity), &subject.identity);
        let by = moment.actor.as_ref().map(|a| a.id).filter(|_| !cause.is_answer && !restores);
        let labels = changes(&self.app.context, &change, cause.label, moment.now);
        (labels, provenance(&self.app.context, &change, by, moment.now))
    }

    /// The changes of a settlement, their label, and what of it waits.
    #[expect(clippy::too_many_arguments, reason = "the inputs of one decision, all different, used once")]
    fn weigh(
        &self,
        subject: &mut Subject,
        mut settlement: Settlement,
        before: Option<&StoredSubject>,
        cause: &Cause,
        renewed: bool,
        known: &BatchContext,
        moment: &DecisionContext,
    ) -> Evaluation {
        let (context, id) = (&self.app.context, subject.identity.id);
        let change = LabelChange {
            before: before.map(|b| &b.identity),
            phase_before: before.map_or(Phase::Expected, |b| b.phase),
            woken_at: before.and_then(|b| b.next),
            after: &subject.identity,
            phase_after: settlement.phase,
        };
        let found = cause.label.or_else(|| label(context, &change, moment.now));
        let open = known.cases.get(&id).map(|c| c.label);
        let named = found.or(open).unwrap_or(CaseLabel::Policy);
        // An end that became known late is a finding in addition to those of the settlement.
        settlement.findings.extend(late_end(context, &change, &subject.accounts, found, moment.now));
        let effective_at = tenure_engine::effective_at(context, &change, named, moment.now);
        let foreseen = cause.signed || foreseen(context, &change, moment.now);
        let asked: Vec<ApprovalRequest> = known.asked_about(id).iter().map(|r| carried(subject, r)).collect();
        let mut gated = gate(context, subject, settlement, &asked);
        add_resets(context, subject, cause.exposed, &mut gated.plan);
        let mut decided = decide(context, subject, &gated.settlement, &gated.plan, renewed, moment.now);
        pass_released(subject, &gated.plan, &mut decided, moment.now);
        mark_released(context, subject, &gated.settlement, &cause.passes, moment.now);
        note_ended(subject, &decided);
        Evaluation { found, gated, decided, effective_at, foreseen }
    }
}

/// Notes the authors of the configuration that grants what an identity gains.
fn note_authors(subject: &mut Subject, cause: &Cause, known: &BatchContext) {
    subject.authored = known.authored.of(subject, &cause.configured);
    let mut provenance = std::mem::take(&mut subject.provenance);
    known.authored.add_to(subject, &cause.configured, &mut provenance);
    subject.provenance = provenance;
}

/// Whether other identities see a difference: another phase, other names, or a cut-off set or lifted.
fn shows(
    before: Option<&StoredSubject>,
    named: &BTreeMap<Arc<str>, Arc<str>>,
    settlement: &Settlement,
) -> bool {
    before.is_none_or(|b| {
        b.phase != settlement.phase
            || b.identity.is_cut_off() != settlement.cut_off
            || b.identity.identifiers != *named
    })
}
