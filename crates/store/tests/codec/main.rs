//! Every stored value is read back unchanged, and what cannot be read is an error.
#![expect(clippy::unwrap_used, reason = "what a test cannot set up fails the test")]

mod any;

use any::{
    approval, fact_state, feed_result, files, grants, identity, justifications, normal_record, observed,
    people, target,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Instant;
use tenure_model::{
    AccountTarget, AskReason, AttributeName, FindingDetail, Identity, IdentityId, IdentityKind, Name as _,
    NormalRecord, Observed, Timeline, Value,
};
use tenure_store::StoreError;
use tenure_store::codec::Stored;

fn there_and_back<T: Stored + PartialEq + Debug>(value: &T) {
    let bytes = value.encode().unwrap();
    let read = T::decode(&bytes, &"of the test").unwrap();
    assert_eq!(&read, value, "{}", String::from_utf8_lossy(&bytes));
    assert_eq!(read.encode().unwrap(), bytes, "equal values are equal bytes");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn identities(value in identity()) { there_and_back(&value); }
    #[test]
    fn records(value in normal_record()) { there_and_back(&value); }
    #[test]
    fn account_targets(value in target()) { there_and_back(&value); }
    #[test]
    fn observations(value in observed()) { there_and_back(&value); }
    #[test]
    fn justifications_of_grants(value in justifications()) { there_and_back(&value); }
    #[test]
    fn facts(value in fact_state()) { there_and_back(&value); }
    #[test]
    fn approvals(value in approval()) { there_and_back(&value); }
    #[test]
    fn held_people(value in people()) { there_and_back(&value); }
    #[test]
    fn entitlements(value in grants()) { there_and_back(&value); }
    #[test]
    fn feed_results(value in feed_result()) { there_and_back(&value); }
    #[test]
    fn set_up_files(value in files()) { there_and_back(&value); }
    #[test]
    fn candidates(value in prop::collection::vec((any::id(IdentityId::from_bytes), any::<u8>()), 0..4)) {
        there_and_back(&value);
    }
    #[test]
    fn keys_and_references(
        keys in prop::collection::vec((any::text(), any::text()), 0..4),
        reads in prop::collection::vec(any::id(IdentityId::from_bytes), 0..4),
    ) {
        there_and_back(&(keys, reads));
    }
    #[test]
    fn damage_is_an_error_and_never_a_panic(value in identity(), at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let mut bytes = value.encode().unwrap();
        let at = at.index(bytes.len());
        bytes[at] = to;
        let read = Identity::decode(&bytes, &value.id);
        let told = matches!(read, Ok(_) | Err(StoreError::Inconsistent { .. }));
        prop_assert!(told);
    }
}

#[test]
fn each_finding_and_reason_of_a_question_is_read_back_as_it_was_written() {
    let examples = FindingDetail::examples();
    assert_eq!(examples.len(), FindingDetail::CODES.len());
    examples.iter().for_each(there_and_back);
    AskReason::examples().iter().for_each(there_and_back);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let moved = FindingDetail::AccountMoved { place: "ou=old".into() };
    assert_eq!(
        text(&moved.encode().unwrap()),
        r#"{"v":1,"d":{"code":"account-moved","parameters":{"place":"ou=old"}}}"#
    );
    for damaged in [
        r#"{"v":1,"d":{"code":"no-such-code","parameters":{}}}"#,
        r#"{"v":1,"d":{"code":"account-moved","parameters":{}}}"#,
        r#"{"v":1,"d":{"code":"account-moved","parameters":{"place":7}}}"#,
        r#"{"v":1,"d":{"code":"account-moved"}}"#,
    ] {
        let read = FindingDetail::decode(damaged.as_bytes(), &"of the test");
        assert!(matches!(read, Err(StoreError::Inconsistent { .. })), "{damaged}: {read:?}");
    }
}

/// The stored form as text: a change here changes every existing database, so it needs a new version.
#[test]
fn the_form_of_version_1() {
    let observed = Observed::Absent { at: jiff::Timestamp::from_second(7).unwrap() };
    assert_eq!(
        String::from_utf8(observed.encode().unwrap()).unwrap(),
        r#"{"v":1,"d":{"absent":{"at":7000000}}}"#
    );
    let mut level = Timeline::always(Value::Int(3));
    level.set(Some(jiff::civil::date(2026, 5, 1)), None);
    let target = AccountTarget {
        state: tenure_model::AccountState::Enabled,
        attributes: BTreeMap::from([
            (AttributeName::new("born").unwrap(), Value::Date(jiff::civil::date(1990, 2, 28))),
            (AttributeName::new("groups").unwrap(), Value::texts(["b", "a"])),
        ]),
        name: None,
    };
    assert_eq!(
        String::from_utf8(target.encode().unwrap()).unwrap(),
        r#"{"v":1,"d":{"s":"enabled","a":{"born":{"d":"1990-02-28"},"groups":{"t":["a","b"]}}}}"#
    );
    let mut identity = Identity::new(IdentityId::from_bytes([1; 16]), IdentityKind::Agent);
    identity.supplements.push(tenure_model::Supplement {
        source: tenure_model::SourceName::new("nhi").unwrap(),
        key: tenure_model::RecordKey::new("7").unwrap(),
        keys: BTreeMap::new(),
        attributes: BTreeMap::from([(AttributeName::new("level").unwrap(), level)]),
    });
    assert_eq!(
        String::from_utf8(identity.encode().unwrap()).unwrap(),
        concat!(
            r#"{"v":1,"d":{"id":"01010101-0101-0101-0101-010101010101","n":0,"k":"agent","e":[],"#,
            r#""s":[{"s":"nhi","k":"7","a":{"level":[[null,3],["2026-05-01",null]]}}],"d":{}}}"#
        )
    );
}

#[test]
fn what_cannot_be_read_says_what_it_is() {
    for (bytes, why) in [
        (&br#"{"v":2,"d":{"s":"enabled","a":{}}}"#[..], "version 2"),
        (br#"{"d":{"s":"enabled","a":{}}}"#, "does not begin with its version"),
        (br#"{"v":1}"#, "nothing after its version"),
        (br#"{"v":1,"d":{"s":"half","a":{}}}"#, "unknown word"),
        (br#"{"v":1,"d":{"s":"enabled"}}"#, "missing field"),
        (br#"{"v":1,"d":{"s":"enabled","a":{" x":1}}}"#, "white space"),
        (br#"{"v":1,"d":{"s":"enabled","a":{"x":1.5}}}"#, "whole number"),
        (br#"{"v":1,"d":{"s":"enabled","a":{}}} "extra""#, "trailing"),
        (b"", "EOF"),
    ] {
        let error = AccountTarget::decode(bytes, &"17").unwrap_err().to_string();
        assert!(error.contains(why) && error.contains("account target 17"), "{error}");
    }
}

/// Prints the cost of encoding; `xtask bench` checks the time limits.
#[test]
#[expect(clippy::disallowed_methods, reason = "a measurement needs the machine's time")]
fn how_long_fifty_attributes_take() {
    const ROUNDS: u32 = 20_000;
    let identity = fifty_attributes();
    let bytes = identity.encode().unwrap();
    let start = Instant::now();
    for _ in 0..ROUNDS {
        std::hint::black_box(std::hint::black_box(&identity).encode().unwrap());
    }
    let encode = start.elapsed() / ROUNDS;
    let start = Instant::now();
    for _ in 0..ROUNDS {
        std::hint::black_box(Identity::decode(std::hint::black_box(&bytes), &identity.id).unwrap());
    }
    let decode = start.elapsed() / ROUNDS;
    println!(
        "an identity with 50 attributes: {} bytes, encoded in {encode:?}, decoded in {decode:?}",
        bytes.len()
    );
}

fn fifty_attributes() -> Identity {
    let mut identity = Identity::new(IdentityId::from_bytes([1; 16]), IdentityKind::Person);
    let record: NormalRecord = any::one(&normal_record());
    let attributes = (0..50).map(|n| {
        let value = Timeline::always(Value::text(&format!("value number {n} of a person")));
        (AttributeName::new(&format!("attribute_{n}")).unwrap(), value)
    });
    identity.engagements.push(tenure_model::Engagement {
        id: tenure_model::EngagementId::from_bytes([2; 16]),
        source: record.source,
        key: record.key,
        kind: tenure_model::EngagementType::new("staff").unwrap(),
        start: Some(jiff::civil::date(2020, 1, 1)),
        last_day: None,
        end: None,
        zone: record.zone,
        absences: Vec::new(),
        state: tenure_model::EngagementState::Stated,
        keys: BTreeMap::from([(Arc::from("worker_number"), Arc::from("W1"))]),
        attributes: attributes.collect(),
    });
    identity
}
