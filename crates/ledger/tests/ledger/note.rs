//! Signed notes and checkpoints, against the published vectors of the Go implementation and of C2SP.

use crate::support::{ORIGIN, head, keys, leaves, signer};
use proptest::prelude::*;
use tenure_ledger::note::{MAX_NOTE_BYTES, MAX_SIGNATURES, SignedNote};
use tenure_ledger::tree::root_of;
use tenure_ledger::{Checkpoint, CheckpointError, Hash, NoteError, Signer, VerifierKey};

const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

const TEXT: &str = "If you think cryptography is the answer to your problem,\n\
then you don't know what your problem is.\n";

const PETER_LINE: &str = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

const ENOCH_LINE: &str = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

fn peter() -> [VerifierKey; 1] {
    [VerifierKey::parse(PETER).unwrap()]
}

#[test]
fn the_published_note_verifies_and_is_written_again_byte_by_byte() {
    let file = format!("{TEXT}\n{PETER_LINE}");
    let note = SignedNote::parse(file.as_bytes()).unwrap();
    let keys = peter();
    assert_eq!(note.verify(&keys).unwrap(), [&keys[0]]);
    assert_eq!(note.text(), TEXT);
    assert_eq!(note.to_string(), file);
    assert_eq!(keys[0].to_string(), PETER);
    assert_eq!((keys[0].name(), keys[0].id()), ("PeterNeumann", 0xc74f_20a3));
}

#[test]
fn signatures_of_unknown_keys_are_ignored() {
    let both = format!("{TEXT}\n{ENOCH_LINE}{PETER_LINE}");
    let note = SignedNote::parse(both.as_bytes()).unwrap();
    assert_eq!(note.verify(&peter()).unwrap().len(), 1);
    assert_eq!(note.signatures().len(), 2);
    // A known name with another id, and a known id with another name, are unknown keys.
    let id_of_enoch = ENOCH_LINE.replace("EnochRoot", "PeterNeumann");
    let name_of_other = PETER_LINE.replace("PeterNeumann", "SomebodyElse");
    let note =
        SignedNote::parse(format!("{TEXT}\n{id_of_enoch}{name_of_other}{PETER_LINE}").as_bytes()).unwrap();
    assert_eq!(note.verify(&peter()).unwrap().len(), 1);
    let note = SignedNote::parse(format!("{TEXT}\n{id_of_enoch}{name_of_other}").as_bytes()).unwrap();
    assert_eq!(
        note.verify(&peter()).unwrap_err().to_string(),
        "the note is not signed by PeterNeumann+c74f20a3; it carries signatures of: PeterNeumann+af0cfe78, \
         SomebodyElse+c74f20a3"
    );
}

#[test]
fn a_changed_text_or_signature_is_refused() {
    let changed = format!("{}\n{PETER_LINE}", TEXT.replace("answer", "remedy"));
    let error = SignedNote::parse(changed.as_bytes()).unwrap().verify(&peter()).unwrap_err();
    assert_eq!(error, NoteError::Invalid { name: "PeterNeumann".to_owned() });
    let changed = format!("{TEXT}\n{}", PETER_LINE.replace("/ZJk", "/ZJl"));
    assert!(SignedNote::parse(changed.as_bytes()).unwrap().verify(&peter()).is_err());
    // A valid signature does not compensate for an invalid one of the same key.
    let bad = PETER_LINE.replace("/ZJk", "/ZJl");
    let note = SignedNote::parse(format!("{TEXT}\n{PETER_LINE}{bad}").as_bytes()).unwrap();
    assert!(note.verify(&peter()).is_err());
}

