//! The ledger grows with the decisions: gapless, in the order of commits, its head never ahead of its leaves.

use super::sample::{append, evidence};
use super::{Done, Fixture, committed};
use std::sync::Arc;
use tenure_ledger::{Frontier, Hash, Links, Place, leaf_hash};
use tenure_store::{Change, Evidence, LedgerHead, Outcome, Store, StoreError, Unit};

/// The frontier of the head, if it can be read.
fn frontier(head: &LedgerHead) -> Frontier {
    let read = Frontier::from_bytes(&head.frontier);
    assert!(read.is_ok(), "{read:?}");
    read.unwrap_or_default()
}

/// The tree over all stored leaf hashes.
async fn recomputed(store: &dyn Store, size: u64) -> Result<Frontier, StoreError> {
    let mut tree = Frontier::new();
    let hashes = store.leaf_hashes(0, u32::try_from(size).unwrap_or(u32::MAX)).await?;
    let appended = tree.append(&hashes.into_iter().map(Hash).collect::<Vec<_>>());
    assert!(appended.is_ok(), "{appended:?}");
    Ok(tree)
}

pub async fn leaves_are_numbered_in_the_order_of_commits(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let empty = store.ledger_head().await?;
    assert_eq!((empty.size, frontier(&empty), empty.checkpoint), (0, Frontier::new(), None));
    committed(&*store, vec![append("a"), append("b")]).await?;
    let case = tenure_model::CaseId::new(1, [9; 10]);
    let bare = Evidence { identity: None, opening: None, case: Some(case), ..evidence("c") };
    committed(&*store, vec![Change::Append(bare)]).await?;
    store.numbered().await?;
    let leaves = store.leaves(1, 9).await?;
    assert_eq!(leaves.iter().map(|leaf| leaf.index).collect::<Vec<_>>(), [1, 2]);
    let b = evidence("b");
    assert_eq!((leaves[0].identity, &leaves[0].opening), (b.identity, &b.opening));
    let links = Links::decode(&leaves[0].links);
    let second = Links { identity: Some(Place { number: 2, previous: Some(0) }), ..Links::default() };
    assert_eq!(links, Ok(second));
    let written = b.draft.finish(&leaves[0].links, 1);
    assert_eq!(
        (&written.entry[..], written.leaf.0, written.stamp),
        (&leaves[0].entry[..], leaves[0].leaf, leaves[0].stamp)
    );
    assert_eq!(leaves[0].inner, *b.draft.inner().as_bytes());
    let first = Links { case: Some(Place { number: 1, previous: None }), ..Links::default() };
    assert_eq!(Links::decode(&leaves[1].links), Ok(first));
    assert_eq!((leaves[1].identity, &leaves[1].opening), (None, &None));
    assert_eq!(store.leaves(0, 1).await?.len(), 1);
    assert_eq!(store.leaves(3, 9).await?, []);
    let about = leaves[0].identity.map(|id| (id, store.leaves_about(id, None, 9)));
    if let Some((id, about)) = about {
        let about = about.await?;
        assert_eq!(about.iter().map(|leaf| leaf.index).collect::<Vec<_>>(), [1, 0]);
        assert_eq!(store.leaves_about(id, None, 1).await?, about[..1]);
        assert_eq!(store.leaves_about(id, Some(0), 9).await?, about[1..]);
    }
    let stranger = tenure_model::IdentityId::from_bytes([7; 16]);
    assert_eq!(store.leaves_about(stranger, None, 9).await?, []);
    assert_eq!(store.leaf_hashes(1, 1).await?, [leaf_hash(&leaves[0].entry).0]);
    Ok(())
}

