//! Logs for tests: entries, keys and published files, all derived from numbers so that a failure can be repeated.

use tenure_ledger::tree::MemoryReader;
use tenure_ledger::verify::{MemoryFiles, Publisher};
use tenure_ledger::{
    Checkpoint, Entry, Frontier, Hash, Label, Opening, Salt, Signer, VerifierKey, leaf_hash,
};

pub(crate) const ORIGIN: &str = "ledger.acme.example/tenure";

pub(crate) fn signer() -> Signer {
    Signer::from_seed(ORIGIN, &[7; 32]).unwrap()
}

pub(crate) fn keys() -> Vec<VerifierKey> {
    vec![signer().verifier().clone()]
}

/// `count` leaf hashes, all different.
pub(crate) fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
}

/// A stored tree, appended in batches of `batch`.
pub(crate) fn stored(leaves: &[Hash], batch: usize) -> (Frontier, MemoryReader) {
    let mut frontier = Frontier::new();
    let mut reader = MemoryReader::default();
    for part in leaves.chunks(batch) {
        let appended = frontier.append(part).unwrap();
        reader.keep(part, &appended);
    }
    (frontier, reader)
}

pub(crate) fn opening(n: u64) -> Opening {
    let mut salt = [0; 32];
    salt[..8].copy_from_slice(&n.to_be_bytes());
    Opening::new(Salt::new(salt), [3; 16], format!("person {n} gets git:developer").into_bytes()).unwrap()
}

pub(crate) fn entry(n: u64) -> Entry {
    Entry {
        kind: Label::new("grant.decided").unwrap(),
        at: 1_772_000_000_000_000 + i64::try_from(n).unwrap(),
        setup: Some([0xab; 32]),
        with_now: n.is_multiple_of(5),
        role: n.is_multiple_of(2).then(|| Label::new("approver").unwrap()),
        case: Some([1; 16]),
        task: None,
        commitment: opening(n).commitment().unwrap(),
        continues: None,
    }
}

/// The encoded entries of a log.
pub(crate) fn entries(count: u64) -> Vec<Vec<u8>> {
    (0..count).map(|n| entry(n).encode().unwrap()).collect()
}

/// The head of a log of these entries, signed.
pub(crate) fn head(entries: &[Vec<u8>]) -> String {
    let mut frontier = Frontier::new();
    let leaves: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    let appended = frontier.append(&leaves).unwrap();
    let checkpoint = Checkpoint::new(ORIGIN, appended.size, appended.root).unwrap();
    checkpoint.sign(&signer()).unwrap().to_string()
}

/// The published files of a log of these entries.
pub(crate) fn published(entries: &[Vec<u8>]) -> MemoryFiles {
    let mut files = MemoryFiles::new();
    let mut publisher = Publisher::new();
    for bundle in entries.chunks(256) {
        files.extend(publisher.bundle(bundle).unwrap());
    }
    let head = tenure_ledger::note::SignedNote::parse(head(entries).as_bytes()).unwrap();
    files.extend(publisher.finish(&head).unwrap());
    files
}
