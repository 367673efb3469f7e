//! Which grants policy makes due, and why: baselines, exceptions, handovers.

use crate::Context;
use crate::individual::ceiling;
use crate::settle::precedence;
use crate::values::Values;
use crate::window::Window;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::when::{add_days, end_of_day, local_date, start_of_day};
use tenure_model::{
    AccountKey, ConfigPart, DueQuestion, Engagement, EntitlementName, Finding, FindingDetail, Identity,
    Justification, JustificationKind, Name, Phase, Reason, Subject, Suspended, Value, Waiting,
};
use tenure_policy::{ClassCache, Handover, Inputs, PolicyException};

/// One engagement, prepared for rules.
pub(crate) struct EvaluatedEngagement<'a> {
    pub(crate) engagement: &'a Engagement,
    pub(crate) window: Window,
    pub(crate) values: Values<'a>,
}

impl<'a> EvaluatedEngagement<'a> {
    pub(crate) fn inputs(&'a self, identity: &'a Identity) -> Inputs<'a> {
        Inputs {
            engagement_type: Some(&self.engagement.kind),
            engagement_source: Some(&self.engagement.source),
            identity_kind: Some(identity.kind),
            phase: Some(self.window.phase),
            identifiers: Some(&identity.identifiers),
            former: Some(&identity.naming.former),
            ..self.values.inputs()
        }
    }
}

/// Due grants with their reasons, by account and entitlement.
pub(crate) type Due = BTreeMap<(AccountKey, EntitlementName), Vec<Justification>>;

/// What is due, and what would be due in another phase (which determines where accounts are prepared).
#[derive(Default)]
pub(crate) struct Collected {
    pub(crate) due: Due,
    /// Existing reasons that a phase or a cut-off suspends.
    pub(crate) suspended: Vec<((AccountKey, EntitlementName), Justification)>,
    /// Reasons for an entitlement that no system declares with an owner, so that nothing is given.
    pub(crate) undeclared: Vec<(EntitlementName, Justification)>,
    /// Access that comes back by itself after what suspends it, until when, and the phase of its engagement.
    pub(crate) returning: Vec<((AccountKey, EntitlementName), Option<Timestamp>, Phase)>,
    pub(crate) foreseen: Vec<AccountKey>,
    /// Questions of rules about reasons that are due and not in force.
    pub(crate) questions: Vec<DueQuestion>,
    /// What is remembered of reasons that are not in force.
    pub(crate) reasons: BTreeMap<Reason, Waiting>,
    /// Reasons that come into force now, as they would be remembered if they did not.
    pub(crate) fresh: BTreeMap<Reason, Waiting>,
    pub(crate) edges: Vec<Timestamp>,
    pub(crate) findings: Vec<Finding>,
}

impl Collected {
    pub(crate) fn add(&mut self, key: (AccountKey, EntitlementName), justification: Justification) {
        self.edges.extend(justification.until);
        self.due.entry(key).or_default().push(justification);
    }

    /// Nothing is due while a cut-off lasts; existing reasons are remembered.
    pub(crate) fn suspend_all(&mut self) {
        self.foreseen.clear();
        for (key, justifications) in std::mem::take(&mut self.due) {
            self.returning.extend(justifications.iter().map(|j| (key.clone(), j.until, Phase::Active)));
            self.suspended.extend(justifications.into_iter().map(|j| (key.clone(), j)));
        }
    }
}

pub(crate) fn account_of(context: &Context, entitlement: &EntitlementName) -> AccountKey {
    AccountKey { system: entitlement.system(), kind: context.kind_of(entitlement) }
}

/// Adds what baseline rules give to one engagement.
pub(crate) fn baseline(
    context: &Context,
    identity: &Identity,
    seat: &EvaluatedEngagement<'_>,
    cache: &mut ClassCache,
    out: &mut Collected,
) {
    let policy = &context.setup.policy;
    let answer = cache.answer(policy, policy.class_of(&seat.inputs(identity)));
    for problem in &answer.problems {
        let detail = FindingDetail::GrantNotComputed { problem: problem.to_string().into() };
        out.findings.push(Finding::new(seat.engagement.key_text(), detail));
    }
    for (rule, entitlement) in &answer.grants {
        let Some(rule) = usize::try_from(*rule).ok().and_then(|i| policy.baselines.get(i)) else { continue };
        let account = account_of(context, entitlement);
        let justification = Justification {
            kind: JustificationKind::Baseline,
            reference: Arc::from(rule.name.as_str()),
            engagement: Some(seat.engagement.id),
            from: seat.window.start,
            until: if rule.during.contains(&Phase::Departed) { None } else { seat.window.end },
        };
        if !context.is_managed(entitlement) {
            out.findings.push(unmanaged(rule.name.as_str(), entitlement));
            out.undeclared.push((entitlement.clone(), justification));
            continue;
        }
        if rule.during.contains(&seat.window.phase) {
            out.add((account, entitlement.clone()), justification);
            continue;
        }
        let (key, phase, until) =
            ((account.clone(), entitlement.clone()), seat.window.phase, justification.until);
        out.suspended.push((key.clone(), justification));
        if !rule.during.contains(&Phase::Active) {
            continue;
        }
        if matches!(phase, Phase::Expected | Phase::Preparing | Phase::Absent) {
            out.returning.push((key, until, phase));
        }
        if matches!(phase, Phase::Preparing | Phase::Absent) {
            // Accounts are prepared for access that begins or continues by itself, not for access that is only possible.
            out.foreseen.push(account);
        }
    }
}