pub async fn the_head_and_the_tiles_follow_the_leaves(f: &dyn Fixture) -> Done {
    const LEAVES: u64 = 256 * 256 + 300;
    let store = f.open().await;
    let mut tree = Frontier::new();
    let mut tiles = Vec::new();
    let mut n = 0;
    for step in [1, 254, 1, 300, 5_000, 60_000, LEAVES] {
        let until = LEAVES.min(n + step);
        let texts: Vec<_> = (n..until).map(|n| n.to_string()).collect();
        n = until;
        let units = texts.chunks(50).map(|chunk| Unit {
            expects: Vec::new(),
            changes: chunk.iter().map(|text| append(text)).collect(),
        });
        assert!(store.commit(units.collect()).await?.iter().all(Outcome::is_committed));
        let from = n - u64::try_from(texts.len()).unwrap_or(0);
        let leaves = store.leaves(from, u32::try_from(texts.len()).unwrap_or(u32::MAX)).await?;
        let hashes: Vec<_> = leaves.iter().map(|leaf| leaf_hash(&leaf.entry)).collect();
        let appended = tree.append(&hashes);
        assert!(appended.is_ok(), "{appended:?}");
        tiles.extend(appended.into_iter().flat_map(|appended| appended.tiles));
        store.numbered().await?;
        let head = store.ledger_head().await?;
        assert_eq!((head.size, frontier(&head)), (n, tree.clone()), "after {n} leaves");
    }
    assert_eq!(n, LEAVES);
    assert!(tiles.iter().any(|tile| tile.id.level == 1));
    for tile in &tiles {
        let stored = store.tile(tile.id.level, tile.id.index).await?;
        assert_eq!(stored.as_deref(), Some(&*tile.bytes), "tile {}", tile.id);
    }
    assert_eq!(store.tile(0, 257).await?, None, "a tile that is not full");
    assert_eq!(store.tile(2, 0).await?, None);
    // What was not remembered but read back from leaves and tiles is the same.
    drop(store);
    let store = f.open().await;
    store.numbered().await?;
    assert_eq!(frontier(&store.ledger_head().await?), tree);
    committed(&*store, vec![append("more")]).await?;
    store.numbered().await?;
    assert_eq!(store.ledger_head().await?.size, LEAVES + 1);
    Ok(())
}

pub async fn the_latest_checkpoint_is_shown(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let checkpoint = |size, text: &str| Change::PutCheckpoint(size, Arc::from(text));
    committed(&*store, vec![append("a"), append("b"), checkpoint(2, "two")]).await?;
    committed(&*store, vec![checkpoint(1, "one")]).await?;
    store.numbered().await?;
    assert_eq!(store.ledger_head().await?.checkpoint.as_deref(), Some("two"));
    assert_eq!(store.checkpoint(1).await?.as_deref(), Some("one"));
    assert_eq!(store.checkpoint(2).await?.as_deref(), Some("two"));
    assert_eq!(store.checkpoint(3).await?, None);
    drop(store);
    assert_eq!(f.open().await.ledger_head().await?.checkpoint.as_deref(), Some("two"));
    Ok(())
}

pub async fn concurrent_commits_leave_no_gap(f: &dyn Fixture) -> Done {
    const EACH: u64 = 60;
    let store = f.open().await;
    let writers: Vec<_> = (0..8_u64)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                for n in 0..EACH {
                    committed(&*store, vec![append(&format!("{writer}/{n}"))]).await?;
                }
                Ok::<_, StoreError>(())
            })
        })
        .collect();
    // A reader meanwhile sees a head whose leaves are all there.
    for _ in 0..20 {
        let head = store.ledger_head().await?;
        let seen = recomputed(&*store, head.size).await?;
        assert_eq!((seen.size(), seen), (head.size, frontier(&head)));
    }
    for writer in writers {
        writer.await.map_err(|e| StoreError::Driver(Box::new(e)))??;
    }
    let leaves = store.leaves(0, 1_000).await?;
    assert!((0..8 * EACH).eq(leaves.iter().map(|leaf| leaf.index)));
    for writer in 0..8 {
        let own = format!("{writer}/");
        let order: Vec<u64> = leaves
            .iter()
            .filter_map(|leaf| {
                std::str::from_utf8(leaf.opening.as_deref()?).ok()?.strip_prefix(&own)?.parse::<u64>().ok()
            })
            .collect();
        assert!((0..EACH).eq(order), "the commits of one writer are in its order");
    }
    Ok(())
}