#[test]
fn sixteen_and_more_signatures_are_accepted_up_to_the_limit() {
    let signers: Vec<Signer> =
        (0_u8..101).map(|n| Signer::from_seed(&format!("witness{n}.example"), &[n; 32]).unwrap()).collect();
    let mut note = signers[0].sign(TEXT).unwrap();
    for signer in &signers[1..16] {
        note.add_signatures(&signer.sign(TEXT).unwrap()).unwrap();
    }
    let sixteen: Vec<VerifierKey> = signers[..16].iter().map(|signer| signer.verifier().clone()).collect();
    let parsed = SignedNote::parse(note.to_string().as_bytes()).unwrap();
    assert_eq!(parsed.verify(&sixteen).unwrap().len(), 16);
    for signer in &signers[16..MAX_SIGNATURES] {
        note.add_signatures(&signer.sign(TEXT).unwrap()).unwrap();
    }
    let one_more = signers[MAX_SIGNATURES].sign(TEXT).unwrap();
    assert_eq!(note.add_signatures(&one_more), Err(NoteError::TooManySignatures));
    let line = one_more.to_string().lines().last().unwrap().to_owned();
    assert_eq!(SignedNote::parse(format!("{note}{line}\n").as_bytes()), Err(NoteError::TooManySignatures));
    let other = signers[0].sign("another text\n").unwrap();
    assert!(matches!(note.add_signatures(&other), Err(NoteError::Text { .. })));
}

#[test]
fn the_text_ends_at_the_last_blank_line() {
    let text = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n";
    let note = signer().sign(text).unwrap();
    let parsed = SignedNote::parse(note.to_string().as_bytes()).unwrap();
    assert_eq!(parsed.text(), text);
    assert_eq!(parsed.verify(&keys()).unwrap().len(), 1);
}

#[test]
fn malformed_notes_are_refused_with_a_reason() {
    let long = vec![b'a'; MAX_NOTE_BYTES + 1];
    let table: [(&[u8], &str); 11] = [
        (b"", "not a signed note: there is no blank line before the signatures"),
        (b"text\n", "not a signed note: there is no blank line before the signatures"),
        (b"text\n\n", "not a signed note: it does not end with a signature line"),
        (b"text\n\n\xe2\x80\x94 a AAAAAAA=", "not a signed note: it does not end with a signature line"),
        (b"text\xff\n\nx\n", "not a signed note: it is not UTF-8"),
        (b"te\rxt\n\nx\n", "not a signed note: it contains control characters"),
        (b"text\n\nx\n", "line 1 of the signatures is not of the form '\u{2014} <name> <base64>'"),
        (b"text\n\n- a AAAAAAA=\n", "line 1 of the signatures is not of the form '\u{2014} <name> <base64>'"),
        (
            b"text\n\n\xe2\x80\x94 a+b AAAAAAA=\n",
            "line 1 of the signatures is not of the form '\u{2014} <name> <base64>'",
        ),
        (
            b"text\n\n\xe2\x80\x94 a AAAAAA==\n",
            "line 1 of the signatures is not of the form '\u{2014} <name> <base64>'",
        ),
        (&long, "the note has 1000001 bytes, the limit is 1000000"),
    ];
    for (note, message) in table {
        assert_eq!(SignedNote::parse(note).unwrap_err().to_string(), message);
    }
}

