//! Generators of all stored values.

mod asked;

pub(crate) use asked::{approval, fact_state, justifications, observed, target};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::Instant;
use tenure_model::{
    Absence, AccountKey, AccountState, AccountTarget, Answer, AnsweredAhead, ApprovalId, ApprovalRequest,
    ApprovalState, ApproverSeat, AskedReason, AttributeName, CaseLabel, CutOff, CutOffClass, Decisions,
    Delegation, Engagement, EngagementId, EngagementState, EntitlementName, Erased, FactState, HeldChangeId,
    Hold, HoldClass, Identity, IdentityId, IdentityKind, IndividualDecision, Justification,
    JustificationKind, Link, LocalEnd, Name, Naming, NormalRecord, Observation, Observed, OffByHand,
    Override, Provenance, Reason, Renamed, Renaming, Supplement, Suspended, Timeline, TimelineEntry, Value,
    Vote, Waiting, Zone, ZoneSource,
};
use tenure_store::FeedResult;

/// One value of a strategy, the same on every run.
pub(crate) fn one<T: std::fmt::Debug>(strategy: &impl Strategy<Value = T>) -> T {
    strategy.new_tree(&mut TestRunner::deterministic()).unwrap().current()
}

pub(crate) fn id<T>(from: fn([u8; 16]) -> T) -> impl Strategy<Value = T> + Clone
where
    T: std::fmt::Debug,
{
    any::<[u8; 16]>().prop_map(from)
}

fn person() -> impl Strategy<Value = IdentityId> {
    id(IdentityId::from_bytes)
}

pub(crate) fn text() -> impl Strategy<Value = Arc<str>> {
    prop_oneof!["[a-z]{0,8}", any::<String>()].prop_map(Arc::from)
}

fn name<T: Name + std::fmt::Debug>() -> impl Strategy<Value = T> {
    prop_oneof!["[a-z_]{1,12}", "\\PC{1,20}"].prop_filter_map("a name", |text| T::new(&text).ok())
}

fn entitlement() -> impl Strategy<Value = EntitlementName> {
    "[a-z]{1,5}:[a-z/\":]{1,9}".prop_map(|text| EntitlementName::new(&text).unwrap())
}

/// Whole microseconds within the range of instants.
fn instant() -> impl Strategy<Value = Timestamp> {
    let (first, last) = (Instant::FIRST.micros(), Instant::LAST.micros());
    (first..=last).prop_map(|micros| Timestamp::from_microsecond(micros).unwrap())
}

fn day() -> impl Strategy<Value = Date> {
    (-9999_i16..=9999, 1_i8..=12, 1_i8..=28).prop_map(|(y, m, d)| jiff::civil::date(y, m, d))
}

fn time() -> impl Strategy<Value = Time> {
    (0_i8..24, 0_i8..60, 0_i8..60, 0..1_000_000_000).prop_map(|(h, m, s, n)| jiff::civil::time(h, m, s, n))
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => text().prop_map(Value::Text),
        1 => any::<i64>().prop_map(Value::Int),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => day().prop_map(Value::Date),
        1 => vec(text(), 0..4).prop_map(Value::texts),
    ]
}

fn timeline() -> impl Strategy<Value = Timeline<Value>> {
    let entry = (prop::option::of(day()), prop::option::of(value()))
        .prop_map(|(from, value)| TimelineEntry { from, value });
    prop_oneof![value().prop_map(Timeline::always), vec(entry, 0..4).prop_map(Timeline::from_entries)]
}

fn attributes() -> impl Strategy<Value = BTreeMap<AttributeName, Timeline<Value>>> {
    btree_map(name(), timeline(), 0..5)
}

fn texts() -> impl Strategy<Value = BTreeMap<Arc<str>, Arc<str>>> {
    btree_map(text(), text(), 0..3)
}

fn local_end() -> impl Strategy<Value = LocalEnd> {
    (day(), prop::option::of(time())).prop_map(|(date, time)| LocalEnd { date, time })
}

