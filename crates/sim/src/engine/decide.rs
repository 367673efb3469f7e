//! One identity decided by the engine: evaluated first, so that a brake can check, then committed.

use super::keys::fold;
use super::world::{DecidedIdentity, Key, World};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_engine::cut_off::ordered;
use tenure_engine::{
    Asking, Decided, Draft, Earlier, Evaluation, Gated, LaterLoss, NUMBERED_MAX, Occasion, Others, Wanted,
    advance_decisions, carried, evaluate, give, look, nameless, precedes, reapprove, reconsider, to_rename,
    use_up, wanted,
};
use tenure_model::{
    ApprovalRequest, CaseLabel, Finding, Gate, Grant, Holding, Identity, IdentityId, Reference,
    ReferenceState, Settlement, Step, StepKind, Subject, SystemName,
};

/// What the engine makes of an identity; nothing of it has happened yet.
pub(super) struct Decision {
    subject: Subject,
    pub(super) gated: Gated,
    decided: Decided,
    label: Option<CaseLabel>,
    /// Names issued by it.
    issued: Vec<Key>,
    pub(super) is_new: bool,
    /// What was to be held, or to come back, for longer until now.
    pub(super) later: Vec<LaterLoss>,
    /// Whether the days of its presence changed.
    moved: bool,
}

/// What an evaluation needs to know of the other identities of this world.
struct OtherIdentities<'a> {
    world: &'a World,
    actor: Option<IdentityId>,
}

impl Others for OtherIdentities<'_> {
    fn references_on(&self, identity: &Identity, on: Timestamp) -> Vec<Reference> {
        self.world.references_at(identity, on)
    }

    fn asking(&self, subject: &Subject, on: Option<Timestamp>, ask: &mut dyn FnMut(&Asking<'_>)) {
        self.world.asking(subject, on, |asking| ask(&asking));
    }

    fn add_authors(&self, subject: &mut Subject) {
        // A person who restores what another change ended is no cause of it: the evaluation left them out.
        let actor = self.actor.filter(|actor| subject.provenance.by.contains(actor));
        self.world.add_authors(subject, actor);
    }
}

impl Decision {
    /// Whether the identity loses access by it, gates aside.
    pub(super) fn removes(&self) -> bool {
        self.gated.plan.removes()
    }
    /// Whether the identity gains access without an approval.
    pub(super) fn gains(&self) -> bool {
        let given = |s: &Step| {
            matches!(s.kind, StepKind::Grant(_) | StepKind::Enable)
                && matches!(s.gate, Gate::Open | Gate::Mode)
        };
        self.gated.plan.steps.iter().any(given)
    }
    /// When the first of what is lost later is lost, where that is known.
    pub(super) fn first_loss(&self) -> Option<Timestamp> {
        self.later.iter().filter_map(|l| l.at).min()
    }
    /// The systems in which something is lost later, or also at once.
    pub(super) fn loses_in(&self, at_once: bool) -> BTreeSet<SystemName> {
        let removed = self.gated.plan.steps.iter().filter(|s| at_once && s.kind.removes());
        let removed = removed.map(|s| s.account.system.clone());
        self.later.iter().map(|l| l.system.clone()).chain(removed).collect()
    }
    /// Whether it counts as a loss.
    pub(super) fn loses(&self) -> bool {
        self.removes() || !self.later.is_empty() || self.renames()
    }
    /// Whether approvers are asked about a rename.
    pub(super) fn renames(&self) -> bool {
        self.gated.questions.iter().any(|q| !q.renames.is_empty())
    }
}

impl World {
    /// Decides an identity as it is to be. `given` is a label that the change has whatever its engagements say.
    pub(super) fn weigh(
        &mut self,
        mut after: Identity,
        given: Option<CaseLabel>,
        actor: Option<IdentityId>,
    ) -> Decision {
        // Rows that another mapping reads tell of nothing that happened.
        let known = self.known.get(&after.id).filter(|_| given != Some(CaseLabel::Policy));
        let changed = self.known.get(&after.id).is_some_and(|k| k.subject.identity != after);
        advance_decisions(&self.context, known.map(|k| &k.subject.identity), &mut after, self.now);
        self.end_answers(&mut after);
        let (issued, nameless) = self.issue(&mut after);

        if !after.is_cut_off() {
            after.decisions.cut_off = ordered(&after, &self.orders).map(|o| o.cut.clone());
        }
        let before = self.known.get(&after.id);
        let subject = Subject {
            references: self.references(&after),
            owners: self.owners(&after),
            accounts: before.map(|b| b.subject.accounts.clone()).unwrap_or_default(),
            grants: before.map(|b| b.subject.grants.clone()).unwrap_or_default(),
            contained: self.contained.clone(),
            ..Subject::new(after)
        };
        let asked: Vec<ApprovalRequest> =
            self.asked.iter().filter(|r| r.identity == subject.identity.id).cloned().collect();
        let draft = Draft {
            earlier: before.map(|b| Earlier {
                identity: &b.subject.identity,
                phase: b.phase,
                next: b.next,
                changed,
            }),
            subject,
            occasion: Occasion { label: given, actor, ..Occasion::default() },
            asked: &asked,
            open: before.and_then(|b| b.open),
            findings: nameless,
        };
        let mut cache = std::mem::take(&mut self.cache);
        let done =
            evaluate(&self.context, draft, &OtherIdentities { world: self, actor }, &mut cache, self.now);
        let is_new = !self.known.contains_key(&done.subject.identity.id);
        self.cache = cache;
        let Evaluation { subject, label, gated, decided, later, moved, .. } = done;
        Decision { subject, gated, decided, label, issued, is_new, later, moved }
    }

