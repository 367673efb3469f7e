//! Access held when an absence, a cut-off or a gap suspended it: it comes back by itself. If something removes that, it is a loss,
//! although nothing is held at that moment.

use crate::Context;
use crate::decide::ACCOUNT_ITSELF;
use crate::grants::{Collected, EvaluatedEngagement};
use crate::reasons::end;
use jiff::Timestamp;
use std::collections::BTreeMap;
use tenure_model::{AccountKey, EntitlementName, Forgone, Grant, Phase, Subject, Suspended};

/// What an account holds, and until when; `None` is no end.
type Ends = BTreeMap<(AccountKey, EntitlementName), Option<Timestamp>>;

/// Whether the later end of a grant is a loss that brakes count.
pub(crate) fn counts(context: &Context, entitlement: &EntitlementName) -> bool {
    entitlement.local() == ACCOUNT_ITSELF || context.is_managed(entitlement)
}

/// Suspended access that comes back, of what was held; and suspended access that does not come back as it was to.
pub(crate) fn suspended(
    context: &Context,
    subject: &Subject,
    seats: &[EvaluatedEngagement<'_>],
    phase: Phase,
    now: Timestamp,
    out: &Collected,
) -> (BTreeMap<(AccountKey, EntitlementName), Suspended>, Vec<Forgone>) {
    let before = &subject.identity.decisions.suspended;
    let held = |g: &&Grant| g.holding.is_decided() && counts(context, &g.entitlement);
    let mut had = Ends::new();
    for grant in subject.grants.iter().filter(held) {
        later(&mut had, (&grant.account, &grant.entitlement), end(&grant.justifications));
    }
    for ((account, entitlement), was) in before {
        later(&mut had, (account, entitlement), was.until);
    }
    let mut returns = Ends::new();
    for ((account, entitlement), until, of) in &out.returning {
        // Access of a future engagement is suspended only while no engagement is running.
        let is_ahead = |phase: &Phase| matches!(phase, Phase::Expected | Phase::Preparing);
        if (!is_ahead(of) || is_ahead(&phase)) && had.contains_key(&(account.clone(), entitlement.clone())) {
            later(&mut returns, (account, entitlement), *until);
        }
    }
    let due = |key: &(AccountKey, EntitlementName)| out.due.get(key).map(|all| end(all));
    let back = back(seats, phase, subject.identity.is_cut_off(), now);
    let mut forgone = Vec::new();
    for (key, was) in before.iter().filter(|(_, was)| was.until.is_none_or(|until| until > now)) {
        let ends = due(key).into_iter().chain(returns.get(key).copied());
        let at = match ends.max_by(|a, b| order(*a, *b)) {
            None => back,
            Some(new) if order(new, was.until).is_lt() => new,
            Some(_) => continue,
        };
        forgone.push(Forgone { account: key.0.clone(), entitlement: key.1.clone(), at });
    }
    returns.retain(|key, until| due(key).is_none_or(|due| order(due, *until).is_lt()));
    let suspended = returns.into_iter().map(|(key, until)| (key, Suspended { until })).collect();
    (suspended, forgone)
}

/// The order of two ends: no end is the latest.
fn order(a: Option<Timestamp>, b: Option<Timestamp>) -> std::cmp::Ordering {
    a.is_none().cmp(&b.is_none()).then(a.cmp(&b))
}

/// Stores an end unless a later one is known.
fn later(ends: &mut Ends, (account, entitlement): (&AccountKey, &EntitlementName), until: Option<Timestamp>) {
    let known = ends.entry((account.clone(), entitlement.clone())).or_insert(until);
    if order(*known, until).is_lt() {
        *known = until;
    }
}

/// When suspended access would come back, if that is known and in the future.
fn back(
    seats: &[EvaluatedEngagement<'_>],
    phase: Phase,
    is_cut_off: bool,
    now: Timestamp,
) -> Option<Timestamp> {
    if is_cut_off {
        return None;
    }
    let running = seats.iter().filter(|s| s.window.phase == phase);
    let returns = running.filter_map(|s| match phase {
        Phase::Absent => {
            let away = |(from, until): &&(Timestamp, Option<Timestamp>)| {
                *from <= now && until.is_none_or(|until| now < until)
            };
            s.window.away.iter().filter(away).map(|(_, until)| *until).max_by(|a, b| order(*a, *b))?
        }
        Phase::Expected | Phase::Preparing => s.window.start,
        _ => None,
    });
    returns.min()
}
