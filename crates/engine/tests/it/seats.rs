//! Outcomes of answers, seat by seat.

use jiff::Timestamp;
use proptest::prelude::*;
use std::sync::Arc;
use tenure_engine::{has_answered, outcome, seats_for, unfilled};
use tenure_model::{
    ApprovalId, ApprovalRequest, ApprovalState, ApproverSeat, CaseLabel, IdentityId, Name as _, RuleName,
    Vote,
};

fn id(n: u8) -> IdentityId {
    IdentityId::from_bytes([n; 16])
}

fn seat(name: &str, holders: &[u8], delegates: &[u8]) -> ApproverSeat {
    ApproverSeat {
        name: Arc::from(name),
        holders: holders.iter().copied().map(id).collect(),
        delegates: delegates.iter().copied().map(id).collect(),
        missing: None,
        escalated: false,
        since: None,
    }
}

fn escalated(name: &str, group: &[u8], missing: Option<u8>) -> ApproverSeat {
    ApproverSeat { escalated: true, missing: missing.map(id), ..seat(name, &[], group) }
}

fn request(all: bool, seats: Vec<ApproverSeat>) -> ApprovalRequest {
    ApprovalRequest {
        id: ApprovalId::from_bytes([1; 16]),
        identity: id(99),
        rule: RuleName::new("money").unwrap(),
        grants: Vec::new(),
        reasons: Vec::new(),
        renames: Vec::new(),
        bindings: Vec::new(),
        change: CaseLabel::Joiner,
        requester: None,
        provenance: tenure_model::Provenance::default(),
        engagement: None,
        on: None,
        revision: 0,
        stage: 0,
        floor: 0,
        seats,
        all,
        votes: Vec::new(),
        asked_at: Timestamp::UNIX_EPOCH,
        state: ApprovalState::Pending { deadline: Timestamp::UNIX_EPOCH },
    }
}

fn says(request: &mut ApprovalRequest, by: u8, approved: bool) {
    let vote = Vote {
        by: id(by),
        approved,
        at: Timestamp::UNIX_EPOCH,
        comment: Arc::from(""),
        seats: seats_for(request, id(by)),
        instead_of: Vec::new(),
    };
    request.votes.push(vote);
}

#[test]
fn a_person_fills_every_seat_that_the_rule_names_them_for() {
    let mut asked = request(true, vec![seat("manager", &[1], &[]), seat("entitlement_owner x:y", &[1], &[])]);
    assert_eq!(outcome(&asked), None);
    says(&mut asked, 1, true);
    assert_eq!(outcome(&asked), Some(true));
}

#[test]
fn in_the_place_of_others_a_person_fills_one_seat_and_no_other() {
    let mut asked = request(true, vec![seat("manager", &[1], &[3]), seat("system_owner x", &[2], &[3])]);
    says(&mut asked, 3, true);
    assert_eq!(outcome(&asked), None);
    assert_eq!(unfilled(&asked).len(), 1);
    says(&mut asked, 2, true);
    assert_eq!(outcome(&asked), Some(true), "the delegate fills the seat that is left");
    let mut own = request(true, vec![seat("manager", &[1], &[]), seat("system_owner x", &[2], &[1])]);
    says(&mut own, 1, true);
    assert_eq!(outcome(&own), None, "who holds one seat stands in on no other one");
}

#[test]
fn as_many_of_the_escalation_group_as_people_are_missing() {
    let same = vec![escalated("manager", &[1, 2], Some(7)), escalated("system_owner x", &[1, 2], Some(7))];
    let mut asked = request(true, same);
    says(&mut asked, 1, true);
    assert_eq!(outcome(&asked), Some(true), "one person is missing");
    for (one, other) in [(Some(7), Some(8)), (Some(7), None), (None, None)] {
        let two = vec![escalated("manager", &[1, 2], one), escalated("system_owner x", &[1, 2], other)];
        let mut asked = request(true, two);
        says(&mut asked, 1, true);
        assert_eq!(outcome(&asked), None, "{one:?} and {other:?} are two");
        says(&mut asked, 2, true);
        assert_eq!(outcome(&asked), Some(true));
    }
}

#[test]
fn a_vote_counts_while_its_giver_holds_the_seat() {
    let mut asked = request(true, vec![seat("manager", &[1], &[]), seat("system_owner x", &[2], &[])]);
    says(&mut asked, 1, true);
    assert!(has_answered(&asked, id(1)));
    asked.seats[0].holders = vec![id(3)];
    says(&mut asked, 2, true);
    assert_eq!(outcome(&asked), None, "another one is the manager by now");
    // A person who holds another seat by now has not answered for that one.
    asked.seats[1].holders = vec![id(1)];
    assert!(!has_answered(&asked, id(1)));
    says(&mut asked, 1, true);
    says(&mut asked, 3, true);
    assert_eq!(outcome(&asked), Some(true));
}

#[test]
fn a_no_of_a_person_who_may_answer_is_a_no() {
    for all in [true, false] {
        let mut asked = request(all, vec![seat("manager", &[1], &[]), seat("system_owner x", &[2], &[])]);
        says(&mut asked, 2, false);
        assert_eq!(outcome(&asked), Some(false));
        asked.seats[1].holders = vec![id(4)];
        assert_eq!(outcome(&asked), None, "who said no holds the seat no more");
    }
}

fn seats() -> impl Strategy<Value = Vec<ApproverSeat>> {
    let one = (
        prop::collection::vec(1_u8..5, 0..3),
        prop::collection::vec(1_u8..7, 0..3),
        any::<bool>(),
        prop::option::of(1_u8..4),
    );
    prop::collection::vec(one, 1..5).prop_map(|all| {
        let made = all.into_iter().enumerate().map(|(n, (holders, delegates, is_escalated, missing))| {
            let name = format!("seat {n}");
            if is_escalated {
                escalated(&name, &delegates, missing)
            } else {
                seat(&name, &holders, &delegates)
            }
        });
        made.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_answers_does_not_matter(seats in seats(), people in prop::collection::vec(1_u8..7, 0..6)) {
        let mut one = request(true, seats.clone());
        people.iter().for_each(|by| says(&mut one, *by, true));
        let mut other = request(true, seats);
        people.iter().rev().for_each(|by| says(&mut other, *by, true));
        prop_assert_eq!(outcome(&one), outcome(&other));
        prop_assert_eq!(unfilled(&one).len(), unfilled(&other).len());
    }

    #[test]
    fn a_further_yes_never_takes_one_away(seats in seats(), people in prop::collection::vec(1_u8..7, 0..6), more in 1_u8..7) {
        let mut asked = request(true, seats);
        people.iter().for_each(|by| says(&mut asked, *by, true));
        let before = outcome(&asked);
        says(&mut asked, more, true);
        prop_assert!(before.is_none() || outcome(&asked) == before);
    }
}
