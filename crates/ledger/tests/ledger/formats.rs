//! Paths, bundles and proof files: one spelling each, identical to that of other implementations.

use crate::support::{entries, keys, published};
use proptest::prelude::*;
use tenure_ledger::proof::MAX_EXTRA_BYTES;
use tenure_ledger::tiles::{
    MAX_ENTRY_BYTES, TileError, TileId, TilePath, decode_bundle, encode_bundle, entries_path, parse_path,
    tile_path,
};
use tenure_ledger::verify::prove_entry;
use tenure_ledger::{Proof, ProofFileError};

#[test]
fn paths_are_those_of_the_specification() {
    let id = TileId::new(4, 1_234_067);
    assert_eq!(tile_path(id, 256), "tile/4/x001/x234/067");
    assert_eq!(tile_path(id, 1), "tile/4/x001/x234/067.p/1");
    assert_eq!(entries_path(0, 256), "tile/entries/000");
    assert_eq!(entries_path(1_000, 255), "tile/entries/x001/000.p/255");
    assert_eq!(parse_path("tile/4/x001/x234/067.p/1"), Ok(TilePath::Hashes { id, width: 1 }));
    assert_eq!(parse_path("tile/entries/x001/000"), Ok(TilePath::Entries { index: 1_000, width: 256 }));
}

#[test]
fn other_spellings_of_paths_are_refused() {
    for path in [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "tile/0/1",
        "tile/0/0001",
        "tile/0/x001",
        "tile/0/001/002",
        "tile/0/x000/001",
        "tile/00/001",
        "tile/64/001",
        "tile/-1/001",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/01",
        "tile/0/001.p/",
        "tile/data/001",
        "tile/0/001/",
        "/tile/0/001",
        "tile/0/+01",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/0/x001/x001/x001/x001/x001/x001/x001/x001/x001/x001/x001/x001/001",
        "tile/entries/x1/001",
        "../tile/0/001",
    ] {
        assert!(matches!(parse_path(path), Err(TileError::Path { .. })), "{path}");
    }
}

#[test]
fn bundles_are_length_prefixed() {
    let bundle = encode_bundle(&["", "ab", "c"]).unwrap();
    assert_eq!(bundle, [0, 0, 0, 2, b'a', b'b', 0, 1, b'c']);
    assert_eq!(decode_bundle(&bundle, 3).unwrap(), [&b""[..], b"ab", b"c"]);
    let longest = vec![1; MAX_ENTRY_BYTES];
    assert_eq!(decode_bundle(&encode_bundle(&[&longest]).unwrap(), 1).unwrap(), [&longest]);
}

#[test]
fn bad_bundles_are_refused_with_a_reason() {
    let bundle = encode_bundle(&["ab", "c"]).unwrap();
    let message = |bundle: &[u8], width| decode_bundle(bundle, width).unwrap_err().to_string();
    assert_eq!(message(&bundle, 3), "the bundle has 2 entries, 3 are expected");
    assert_eq!(message(&bundle, 1), "the bundle has 3 bytes after its 1 entries");
    assert_eq!(message(&bundle[..6], 2), "the bundle ends within entry 1");
    assert_eq!(message(&bundle[..5], 2), "the bundle ends within entry 1");
    assert_eq!(
        encode_bundle(&[vec![], vec![0; MAX_ENTRY_BYTES + 1]]).unwrap_err().to_string(),
        "entry 1 of the bundle has 65536 bytes, the limit is 65535"
    );
    assert_eq!(encode_bundle(&[b""; 257]).unwrap_err(), TileError::TooManyEntries { entries: 257 });
}

#[test]
fn a_proof_file_reads_as_the_specification_says() {
    let log = entries(300);
    let proof = prove_entry(&published(&log), &keys(), 299).unwrap();
    let file = proof.to_string();
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(lines[0], "c2sp.org/tlog-proof@v1");
    assert!(lines[1].starts_with("extra "));
    assert_eq!(lines[2], "index 299");
    let blank = lines.iter().position(|line| line.is_empty()).unwrap();
    assert_eq!(blank - 3, proof.path.len());
    assert!(lines[3..blank].iter().all(|line| line.len() == 44));
    assert_eq!(lines[blank + 1..blank + 3], ["ledger.acme.example/tenure", "300"]);
    let parsed = Proof::parse(file.as_bytes()).unwrap();
    assert_eq!(parsed, proof);
    assert_eq!(parsed.verify(&log[299], &keys()).unwrap().size, 300);
}

