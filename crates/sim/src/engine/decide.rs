//! One identity decided by the engine: evaluated first, so that a brake can check, then committed.

use super::keys::fold;
use super::world::{Key, Known, World};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_engine::cut_off::ordered;
use tenure_engine::{
    Change, Decided, Earlier, Gated, LaterLoss, NUMBERED_MAX, Wanted, add_resets, advance_decisions,
    advance_decisions_ahead, carried, carry_renamed, changes, confirm_ahead, decide, gate, give,
    instants_ahead, is_there_on_other_days, keep_names, label, late_end, look, look_forward, losses_later,
    nameless, note_ended, note_reasons, note_return, note_silence, phase, precedes, provenance, reapprove,
    reconsider, restores, settle, to_rename, use_up, wanted,
};
use tenure_model::{
    ApprovalRequest, CaseLabel, Finding, Gate, Grant, Holding, Identity, IdentityId, Phase, Reference,
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
        let mut subject = Subject {
            references: self.references(&after),
            owners: self.owners(&after),
            accounts: before.map(|b| b.subject.accounts.clone()).unwrap_or_default(),
            grants: before.map(|b| b.subject.grants.clone()).unwrap_or_default(),
            contained: self.contained.clone(),
            ..Subject::new(after.clone())
        };
        if let Some(before) = before {
            keep_names(&self.context, &before.subject.identity, &mut subject);
        }
        let (context, now) = (&self.context, self.now);
        note_silence(context, &mut subject, now);
        carry_renamed(context, &mut subject, &mut self.cache, now);
        advance_decisions_ahead(context, &mut subject, &mut self.cache, now);
        for on in instants_ahead(&subject.identity) {
            let references = self.references_at(&subject.identity, on.max(now));
            let then = Subject { references, ..subject.clone() };
            self.asking(&then, Some(on), |asking| confirm_ahead(&mut subject.identity, &asking, on));
        }
        let change = Change {
            before: before.map(|b| &b.subject.identity),
            phase_before: before.map_or(Phase::Expected, |b| b.phase),
            woken_at: before.and_then(|b| b.next),
            after: &subject.identity,
            phase_after: phase(context, &subject.identity, now),
        };
        subject.changes = changes(context, &change, given, now);
        let actor = actor.filter(|_| !restores(context, change.before, change.after));
        subject.provenance = provenance(context, &change, actor, now);
        self.add_authors(&mut subject, actor);
        let mut settlement = settle(context, &subject, &mut self.cache, now);
        note_reasons(&mut subject.identity, &subject.grants, &settlement);
        let earlier = before.map(|b| (&b.subject.identity, b.phase));
        let renewed = note_return(context, earlier, settlement.phase, &mut subject, now);
        let earlier =
            before.map(|b| Earlier { identity: &b.subject.identity, phase: b.phase, next: b.next, changed });
        look_forward(context, earlier, &mut subject, &mut settlement, &mut self.cache, now);
        settlement.findings.extend(nameless);
        let change = Change {
            before: before.map(|b| &b.subject.identity),
            phase_before: before.map_or(Phase::Expected, |b| b.phase),
            woken_at: before.and_then(|b| b.next),
            after: &subject.identity,
            phase_after: settlement.phase,
        };
        let label = given.or_else(|| label(context, &change, now));
        settlement.findings.extend(late_end(context, &change, &subject.accounts, label, now));
        let asked: Vec<ApprovalRequest> = self
            .asked
            .iter()
            .filter(|r| r.identity == subject.identity.id)
            .map(|r| carried(&subject, r))
            .collect();
        let mut gated = gate(context, &subject, settlement, &asked);
        add_resets(context, &mut subject, false, &mut gated.plan);
        let decided = decide(context, &subject, &gated.settlement, &gated.plan, renewed, now);
        note_ended(&mut subject, &decided);
        let is_new = before.is_none();
        let later = losses_later(context, before.map(|b| &b.subject.identity), &subject, &gated.settlement);
        Decision { subject, gated, decided, label, issued, is_new, later }
    }

    /// Commits a decision: every write succeeds at once.
    pub(super) fn commit(&mut self, decision: Decision) {
        let Decision { mut subject, gated, decided, label, issued, .. } = decision;
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
        let (context, now) = (&self.context, self.now);
        let other = |b: &Known| is_there_on_other_days(context, &b.subject.identity, &subject.identity, now);
        let moved = before.is_some_and(other);
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
        self.known.insert(id, Known { subject, phase, next, findings, reads, open });
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