fn zone() -> impl Strategy<Value = Zone> {
    let source = prop::sample::select(vec![
        ZoneSource::Record,
        ZoneSource::Location,
        ZoneSource::LegalEntity,
        ZoneSource::SourceDefault,
        ZoneSource::EarliestDeclared,
    ]);
    (text(), source).prop_map(|(name, source)| Zone { name, source })
}

fn absence() -> impl Strategy<Value = Absence> {
    (day(), prop::option::of(day())).prop_map(|(from, until)| Absence { from, until })
}

fn engagement_state() -> impl Strategy<Value = EngagementState> {
    prop_oneof![
        Just(EngagementState::Stated),
        (instant(), prop::option::of(instant()))
            .prop_map(|(since, ends)| EngagementState::Missing { since, ends }),
        instant().prop_map(|at| EngagementState::Withdrawn { at }),
    ]
}

fn engagement() -> impl Strategy<Value = Engagement> {
    let who = (id(EngagementId::from_bytes), name(), name(), name());
    let when =
        (prop::option::of(day()), prop::option::of(local_end()), prop::option::of(local_end()), zone());
    (who, when, vec(absence(), 0..3), engagement_state(), texts(), attributes()).prop_map(
        |((id, source, key, kind), (start, last_day, end, zone), absences, state, keys, attributes)| {
            Engagement {
                id,
                source,
                key,
                kind,
                start,
                last_day,
                end,
                zone,
                absences,
                state,
                keys,
                attributes,
            }
        },
    )
}

fn account_key() -> impl Strategy<Value = AccountKey> {
    (name(), name()).prop_map(|(system, kind)| AccountKey { system, kind })
}

fn reason_kind() -> impl Strategy<Value = JustificationKind> {
    prop::sample::select(JustificationKind::ALL.to_vec())
}

fn span() -> impl Strategy<Value = (Option<Timestamp>, Option<Timestamp>)> {
    (prop::option::of(instant()), prop::option::of(instant()))
}

fn individual() -> impl Strategy<Value = IndividualDecision> {
    let what = (reason_kind(), account_key(), entitlement(), prop::option::of(id(EngagementId::from_bytes)));
    let asked = (prop::option::of(person()), text(), prop::option::of(name()));
    (what, span(), text(), prop::option::of(person()), text(), asked, span()).prop_map(
        |(
            what,
            (from, until),
            reference,
            owner,
            reason,
            (requester, compensating, work),
            (reviewed, converted),
        )| {
            let (kind, account, entitlement, engagement) = what;
            IndividualDecision {
                kind,
                account,
                entitlement,
                engagement,
                from,
                until,
                reference,
                owner,
                reason,
                requester,
                compensating,
                reviewed,
                work,
                converted,
                learnt: Vec::new(),
                counted: None,
            }
        },
    )
}

fn overrides() -> impl Strategy<Value = Override> {
    (name(), value(), person(), text(), instant()).prop_map(|(attribute, value, owner, reason, until)| {
        Override { attribute, value, owner, reason, until }
    })
}

fn cut_off() -> impl Strategy<Value = CutOff> {
    let class = prop::sample::select(CutOffClass::ALL.to_vec());
    (instant(), person(), text(), class, instant()).prop_map(|(at, by, reason, class, review)| CutOff {
        at,
        by,
        reason,
        class,
        review,
    })
}

fn hold() -> impl Strategy<Value = Hold> {
    let class = prop::sample::select(HoldClass::ALL.to_vec());
    (class, instant(), prop::option::of(instant()), person(), text())
        .prop_map(|(class, from, until, by, reason)| Hold { class, from, until, by, reason })
}

fn erased() -> impl Strategy<Value = Erased> {
    (instant(), vec(any::<[u8; 32]>(), 0..3)).prop_map(|(at, marks)| Erased { at, marks })
}

fn label() -> impl Strategy<Value = CaseLabel> {
    prop::sample::select(CaseLabel::ALL.to_vec())
}

