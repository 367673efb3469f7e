//! Properties for every identity, policy date and instant: settle, diff and decide checked against each other.

use crate::world::{SYSTEMS, asking, context, decided, engagement, instant, subject};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use tenure_engine::{apply_record, decide, diff, gate, note_ended, reconsider, settle, to_rename};
use tenure_model::{AccountState, CutOff, CutOffClass, Gate, IdentityId, NormalRecord, StepKind, Subject};
use tenure_policy::ClassCache;

fn config() -> ProptestConfig {
    ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() }
}

/// The subject after everything that its settlement makes due was decided.
fn after(subject: &Subject, now: Timestamp) -> Subject {
    let context = context();
    let settlement = settle(&context, subject, &mut ClassCache::default(), now);
    let gated = gate(&context, subject, settlement, &[]);
    let decision = decide(&context, subject, &gated.settlement, &gated.plan, false, now);
    let mut subject = subject.clone();
    note_ended(&mut subject, &decision);
    decided(&subject, decision)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn settling_again_with_its_own_output_is_a_no_op(subject in subject(), one in instant(), other in instant()) {
        let context = context();
        let (earlier, now) = (one.min(other), one.max(other));
        let once = after(&after(&subject, earlier), now);
        let settlement = settle(&context, &once, &mut ClassCache::default(), now);
        let plan = diff(&context, &once, &settlement);
        prop_assert!(plan.is_empty(), "{:?}", plan.steps);
        prop_assert!(decide(&context, &once, &settlement, &plan, false, now).is_empty());
    }

    #[test]
    fn a_plan_applied_to_what_is_held_gives_what_is_due(subject in subject(), one in instant(), other in instant()) {
        let context = context();
        let (earlier, now) = (one.min(other), one.max(other));
        let subject = after(&subject, earlier);
        let settlement = settle(&context, &subject, &mut ClassCache::default(), now);
        let once = after(&subject, now);
        let held: BTreeSet<_> =
            once.grants.iter().filter(|g| g.holding.is_decided()).map(|g| (&g.account, &g.entitlement)).collect();
        let due: BTreeSet<_> = settlement.grants.iter().map(|g| (&g.account, &g.entitlement)).collect();
        prop_assert_eq!(held, due);
        for account in &settlement.accounts {
            let is = once.accounts.iter().find(|a| a.key == account.key).map_or(AccountState::Absent, |a| a.target.state);
            prop_assert_eq!(is, account.state, "{}", account.key);
        }
    }

    #[test]
    fn equal_arguments_give_equal_answers(subject in subject(), now in instant()) {
        let context = context();
        let mut warm = ClassCache::default();
        let first = settle(&context, &subject, &mut warm, now);
        prop_assert_eq!(&first, &settle(&context, &subject, &mut warm, now));
        prop_assert_eq!(&first, &settle(&context, &subject, &mut ClassCache::default(), now));
    }

    #[test]
    fn nothing_changes_before_the_next_instant(subject in subject(), now in instant(), part in 1_u32..100) {
        let context = context();
        let once = after(&subject, now);
        let settlement = settle(&context, &once, &mut ClassCache::default(), now);
        let end = settlement.next.unwrap_or(now + SignedDuration::from_hours(24 * 365));
        let gap = end.as_second() - now.as_second();
        let then = Timestamp::from_second(now.as_second() + (gap - 1).max(0) * i64::from(part) / 100).unwrap();
        let later = settle(&context, &once, &mut ClassCache::default(), then.max(now));
        prop_assert!(diff(&context, &once, &later).is_empty(), "at {then}, before {end}");
        prop_assert_eq!(later.phase, settlement.phase);
        prop_assert_eq!(&later.grants, &settlement.grants);
    }

    #[test]
    fn who_is_cut_off_has_nothing_usable_and_nothing_due(subject in subject(), now in instant()) {
        let context = context();
        let mut subject = after(&subject, now);
        let by = IdentityId::from_digest([9; 16]);
        subject.identity.decisions.cut_off = Some(CutOff { at: now, by, reason: "test".into(), class: CutOffClass::Other, review: now });
        let settlement = settle(&context, &subject, &mut ClassCache::default(), now);
        prop_assert!(settlement.grants.is_empty());
        let plan = diff(&context, &subject, &settlement);
        prop_assert!(plan.steps.iter().all(|s| s.gate == Gate::Open && !s.kind.adds()), "{:?}", plan.steps);
        let cut = decided(&subject, decide(&context, &subject, &settlement, &plan, false, now));
        prop_assert!(cut.accounts.iter().all(|a| a.target.state != AccountState::Enabled));
    }

    #[test]
    fn approvals_never_hold_a_removal(subject in subject(), one in instant(), other in instant()) {
        let context = asking();
        let (earlier, now) = (one.min(other), one.max(other));
        let subject = after(&subject, earlier);
        let settlement = settle(&context, &subject, &mut ClassCache::default(), now);
        let gated = gate(&context, &subject, settlement, &[]);
        for step in &gated.plan.steps {
            if matches!(step.gate, Gate::Approval(_)) {
                prop_assert!(matches!(step.kind, StepKind::Grant(_) | StepKind::Enable), "{:?}", step);
            }
        }
    }

    /// A name whose inputs are unknown is no reason for a rename; and the known inputs change only when a settlement is scheduled for
    /// it.
    #[test]
    fn another_name_is_wanted_only_where_something_changed_and_somebody_wakes(subject in subject(), one in instant(), other in instant()) {
        let context = context();
        let (now, later) = (one.min(other), one.max(other));
        let mut subject = subject;
        reconsider(&context, &mut subject.identity, now);
        prop_assert!(to_rename(&context, &subject.identity, now).is_empty());
        let remembered = subject.identity.clone();
        reconsider(&context, &mut subject.identity, now);
        prop_assert_eq!(&subject.identity, &remembered);
        let next = settle(&context, &subject, &mut ClassCache::default(), now).next;
        if next.is_none_or(|next| later < next) {
            prop_assert!(to_rename(&context, &subject.identity, later).is_empty());
        }
    }

    #[test]
    fn two_sources_commute(first in engagement("hr"), second in engagement("agency"), now in instant()) {
        let context = context();
        let build = |records: [&NormalRecord; 2]| {
            let mut identity = tenure_model::Identity::new(IdentityId::from_digest([1; 16]), tenure_model::IdentityKind::Person);
            identity.identifiers.insert("user_name".into(), "x".into());
            for record in records {
                apply_record(&context, &mut identity, record, now);
            }
            let mut settlement = settle(&context, &Subject::new(identity), &mut ClassCache::default(), now);
            settlement.engagements.sort();
            settlement
        };
        prop_assert_eq!(build([&first, &second]), build([&second, &first]));
    }
}

