//! Which justifications are in force: each that a rule asks about needs its own yes, even if another one gives the same entitlement.

use crate::Context;
use crate::binding::{binding, digest};
use crate::grants::{Collected, EvaluatedEngagement};
use crate::remembered::remember;
use crate::takeover::predecessor;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use tenure_model::{
    AccountKey, Answer, AskedReason, Authors, BundleName, CaseLabel, ConfigPart, DueQuestion,
    EntitlementName, Finding, FindingDetail, Identity, IdentityKind, IndividualDecision, Justification,
    JustificationKind, Name as _, Provenance, Reason, RuleName, Subject, Waiting,
};
use tenure_policy::{Approval, Builtin, GrantInput};

/// The built-in question about a reason that no policy rule asks about: access that a person requested, that an author of the
/// configuration gains by it, or that a person linked.
pub(crate) fn built_in(reason: &Reason) -> Option<RuleName> {
    let what = match reason.kind {
        JustificationKind::Request => "request",
        JustificationKind::Baseline => "self-granted",
        JustificationKind::Adopted => return RuleName::new(&reason.reference).ok(),
        _ => return None,
    };
    let name = RuleName::new(&format!("{what} {}", reason.reference));
    name.or_else(|_| RuleName::new(what)).ok()
}

/// Whether a question about a reason is the built-in one.
pub(crate) fn is_built_in(rule: &RuleName, reason: &Reason) -> bool {
    built_in(reason).as_ref() == Some(rule)
}

/// The inputs of rules: one identity at one instant.
pub(crate) struct Judging<'a> {
    pub(crate) context: &'a Context,
    pub(crate) subject: &'a Subject,
    pub(crate) seats: &'a [EvaluatedEngagement<'a>],
    pub(crate) primary: Option<&'a EvaluatedEngagement<'a>>,
    pub(crate) now: Timestamp,
}

/// Removes from `out.due` what is not in force: not approved, or suspended. Its questions, and what is remembered of it, are in `out`
/// afterwards.
pub(crate) fn judge(judging: &Judging<'_>, out: &mut Collected) {
    for ((account, entitlement), justifications) in std::mem::take(&mut out.due) {
        let due: BTreeSet<Reason> =
            justifications.iter().map(|j| Reason::of(&account, &entitlement, j)).collect();
        for justification in justifications {
            let reason = Reason::of(&account, &entitlement, &justification);
            if let Some(agreed) = judging.one((reason, &due), justification, out) {
                out.due.entry((account.clone(), entitlement.clone())).or_default().push(agreed);
            }
        }
    }
    remember(judging, out);
    judging.find_unanswered(out);
}

/// How long an unanswered request is reported, in days: the request itself is over.
const TOLD_DAYS: i64 = 30;

/// When the last of several justifications ends; `None` is never.
pub(crate) fn end(reasons: &[Justification]) -> Option<Timestamp> {
    let never = reasons.iter().any(|j| j.until.is_none());
    if never { None } else { reasons.iter().filter_map(|j| j.until).max() }
}

/// Whether a kind of justification may wait for a yes. An emergency never waits; adopted or kept access is already held.
pub(crate) fn may_wait(kind: JustificationKind) -> bool {
    use JustificationKind::{Baseline, Exception, Request};
    matches!(kind, Baseline | Request | Exception)
}

