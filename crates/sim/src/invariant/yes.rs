//! A yes is effective at once: what it covers is neither asked about again nor kept waiting (promise 4; hard case "approval re-asked?").

use super::answers::words;
use super::before::Before;
use super::checker::Notes;
use super::given::{entitlements, lasts, rules};
use super::memory::in_force;
use super::property::Property;
use super::snapshot::{Member, Snapshot};
use jiff::Timestamp;
use tenure_model::{Answer, JustificationKind, Name as _, Phase, Reason};

pub(super) fn check(after: &Snapshot<'_>, notes: &mut Notes) {
    for member in after.living() {
        for answer in member.identity.decisions.answers.values().filter(|a| a.approved) {
            for request in after.asked.iter().filter(|r| r.identity == member.identity.id) {
                let covers = |asked: &tenure_model::AskedReason| {
                    is_same(&asked.reason, &answer.reason)
                        && asked.inputs == answer.inputs
                        && reaches(answer.until, asked.until)
                };
                if request.rule == answer.rule && request.reasons.iter().any(covers) {
                    let again = format!(
                        "{}: `{}` asks again after a yes",
                        words(member, &answer.reason),
                        answer.rule
                    );
                    notes.add(Property::YesIsEffective, again);
                }
            }
            if micros(answer.at) == micros(after.now) && answer.ahead.is_none() {
                effective(after, member, answer, notes);
            }
        }
    }
}

/// What was answered is not asked again where nothing else has happened.
pub(super) fn stands(before: &Before, after: &Snapshot<'_>, notes: &mut Notes) {
    if !after.is_quiet && !after.is_answered {
        return;
    }
    for request in &after.asked {
        let is_again = |b: &[u8; 32]| before.asked.get(b).is_some_and(|was| *was != request.id);
        let then = before.members.get(&request.identity);
        let now = after.members.get(&request.identity);
        let is_same = then.zip(now).is_some_and(|(then, now)| {
            then.identity.engagements == now.identity.engagements
                && then.identity.supplements == now.identity.supplements
                && then.identity.decisions.overrides == now.identity.decisions.overrides
                && then.identity.is_cut_off() == now.identity.is_cut_off()
                && then.phase == now.phase
        });
        if is_same && request.bindings.iter().any(is_again) {
            let again = format!("`{}` about {} is asked again", request.rule, after.name(request.identity));
            notes.add(Property::AnswerStands, again);
        }
    }
}

/// What was approved in this step is given, unless something else prevents it.
fn effective(after: &Snapshot<'_>, member: &Member, answer: &Answer, notes: &mut Notes) {
    let reason = &answer.reason;
    if member.phase != Phase::Active || member.identity.is_cut_off() || !is_there(after, member, reason) {
        return;
    }
    let waits = |r: &tenure_model::ApprovalRequest| {
        r.identity == member.identity.id && r.grants.contains(&reason.entitlement)
    };
    let denied = |a: &Answer| !a.approved && a.reason.entitlement == reason.entitlement;
    let apart = after.setup().policy.separations.iter();
    let mut apart = apart.flat_map(|s| &s.not_both).filter(|side| side.contains(&reason.entitlement));
    if after.asked.iter().any(waits)
        || member.identity.decisions.answers.values().any(denied)
        || apart.next().is_some()
    {
        return;
    }
    if !in_force(after, member).any(|(_, _, given)| is_same(&given, reason)) {
        let not = format!("{}: `{}` has its yes, and it is not given", words(member, reason), answer.rule);
        notes.add(Property::YesIsEffective, not);
    }
}

/// Whether what an answer is about is due still: its rule gives it, or it was asked for and neither taken back nor over.
fn is_there(after: &Snapshot<'_>, member: &Member, reason: &Reason) -> bool {
    let identity = &member.identity;
    let mut engagements = identity.engagements.iter().filter(|e| lasts(after, identity, e, after.now));
    match reason.kind {
        JustificationKind::Baseline => engagements.any(|engagement| {
            let of = rules(after, identity, engagement, after.now).into_iter();
            Some(engagement.id) == reason.engagement
                && of
                    .filter(|rule| *rule.name.as_str() == *reason.reference)
                    .any(|rule| entitlements(rule).any(|e| *e == reason.entitlement))
        }),
        JustificationKind::Request => {
            let lasts = |until: Option<Timestamp>| until.is_none_or(|until| until > after.now);
            let mut mine = identity.decisions.individual.iter().filter(|s| s.kind == reason.kind);
            mine.any(|s| {
                s.reference == reason.reference
                    && lasts(s.until)
                    && s.from.map(micros) == reason.from.map(micros)
                    && engagements.any(|e| Some(e.id) == s.engagement)
            })
        }
        _ => false,
    }
}

/// Whether two reasons are one, with instants as they are stored.
fn is_same(a: &Reason, b: &Reason) -> bool {
    let plain = |r: &Reason| Reason { from: None, ..r.clone() };
    plain(a) == plain(b) && a.from.map(micros) == b.from.map(micros)
}

fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// Whether an end is no earlier than another one; none is the latest.
fn reaches(end: Option<Timestamp>, other: Option<Timestamp>) -> bool {
    end.is_none_or(|end| other.is_some_and(|other| micros(end) >= micros(other)))
}