#[test]
fn keys_are_refused_with_a_reason() {
    let table = [
        ("PeterNeumann", "expected <name>+<key id>+<base64 key>"),
        ("PeterNeumann+c74f20a3", "expected <name>+<key id>+<base64 key>"),
        (
            "PeterNeumann+c74f20a+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "not eight lower-case hexadecimal",
        ),
        ("PeterNeumann+c74f20a3+ARpc2Q", "the part after the second '+' is not base64"),
        ("PeterNeumann+c74f20a3+ARpc2QcU", "an Ed25519 key has 32 bytes"),
        ("PeterNeumann+c74f20a3+BRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "only Ed25519 keys"),
        (
            "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "does not belong to this name",
        ),
        ("Peter+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "does not belong to this name"),
        ("Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "is not a key name"),
        ("+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "is not a key name"),
    ];
    for (vkey, message) in table {
        let error = VerifierKey::parse(vkey).unwrap_err().to_string();
        assert!(error.contains(message), "{vkey}: {error}");
    }
    for name in ["", "a b", "a+b", "a\u{a0}b", "a\nb"] {
        assert!(matches!(Signer::from_seed(name, &[1; 32]), Err(NoteError::Name { .. })), "{name:?}");
    }
    assert!(VerifierKey::parse(&format!("  {PETER}\n")).is_ok());
}

#[test]
fn unsignable_texts_are_refused() {
    for text in ["", "no newline", "tab\there\n", &format!("{}\n", "a".repeat(MAX_NOTE_BYTES))] {
        assert!(matches!(signer().sign(text), Err(NoteError::Text { .. })));
    }
}

#[test]
fn the_private_key_is_never_printed() {
    let shown = format!("{:?}", signer());
    assert_eq!(shown, format!("Signer({}, private key not shown)", signer().verifier()));
    assert!(!shown.contains("7, 7"));
}

/// The example of C2SP tlog-checkpoint, whose text the oracle reads as well.
#[test]
fn the_published_checkpoint_is_read_and_written() {
    let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let signature = "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
    let note = SignedNote::parse(format!("{text}\n{signature}").as_bytes()).unwrap();
    let checkpoint = Checkpoint::parse_text(note.text()).unwrap();
    assert_eq!((checkpoint.origin.as_str(), checkpoint.size), ("example.com/behind-the-sofa", 20_852_163));
    assert_eq!(checkpoint.to_string(), text);
    let theirs = tlog_tiles::Checkpoint::from_bytes(text.as_bytes()).unwrap();
    assert_eq!((theirs.origin(), theirs.size()), (checkpoint.origin.as_str(), checkpoint.size));
    assert_eq!(theirs.hash().0, checkpoint.root.0);
}

#[test]
fn a_checkpoint_is_signed_and_opened() {
    let root = root_of(&leaves(9));
    let mut checkpoint = Checkpoint::new(ORIGIN, 9, root).unwrap();
    checkpoint.extensions.push("continues ledger.acme.example/old 4".to_owned());
    let signed = checkpoint.sign(&signer()).unwrap().to_string();
    assert_eq!(Checkpoint::open(signed.as_bytes(), &keys()).unwrap(), checkpoint);
    let theirs = tlog_tiles::Checkpoint::from_bytes(checkpoint.to_string().as_bytes()).unwrap();
    assert_eq!(theirs.extension(), "continues ledger.acme.example/old 4\n");

    let forged = signed.replace("\n9\n", "\n8\n");
    assert!(matches!(
        Checkpoint::open(forged.as_bytes(), &keys()),
        Err(CheckpointError::Note(NoteError::Invalid { .. }))
    ));
    let stranger = Signer::from_seed(ORIGIN, &[8; 32]).unwrap();
    let error = Checkpoint::open(signed.as_bytes(), &[stranger.verifier().clone()]).unwrap_err();
    assert!(matches!(error, CheckpointError::Note(NoteError::Unsigned { .. })));
}

/// A key is valid only for the log that it is named after.
#[test]
fn a_checkpoint_needs_the_key_of_its_log() {
    let other = Signer::from_seed("other.example/log", &[9; 32]).unwrap();
    let checkpoint = Checkpoint::new(ORIGIN, 9, root_of(&leaves(9))).unwrap();
    assert!(matches!(checkpoint.sign(&other), Err(CheckpointError::OtherLog { .. })));
    let smuggled = other.sign(&checkpoint.to_string()).unwrap().to_string();
    assert_eq!(
        Checkpoint::open(smuggled.as_bytes(), &[other.verifier().clone()]).unwrap_err().to_string(),
        format!(
            "the checkpoint is of log {ORIGIN}, but it is signed by other.example/log: take the public key of {ORIGIN}"
        )
    );
}

#[test]
fn an_extension_cannot_smuggle_in_a_line() {
    let mut checkpoint = Checkpoint::new(ORIGIN, 0, tenure_ledger::tree::EMPTY_ROOT).unwrap();
    for extension in ["", "two\nlines", "tab\tbed"] {
        checkpoint.extensions = vec![extension.to_owned()];
        assert!(checkpoint.sign(&signer()).is_err(), "{extension:?}");
    }
    checkpoint.extensions = vec!["one".to_owned(); 17];
    assert!(checkpoint.sign(&signer()).is_err());
}

#[test]
fn malformed_checkpoints_are_refused_as_the_oracle_refuses_them() {
    let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    let table = [
        (format!("\n1\n{root}\n"), 1),
        (format!("a\n01\n{root}\n"), 2),
        (format!("a\n-1\n{root}\n"), 2),
        (format!("a\n+1\n{root}\n"), 2),
        (format!("a\n\n{root}\n"), 2),
        (format!("a\n18446744073709551616\n{root}\n"), 2),
        ("a\n1\nCsUY\n".to_owned(), 3),
        ("a\n1\n".to_owned(), 3),
        (format!("a\n1\n{root}"), 1),
        (format!("a\n1\n{root}\n\n"), 4),
        (format!("a\n1\n{root}\nx\n\n"), 5),
    ];
    for (text, line) in table {
        let error = Checkpoint::parse_text(&text).unwrap_err();
        assert!(matches!(error, CheckpointError::Line { line: at, .. } if at == line), "{text:?}: {error}");
        // The oracle ends a checkpoint at a blank line, because it also reads it followed by its signatures.
        if !text.ends_with("\n\n") {
            assert!(tlog_tiles::Checkpoint::from_bytes(text.as_bytes()).is_err(), "{text:?}");
        }
    }
}

#[test]
fn checkpoints_of_different_logs_or_of_a_split_log_do_not_continue() {
    let all = leaves(8);
    let old = Checkpoint::new(ORIGIN, 8, root_of(&all)).unwrap();
    let split = Checkpoint::new(ORIGIN, 8, Hash([1; 32])).unwrap();
    let other = Checkpoint::new("other.example/log", 8, root_of(&all)).unwrap();
    old.continues(&old, &[]).unwrap();
    assert!(matches!(split.continues(&old, &[]), Err(CheckpointError::Inconsistent { .. })));
    assert!(matches!(other.continues(&old, &[]), Err(CheckpointError::DifferentLogs { .. })));
    let shrunk = Checkpoint::new(ORIGIN, 7, root_of(&all[..7])).unwrap();
    assert_eq!(
        shrunk.continues(&old, &[]).unwrap_err().to_string(),
        "the log did not only grow between the checkpoints of 8 and 7 entries: the later tree has 7 entries, \
         fewer than the 8 of the earlier one: entries were removed"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A change of any byte in a signed checkpoint is detected, or does not change its meaning.
    #[test]
    fn no_byte_of_a_checkpoint_can_change(at in 0_usize..1_000, to: u8) {
        let signed = head(&crate::support::entries(3));
        let mut bytes = signed.clone().into_bytes();
        let at = at % bytes.len();
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        prop_assert!(Checkpoint::open(&bytes, &keys()).is_err());
    }

    #[test]
    fn parsing_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "[a-z0-9\n— +=/]{0,200}") {
        prop_assert!(SignedNote::parse(&bytes).is_err() || bytes.contains(&b'\n'));
        if let Ok(note) = SignedNote::parse(text.as_bytes()) {
            prop_assert_eq!(note.to_string(), text.clone());
        }
        if let Ok(checkpoint) = Checkpoint::parse_text(&text) {
            prop_assert_eq!(checkpoint.to_string(), text.clone());
        }
        if let Ok(key) = VerifierKey::parse(&text) {
            prop_assert_eq!(key.to_string(), text.trim());
        }
    }
}
