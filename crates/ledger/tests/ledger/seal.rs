//! Sealed values open only with the right key, for the right purpose, and unchanged.

use crate::support::{ORIGIN, opening, signer};
use proptest::prelude::*;
use tenure_ledger::commitment::MAX_PAYLOAD_BYTES;
use tenure_ledger::seal::{KeyEncryptionKey, PersonKey, SealError, open_signing_key, seal_signing_key};
use tenure_ledger::{Opening, Salt};

fn kek() -> KeyEncryptionKey {
    KeyEncryptionKey::from_bytes([0x11; 32])
}

fn other_kek() -> KeyEncryptionKey {
    KeyEncryptionKey::from_bytes([0x12; 32])
}

fn person() -> PersonKey {
    PersonKey::new([3; 16], [0x22; 32])
}

#[test]
fn the_signing_key_is_sealed_in_two_lines_and_opened() {
    let file = seal_signing_key(&signer(), &kek(), [1; 24]).unwrap();
    let (header, body) = file.split_once('\n').unwrap();
    let id = format!("{:08x}", signer().verifier().id());
    assert_eq!(header, format!("tenure-sealed/v1 signing-key {ORIGIN}+{id}"));
    assert!(body.ends_with('\n') && body.len() > 90);
    let opened = open_signing_key(&file, &kek()).unwrap();
    assert_eq!(opened.verifier(), signer().verifier());
    assert_eq!(opened.sign("a\n").unwrap(), signer().sign("a\n").unwrap());
    assert!(open_signing_key(&file.replace('\n', "\r\n").replacen('\r', "", 1), &kek()).is_ok());
}

#[test]
fn a_wrong_key_or_a_changed_file_is_told() {
    let file = seal_signing_key(&signer(), &kek(), [1; 24]).unwrap();
    let error = open_signing_key(&file, &other_kek()).unwrap_err().to_string();
    assert!(error.starts_with(&format!("the signing-key {ORIGIN}+")), "{error}");
    assert!(error.ends_with("sealed with another key, for another use, or it was changed"), "{error}");
    // The header is bound too: a key cannot be presented under another name.
    assert!(matches!(
        open_signing_key(&file.replace("acme", "evil"), &kek()),
        Err(SealError::WrongKey { .. })
    ));
}

#[test]
fn malformed_sealed_files_are_refused_with_a_reason() {
    let file = seal_signing_key(&signer(), &kek(), [1; 24]).unwrap();
    let table = [
        (String::new(), "it is not two lines"),
        ("hello\nAA==\n".to_owned(), "its first line does not begin with tenure-sealed/v1"),
        (file.replace("/v1", "/v2"), "it is in a format that this program does not know"),
        (file.replace("signing-key", "person-key"), "its first line names another purpose"),
        (file.replace("signing-key ", "signing-key a "), "its first line is not three words"),
        (file.replace("signing-key ", "signing-key\n"), "its first line is not three words"),
        ("tenure-sealed/v1 signing-key a\n?\n".to_owned(), "its second line is not base64"),
        ("tenure-sealed/v1 signing-key a\n\n".to_owned(), "it is too short"),
        ("tenure-sealed/v1 signing-key a\nAQAA\n".to_owned(), "it is too short"),
    ];
    for (file, why) in table {
        let error = open_signing_key(&file, &kek()).unwrap_err().to_string();
        assert_eq!(error, format!("not a sealed signing-key: {why}"));
    }
    let newer = "tenure-sealed/v1 signing-key a\nAgAA\n";
    assert!(matches!(open_signing_key(newer, &kek()), Err(SealError::Version { found: 2, .. })));
}

#[test]
fn the_key_encryption_key_is_read_as_operators_keep_it() {
    let file = seal_signing_key(&signer(), &kek(), [1; 24]).unwrap();
    for text in ["11".repeat(32), format!(" {}\n", "11".repeat(32)), kek().to_base64().to_string()] {
        assert!(open_signing_key(&file, &KeyEncryptionKey::parse(&text).unwrap()).is_ok());
    }
    for text in ["", "secret", "EREREQ==", &"11".repeat(31), &"1g".repeat(32)] {
        let error = KeyEncryptionKey::parse(text).unwrap_err();
        assert_eq!(error, SealError::KeyEncryptionKey);
        assert!(text.is_empty() || !error.to_string().contains(text));
    }
}

