//! A published log verifies with its public key and its files, and every change in it is reported.

use crate::support::{ORIGIN, entries, entry, head, keys, opening, published, signer};
use proptest::prelude::*;
use tenure_ledger::note::SignedNote;
use tenure_ledger::tiles::encode_bundle;
use tenure_ledger::tree::EMPTY_ROOT;
use tenure_ledger::verify::{
    Continued, MemoryFiles, PublishError, Publisher, confirm_consistency, confirm_continued, confirm_entry,
    confirm_proof, prove_entry,
};
use tenure_ledger::{
    Checkpoint, Discrepancy, Entry, Files, OldHead, ReadError, Signer, leaf_hash, verify_log,
};

fn check(files: &MemoryFiles) -> Result<tenure_ledger::verify::Confirmed, Discrepancy> {
    verify_log(files, &keys(), &mut |_, _| ())
}

/// The message of the first discrepancy after a change to the files.
fn told(files: &MemoryFiles, change: impl FnOnce(&mut MemoryFiles)) -> String {
    let mut files = files.clone();
    change(&mut files);
    check(&files).unwrap_err().to_string()
}

fn flip(path: &str, at: usize) -> impl FnOnce(&mut MemoryFiles) {
    move |files| files.get_mut(path).unwrap()[at] ^= 1
}

#[test]
fn whole_logs_verify_at_every_border() {
    for size in [0, 1, 2, 255, 256, 257, 511, 512, 513, 1_000] {
        let files = published(&entries(size));
        let confirmed = check(&files).unwrap();
        assert_eq!(confirmed.checkpoint.size, size);
        assert_eq!(confirmed.with_now, size.div_ceil(5));
        let tiles = files
            .keys()
            .filter(|path| path.starts_with("tile/") && !path.starts_with("tile/entries"))
            .count();
        assert_eq!(
            confirmed.tiles,
            u64::try_from(tiles).unwrap(),
            "every published tile of {size} was compared"
        );
    }
}

#[test]
fn a_log_with_three_levels_verifies() {
    let files = published(&entries(65_537));
    let mut seen = Vec::new();
    let confirmed = verify_log(&files, &keys(), &mut |done, of| seen.push((done, of))).unwrap();
    assert_eq!((confirmed.checkpoint.size, confirmed.tiles), (65_537, 256 + 1 + 1 + 1));
    assert_eq!((seen[0], seen[256]), ((256, 65_537), (65_537, 65_537)));
    assert!(files.contains_key("tile/2/000.p/1"));
    let told = told(&files, flip("tile/2/000.p/1", 0));
    assert!(told.starts_with("tile/2/000.p/1 (level 2, position 0) has "), "{told}");
    assert!(told.contains("but tile/1/000 recomputes to"), "{told}");
}

#[test]
fn the_empty_log_verifies() {
    let confirmed = check(&published(&[])).unwrap();
    assert_eq!((confirmed.checkpoint.size, confirmed.checkpoint.root, confirmed.tiles), (0, EMPTY_ROOT, 0));
}

#[test]
fn a_changed_entry_is_named() {
    let log = entries(600);
    let files = published(&log);
    // Entry 300 becomes one of another kind; bundle 1 is rebuilt around it.
    let mut changed = entry(300);
    changed.with_now = false;
    let mut bundle = log[256..512].to_vec();
    bundle[44] = changed.encode().unwrap();
    let told = told(&files, |files| {
        files.insert("tile/entries/001".to_owned(), encode_bundle(&bundle).unwrap());
    });
    let expected = format!(
        "entry 300 in tile/entries/001 hashes to {}, but tile/0/001 has {} for it: one of the two was changed",
        leaf_hash(&bundle[44]),
        leaf_hash(&log[300]),
    );
    assert_eq!(told, expected);
}

#[test]
fn an_entry_changed_with_its_leaf_is_caught_above() {
    let mut log = entries(600);
    let files = published(&log);
    let mut changed = entry(300);
    changed.role = None;
    log[300] = changed.encode().unwrap();
    let forged = published(&log);
    let told_above = told(&files, |files| {
        for path in ["tile/entries/001", "tile/0/001"] {
            files.insert(path.to_owned(), forged[path].clone());
        }
    });
    assert!(told_above.starts_with("tile/1/000.p/2 (level 1, position 1) has "), "{told_above}");
    // All tiles are forged as well: only the signature can detect it.
    let told_root = told(&files, |files| {
        let signed = files["checkpoint"].clone();
        *files = forged.clone();
        files.insert("checkpoint".to_owned(), signed);
    });
    assert!(told_root.starts_with("the 600 entries recompute to root "), "{told_root}");
    // The head is forged as well: the signature detects it.
    let forged_head = told(&files, |files| {
        let thief = Signer::from_seed(ORIGIN, &[8; 32]).unwrap();
        let head = Checkpoint::parse_text(SignedNote::parse(&forged["checkpoint"]).unwrap().text()).unwrap();
        *files = forged.clone();
        files.insert("checkpoint".to_owned(), head.sign(&thief).unwrap().to_string().into_bytes());
    });
    assert!(forged_head.starts_with("checkpoint: the note is not signed by "), "{forged_head}");
}