fn answer() -> impl Strategy<Value = Answer> {
    let flags = (any::<bool>(), any::<bool>(), prop::option::of(ahead()));
    (id(ApprovalId::from_bytes), name(), asked_reason(), label(), flags, instant()).prop_map(
        |(approval, rule, asked, change, (approved, unanswered, ahead), at)| Answer {
            ahead,
            unanswered,
            approval,
            rule,
            reason: asked.reason,
            until: asked.until,
            inputs: asked.inputs,
            change,
            approved,
            at,
        },
    )
}

fn ahead() -> impl Strategy<Value = AnsweredAhead> {
    let engagement = prop::option::of(id(EngagementId::from_bytes));
    let seats = vec((text(), person()), 0..3);
    (instant(), engagement, prop::option::of(person()), seats)
        .prop_map(|(on, engagement, requester, seats)| AnsweredAhead { on, engagement, requester, seats })
}

fn seat() -> impl Strategy<Value = ApproverSeat> {
    let people = || vec(person(), 0..3);
    let since = prop::option::of(instant());
    (text(), people(), people(), prop::option::of(person()), any::<bool>(), since).prop_map(
        |(name, holders, delegates, missing, escalated, since)| ApproverSeat {
            name,
            holders,
            delegates,
            missing,
            escalated,
            since,
        },
    )
}

fn reason() -> impl Strategy<Value = Reason> {
    let engagement = prop::option::of(id(EngagementId::from_bytes));
    let from = prop::option::of(instant());
    (account_key(), entitlement(), reason_kind(), text(), engagement, from).prop_map(
        |(account, entitlement, kind, reference, engagement, from)| Reason {
            account,
            entitlement,
            kind,
            reference,
            engagement,
            from,
        },
    )
}

fn asked_reason() -> impl Strategy<Value = AskedReason> {
    (reason(), prop::option::of(instant()), any::<[u8; 32]>())
        .prop_map(|(reason, until, inputs)| AskedReason { reason, until, inputs })
}

fn waiting() -> impl Strategy<Value = Waiting> {
    (btree_set(label(), 0..3), prop::option::of(suspended()), provenance())
        .prop_map(|(changes, suspended, provenance)| Waiting { changes, suspended, provenance })
}

fn suspended() -> impl Strategy<Value = Suspended> {
    prop::option::of(instant()).prop_map(|until| Suspended { until })
}

fn provenance() -> impl Strategy<Value = Provenance> {
    (btree_set(person(), 0..3), btree_set(name(), 0..3), any::<bool>())
        .prop_map(|(by, references, own)| Provenance { by, references, own })
}

fn delegation() -> impl Strategy<Value = Delegation> {
    (person(), instant(), text(), proptest::option::of(instant()))
        .prop_map(|(to, until, reason, accepted)| Delegation { to, until, reason, accepted })
}

fn link() -> impl Strategy<Value = Link> {
    let what = (account_key(), any::<[u8; 32]>(), any::<[u8; 32]>(), instant(), any::<u8>());
    what.prop_map(|(account, salt, hash, expires, tries)| Link { account, salt, hash, expires, tries })
}

fn off_by_hand() -> impl Strategy<Value = OffByHand> {
    (instant(), prop::option::of(person())).prop_map(|(since, kept)| OffByHand { since, kept })
}