/// Settlements that change nothing are wasted work: at most one in twenty.
#[test]
fn few_wakes_are_superfluous() {
    static WAKES: AtomicU32 = AtomicU32::new(0);
    static IDLE: AtomicU32 = AtomicU32::new(0);
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let context = context();
    for _ in 0..2_000 {
        let subject = subject().new_tree(&mut runner).unwrap().current();
        let now = instant().new_tree(&mut runner).unwrap().current();
        let once = after(&subject, now);
        let settlement = settle(&context, &once, &mut ClassCache::default(), now);
        let Some(next) = settlement.next else { continue };
        let later = settle(&context, &once, &mut ClassCache::default(), next);
        WAKES.fetch_add(1, Ordering::Relaxed);
        let same = diff(&context, &once, &later).is_empty()
            && later.phase == settlement.phase
            && later.engagements == settlement.engagements
            && later.grants == settlement.grants;
        IDLE.fetch_add(u32::from(same), Ordering::Relaxed);
    }
    let (wakes, idle) = (WAKES.load(Ordering::Relaxed), IDLE.load(Ordering::Relaxed));
    println!("{idle} of {wakes} wakes changed nothing, over {} systems", SYSTEMS.len());
    assert!(wakes > 500, "too few wakes to say anything: {wakes}");
    assert!(idle * 20 <= wakes, "{idle} of {wakes} wakes changed nothing");
}
