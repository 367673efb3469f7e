//! Random accounts, decided and observed, random facts, and random questions with answers.

use super::*;

pub(crate) fn target() -> impl Strategy<Value = AccountTarget> {
    let state =
        prop::sample::select(vec![AccountState::Absent, AccountState::Disabled, AccountState::Enabled]);
    (state, btree_map(name(), value(), 0..5), prop::option::of("[a-z]{1,9}"))
        .prop_map(|(state, attributes, name)| AccountTarget { state, attributes, name: name.map(Arc::from) })
}

pub(crate) fn observed() -> impl Strategy<Value = Observed> {
    prop_oneof![
        Just(Observed::Unknown),
        instant().prop_map(|at| Observed::Absent { at }),
        (instant(), text(), any::<bool>(), prop::option::of(text()), btree_map(entitlement(), text(), 0..3))
            .prop_map(|(at, external_id, enabled, name, through)| Observed::Present {
                at,
                external_id,
                enabled,
                name,
                through,
            }),
    ]
}

pub(crate) fn justifications() -> impl Strategy<Value = Vec<Justification>> {
    let one = (reason_kind(), text(), prop::option::of(id(EngagementId::from_bytes)), span()).prop_map(
        |(kind, reference, engagement, (from, until))| Justification {
            kind,
            reference,
            engagement,
            from,
            until,
        },
    );
    vec(one, 0..4)
}

fn observation() -> impl Strategy<Value = Observation> {
    (instant(), text(), text()).prop_map(|(at, by, seen)| Observation { at, by, seen })
}

pub(crate) fn fact_state() -> impl Strategy<Value = FactState> {
    prop_oneof![
        Just(FactState::Unknown),
        observation().prop_map(FactState::Claimed),
        observation().prop_map(FactState::Confirmed),
        (instant(), text()).prop_map(|(until, why)| FactState::Expiring { until, why }),
        (person(), observation()).prop_map(|(by, observation)| FactState::Attested { by, observation }),
        (person(), text(), instant()).prop_map(|(by, reason, until)| FactState::Accepted {
            by,
            reason,
            until
        }),
    ]
}

fn approval_state() -> impl Strategy<Value = ApprovalState> {
    prop_oneof![
        instant().prop_map(|deadline| ApprovalState::Pending { deadline }),
        instant().prop_map(|at| ApprovalState::Approved { at }),
        instant().prop_map(|at| ApprovalState::Denied { at }),
        instant().prop_map(|at| ApprovalState::Expired { at }),
        instant().prop_map(|at| ApprovalState::Moot { at }),
    ]
}

fn vote() -> impl Strategy<Value = Vote> {
    (person(), any::<bool>(), instant(), text(), vec(text(), 0..3), vec(person(), 0..3)).prop_map(
        |(by, approved, at, comment, seats, instead_of)| Vote {
            by,
            approved,
            at,
            comment,
            seats,
            instead_of,
        },
    )
}

pub(crate) fn approval() -> impl Strategy<Value = ApprovalRequest> {
    let what = (
        id(ApprovalId::from_bytes),
        person(),
        name(),
        (grants(), vec(asked_reason(), 0..3), vec(renamed(), 0..3)),
        vec(any::<[u8; 32]>(), 0..3),
        label(),
    );
    let whom = (
        (prop::option::of(person()), provenance()),
        prop::option::of(id(EngagementId::from_bytes)),
        (any::<u32>(), prop::option::of(instant()), any::<u64>()),
        any::<u32>(),
        vec(seat(), 0..3),
        any::<bool>(),
    );
    (what, whom, vec(vote(), 0..3), instant(), approval_state()).prop_map(
        |(
            (id, identity, rule, (grants, reasons, renames), bindings, change),
            ((requester, provenance), engagement, (stage, on, revision), floor, seats, all),
            votes,
            asked_at,
            state,
        )| {
            ApprovalRequest {
                id,
                identity,
                rule,
                grants,
                reasons,
                renames,
                bindings,
                change,
                requester,
                provenance,
                engagement,
                stage,
                floor,
                seats,
                on,
                revision,
                all,
                votes,
                asked_at,
                state,
            }
        },
    )
}
