//! Counts the answers to a question: which seats they fill, and whether that is enough.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{ApprovalRequest, ApproverSeat, IdentityId, Vote};

/// Maximum number of seat assignments tried; a stage has few seats, and few people answer it.
const WAYS_MAX: u32 = 10_000;

/// Whether a person may fill a seat, and whether in their own right.
fn eligible(seat: &ApproverSeat, id: IdentityId) -> Option<bool> {
    if seat.holders.contains(&id) { Some(true) } else { seat.delegates.contains(&id).then_some(false) }
}

/// The names of the seats that a person may fill.
#[must_use]
pub fn seats_for(request: &ApprovalRequest, id: IdentityId) -> Vec<Arc<str>> {
    request.seats.iter().filter(|s| eligible(s, id).is_some()).map(|s| s.name.clone()).collect()
}

/// The delegators for whom a person is asked: those whose own seats this person may fill only as delegate. Members of the
/// escalation group are no delegates.
#[must_use]
pub fn stands_in_for(request: &ApprovalRequest, id: IdentityId) -> BTreeSet<IdentityId> {
    let seats = request.seats.iter().filter(|s| !s.escalated && eligible(s, id) == Some(false));
    seats.flat_map(|s| s.holders.iter().copied().chain(s.missing)).collect()
}

/// Whether a vote counts for a seat: the voter could fill it when voting and still can.
fn is_for(vote: &Vote, seat: &ApproverSeat) -> bool {
    vote.seats.contains(&seat.name) && eligible(seat, vote.by).is_some()
}

/// Whether a person has already answered for each seat that they may fill.
#[must_use]
pub fn has_answered(request: &ApprovalRequest, id: IdentityId) -> bool {
    let open = |s: &&ApproverSeat| eligible(s, id).is_some();
    let mut seats = request.seats.iter().filter(open);
    seats.all(|seat| request.votes.iter().any(|v| v.by == id && is_for(v, seat)))
}

/// The outcome, once it is decided: any no is a no; with `all`, every seat needs a yes, otherwise one yes is enough.
#[must_use]
pub fn outcome(request: &ApprovalRequest) -> Option<bool> {
    let counts = |v: &&Vote| request.seats.iter().any(|s| is_for(v, s));
    if request.votes.iter().filter(counts).any(|v| !v.approved) {
        return Some(false);
    }
    let mut yes = request.votes.iter().filter(counts);
    let enough = match request.all {
        true => !request.seats.is_empty() && unfilled(request).is_empty(),
        false => yes.any(|v| v.approved),
    };
    enough.then_some(true)
}

/// Whether a yes that is still needed has no possible approver: each person who could fill that seat is barred, absent or departed.
pub(crate) fn is_without_approver(request: &ApprovalRequest) -> bool {
    match request.all {
        true => request.put_to().is_empty() || unfilled(request).iter().any(|s| !s.is_filled()),
        false => request.put_to().is_empty(),
    }
}

/// What one yes is needed for: one seat, or several seats that lack the same person.
struct Slot<'r> {
    seats: Vec<&'r ApproverSeat>,
    /// The people who said yes for it, and whether in their own right.
    yes: BTreeMap<IdentityId, bool>,
}

/// The seats that stay empty although each has an eligible approver: a delegate who fills one seat fills no other. Seats with an
/// approver in their own right are assigned first.
pub(super) fn left_over(seats: &[ApproverSeat]) -> Vec<usize> {
    let mut order: Vec<usize> =
        (0..seats.len()).filter(|i| seats.get(*i).is_some_and(|s| s.is_filled())).collect();
    order.sort_by_key(|i| seats.get(*i).is_none_or(|s| s.holders.is_empty()));
    let able = |seat: &ApproverSeat| {
        let delegates = seat.delegates.iter().map(|id| (*id, false));
        delegates.chain(seat.holders.iter().map(|id| (*id, true))).collect()
    };
    let slots: Vec<Slot<'_>> = order
        .iter()
        .filter_map(|i| seats.get(*i))
        .map(|seat| Slot { seats: vec![seat], yes: able(seat) })
        .collect();
    let (mut best, mut ways) = (None, WAYS_MAX);
    fill(&slots, 0, &mut BTreeMap::new(), &mut Vec::new(), &mut best, &mut ways);
    best.unwrap_or_default().into_iter().filter_map(|i| order.get(i).copied()).collect()
}

fn slots(request: &ApprovalRequest) -> Vec<Slot<'_>> {
    let mut missing: BTreeMap<IdentityId, Vec<&ApproverSeat>> = BTreeMap::new();
    let mut groups: Vec<Vec<&ApproverSeat>> = Vec::new();
    for seat in &request.seats {
        match seat.missing.filter(|_| seat.escalated) {
            Some(person) => missing.entry(person).or_default().push(seat),
            None => groups.push(vec![seat]),
        }
    }
    groups.extend(missing.into_values());
    let slot = |seats: Vec<&'_ ApproverSeat>| -> BTreeMap<IdentityId, bool> {
        let said = |v: &&Vote| v.approved && seats.iter().any(|s| is_for(v, s));
        let own = |id: IdentityId| seats.iter().any(|s| eligible(s, id) == Some(true));
        request.votes.iter().filter(said).map(|v| (v.by, own(v.by))).collect()
    };
    groups.into_iter().map(|seats| Slot { yes: slot(seats.clone()), seats }).collect()
}

/// The seats that still need a yes. Of several possible assignments, the one that leaves the fewest open.
#[must_use]
pub fn unfilled(request: &ApprovalRequest) -> Vec<&ApproverSeat> {
    let slots = slots(request);
    let mut best: Option<Vec<usize>> = None;
    let mut ways = WAYS_MAX;
    fill(&slots, 0, &mut BTreeMap::new(), &mut Vec::new(), &mut best, &mut ways);
    let left = best.unwrap_or_else(|| (0..slots.len()).collect());
    left.into_iter().filter_map(|i| slots.get(i)).flat_map(|s| s.seats.iter().copied()).collect()
}

/// Tries each assignment of the slots from one on. A delegate who fills a slot fills no other one.
fn fill(
    slots: &[Slot<'_>],
    at: usize,
    used: &mut BTreeMap<IdentityId, bool>,
    left: &mut Vec<usize>,
    best: &mut Option<Vec<usize>>,
    ways: &mut u32,
) {
    if best.as_ref().is_some_and(|b| b.len() <= left.len()) || *ways == 0 {
        return;
    }
    *ways -= 1;
    let Some(slot) = slots.get(at) else {
        *best = Some(left.clone());
        return;
    };
    for (id, own) in &slot.yes {
        let before = used.get(id).copied();
        // In their own right a person may fill several slots.
        if !before.is_none_or(|was| was && *own) {
            continue;
        }
        used.insert(*id, *own);
        fill(slots, at + 1, used, left, best, ways);
        match before {
            Some(was) => drop(used.insert(*id, was)),
            None => drop(used.remove(id)),
        }
    }
    left.push(at);
    fill(slots, at + 1, used, left, best, ways);
    left.pop();
}