#[test]
fn a_proof_holds_for_its_entry_at_its_index_only() {
    let log = entries(300);
    let proof = prove_entry(&published(&log), &keys(), 17).unwrap();
    assert!(matches!(proof.verify(&log[18], &keys()), Err(ProofFileError::NotIncluded { index: 17, .. })));
    let mut moved = proof.clone();
    moved.index = 16;
    assert!(moved.verify(&log[17], &keys()).is_err());
    let mut shorter = proof.clone();
    shorter.path.pop();
    assert_eq!(
        shorter.verify(&log[17], &keys()).unwrap_err().to_string(),
        "entry 17 is not shown to be in the log: the proof has 8 hashes, which is not the number that it needs"
    );
    let mut other = proof;
    other.checkpoint = other.checkpoint.replace("\n300\n", "\n301\n");
    assert!(matches!(other.verify(&log[17], &keys()), Err(ProofFileError::Checkpoint(_))));
}

#[test]
fn malformed_proofs_are_refused_with_a_reason() {
    let hash = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    let head = "c2sp.org/tlog-proof@v1";
    let long = "A".repeat((MAX_EXTRA_BYTES / 3 + 1) * 4);
    let table = [
        (String::new(), "line 1 of the proof is not followed by a blank line and a checkpoint"),
        (
            format!("{head}\nindex 1\n{hash}\n"),
            "line 1 of the proof is not followed by a blank line and a checkpoint",
        ),
        (format!("{head}v2\nindex 1\n\nc"), "line 1 of the proof is not c2sp.org/tlog-proof@v1"),
        (format!("{head}\n\nc"), "line 2 of the proof is not 'index' and a decimal number"),
        (format!("{head}\nindex 01\n\nc"), "line 2 of the proof is not 'index' and a decimal number"),
        (format!("{head}\nindex\n\nc"), "line 2 of the proof is not 'index' and a decimal number"),
        (
            format!("{head}\nextra A\nindex 1\n\nc"),
            "line 2 of the proof is not 'extra' and at most 100,000 bytes in base64",
        ),
        (
            format!("{head}\nextra {long}\nindex 1\n\nc"),
            "line 2 of the proof is not 'extra' and at most 100,000 bytes in base64",
        ),
        (
            format!("{head}\nextra AA==\nindex x\n\nc"),
            "line 3 of the proof is not 'index' and a decimal number",
        ),
        (
            format!("{head}\nindex 1\n{hash}\nAA==\n\nc"),
            "line 4 of the proof is not a hash: 32 bytes in base64",
        ),
        (
            format!("{head}\nindex 1\n{}\nc", format!("{hash}\n").repeat(65)),
            "line 67 of the proof is not allowed: a path has at most 64 hashes",
        ),
    ];
    for (file, message) in table {
        assert_eq!(Proof::parse(file.as_bytes()).unwrap_err().to_string(), message);
    }
    assert!(Proof::parse(b"\xff\n\n").is_err());
    assert!(matches!(
        Proof::parse(&vec![b'a'; 2_000_000]),
        Err(ProofFileError::TooLong { bytes: 2_000_000 })
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// The oracle's paths contain the tile height, 8, which the specification leaves out.
    #[test]
    fn paths_agree_with_the_oracle(level in 0_u8..64, index: u64, width in 1_u16..=256) {
        let index = index >> (index % 64);
        let path = tile_path(TileId::new(level, index), width);
        let theirs = tlog_tiles::Tile::new(8, level, index, u32::from(width), false).path();
        prop_assert_eq!(theirs, path.replacen("tile/", "tile/8/", 1));
        prop_assert_eq!(parse_path(&path), Ok(TilePath::Hashes { id: TileId::new(level, index), width }));
        let bundle = entries_path(index, width);
        prop_assert_eq!(parse_path(&bundle), Ok(TilePath::Entries { index, width }));
    }

    /// Levels below 64 and widths above 0 only, because the oracle panics at others.
    #[test]
    fn the_oracle_accepts_the_same_spellings(
        path in "tile/(0|7|07|10|63)/(x[0-9]{3}/|[0-9]{3}/|x[0-9]{2}/){0,3}x?[0-9]{2,4}(\\.p/(1|01|9|255|256|300))?",
    ) {
        let theirs = tlog_tiles::Tile::from_path(&path.replacen("tile/", "tile/8/", 1));
        prop_assert_eq!(parse_path(&path).is_ok(), theirs.is_ok(), "{}", path);
    }

    #[test]
    fn bundles_round_trip(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 0..=256)) {
        let bundle = encode_bundle(&entries).unwrap();
        prop_assert_eq!(decode_bundle(&bundle, u16::try_from(entries.len()).unwrap()).unwrap(), entries);
    }
}
