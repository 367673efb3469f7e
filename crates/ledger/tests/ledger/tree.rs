//! Roots, proofs and tiles: every size to 70, the borders of tiles, tampering, and `tlog_tiles` as an oracle.

use crate::support::{leaves, stored};
use proptest::prelude::*;
use std::cell::Cell;
use tenure_ledger::tiles::TileId;
use tenure_ledger::tree::{
    EMPTY_ROOT, FrontierError, MAX_TREE_SIZE, MemoryReader, ProofError, TILE_WIDTH, node_hash, root_of,
    verify_consistency, verify_inclusion,
};
use tenure_ledger::{Frontier, Hash, HashReader, ReadError, Tree, TreeError, leaf_hash};
use tlog_tiles::tlog as oracle;

/// The oracle's storage: every hash of the tree in its own numbering.
struct OracleStore(Vec<oracle::Hash>);

impl oracle::HashReader for OracleStore {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<oracle::Hash>, oracle::Error> {
        Ok(indexes.iter().map(|index| self.0[usize::try_from(*index).unwrap()]).collect())
    }
}

fn oracle_store(leaves: &[Hash]) -> OracleStore {
    let mut store = OracleStore(Vec::new());
    for (n, leaf) in (0..).zip(leaves) {
        let more = oracle::stored_hashes_for_record_hash(n, oracle::Hash(leaf.0), &store).unwrap();
        store.0.extend(more);
    }
    store
}

fn ours(hashes: &[oracle::Hash]) -> Vec<Hash> {
    hashes.iter().map(|hash| Hash(hash.0)).collect()
}

fn theirs(hashes: &[Hash]) -> Vec<oracle::Hash> {
    hashes.iter().map(|hash| oracle::Hash(hash.0)).collect()
}