#[test]
fn changed_and_missing_files_are_named() {
    let files = published(&entries(600));
    let remove = |path: &'static str| move |files: &mut MemoryFiles| drop(files.remove(path));
    let table: Vec<(String, &str)> = vec![
        (told(&files, flip("tile/0/000", 32 * 7)), "entry 7 in tile/entries/000 hashes to "),
        (told(&files, flip("tile/0/002.p/88", 32 * 87)), "entry 599 in tile/entries/002.p/88 hashes to "),
        (told(&files, flip("tile/1/000.p/2", 0)), "tile/1/000.p/2 (level 1, position 0) has "),
        (told(&files, remove("tile/0/001")), "tile/0/001 is missing"),
        (told(&files, remove("tile/1/000.p/2")), "tile/1/000.p/2 is missing"),
        (told(&files, remove("tile/entries/002.p/88")), "tile/entries/002.p/88 is missing"),
        (told(&files, remove("checkpoint")), "checkpoint is missing"),
        (
            told(&files, |files| files.get_mut("tile/0/001").unwrap().truncate(100)),
            "tile/0/001 has 100 bytes, 8192 are expected",
        ),
        (
            told(&files, |files| files.get_mut("tile/entries/001").unwrap().truncate(100)),
            "tile/entries/001, entries from 256 on: the bundle ends within entry 0",
        ),
        (
            told(&files, |files| files.get_mut("tile/entries/001").unwrap().push(0)),
            "tile/entries/001, entries from 256 on: the bundle has 1 bytes after its 256 entries",
        ),
    ];
    for (told, expected) in table {
        assert!(told.starts_with(expected), "{told}\nexpected: {expected}");
    }
}

#[test]
fn an_entry_that_was_never_one_of_ours_is_named() {
    let mut log = entries(300);
    log[257] = b"{\"v\":1,\"name\":\"Ada Lovelace\"}".to_vec();
    let told = check(&published(&log)).unwrap_err().to_string();
    assert!(
        told.starts_with("entry 257 in tile/entries/001.p/44: the entry is not readable: unknown field"),
        "{told}"
    );
}

#[test]
fn a_failing_reader_is_not_a_discrepancy_of_the_log() {
    struct Failing;
    impl Files for Failing {
        fn read(&self, _: &str) -> Result<Option<Vec<u8>>, ReadError> {
            Err("connection reset".into())
        }
    }
    let error = verify_log(&Failing, &keys(), &mut |_, _| ()).unwrap_err();
    assert_eq!(error.to_string(), "cannot read checkpoint");
    assert!(std::error::Error::source(&error).is_some_and(|source| source.to_string() == "connection reset"));
}

/// A folder that was published again later keeps the wider files; an old head still verifies against them.
#[test]
fn wider_files_serve_an_older_head() {
    let log = entries(700);
    let mut files = published(&log);
    let old = head(&log[..600]).into_bytes();
    files.remove("tile/entries/002.p/188");
    files.remove("tile/0/002.p/188");
    for (path, bytes) in published(&entries(768)) {
        if path != "checkpoint" {
            files.insert(path, bytes);
        }
    }
    files.remove("tile/1/000.p/3");
    let level1 = published(&log[..600])["tile/1/000.p/2"].clone();
    files.insert("tile/1/000.p/2".to_owned(), level1);
    files.insert("checkpoint".to_owned(), old);
    assert_eq!(check(&files).unwrap().checkpoint.size, 600);
}

#[test]
fn one_entry_is_proved_with_its_opening() {
    let log = entries(600);
    let files = published(&log);
    for index in [0, 255, 256, 511, 512, 599] {
        let confirmed = confirm_entry(&files, &keys(), index, Some(&opening(index))).unwrap();
        assert_eq!((confirmed.index, confirmed.entry), (index, entry(index)));
    }
    assert!(confirm_entry(&files, &keys(), 5, None).is_ok());
    let error = confirm_entry(&files, &keys(), 5, Some(&opening(6))).unwrap_err();
    assert!(matches!(error, Discrepancy::Opening { index: 5 }));
    let error = confirm_entry(&files, &keys(), 600, None).unwrap_err();
    assert_eq!(error.to_string(), "entry 600 is not in a ledger of 600 entries (the first is 0)");
}

#[test]
fn a_proof_that_carries_nothing_or_something_else_is_refused() {
    let files = published(&entries(20));
    let mut proof = prove_entry(&files, &keys(), 3).unwrap();
    assert!(confirm_proof(&proof, Some(&opening(3)), &keys()).is_ok());
    proof.extra = Some(entry(4).encode().unwrap());
    assert!(matches!(confirm_proof(&proof, None, &keys()), Err(Discrepancy::Proof(_))));
    proof.extra = None;
    assert!(matches!(confirm_proof(&proof, None, &keys()), Err(Discrepancy::NoEntry { index: 3 })));
}

