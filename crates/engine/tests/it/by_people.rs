//! Properties of individual decisions, whatever their engagements become: they end at their stated end, and only then.

use crate::world::{context, instant, subject};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::sync::Arc;
use tenure_engine::{advance_decisions, settle};
use tenure_model::{
    AccountKey, EngagementId, EntitlementName, Identity, IdentityId, IndividualDecision, JustificationKind,
    Kind, Name, Settlement, Subject, SystemName,
};
use tenure_policy::ClassCache;

/// A decision about one entitlement, made at an instant for one of the engagements, or for none.
fn decision() -> impl Strategy<Value = (JustificationKind, Timestamp, u16, u8, bool)> {
    let kind = prop::sample::select(JustificationKind::ALL.to_vec());
    let kind = kind.prop_filter("decided by people", |k| {
        !matches!(k, JustificationKind::Baseline | JustificationKind::Handover)
    });
    (kind, instant(), 1_u16..400, 0_u8..3, any::<bool>())
}

fn with(subject: &Subject, decisions: &[(JustificationKind, Timestamp, u16, u8, bool)]) -> Subject {
    let mut subject = subject.clone();
    let engagements: Vec<_> = subject.identity.engagements.iter().map(|e| (e.id, e.kind.clone())).collect();
    for (place, (kind, from, days, engagement, reviewed)) in decisions.iter().enumerate() {
        let of = engagements.get(usize::from(*engagement));
        let right = ["git:developer", "git:release", "git:project/x"][place % 3];
        let until = *from + SignedDuration::from_hours(24 * i64::from(*days));
        subject.identity.decisions.individual.push(IndividualDecision {
            kind: *kind,
            account: AccountKey { system: SystemName::new("git").unwrap(), kind: Kind::default() },
            entitlement: EntitlementName::new(right).unwrap(),
            engagement: of.map(|(id, _): &(EngagementId, _)| *id),
            from: Some(*from),
            until: Some(until),
            reference: Arc::from(format!("{place}")),
            owner: None,
            reason: "a test".into(),
            requester: Some(IdentityId::from_digest([9; 16])),
            compensating: "".into(),
            reviewed: reviewed.then_some(*from),
            work: of.map(|(_, kind)| kind.clone()),
            converted: None,
            learnt: Vec::new(),
            counted: None,
        });
    }
    subject
}

fn settled(subject: &Subject, now: Timestamp) -> Settlement {
    settle(&context(), subject, &mut ClassCache::default(), now)
}

fn found(settlement: &Settlement) -> Vec<(tenure_model::FindingKind, Arc<str>)> {
    settlement.findings.iter().map(|f| (f.kind(), f.about.clone())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_changes_before_the_next_instant(
        subject in subject(), all in prop::collection::vec(decision(), 1..4), now in instant(), part in 1_u32..100,
    ) {
        let subject = with(&subject, &all);
        let settlement = settled(&subject, now);
        let end = settlement.next.unwrap_or(now + SignedDuration::from_hours(24 * 365));
        let gap = end.as_second() - now.as_second();
        let then = Timestamp::from_second(now.as_second() + (gap - 1).max(0) * i64::from(part) / 100).unwrap();
        let later = settled(&subject, then.max(now));
        prop_assert_eq!(&later.grants, &settlement.grants, "at {}, before {}", then, end);
        prop_assert_eq!(found(&later), found(&settlement), "at {}, before {}", then, end);
    }

    #[test]
    fn dropping_what_is_over_changes_nothing_then_or_later(
        subject in subject(), all in prop::collection::vec(decision(), 1..4), one in instant(), other in instant(),
    ) {
        let subject = with(&subject, &all);
        let (now, later) = (one.min(other), one.max(other));
        let mut followed = subject.clone();
        advance_decisions(&context(), None, &mut followed.identity, now);
        for at in [now, later] {
            prop_assert_eq!(&settled(&followed, at).grants, &settled(&subject, at).grants, "at {}", at);
        }
        let again: Identity = followed.identity.clone();
        advance_decisions(&context(), None, &mut followed.identity, now);
        prop_assert_eq!(followed.identity, again);
    }

    #[test]
    fn nothing_lasts_longer_than_it_was_given_for(
        subject in subject(), all in prop::collection::vec(decision(), 1..4), now in instant(),
    ) {
        let subject = with(&subject, &all);
        for grant in settled(&subject, now).grants {
            for reason in grant.justifications {
                let Some(decision) =
                    subject.identity.decisions.individual.iter().find(|s| s.reference == reason.reference)
                else {
                    continue;
                };
                prop_assert!(reason.from <= Some(now) && reason.until.is_some_and(|u| now < u));
                prop_assert!(reason.until <= decision.until, "{:?} after {:?}", reason.until, decision.until);
            }
        }
    }
}