pub(crate) fn unmanaged(rule: &str, entitlement: &EntitlementName) -> Finding {
    let detail = FindingDetail::NotManaged { rule: Arc::from(rule), entitlement: entitlement.clone() };
    Finding::new(entitlement.as_str(), detail)
}

/// Adds the exceptions of the policy.
pub(crate) fn exceptions(
    context: &Context,
    identity: &Identity,
    seats: &[EvaluatedEngagement<'_>],
    now: Timestamp,
    out: &mut Collected,
) {
    for exception in
        context.setup.policy.exceptions.iter().filter(|e| is_person(context, identity, seats, &e.person))
    {
        by_exception(context, exception, seats, now, out);
    }
}

fn by_exception(
    context: &Context,
    exception: &PolicyException,
    seats: &[EvaluatedEngagement<'_>],
    now: Timestamp,
    out: &mut Collected,
) {
    let Some(seat) = excepted(context, exception, seats) else {
        out.findings.extend(signed_for_somebody_else(exception, seats, now));
        return;
    };
    let Some(ceiling) = ceiling(seats, Some(seat.engagement.id)) else { return };
    let from = start_of_day(exception.from, &seat.window.zone);
    let until = end_of_day(exception.until, &seat.window.zone);
    if now < from {
        out.edges.push(from);
    } else if now < until {
        let justification = Justification {
            kind: JustificationKind::Exception,
            reference: Arc::from(exception.name.as_str()),
            engagement: Some(seat.engagement.id),
            from: Some(from),
            until: soonest(Some(until), ceiling),
        };
        out.add((account_of(context, &exception.grant), exception.grant.clone()), justification);
    }
}

/// The engagement that an exception was signed for: of those running on its first day, the first by declared type; else the next one.
/// `None` if that day is before all of them: the name then referred to another person.
fn excepted<'s, 'a>(
    context: &Context,
    exception: &PolicyException,
    seats: &'s [EvaluatedEngagement<'a>],
) -> Option<&'s EvaluatedEngagement<'a>> {
    let day = |s: &EvaluatedEngagement<'_>| start_of_day(exception.from, &s.window.zone);
    let had_begun = |s: &&EvaluatedEngagement<'_>| s.window.start.is_none_or(|start| start <= day(s));
    if !seats.iter().any(|s| had_begun(&s)) {
        return None;
    }
    let under_way = seats.iter().filter(had_begun).filter(|s| s.window.end.is_none_or(|end| end > day(s)));
    let by_start = |s: &&'s EvaluatedEngagement<'a>| (s.window.start, precedence(context, s.engagement));
    let next = || seats.iter().filter(|s| !had_begun(s)).min_by_key(by_start);
    under_way.min_by_key(|s| precedence(context, s.engagement)).or_else(next)
}

/// An exception in its time that names a person who was not here on its first day.
fn signed_for_somebody_else(
    exception: &PolicyException,
    seats: &[EvaluatedEngagement<'_>],
    now: Timestamp,
) -> Option<Finding> {
    let zone = &seats.first()?.window.zone;
    let lasts = now >= start_of_day(exception.from, zone) && now < end_of_day(exception.until, zone);
    lasts.then(|| {
        let (person, from) = (exception.person.clone(), exception.from);
        let detail = FindingDetail::ExceptionOfEarlierHolder { person, from };
        Finding::new(format!("exception {}", exception.name), detail)
    })
}

/// Whether the configuration refers to this identity: by record key, by an issued name, or by the declared key attribute.
pub(crate) fn is_person(
    context: &Context,
    identity: &Identity,
    seats: &[EvaluatedEngagement<'_>],
    person: &str,
) -> bool {
    identity.engagements.iter().any(|e| e.key.as_str() == person)
        || identity.all_names().any(|(_, v)| &**v == person)
        || seats.iter().any(|s| {
            s.values
                .get(&context.setup.settings.actor_key)
                .and_then(Value::as_text)
                .is_some_and(|t| t == person)
        })
}

/// Adds what a mover keeps: access that a rule gave until now and no longer gives, while the engagement goes on. An absence or a
/// cut-off suspends a handover until its own end, and begins none.
pub(crate) fn handover(
    context: &Context,
    subject: &Subject,
    seats: &[EvaluatedEngagement<'_>],
    now: Timestamp,
    out: &mut Collected,
) {
    let held = subject.grants.iter().filter(|g| g.holding.is_decided());
    let held = held.map(|g| ((g.account.clone(), g.entitlement.clone()), g.justifications.clone()));
    for (key, justifications) in held.chain(suspended_handovers(subject)) {
        if out.due.contains_key(&key) {
            continue;
        }
        for justification in &justifications {
            let of = |s: &&EvaluatedEngagement<'_>| Some(s.engagement.id) == justification.engagement;
            let Some(seat) = seats.iter().find(of) else { continue };
            let is_on = seat.window.phase == Phase::Active && !subject.identity.is_cut_off();
            let is_suspended = matches!(seat.window.phase, Phase::Active | Phase::Absent)
                && justification.kind == JustificationKind::Handover;
            if !is_on && !is_suspended {
                continue;
            }
            let Some(kept) = kept(context, subject, seat, &key.1, justification, now) else { continue };
            if is_on {
                out.add(key.clone(), kept);
            } else {
                suspend(key.clone(), &kept, seat.window.phase, out);
            }
            break;
        }
    }
}

/// The handovers that an absence or a cut-off suspended.
fn suspended_handovers(
    subject: &Subject,
) -> impl Iterator<Item = ((AccountKey, EntitlementName), Vec<Justification>)> + '_ {
    let reasons = subject.identity.decisions.reasons.iter();
    reasons.filter(|(reason, _)| reason.kind == JustificationKind::Handover).filter_map(
        |(reason, waiting)| {
            let justification = Justification {
                kind: reason.kind,
                reference: reason.reference.clone(),
                engagement: reason.engagement,
                from: reason.from,
                until: waiting.suspended?.until,
            };
            Some(((reason.account.clone(), reason.entitlement.clone()), vec![justification]))
        },
    )
}

/// Remembers a handover until its end: it comes back by itself.
fn suspend(key: (AccountKey, EntitlementName), kept: &Justification, phase: Phase, out: &mut Collected) {
    let reason = Reason { from: kept.from, ..Reason::of(&key.0, &key.1, kept) };
    let suspended = Some(Suspended { until: kept.until });
    out.reasons.insert(reason, Waiting { suspended, ..Waiting::default() });
    out.edges.extend(kept.until);
    out.returning.push((key, kept.until, phase));
}

fn kept(
    context: &Context,
    subject: &Subject,
    seat: &EvaluatedEngagement<'_>,
    entitlement: &EntitlementName,
    was: &Justification,
    now: Timestamp,
) -> Option<Justification> {
    let rules = &context.setup.policy.handovers;
    let keeps = |h: &Handover| names(h, entitlement) && context.risk_of(entitlement) < h.below_risk;
    let begins = |h: &Handover| {
        keeps(h) && !is_own(h, subject) && h.when.holds(&seat.inputs(&subject.identity)).unwrap_or(false)
    };
    match was.kind {
        JustificationKind::Handover => {
            // It continues only by an existing rule: its own, or one that replaces it under another name.
            let own = rules.iter().find(|h| *h.name.as_str() == *was.reference);
            let rule = own.filter(|h| keeps(h)).or_else(|| rules.iter().find(|h| begins(h)))?;
            let until = kept_until(rule, seat, local_date(was.from?, &seat.window.zone));
            // A day's length changes with a relocation; a rule that becomes longer does not extend a handover that already began.
            let until = was.until.filter(|old| until.duration_since(*old) > LONGEST_DAY).unwrap_or(until);
            let until = soonest(Some(until), seat.window.end);
            let reference = Arc::from(rule.name.as_str());
            until.is_some_and(|u| now < u).then(|| Justification { reference, until, ..was.clone() })
        }
        JustificationKind::Baseline => {
            let rule = rules.iter().find(|h| begins(h))?;
            let until = kept_until(rule, seat, seat.window.today);
            (now < until).then(|| Justification {
                kind: JustificationKind::Handover,
                reference: Arc::from(rule.name.as_str()),
                engagement: was.engagement,
                from: Some(now),
                until: soonest(Some(until), seat.window.end),
            })
        }
        _ => None,
    }
}

/// The largest difference between the clocks of two places.
const LONGEST_DAY: SignedDuration = SignedDuration::from_hours(26);

/// The end of a handover that began on a local day, in today's zone.
fn kept_until(rule: &Handover, seat: &EvaluatedEngagement<'_>, first: Date) -> Timestamp {
    start_of_day(add_days(first, i32::try_from(rule.days).unwrap_or(i32::MAX)), &seat.window.zone)
}

/// Whether a rule lets its own author keep access: the author keeps none by it.
fn is_own(rule: &Handover, subject: &Subject) -> bool {
    let part = ConfigPart::Handover(rule.name.clone());
    subject.authored.get(&part).is_some_and(|authors| authors.own)
}

fn names(rule: &Handover, entitlement: &EntitlementName) -> bool {
    rule.keep.iter().any(|k| match k.as_str().strip_suffix('*') {
        Some(prefix) => entitlement.as_str().starts_with(prefix),
        None => k == entitlement,
    })
}

pub(crate) fn soonest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