fn hex(hash: Hash) -> String {
    hash.0.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The eight entries and the roots that implementations of RFC 6962 have tested with since 2012.
#[test]
fn roots_of_the_published_eight_entries() {
    let entries: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut frontier = Frontier::new();
    for (entry, root) in entries.iter().zip(roots) {
        assert_eq!(hex(frontier.append(&[leaf_hash(entry)]).unwrap().root), root);
    }
}

#[test]
fn the_empty_tree_has_the_hash_of_nothing() {
    assert_eq!(Frontier::new().root(), EMPTY_ROOT);
    assert_eq!(hex(EMPTY_ROOT), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    let reader = MemoryReader::default();
    let mut tree = Tree::new(0, &reader).unwrap();
    assert_eq!(tree.root().unwrap(), EMPTY_ROOT);
    assert_eq!(root_of(&[]), EMPTY_ROOT);
    assert!(matches!(tree.inclusion(0), Err(TreeError::NoSuchLeaf { index: 0, size: 0 })));
    assert_eq!(tree.consistency(0).unwrap(), []);
    let some = leaves(3);
    verify_consistency((0, EMPTY_ROOT), (3, root_of(&some)), &[]).unwrap();
    verify_consistency((0, EMPTY_ROOT), (0, EMPTY_ROOT), &[]).unwrap();
    verify_consistency((0, some[0]), (3, root_of(&some)), &[]).unwrap_err();
    verify_consistency((0, EMPTY_ROOT), (3, root_of(&some)), &some[..1]).unwrap_err();
}

/// An entry that contains two hashes must not hash to the node over these hashes.
#[test]
fn a_leaf_never_collides_with_a_node() {
    let pair = leaves(2);
    let mut as_entry = pair[0].0.to_vec();
    as_entry.extend_from_slice(&pair[1].0);
    assert_ne!(leaf_hash(&as_entry), node_hash(&pair[0], &pair[1]));
    // The classic attack: present a tree of four as a tree of two whose entries are the inner nodes.
    let four = leaves(4);
    let root = root_of(&four);
    let sibling = node_hash(&four[2], &four[3]);
    let mut forged = four[0].0.to_vec();
    forged.extend_from_slice(&four[1].0);
    verify_inclusion(leaf_hash(&forged), 0, &[sibling], 2, root).unwrap_err();
}

#[test]
fn every_inclusion_proof_to_seventy_holds_and_is_the_oracles() {
    let all = leaves(70);
    let (_, reader) = stored(&all, 7);
    let store = oracle_store(&all);
    for size in 1..=70_u64 {
        let prefix = &all[..usize::try_from(size).unwrap()];
        let mut tree = Tree::new(size, &reader).unwrap();
        let root = tree.root().unwrap();
        assert_eq!(root, root_of(prefix));
        assert_eq!(root.0, oracle::tree_hash(size, &store).unwrap().0);
        for (index, leaf) in (0..).zip(prefix) {
            let path = tree.inclusion(index).unwrap();
            assert_eq!(path, ours(&oracle::prove_record(size, index, &store).unwrap()), "{index} of {size}");
            verify_inclusion(*leaf, index, &path, size, root).unwrap();
            tampered_inclusion_fails(*leaf, index, &path, size, root);
        }
        assert!(tree.inclusion(size).is_err());
    }
}

fn tampered_inclusion_fails(leaf: Hash, index: u64, path: &[Hash], size: u64, root: Hash) {
    let refused = |leaf, index, path: &[Hash], size, root| {
        assert!(verify_inclusion(leaf, index, path, size, root).is_err(), "{index} of {size}");
    };
    refused(flip(leaf), index, path, size, root);
    refused(leaf, index, path, size, flip(root));
    refused(leaf, size, path, size, root);
    refused(leaf, index, &[path, &[root]].concat(), size, root);
    if index > 0 {
        refused(leaf, index - 1, path, size, root);
    }
    for at in 0..path.len() {
        let mut changed = path.to_vec();
        changed[at] = flip(changed[at]);
        refused(leaf, index, &changed, size, root);
    }
    if let Some((_, shorter)) = path.split_last() {
        refused(leaf, index, shorter, size, root);
        refused(leaf, index, &path[1..], size, root);
    }
}

#[test]
fn every_consistency_proof_to_seventy_holds_and_is_the_oracles() {
    let all = leaves(70);
    let (_, reader) = stored(&all, 70);
    let store = oracle_store(&all);
    let roots: Vec<Hash> = (0..=70).map(|size| root_of(&all[..size])).collect();
    for (new, new_root) in (0_u64..).zip(&roots).skip(1) {
        let mut tree = Tree::new(new, &reader).unwrap();
        for (old, old_root) in (0_u64..).zip(&roots).take(usize::try_from(new).unwrap() + 1) {
            let proof = tree.consistency(old).unwrap();
            verify_consistency((old, *old_root), (new, *new_root), &proof).unwrap();
            if old > 0 && old < new {
                assert_eq!(proof, ours(&oracle::prove_tree(new, old, &store).unwrap()), "{old} to {new}");
                tampered_consistency_fails((old, *old_root), (new, *new_root), &proof);
            }
        }
        assert!(matches!(tree.consistency(new + 1), Err(TreeError::NotOlder { .. })));
    }
}

fn tampered_consistency_fails(old: (u64, Hash), new: (u64, Hash), proof: &[Hash]) {
    let refused = |old, new, proof: &[Hash]| {
        assert!(verify_consistency(old, new, proof).is_err(), "{old:?} to {new:?}");
    };
    refused((old.0, flip(old.1)), new, proof);
    refused(old, (new.0, flip(new.1)), proof);
    refused(new, old, proof);
    refused((0, old.1), new, proof);
    refused(old, new, &[]);
    refused(old, new, &[proof, &[old.1]].concat());
    refused(old, new, &proof[1..]);
    refused(old, new, &proof[..proof.len() - 1]);
    for at in 0..proof.len() {
        let mut changed = proof.to_vec();
        changed[at] = flip(changed[at]);
        refused(old, new, &changed);
    }
}

fn flip(hash: Hash) -> Hash {
    let mut bytes = hash.0;
    bytes[31] ^= 1;
    Hash(bytes)
}

#[test]
fn refusals_say_what_the_proof_shows() {
    let all = leaves(9);
    let (root, old_root) = (root_of(&all), root_of(&all[..6]));
    let (_, reader) = stored(&all, 9);
    let proof = Tree::new(9, &reader).unwrap().consistency(6).unwrap();
    let message = |error: Result<(), ProofError>| error.unwrap_err().to_string();
    assert_eq!(
        message(verify_consistency((9, root), (6, old_root), &proof)),
        "the later tree has 6 entries, fewer than the 9 of the earlier one: entries were removed"
    );
    assert!(
        message(verify_consistency((6, flip(old_root)), (9, root), &proof))
            .ends_with("its entries were changed")
    );
    assert_eq!(
        message(verify_inclusion(all[0], 9, &[], 9, root)),
        "the proof is for entry 9, but the tree has 9 entries (the first is 0)"
    );
}

/// Which tiles become full, and that the stored form is enough to continue, around every border.
#[test]
fn tiles_become_full_at_their_borders() {
    for (size, expected) in
        [(255, 0), (256, 1), (257, 1), (512, 2), (65_535, 255), (65_536, 257), (65_537, 257)]
    {
        let all = leaves(size);
        let mut frontier = Frontier::new();
        let appended = frontier.append(&all).unwrap();
        assert_eq!(appended.tiles.len(), expected, "tiles of {size}");
        assert_eq!(appended.root, root_of(&all), "root of {size}");
        for tile in &appended.tiles {
            assert_eq!(tile.bytes.len(), usize::from(TILE_WIDTH) * 32);
        }
        let widths: Vec<(u8, u64, u16)> = frontier
            .partial_tiles()
            .map(|(id, width, bytes)| {
                assert_eq!(bytes.len(), usize::from(width) * 32);
                (id.level, id.index, width)
            })
            .collect();
        let expected: &[(u8, u64, u16)] = match size {
            255 => &[(0, 0, 255)],
            256 => &[(1, 0, 1)],
            257 => &[(0, 1, 1), (1, 0, 1)],
            512 => &[(1, 0, 2)],
            65_535 => &[(0, 255, 255), (1, 0, 255)],
            65_536 => &[(2, 0, 1)],
            _ => &[(0, 256, 1), (2, 0, 1)],
        };
        assert_eq!(widths, expected, "partial tiles of {size}");
    }
}

/// C2SP tlog-tiles gives this example: 273 + 1 full tiles, and partial ones of 112, 17 and 1.
#[test]
fn the_tiles_of_seventy_thousand_are_those_of_the_specification() {
    let mut frontier = Frontier::new();
    let appended = frontier.append(&leaves(70_000)).unwrap();
    let full = |level| appended.tiles.iter().filter(|tile| tile.id.level == level).count();
    assert_eq!((full(0), full(1), full(2)), (273, 1, 0));
    let widths: Vec<u16> = frontier.partial_tiles().map(|(_, width, _)| width).collect();
    assert_eq!(widths, [112, 17, 1]);
}

#[test]
fn proofs_across_tile_borders_are_the_oracles() {
    let all = leaves(65_793);
    let (frontier, reader) = stored(&all, 10_000);
    let store = oracle_store(&all);
    for size in [256_u64, 257, 511, 513, 65_535, 65_536, 65_537, 65_793] {
        let mut tree = Tree::new(size, &reader).unwrap();
        let root = tree.root().unwrap();
        assert_eq!(root.0, oracle::tree_hash(size, &store).unwrap().0, "root of {size}");
        for index in
            [0, 1, 254, 255, 256, size / 2, size - 2, size - 1].into_iter().filter(|index| *index < size)
        {
            let path = tree.inclusion(index).unwrap();
            let leaf = all[usize::try_from(index).unwrap()];
            oracle::check_record(&theirs(&path), size, oracle::Hash(root.0), index, oracle::Hash(leaf.0))
                .unwrap();
            verify_inclusion(leaf, index, &path, size, root).unwrap();
        }
        for old in [1, 255, 256, 257, size / 2, size - 1].into_iter().filter(|old| *old < size) {
            let proof = tree.consistency(old).unwrap();
            let old_root = oracle::tree_hash(old, &store).unwrap();
            oracle::check_tree(&theirs(&proof), size, oracle::Hash(root.0), old, old_root).unwrap();
            verify_consistency((old, Hash(old_root.0)), (size, root), &proof).unwrap();
        }
    }
    assert_eq!(frontier.root(), Tree::new(65_793, &reader).unwrap().root().unwrap());
    assert_eq!(Frontier::resume(65_793, &reader).unwrap(), frontier);
}

/// Only leaf hashes and full tiles are read, and the recomputed edge is read once per tree.
#[test]
fn the_right_edge_is_recomputed_once() {
    struct Counting(MemoryReader, Cell<usize>);
    impl HashReader for Counting {
        fn tile(&self, id: TileId, width: u16) -> Result<Option<Vec<Hash>>, ReadError> {
            assert!(id.level == 0 || width <= TILE_WIDTH);
            self.1.set(self.1.get() + 1);
            self.0.tile(id, width)
        }
    }
    let all = leaves(256 * 40 + 3);
    let reader = Counting(stored(&all, 1_000).1, Cell::new(0));
    let mut tree = Tree::new(256 * 40 + 3, &reader).unwrap();
    tree.inclusion(5).unwrap();
    let first = reader.1.replace(0);
    tree.inclusion(6).unwrap();
    assert!(first > 40, "40 full tiles make the edge of level 1, {first} reads");
    assert!(reader.1.get() <= 16, "{} reads for a second proof", reader.1.get());
}

#[test]
fn what_a_reader_lacks_is_named() {
    let all = leaves(600);
    let (_, mut reader) = stored(&all, 600);
    reader.leaves.truncate(599);
    let error = Tree::new(600, &reader).unwrap().root().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the ledger lacks tile tile/0/002 (88 hashes), which a tree of 600 leaves has"
    );
    assert!(matches!(Tree::new(MAX_TREE_SIZE + 1, &reader), Err(TreeError::TooLarge { .. })));

    struct Failing;
    impl HashReader for Failing {
        fn tile(&self, _: TileId, _: u16) -> Result<Option<Vec<Hash>>, ReadError> {
            Err("disk full".into())
        }
    }
    let error = Tree::new(1, &Failing).unwrap().root().unwrap_err();
    assert_eq!(error.to_string(), "cannot read tile tile/0/000 of the ledger");

    struct Short;
    impl HashReader for Short {
        fn tile(&self, _: TileId, _: u16) -> Result<Option<Vec<Hash>>, ReadError> {
            Ok(Some(leaves(2)))
        }
    }
    let error = Tree::new(3, &Short).unwrap().root().unwrap_err();
    assert_eq!(
        error.to_string(),
        "tile tile/0/000 of the ledger has 2 hashes, a tree of 3 leaves has 3 there"
    );
}

#[test]
fn a_stored_edge_is_checked() {
    let (frontier, _) = stored(&leaves(300), 300);
    let bytes = frontier.to_bytes();
    assert_eq!(Frontier::from_bytes(&bytes).unwrap(), frontier);
    assert_eq!(Frontier::from_bytes(&Frontier::new().to_bytes()).unwrap(), Frontier::default());
    let length = |bytes: &[u8]| matches!(Frontier::from_bytes(bytes), Err(FrontierError::Length { .. }));
    assert!(length(&[]) && length(&bytes[..8]) && length(&bytes[..bytes.len() - 1]));
    assert!(length(&[bytes.as_slice(), &[0]].concat()));
    let mut newer = bytes.clone();
    newer[0] = 2;
    assert_eq!(Frontier::from_bytes(&newer), Err(FrontierError::Version { found: 2 }));
    let mut huge = vec![1];
    huge.extend_from_slice(&u64::MAX.to_be_bytes());
    assert!(matches!(Frontier::from_bytes(&huge), Err(FrontierError::Full { .. })));
}

/// A tree that is full refuses a batch as a whole.
#[test]
fn a_tree_cannot_outgrow_its_limit() {
    let mut state = vec![1];
    state.extend_from_slice(&(MAX_TREE_SIZE - 1).to_be_bytes());
    let hashes: usize =
        (0..8).map(|level| usize::from(((MAX_TREE_SIZE - 1) >> (8 * level)).to_le_bytes()[0])).sum();
    state.extend(std::iter::repeat_n(9, hashes * 32));
    let mut frontier = Frontier::from_bytes(&state).unwrap();
    let before = frontier.clone();
    assert!(matches!(frontier.append(&leaves(2)), Err(FrontierError::Full { more: 2, .. })));
    assert_eq!(frontier, before);
    assert_eq!(frontier.append(&leaves(1)).unwrap().size, MAX_TREE_SIZE);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The log is the same for any batches, and for any restarts in between.
    #[test]
    fn batches_and_restarts_do_not_matter(batches in prop::collection::vec(0_u64..700, 1..6), by_bytes: bool) {
        let all = leaves(batches.iter().sum());
        let mut frontier = Frontier::new();
        let mut reader = MemoryReader::default();
        let mut rest = all.as_slice();
        for batch in batches {
            let (part, after) = rest.split_at(usize::try_from(batch).unwrap());
            let appended = frontier.append(part).unwrap();
            reader.keep(part, &appended);
            rest = after;
            frontier = if by_bytes {
                Frontier::from_bytes(&frontier.to_bytes()).unwrap()
            } else {
                Frontier::resume(frontier.size(), &reader).unwrap()
            };
            prop_assert_eq!(frontier.root(), appended.root);
        }
        prop_assert_eq!(frontier.root(), root_of(&all));
        let (once, _) = stored(&all, all.len().max(1));
        prop_assert_eq!(frontier, once);
    }

    #[test]
    fn any_proof_of_any_past_size_holds(size in 1_u64..3_000, old in 0_u64..3_000, index in 0_u64..3_000) {
        let all = leaves(3_000);
        let (_, reader) = stored(&all, 500);
        let (old, index) = (old.min(size), index % size);
        let mut tree = Tree::new(size, &reader).unwrap();
        let root = tree.root().unwrap();
        let path = tree.inclusion(index).unwrap();
        prop_assert!(verify_inclusion(all[usize::try_from(index).unwrap()], index, &path, size, root).is_ok());
        let old_root = root_of(&all[..usize::try_from(old).unwrap()]);
        let proof = tree.consistency(old).unwrap();
        prop_assert!(verify_consistency((old, old_root), (size, root), &proof).is_ok());
    }
}