#[test]
fn an_opening_is_readable_with_the_persons_key_only() {
    let opening = opening(4);
    let sealed = person().seal_opening(&opening, [2; 24]).unwrap();
    assert_eq!(person().open_opening(&sealed, &opening.inner()).unwrap(), opening);
    let needle = opening.payload();
    assert!(!sealed.windows(needle.len()).any(|window| window == needle));
    // The person's key is destroyed: a new one for the same identity opens nothing.
    let new_key = PersonKey::new([3; 16], [0x23; 32]);
    assert!(matches!(new_key.open_opening(&sealed, &opening.inner()), Err(SealError::WrongKey { .. })));
    // The commitment in the log is bound: openings cannot be swapped between entries.
    let error = person().open_opening(&sealed, &crate::support::opening(5).inner());
    assert!(matches!(error, Err(SealError::WrongKey { .. })));
}

#[test]
fn an_opening_about_somebody_else_is_refused() {
    let stranger = PersonKey::new([4; 16], [0x22; 32]);
    assert!(matches!(stranger.seal_opening(&opening(4), [2; 24]), Err(SealError::WrongContent { .. })));
    let sealed = person().seal_opening(&opening(4), [2; 24]).unwrap();
    assert!(matches!(
        stranger.open_opening(&sealed, &opening(4).inner()),
        Err(SealError::WrongContent { purpose: "opening", .. })
    ));
}

#[test]
fn a_persons_key_is_bound_to_the_person_and_to_its_use() {
    let sealed = person().seal(&kek(), [3; 24]).unwrap();
    let opened = PersonKey::open(&sealed, [3; 16], &kek()).unwrap();
    let opening_sealed = person().seal_opening(&opening(1), [4; 24]).unwrap();
    assert!(opened.open_opening(&opening_sealed, &opening(1).inner()).is_ok());
    assert!(matches!(PersonKey::open(&sealed, [4; 16], &kek()), Err(SealError::WrongKey { .. })));
    assert!(matches!(PersonKey::open(&sealed, [3; 16], &other_kek()), Err(SealError::WrongKey { .. })));
    // The same bytes with a header for another purpose do not open either.
    let body = base64_of(&sealed);
    let smuggled = format!("tenure-sealed/v1 signing-key {}\n{body}\n", "03".repeat(16));
    assert!(matches!(open_signing_key(&smuggled, &kek()), Err(SealError::WrongKey { .. })));
}

fn base64_of(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[test]
fn no_secret_is_printed() {
    for shown in [format!("{:?}", kek()), format!("{:?}", person())] {
        assert!(shown.ends_with("(not shown)"), "{shown}");
    }
}

#[test]
fn the_longest_opening_can_be_sealed() {
    let longest = Opening::new(Salt::new([1; 32]), [3; 16], vec![7; MAX_PAYLOAD_BYTES]).unwrap();
    let sealed = person().seal_opening(&longest, [2; 24]).unwrap();
    assert_eq!(person().open_opening(&sealed, &longest.inner()).unwrap(), longest);
    let error = person().open_opening(&vec![1; 2 * MAX_PAYLOAD_BYTES], &longest.inner()).unwrap_err();
    assert!(matches!(error, SealError::TooLong { .. }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_byte_of_a_sealed_opening_can_change(at: prop::sample::Index, flip in 1_u8..=255) {
        let opening = opening(4);
        let mut sealed = person().seal_opening(&opening, [2; 24]).unwrap();
        let at = at.index(sealed.len());
        sealed[at] ^= flip;
        prop_assert!(person().open_opening(&sealed, &opening.inner()).is_err());
        prop_assert!(person().open_opening(&sealed[..at], &opening.inner()).is_err());
    }
}