impl Judging<'_> {
    pub(crate) fn identity(&self) -> &Identity {
        &self.subject.identity
    }

    /// A justification as far as it is in force.
    fn one(
        &self,
        (reason, beside): (Reason, &BTreeSet<Reason>),
        due: Justification,
        out: &mut Collected,
    ) -> Option<Justification> {
        if due.kind == JustificationKind::Adopted {
            return self.adopted(&reason, due, out);
        }
        if !may_wait(due.kind) {
            return Some(due);
        }
        let known = self.identity().decisions.reasons.get(&reason);
        let before = self.in_force(&reason).or(known.and_then(|k| k.suspended).map(|s| s.until));
        let grows = |end: Timestamp| due.until.is_none_or(|until| until > end);
        if before.is_some_and(|end| !end.is_some_and(grows)) {
            return Some(due);
        }
        let changes = self.changes(known, before.is_some());
        let provenance = self.provenance(known, &due);
        let own = self.is_own(&reason, &due, &provenance) && !self.is_replaced(&reason, beside);
        let questions = self.questions(&reason, &due, &changes, (&provenance, own));
        if questions.is_empty() {
            let waiting = Waiting { changes, suspended: None, provenance };
            out.fresh.extend(before.is_none().then_some((reason, waiting)));
            return Some(due);
        }
        out.edges.extend(due.until);
        out.questions.extend(questions);
        out.reasons.insert(reason, Waiting { changes, suspended: None, provenance });
        // What was approved continues until its own end.
        let until = before.flatten().filter(|end| *end > self.now)?;
        out.edges.push(until);
        Some(Justification { until: Some(until), ..due })
    }

    /// Adopted access that was linked to the identity stays in force while it is asked about, and without an answer: only a no ends
    /// it.
    fn adopted(&self, reason: &Reason, due: Justification, out: &mut Collected) -> Option<Justification> {
        let decisions = &self.identity().decisions;
        let mut same = decisions.individual.iter().filter(|s| {
            s.kind == reason.kind
                && s.account == reason.account
                && s.entitlement == reason.entitlement
                && s.reference == reason.reference
        });
        let Some(by) = same.find_map(|s| s.requester) else { return Some(due) };
        let provenance = Provenance { by: BTreeSet::from([by]), ..Provenance::default() };
        let is_risky =
            self.context.risk_of(&reason.entitlement) >= self.context.setup.policy.request.review_risk;
        let changes = BTreeSet::from([CaseLabel::Onboarding]);
        // It is approved once, however often its review is postponed.
        let endless = Justification { until: None, ..due.clone() };
        let asked = self.questions(reason, &endless, &changes, (&provenance, is_risky));
        let is_denied =
            |q: &DueQuestion| decisions.answers.get(&q.binding).is_some_and(|a| !a.approved && !a.unanswered);
        if asked.iter().any(is_denied) {
            return None;
        }
        out.questions.extend(asked);
        Some(due)
    }

    /// A finding for each question that the escalation group left unanswered, while the resulting no is in force.
    fn find_unanswered(&self, out: &mut Collected) {
        let silent = self.identity().decisions.answers.iter().filter(|(_, a)| a.unanswered);
        for (binding, answer) in silent {
            let asked = out.questions.iter().any(|q| q.refused && q.binding == *binding);
            let stands = asked && !self.is_reviewed_since(&answer.reason, answer.at);
            let told = SignedDuration::from_hours(24 * TOLD_DAYS);
            let until = Some(tenure_model::range::moved(answer.at, told)).filter(|until| self.now < *until);
            let is_request = answer.reason.kind == JustificationKind::Request;
            if !(stands || is_request && until.is_some()) {
                continue;
            }
            out.edges.extend(until.filter(|_| !stands));
            let (rule, entitlement, at) = (answer.rule.clone(), answer.reason.entitlement.clone(), answer.at);
            let detail = match answer.reason.kind == JustificationKind::Adopted {
                true => FindingDetail::AdoptionUnanswered { rule, entitlement, at },
                false => FindingDetail::ApprovalUnanswered { rule, entitlement, at },
            };
            out.findings.push(Finding::new(answer.reason.entitlement.as_str(), detail));
        }
    }

    /// Whether an adopted reason was reviewed after an instant.
    fn is_reviewed_since(&self, reason: &Reason, at: Timestamp) -> bool {
        let of_reason =
            |s: &&IndividualDecision| s.kind == reason.kind && s.entitlement == reason.entitlement;
        let mut all = self.identity().decisions.individual.iter().filter(of_reason);
        reason.kind == JustificationKind::Adopted
            && all.any(|s| s.account == reason.account && s.reviewed.is_some_and(|reviewed| reviewed > at))
    }

    /// Every label since a reason was last absent or in force; `policy` if no change of engagements brought it. A reason that lasts
    /// longer does so because an end moved, whatever value changed at the same time; where no end moved, the value did it.
    fn changes(&self, known: Option<&Waiting>, is_longer: bool) -> BTreeSet<CaseLabel> {
        let mut changes = known.map(|k| k.changes.clone()).unwrap_or_default();
        changes.extend(&self.subject.changes);
        let is_value = |c: &CaseLabel| matches!(c, CaseLabel::Mover | CaseLabel::Correction);
        if is_longer && !changes.iter().all(is_value) {
            changes.retain(|c| !is_value(c));
        }
        changes.extend(changes.is_empty().then_some(CaseLabel::Policy));
        changes
    }

    /// The cause of a reason: the change that made it due, each operation that changed the identity while it waits, and the authors of
    /// the part of the configuration that gives it.
    fn provenance(&self, known: Option<&Waiting>, due: &Justification) -> Provenance {
        let change = &self.subject.provenance;
        let mut provenance = known.map_or_else(|| change.clone(), |k| k.provenance.clone());
        // A person who names another approver while the question waits chooses who answers: that is a change as well.
        if known.is_some() && (!self.subject.changes.is_empty() || !change.references.is_empty()) {
            provenance.by.extend(&change.by);
            provenance.own |= change.own;
            // A feed may report another manager; a manager named by an operation does not answer alone.
            provenance.references.extend(change.references.iter().filter(|_| !change.by.is_empty()).cloned());
        }
        let authors = self.authors(due);
        provenance.by.extend(authors.into_iter().flat_map(|a| &a.by));
        provenance
    }

    /// The authors of the part of the configuration that gives a justification, if authorship counts.
    fn authors(&self, due: &Justification) -> Option<&Authors> {
        let part = match due.kind {
            JustificationKind::Baseline => ConfigPart::Baseline(RuleName::new(&due.reference).ok()?),
            JustificationKind::Request => {
                ConfigPart::Bundle(BundleName::new(self.decision(due)?.bundle()?).ok()?)
            }
            _ => return None,
        };
        self.subject.authored.get(&part)
    }

    /// Whether a rule gives something to the person who caused it: as its author in the configuration, or by an operation on another
    /// identity that counts as theirs. Stating a service is ordinary: what it gets is asked about from `review_risk` on.
    fn is_own(&self, reason: &Reason, due: &Justification, provenance: &Provenance) -> bool {
        let is_person = self.identity().kind == IdentityKind::Person;
        let limit = self.context.setup.policy.request.review_risk;
        let caused = provenance.own && (is_person || self.context.risk_of(&reason.entitlement) >= limit);
        due.kind == JustificationKind::Baseline && (caused || self.authors(due).is_some_and(|a| a.own))
    }

    /// Whether a rule gives what another one gave until now for the same engagement: it was renamed or replaced.
    fn is_replaced(&self, reason: &Reason, beside: &BTreeSet<Reason>) -> bool {
        let same = |g: &&tenure_model::Grant| {
            g.account == reason.account && g.entitlement == reason.entitlement && g.holding.is_decided()
        };
        let held = self.subject.grants.iter().filter(same).flat_map(|g| &g.justifications);
        let mut held = held.map(|j| Reason::of(&reason.account, &reason.entitlement, j));
        held.any(|h| h.kind == reason.kind && h.engagement == reason.engagement && !beside.contains(&h))
    }

    /// Until when a reason is in force by earlier decisions, under its own name or that of the rule that it replaces; the outer
    /// `None`: it is not in force.
    pub(crate) fn in_force(&self, reason: &Reason) -> Option<Option<Timestamp>> {
        let same = |g: &&tenure_model::Grant| {
            g.account == reason.account && g.entitlement == reason.entitlement && g.holding.is_decided()
        };
        let grant = self.subject.grants.iter().find(same)?;
        let by = |meant: &Reason| {
            let mut all = grant.justifications.iter();
            all.find(|j| Reason::of(&grant.account, &grant.entitlement, j) == *meant).map(|j| j.until)
        };
        by(reason)
            .or_else(|| by(self.subject.carried.get(reason)?))
            .or_else(|| by(&self.of_predecessor(reason)?))
    }

    /// The same reason of the engagement that this one replaces.
    fn of_predecessor(&self, reason: &Reason) -> Option<Reason> {
        let next = self.seats.iter().find(|s| Some(s.engagement.id) == reason.engagement)?;
        let old = predecessor(self.context, self.identity(), next.engagement, self.now)?;
        Some(Reason { engagement: Some(old.id), ..reason.clone() })
    }

    /// The questions about a reason that are not answered with yes; with `unasked`, also if no rule of the policy asks.
    fn questions(
        &self,
        reason: &Reason,
        due: &Justification,
        changes: &BTreeSet<CaseLabel>,
        (provenance, unasked): (&Provenance, bool),
    ) -> Vec<DueQuestion> {
        let Some(seat) = self.seat(due) else { return Vec::new() };
        let decision = self.decision(due);
        // For a request, the requested end counts, even if its engagement ends earlier for now.
        let is_request = due.kind == JustificationKind::Request;
        let until = decision.filter(|_| is_request).map_or(due.until, |d| d.until);
        let question = |rule: RuleName, change: CaseLabel, inputs: [u8; 32]| DueQuestion {
            binding: binding(self.identity().id, &rule, (reason, until, &inputs)),
            refused: false,
            by_time: false,
            about: AskedReason { reason: reason.clone(), until, inputs },
            due: due.clone(),
            on: None,
            engagement: Some(seat.engagement.id),
            requester: decision.and_then(|d| d.requester),
            provenance: provenance.clone(),
            rule,
            change,
        };
        let rules = self.context.setup.policy.approvals.iter();
        let mut asked: Vec<DueQuestion> = rules
            .filter_map(|rule| {
                let (change, inputs) = self.asks(rule, seat, reason, changes)?;
                Some(question(rule.name.clone(), change, inputs))
            })
            .collect();
        // What people requested, gave to themselves or linked needs another person's decision, even if no rule asks.
        if asked.is_empty() && (is_request || unasked) {
            let change = if changes.contains(&CaseLabel::Request) {
                Some(CaseLabel::Request)
            } else {
                changes.first().copied()
            };
            asked.extend(
                built_in(reason).zip(change).map(|(name, change)| question(name, change, digest([]))),
            );
        }
        asked.retain(|q| !self.is_agreed(q));
        for question in &mut asked {
            let answer = self.identity().decisions.answers.get(&question.binding);
            question.refused = answer.is_some_and(|a| !a.approved) || self.was_refused(question);
        }
        asked
    }

    /// Whether a yes covers a question: of the same rule, about the same reason and inputs, with the same or a later end.
    fn is_agreed(&self, question: &DueQuestion) -> bool {
        let longer = |until: Option<Timestamp>| match (until, question.about.until) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(agreed), Some(asked)) => agreed >= asked,
        };
        self.identity().decisions.answers.values().any(|a| {
            a.approved
                && a.rule == question.rule
                && a.reason == question.about.reason
                && a.inputs == question.about.inputs
                && longer(a.until)
        })
    }

    /// Whether a no covers a question, given to a rule that the configuration no longer has: about the same reason, end and inputs. A
    /// refusal is valid until these change or access is requested again, whatever the rule's name.
    fn was_refused(&self, question: &DueQuestion) -> bool {
        let rules = &self.context.setup.policy.approvals;
        let is_gone = |a: &Answer| rules.iter().all(|rule| rule.name != a.rule);
        self.identity().decisions.answers.values().any(|a| {
            !a.approved
                && a.reason == question.about.reason
                && (a.until, a.inputs) == (question.about.until, question.about.inputs)
                && is_gone(a)
                && !is_built_in(&a.rule, &a.reason)
        })
    }

    /// The engagement whose values count for a justification: its own, else the primary one.
    fn seat(&self, due: &Justification) -> Option<&EvaluatedEngagement<'_>> {
        let own = self.seats.iter().find(|s| Some(s.engagement.id) == due.engagement);
        own.or(self.primary).or(self.seats.last())
    }

    /// The individual decision that a justification follows from.
    fn decision(&self, due: &Justification) -> Option<&IndividualDecision> {
        let all = &self.identity().decisions.individual;
        let same = |s: &&IndividualDecision| s.kind == due.kind && s.reference == due.reference;
        all.iter().find(|s| same(s) && s.from == due.from).or(all.iter().find(same))
    }

    /// Whether a rule asks about a reason: during which change, and by which inputs.
    fn asks(
        &self,
        rule: &Approval,
        seat: &EvaluatedEngagement<'_>,
        reason: &Reason,
        changes: &BTreeSet<CaseLabel>,
    ) -> Option<(CaseLabel, [u8; 32])> {
        let risk = self.context.risk_of(&reason.entitlement);
        let mut inputs = seat.inputs(self.identity());
        inputs.grant = Some(GrantInput { entitlement: &reason.entitlement, risk });
        let change = changes.iter().find(|label| {
            inputs.change = Some(**label);
            // A rule that cannot be evaluated asks: a broken condition grants no access.
            rule.when.holds(&inputs).unwrap_or(true)
        })?;
        let reads = rule.when.reads();
        let values = reads.attributes.iter().flat_map(|name| {
            let value = seat.values.get(name.as_str()).map(ToString::to_string).unwrap_or_default();
            [name.as_str().to_owned(), value]
        });
        // The label of the change, and whether its holder is absent meanwhile, are not inputs of an answer.
        let words = reads.builtins.iter().filter(|b| !matches!(b, Builtin::Change | Builtin::Phase));
        let words = words.flat_map(|b| [b.as_str().to_owned(), inputs.word(*b).to_string()]);
        Some((*change, digest(values.chain(words))))
    }
}

/// Removes questions that a separation makes pointless: no yes could give access that conflicts with what is in force.
pub(crate) fn withdraw(out: &mut Collected, blocked: &BTreeSet<EntitlementName>) {
    out.questions.retain(|q| !blocked.contains(&q.about.reason.entitlement));
}

/// The accounts with access that waits for an answer, asked by a rule and not only by a person.
pub(crate) fn prepared(out: &Collected) -> BTreeSet<AccountKey> {
    let waits = out.questions.iter().filter(|q| !q.refused).map(|q| &q.about.reason);
    waits.filter(|r| r.kind != JustificationKind::Request).map(|r| r.account.clone()).collect()
}
