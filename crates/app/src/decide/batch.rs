//! Decides a batch of changed identities: all their inputs are read at once, each becomes one unit.

use super::Decider;
use super::braked::Braked;
use super::identifiers::{Issued, issue};
use super::{title::title, unit::UnitDraft, unit::unit};
use crate::authored::Authored;
use crate::decision::{Candidate, Cause, Configured, Decision};
use crate::directory::Directory;
use crate::references::{Resolved, given_keys, is_circular};
use crate::{AppError, DecisionContext};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_engine::{
    Asking, Context, Draft, Earlier, Evaluation, Occasion, Others, ReferenceText, advance_decisions,
    evaluate, reapprove, reference_texts, reference_texts_ahead,
};
use tenure_model::{
    ApprovalRequest, Case, Containment, FindingId, FindingKind, Identity, IdentityId, Obligation, Owners,
    Reference, Settlement, Subject, SystemName,
};
use tenure_policy::ClassCache;
use tenure_store::{Change, Keyed, StoredSubject, Unit};

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
            circular.extend(row.identity.filter(|_| row.finding.kind() == FindingKind::CircularReference));
            // A late end is found once; it is no cause to decide an identity again.
            let by_settling = row.system.is_none() && row.finding.kind() != FindingKind::LateEnd;
            let about = row.identity.filter(|_| by_settling);
            about.map(|id| findings.entry(id).or_default().insert(row.id));
        }
        let directory = self.directory_for(candidates, moment).await?;
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

    /// The people that the configuration names, where a decision may need one of them; else none.
    async fn directory_for(
        &self,
        candidates: &[Candidate],
        moment: &DecisionContext,
    ) -> Result<Directory, AppError> {
        let asks_for =
            |c: &Candidate| !c.after.decisions.individual.is_empty() || c.after.naming.renaming.is_some();
        let policy = &self.app.context.setup.policy;
        let is_needed = moment.actor.is_some()
            || !policy.approvals.is_empty()
            || !policy.exceptions.is_empty()
            || candidates.iter().any(asks_for)
            || self.app.authored().has_authors().await?;
        if is_needed {
            Directory::load_at(self.app, Some(moment.now)).await
        } else {
            Ok(Directory::default())
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
        let Candidate { before, after, extra, expects, cause } = candidate;
        let (before, id, context) = (before.as_ref(), after.id, &self.app.context);
        let texts = known.references.get(&id).map_or(&[][..], Vec::as_slice);
        let open = known.cases.get(&id);
        let draft = Draft {
            earlier: before.map(|b| earlier(b, changed)),
            subject: to_decide(before, after, texts, known),
            occasion: occasion(&cause, moment),
            asked: known.asked_about(id),
            open: open.map(|c| c.label),
            findings: issued.findings.clone(),
        };
        let beside = OtherIdentities { context, known, configured: &cause.configured, now: moment.now };
        let Evaluation { subject, label, gated, decided, effective_at, foreseen, later, asked, moved } =
            evaluate(context, draft, &beside, cache, moment.now);
        let title = title(&subject.identity);
        let turns = is_circular(&subject.references) != known.circular.contains(&id);
        let shows = shows(before, &subject.identity.identifiers, &gated.settlement);
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
            found: label,
            open,
            asked: known.asked_about(id),
            owned: known.owned.get(&id).map(Vec::as_slice).unwrap_or_default(),
            effective_at,
            foreseen,
        };
        let (unit, keys) = unit(self.app, parts, known, moment)?;
        Ok(Decision {
            id,
            title,
            label,
            is_new: before.is_none(),
            decides: unit.as_ref().is_some_and(is_evidenced),
            pending: gated.pending().cloned().collect(),
            questions: gated.about_questions(&asked),
            renames: gated.questions.into_iter().flat_map(|q| q.renames).collect(),
            plan: gated.plan,
            concerns_others: turns || moved || shows,
            settlement: gated.settlement,
            later,
            timed: before.and_then(|b| b.next).is_some_and(|next| next <= moment.now),
            refers_anew: before.is_some_and(|b| reference_texts(context, &b.identity, moment.now) != texts),
            keys: known.new_keys(before, keys),
            unit,
        })
    }
}

fn earlier(before: &StoredSubject, changed: bool) -> Earlier<'_> {
    Earlier { identity: &before.identity, phase: before.phase, next: before.next, changed }
}

fn is_evidenced(unit: &Unit) -> bool {
    unit.changes.iter().any(|c| matches!(c, Change::Append(_)))
}

/// What a batch knows of other identities, for the evaluation of one.
struct OtherIdentities<'a> {
    context: &'a Context,
    known: &'a BatchContext,
    configured: &'a Configured,
    now: Timestamp,
}

impl Others for OtherIdentities<'_> {
    fn references_on(&self, identity: &Identity, on: Timestamp) -> Vec<Reference> {
        self.known.references_on(self.context, identity, on)
    }

    fn asking(&self, subject: &Subject, on: Option<Timestamp>, ask: &mut dyn FnMut(&Asking<'_>)) {
        self.known.directory.asking(self.context, subject, (self.now, on), |asking| ask(&asking));
    }

    fn add_authors(&self, subject: &mut Subject) {
        subject.authored = self.known.authored.of(subject, self.configured);
        let mut provenance = std::mem::take(&mut subject.provenance);
        self.known.authored.add_to(subject, self.configured, &mut provenance);
        subject.provenance = provenance;
    }
}

fn occasion<'a>(cause: &'a Cause, moment: &DecisionContext) -> Occasion<'a> {
    Occasion {
        label: cause.label,
        actor: moment.actor.as_ref().map(|a| a.id),
        exposed: cause.exposed,
        is_answer: cause.is_answer,
        counted: cause.counted,
        signed: cause.signed,
        passes: Some(&cause.passes),
    }
}

/// The identity as it will be, with the earlier decisions.
fn to_decide(
    before: Option<&StoredSubject>,
    mut after: Identity,
    texts: &[ReferenceText],
    known: &BatchContext,
) -> Subject {
    known.braked.use_up(before, &mut after);
    let (accounts, grants) = before.map(|b| (b.accounts.clone(), b.grants.clone())).unwrap_or_default();
    let (references, contained) = (known.resolved.of(after.id, texts), known.contained.clone());
    let owners = known.owners.clone();
    Subject { references, owners, accounts, grants, contained, ..Subject::new(after) }
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
