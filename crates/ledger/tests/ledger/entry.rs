//! Entries have one spelling and no place for personal data; commitments bind every part of an opening.

use crate::support::{entry, opening};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use tenure_ledger::commitment::{MAX_PAYLOAD_BYTES, NO_IDENTITY, OpeningError};
use tenure_ledger::entry::{MAX_ENTRY_LINE_BYTES, MAX_LABEL_CHARS, TIMES};
use tenure_ledger::{Commitment, Entry, EntryError, Hash, Label, OldHead, Opening, Salt};

#[test]
fn an_entry_is_a_line_that_an_auditor_can_read() {
    let mut full = entry(0);
    full.task = Some([2; 16]);
    let line = String::from_utf8(full.encode().unwrap()).unwrap();
    let expected = format!(
        "{}{}{}{}{}",
        r#"{"v":1,"kind":"grant.decided","at":"2026-02-25T06:13:20.000000Z","#,
        r#""setup":"abababababababababababababababababababababababababababababababab","role":"approver","#,
        r#""case":"01010101-0101-0101-0101-010101010101","task":"02020202-0202-0202-0202-020202020202","#,
        format_args!(r#""commitment":"{}","#, opening(0).commitment().unwrap()),
        r#""with_now":true}"#,
    );
    assert_eq!(line, expected);
    assert_eq!(Entry::decode(line.as_bytes()).unwrap(), full);
}

#[test]
fn absent_fields_are_left_out() {
    let least = Entry {
        kind: Label::new("ledger.begun").unwrap(),
        at: 0,
        setup: None,
        with_now: false,
        role: None,
        case: None,
        task: None,
        commitment: Commitment::from_bytes([0; 32]),
        continues: None,
    };
    let line = String::from_utf8(least.encode().unwrap()).unwrap();
    let zeros = "0".repeat(64);
    assert_eq!(
        line,
        format!(
            r#"{{"v":1,"kind":"ledger.begun","at":"1970-01-01T00:00:00.000000Z","commitment":"{zeros}"}}"#
        )
    );
    assert_eq!(Entry::decode(line.as_bytes()).unwrap(), least);
}

#[test]
fn the_first_entry_of_a_new_origin_names_the_old_head() {
    let old = OldHead { origin: "zoë-\"s/tenure".to_owned(), size: 100, root: Hash([0; 32]) };
    let first = Entry { continues: Some(old.clone()), ..entry(0) };
    let line = String::from_utf8(first.encode().unwrap()).unwrap();
    let root = format!("{}=", "A".repeat(43));
    assert!(
        line.ends_with(&format!(
            r#","continues":{{"origin":"zo\u00eb-\"s/tenure","size":100,"root":"{root}"}},"with_now":true}}"#
        )),
        "{line}"
    );
    assert_eq!(Entry::decode(line.as_bytes()).unwrap(), first);
    assert!(matches!(
        Entry::decode(line.replace(&root, "AAAA").as_bytes()),
        Err(EntryError::Field { field: "continues", .. })
    ));
    let long = Entry { continues: Some(OldHead { origin: "x".repeat(257), ..old }), ..entry(0) };
    assert!(matches!(long.encode(), Err(EntryError::Field { field: "continues", .. })));
}

#[test]
fn other_spellings_and_foreign_fields_are_refused() {
    let good = String::from_utf8(entry(1).encode().unwrap()).unwrap();
    assert!(Entry::decode(good.as_bytes()).is_ok());
    let refused = |line: String| Entry::decode(line.as_bytes()).unwrap_err();
    let not_canonical = [
        format!("{good}\n"),
        good.replace("{\"v\"", "{ \"v\""),
        good.replace(".000001Z", ".000001000Z"),
        good.replace(".000001Z", ".000001+00:00"),
        good.replace("grant.decided", "grant\\u002edecided"),
        good.replace('}', ",\"with_now\":false}"),
        good.replace("\"case\":\"01010101-0101", "\"case\":\"010101010101")
            .replace("-0101-010101010101", "0101010101010101"),
        format!(
            "{{\"kind\":\"grant.decided\",\"v\":1,{}",
            good.split_once("\"at\"").map(|(_, rest)| format!("\"at\"{rest}")).unwrap()
        ),
    ];
    for line in not_canonical {
        let error = refused(line.clone());
        assert!(matches!(error, EntryError::NotCanonical | EntryError::Field { .. }), "{line}: {error}");
    }
    assert!(matches!(refused(good.replace('}', ",\"name\":\"Ada\"}")), EntryError::Json { .. }));
    assert!(matches!(refused(good.replace("\"v\":1", "\"v\":2")), EntryError::Version { found: 2 }));
    assert!(matches!(refused(good.replace("grant.decided", "Ada Lovelace")), EntryError::Label { .. }));
    assert!(matches!(refused(good.replace("abab", "ABAB")), EntryError::Field { field: "setup", .. }));
    assert!(matches!(refused(good.replace("2026-", "2026/")), EntryError::Field { field: "at", .. }));
    assert!(matches!(refused(good.replace("0101-01", "01x1-01")), EntryError::Field { field: "case", .. }));
    assert!(matches!(refused("a".repeat(3_000)), EntryError::TooLong { bytes: 3_000 }));
    assert!(matches!(refused("[]".to_owned()), EntryError::Json { .. }));
    let mut edge = entry(1);
    for at in [*TIMES.start(), *TIMES.end()] {
        edge.at = at;
        assert_eq!(Entry::decode(&edge.encode().unwrap()).unwrap(), edge);
    }
    for at in [i64::MIN, TIMES.start() - 1, TIMES.end() + 1, i64::MAX] {
        edge.at = at;
        assert_eq!(edge.encode(), Err(EntryError::Time { micros: at }));
    }
}

#[test]
fn labels_have_no_room_for_a_name() {
    for text in
        ["", "Ada", "a b", "ada@example.com", "1st", ".a", "é", "a/b", &"a".repeat(MAX_LABEL_CHARS + 1)]
    {
        assert!(Label::new(text.to_owned()).is_err(), "{text:?}");
    }
    assert_eq!(Label::new("task.claimed-by_2").unwrap().as_str(), "task.claimed-by_2");
}

#[test]
fn a_commitment_is_the_documented_hash() {
    let opening = Opening::new(Salt::new([5; 32]), [6; 16], b"payload".to_vec()).unwrap();
    let by_hand = |parts: &[&[u8]]| {
        let mut bytes = Vec::new();
        for part in parts {
            bytes.extend_from_slice(&u32::try_from(part.len()).unwrap().to_be_bytes());
            bytes.extend_from_slice(part);
        }
        <[u8; 32]>::from(Sha256::digest(&bytes))
    };
    let inner = by_hand(&[b"tenure/opening/v1", &[5; 32], &[6; 16], b"payload"]);
    assert_eq!(opening.inner().as_bytes(), &inner);
    // No case, no identity, no state.
    let commitment = opening.commitment().unwrap();
    assert_eq!(commitment.as_bytes(), &by_hand(&[b"tenure/commitment/v1", &inner, &[1, 0, 0, 0]]));
    assert!(opening.opens(&commitment));
    assert_eq!(Commitment::parse(&commitment.to_string()), Some(commitment));
}

#[test]
fn every_part_of_an_opening_is_bound() {
    let make = |salt, identity, payload: &[u8]| {
        Opening::new(Salt::new([salt; 32]), identity, payload.to_vec()).unwrap()
    };
    let commitment = make(1, [2; 16], b"x").commitment().unwrap();
    assert!(!make(2, [2; 16], b"x").opens(&commitment));
    assert!(!make(1, [3; 16], b"x").opens(&commitment));
    assert!(!make(1, NO_IDENTITY, b"x").opens(&commitment));
    assert!(!make(1, [2; 16], b"").opens(&commitment));
    assert!(!make(1, [2; 16], b"xx").opens(&commitment));
}

#[test]
fn openings_are_checked_and_never_printed() {
    let secret = opening(1);
    assert_eq!(format!("{secret:?}"), format!("Opening({} bytes, not shown)", secret.payload().len()));
    assert_eq!(format!("{:?}", Salt::new([9; 32])), "Salt(not shown)");
    let bytes = secret.to_bytes().unwrap();
    assert_eq!(Opening::from_bytes(&bytes).unwrap(), secret);
    assert_eq!(Opening::from_bytes(&[]), Err(OpeningError::Malformed));
    assert_eq!(Opening::from_bytes(&bytes[..48]), Err(OpeningError::Malformed));
    assert_eq!(Opening::from_bytes(&[1]), Err(OpeningError::Version { found: 1 }));
    let long = Opening::new(Salt::new([0; 32]), NO_IDENTITY, vec![0; MAX_PAYLOAD_BYTES + 1]);
    assert!(matches!(long, Err(OpeningError::TooLong { .. })));
}

fn any_label() -> impl Strategy<Value = Label> {
    "[a-z][a-z0-9._-]{0,63}".prop_map(|text| Label::new(text).unwrap())
}

prop_compose! {
    fn any_head()(origin in "[^+\\p{C}\\p{Z}]{1,64}", size: u64, root: [u8; 32]) -> OldHead {
        OldHead { origin, size, root: Hash(root) }
    }
}

prop_compose! {
    fn any_entry()(
        kind in any_label(),
        at in TIMES,
        setup: Option<[u8; 32]>,
        with_now: bool,
        role in prop::option::of(any_label()),
        case: Option<[u8; 16]>,
        task: Option<[u8; 16]>,
        commitment: [u8; 32],
        continues in prop::option::of(any_head()),
    ) -> Entry {
        Entry { kind, at, setup, with_now, role, case, task, commitment: Commitment::from_bytes(commitment), continues }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn entries_round_trip(entry in any_entry()) {
        let line = entry.encode().unwrap();
        prop_assert!(line.len() < MAX_ENTRY_LINE_BYTES);
        prop_assert!(line.is_ascii() && !line.contains(&b'\n'));
        prop_assert_eq!(Entry::decode(&line).unwrap(), entry);
    }

    /// Everything that is accepted equals the canonical output.
    #[test]
    fn a_changed_entry_is_another_entry_or_refused(entry in any_entry(), at: prop::sample::Index, to: u8) {
        let line = entry.encode().unwrap();
        let mut changed = line.clone();
        changed[at.index(line.len())] = to;
        if let Ok(decoded) = Entry::decode(&changed) {
            prop_assert_eq!(decoded.encode().unwrap(), changed.clone());
            prop_assert_eq!(decoded == entry, changed == line);
        }
    }

    #[test]
    fn openings_round_trip(salt: [u8; 32], identity: [u8; 16], payload in prop::collection::vec(any::<u8>(), 0..500)) {
        let opening = Opening::new(Salt::new(salt), identity, payload.clone()).unwrap();
        let read = Opening::from_bytes(&opening.to_bytes().unwrap()).unwrap();
        prop_assert!(read.opens(&opening.commitment().unwrap()));
        prop_assert_eq!((read.identity(), read.payload()), (&identity, payload.as_slice()));
    }
}