    /// Commits a decision: every write succeeds at once.
    pub(super) fn commit(&mut self, decision: Decision) {
        let Decision { mut subject, gated, decided, label, issued, moved, .. } = decision;
        let Gated { settlement, questions, waiting, .. } = gated;
        let id = subject.identity.id;
        let before = self.known.get(&id);
        let differs = before.is_none_or(|b| {
            b.phase != settlement.phase || b.subject.identity.is_cut_off() != settlement.cut_off
        });
        let mut same = before.map(|b| b.subject.identity.clone());
        same.iter_mut().for_each(|was| self.use_up(id, was));
        let idle = before.is_some_and(|b| {
            (b.subject.identity == subject.identity || same.as_ref() == Some(&subject.identity))
                && b.phase == settlement.phase
                && b.next == settlement.next
                && decided.is_empty()
                && questions.is_empty()
        });
        if let Some(label) = label.filter(|_| !idle) {
            *self.labels.entry(label).or_default() += 1;
        }
        let turns = |references: &[Reference]| {
            references.iter().any(|r| matches!(r.state, ReferenceState::Circular { .. }))
        };
        let turned = before.is_some_and(|b| turns(&b.subject.references));
        let renamed = before.is_some_and(|b| b.subject.identity.identifiers != subject.identity.identifiers);
        if differs || renamed || moved || turns(&subject.references) != turned {
            self.changed.insert(id);
        }
        let keys = self.index.put(&self.context, before.map(|b| &b.subject.identity), &subject.identity);
        self.new_keys.extend(keys);
        self.issued.extend(issued.into_iter().map(|key| (key, Some(id))));
        let works = !decided.work.is_empty() || !questions.is_empty();
        let open = self.open(before.and_then(|b| b.open), label.or(works.then_some(CaseLabel::Policy)));
        let left = |r: ApprovalRequest| {
            if r.identity == id { carried(&subject, &r).narrowed(&waiting) } else { Some(r) }
        };
        self.asked = std::mem::take(&mut self.asked).into_iter().filter_map(left).collect();
        for question in &questions {
            let request = self.request(&subject, question);
            self.asked.push(request);
        }
        for account in decided.accounts {
            put(&mut subject.accounts, account, |a, b| a.key == b.key);
        }
        for mut grant in decided.grants {
            grant.holding = match grant.holding {
                Holding::Ordered | Holding::Held => Holding::Held,
                Holding::Ending | Holding::Ended => Holding::Ended,
            };
            let same = |a: &Grant, b: &Grant| a.account == b.account && a.entitlement == b.entitlement;
            put(&mut subject.grants, grant, same);
        }
        let Settlement { phase, next, findings, reads, .. } = settlement;
        self.known.insert(id, DecidedIdentity { subject, phase, next, findings, reads, open });
    }

    /// Ends the answers that a cut-off, or what was taken away since, uses up.
    fn end_answers(&self, after: &mut Identity) {
        reapprove(&self.context, self.known.get(&after.id).map(|b| &b.subject.identity), after);
        self.use_up(after.id, after);
    }

    /// Drops the answers about what was taken away since an identity was decided; what a brake holds is still ending.
    fn use_up(&self, id: IdentityId, after: &mut Identity) {
        let Some(before) = self.known.get(&id).map(|k| &k.subject) else { return };
        let ending = before.grants.iter().filter(|g| g.holding == Holding::Ending);
        let braked = ending.map(|g| g.account.clone()).collect();
        use_up(&before.identity, &before.grants, &braked, after);
    }

    /// The label of an open change after a further change.
    fn open(&self, open: Option<CaseLabel>, more: Option<CaseLabel>) -> Option<CaseLabel> {
        match (open, more) {
            (Some(open), Some(more)) if precedes(&self.context, more, open) => Some(more),
            (open, more) => open.or(more),
        }
    }

    /// Gives an identity the names that it lacks, and proposes others; a name may be made of another one. What was issued, and a
    /// finding for each name that found no free candidate.
    fn issue(&self, identity: &mut Identity) -> (Vec<Key>, Vec<Finding>) {
        let mut issued: Vec<Key> = Vec::new();
        reconsider(&self.context, identity, self.now);
        loop {
            let mut wants = wanted(&self.context, identity, self.now);
            wants.extend(to_rename(&self.context, identity, self.now));
            let before = issued.len();
            for want in &wants {
                if let Some(free) = self.free(want, identity.id) {
                    issued.push((want.name.clone(), fold(&free)));
                    issued.extend(look(&free).map(|look| (want.name.clone(), look)));
                    give(identity, want, free);
                }
            }
            if issued.len() == before {
                return (issued, wants.iter().map(nameless).collect());
            }
        }
    }

    fn free(&self, want: &Wanted, whose: IdentityId) -> Option<Arc<str>> {
        let numbered = (2..NUMBERED_MAX).filter_map(|n| want.numbered(n));
        let mut all = want.candidates.iter().cloned().chain(numbered);
        let named = self.context.setup.systems.values().filter(|s| s.is_named_by(&want.name));
        let orphan_identity: Vec<Arc<str>> =
            named.flat_map(|s| self.open_accounts(s)).map(|n| fold(&n)).collect();
        let is_free = |key: &Key| self.issued.get(key).is_none_or(|to| *to == Some(whose));
        let forms = |c: &Arc<str>| [Some(fold(c)), look(c)].into_iter().flatten();
        all.find(|c| {
            forms(c)
                .all(|form| is_free(&(want.name.clone(), form.clone())) && !orphan_identity.contains(&form))
        })
    }
}

fn put<T>(all: &mut Vec<T>, one: T, same: impl Fn(&T, &T) -> bool) {
    match all.iter().position(|a| same(a, &one)) {
        Some(place) => all[place] = one,
        None => all.push(one),
    }
}