#[test]
fn a_proof_from_changed_tiles_is_not_handed_out() {
    let mut files = published(&entries(600));
    flip("tile/0/000", 0)(&mut files);
    assert!(matches!(prove_entry(&files, &keys(), 1), Err(Discrepancy::Proof(_))));
}

#[test]
fn growth_is_proved_from_tiles() {
    let log = entries(600);
    let files = published(&log);
    for old in [0, 1, 255, 256, 257, 512, 599, 600] {
        let kept = head(&log[..old]);
        let (old_head, new_head) = confirm_consistency(&files, &keys(), kept.as_bytes(), None).unwrap();
        assert_eq!((old_head.size, new_head.size), (u64::try_from(old).unwrap(), 600));
    }
    // Between two heads that are both earlier than the published one.
    let (old, new) = (head(&log[..300]), head(&log[..560]));
    let (old, new) = confirm_consistency(&files, &keys(), old.as_bytes(), Some(new.as_bytes())).unwrap();
    assert_eq!((old.size, new.size), (300, 560));
}

#[test]
fn a_rewritten_rolled_back_or_replaced_log_is_told() {
    let log = entries(600);
    let files = published(&log);
    let mut rewritten = log[..300].to_vec();
    rewritten[7] = entry(8).encode().unwrap();
    let told =
        |old: &str| confirm_consistency(&files, &keys(), old.as_bytes(), None).unwrap_err().to_string();
    let message = told(&head(&rewritten));
    assert!(
        message.starts_with("the log did not only grow between the checkpoints of 300 and 600"),
        "{message}"
    );
    assert!(message.ends_with("its entries were changed"), "{message}");
    assert!(told(&head(&entries(601))).ends_with("entries were removed"));
    let other = Signer::from_seed("other.example/log", &[7; 32]).unwrap();
    let other_head =
        Checkpoint::new("other.example/log", 600, EMPTY_ROOT).unwrap().sign(&other).unwrap().to_string();
    let both = [signer().verifier().clone(), other.verifier().clone()];
    let error = confirm_consistency(&files, &both, other_head.as_bytes(), None).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("the checkpoints are of different logs: other.example/log and {ORIGIN}")
    );
}

#[test]
fn what_does_not_belong_together_is_not_published() {
    let log = entries(300);
    let wrong_head = SignedNote::parse(head(&log[..299]).as_bytes()).unwrap();
    let mut publisher = Publisher::new();
    publisher.bundle(&log[..256]).unwrap();
    publisher.bundle(&log[256..]).unwrap();
    assert_eq!(publisher.bundle(&log[..1]), Err(PublishError::AfterPartial { first: 300 }));
    let error = publisher.finish(&wrong_head).unwrap_err();
    assert!(matches!(error, PublishError::OtherHead { size: 300, signed_size: 299, .. }));
    let too_long = Publisher::new().bundle(&[vec![0; 65_536]]).unwrap_err();
    assert!(matches!(too_long, PublishError::Bundle { first: 0, .. }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A changed byte in any file of a log is always detected.
    #[test]
    fn no_byte_of_a_log_can_change(file: prop::sample::Index, at: prop::sample::Index, flip in 1_u8..=255) {
        let mut files = published(&entries(300));
        let path = files.keys().nth(file.index(files.len())).unwrap().clone();
        let bytes = files.get_mut(&path).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        prop_assert!(check(&files).is_err(), "byte {} of {}", at, path);
    }
}

/// A log of ten entries is restored to six and continues: which old checkpoints are covered by the new one.
#[test]
fn a_log_that_goes_on_after_another_says_what_it_kept() {
    let old = entries(10);
    let head_of = |size: usize| Checkpoint::open(head(&old[..size]).as_bytes(), &keys()).unwrap();
    let last = head_of(10);
    let named = OldHead { origin: ORIGIN.to_owned(), size: last.size, root: last.root };
    let mut new = old[..6].to_vec();
    new.push(Entry { continues: Some(named), ..entry(77) }.encode().unwrap());
    new.extend(entries(3));
    let files = published(&new);
    let done = verify_log(&files, &keys(), &mut |_, _| ()).unwrap();
    assert_eq!(done.continues.len(), 1);
    let check = |old: &Checkpoint| confirm_continued(&files, &done, old);
    assert_eq!(check(&head_of(4)).unwrap(), Continued::Kept(6));
    assert_eq!(check(&head_of(6)).unwrap(), Continued::Kept(6));
    assert_eq!(check(&last).unwrap(), Continued::Named(6));
    let refused = |old: &Checkpoint| check(old).unwrap_err().to_string();
    assert!(refused(&head_of(8)).contains("lies beyond what this log kept"), "{}", refused(&head_of(8)));
    let other = Checkpoint { root: leaf_hash(b"other"), ..last.clone() };
    assert!(refused(&other).contains("names another head"), "{}", refused(&other));
    let stranger = Checkpoint { origin: "elsewhere".to_owned(), ..last };
    assert!(refused(&stranger).contains("no entry of this log names that log"), "{}", refused(&stranger));
}