fn decisions() -> impl Strategy<Value = Decisions> {
    (
        vec(individual(), 0..3),
        vec(overrides(), 0..2),
        prop::option::of(cut_off()),
        btree_map(any::<[u8; 32]>(), answer(), 0..3),
        prop::option::of(instant()),
        vec(hold(), 0..2),
        vec(delegation(), 0..2),
        (
            vec(account_key(), 0..2),
            vec(account_key(), 0..2),
            vec(link(), 0..2),
            vec((account_key(), off_by_hand()), 0..2),
            vec((name(), instant()), 0..2),
            vec(account_key(), 0..2),
        ),
        vec((reason(), waiting()), 0..3),
        vec(((account_key(), name()), suspended()), 0..3),
    )
        .prop_map(
            |(
                individual,
                overrides,
                cut_off,
                answers,
                unanswered,
                holds,
                delegations,
                (void, inactive, links, off_by_hand, released, ended),
                reasons,
                suspended,
            )| {
                Decisions {
                    reasons: reasons.into_iter().collect(),
                    delegations,
                    individual,
                    overrides,
                    cut_off,
                    answers,
                    unanswered,
                    paused: unanswered,
                    holds,
                    void,
                    inactive,
                    links,
                    off_by_hand: off_by_hand.into_iter().collect(),
                    released,
                    ended,
                    suspended: suspended.into_iter().collect(),
                }
            },
        )
}

fn supplement() -> impl Strategy<Value = Supplement> {
    (name(), name(), texts(), attributes()).prop_map(|(source, key, keys, attributes)| Supplement {
        source,
        key,
        keys,
        attributes,
    })
}

fn renamed() -> impl Strategy<Value = Renamed> {
    (text(), text(), text()).prop_map(|(name, from, to)| Renamed { name, from, to })
}

fn naming() -> impl Strategy<Value = Naming> {
    let made_of = || btree_map(text(), texts(), 0..3);
    let denied = prop::option::of((id(ApprovalId::from_bytes), instant()));
    let renaming =
        (texts(), made_of(), denied).prop_map(|(names, made_of, denied)| Renaming { names, made_of, denied });
    let former = btree_map(text(), vec(text(), 0..3), 0..3);
    (made_of(), former, prop::option::of(renaming)).prop_map(|(made_of, former, renaming)| Naming {
        made_of,
        former,
        renaming,
    })
}

pub(crate) fn identity() -> impl Strategy<Value = Identity> {
    let kind = prop::sample::select(IdentityKind::ALL.to_vec());
    let has = (vec(engagement(), 0..3), vec(supplement(), 0..2), (texts(), naming()), decisions());
    let ended = (prop::option::of(person()), prop::option::of(erased()));
    (person(), any::<u64>(), kind, has, ended).prop_map(
        |(
            id,
            version,
            kind,
            (engagements, supplements, (identifiers, naming), decisions),
            (merged_into, erased),
        )| {
            Identity {
                id,
                version,
                kind,
                engagements,
                supplements,
                identifiers,
                naming,
                decisions,
                merged_into,
                erased,
            }
        },
    )
}

pub(crate) fn normal_record() -> impl Strategy<Value = NormalRecord> {
    let what = (name(), name(), prop::option::of(name()), any::<bool>());
    let when =
        (prop::option::of(day()), prop::option::of(local_end()), prop::option::of(local_end()), zone());
    let has = (vec(absence(), 0..3), texts(), attributes(), btree_map(name(), day(), 0..3));
    (what, when, has, any::<[u8; 32]>()).prop_map(
        |(
            (source, key, engagement, withdrawn),
            (start, last_day, end, zone),
            (absences, keys, attributes, cleared),
            digest,
        )| NormalRecord {
            source,
            key,
            engagement,
            start,
            last_day,
            end,
            zone,
            absences,
            withdrawn,
            keys,
            attributes,
            cleared,
            digest,
        },
    )
}

pub(crate) fn people() -> impl Strategy<Value = Vec<(IdentityId, Arc<str>)>> {
    vec((person(), text()), 0..4)
}

pub(crate) fn grants() -> impl Strategy<Value = Vec<EntitlementName>> {
    vec(entitlement(), 0..4)
}

pub(crate) fn feed_result() -> impl Strategy<Value = FeedResult> {
    prop_oneof![
        Just(FeedResult::Taken),
        id(HeldChangeId::from_bytes).prop_map(FeedResult::Held),
        text().prop_map(FeedResult::Refused),
    ]
}

pub(crate) fn files() -> impl Strategy<Value = BTreeMap<Arc<str>, Arc<str>>> {
    texts()
}
