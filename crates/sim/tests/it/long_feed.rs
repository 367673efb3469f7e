//! A feed longer than one chunk ends as if its rows had been taken one after the other, although the next chunk is
//! decided while the last one is still being written.

use crate::world::World;
use std::collections::BTreeSet;

/// Several chunks.
const PEOPLE: usize = 6_500;

fn row(n: usize, manager: usize) -> [String; 4] {
    // A few names that many share, so that user names collide within chunks and between them.
    let manager = if manager == 0 { String::new() } else { format!("W{manager}") };
    [format!("R{n}"), format!("W{n}"), format!("Name{}", n % 700), manager]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_whom_an_earlier_chunk_brings_is_met_again() {
    let world = World::new().await;
    let mut rows: Vec<_> = (1..=PEOPLE).map(|n| row(n, 0)).collect();
    // Second engagements of people of the chunk before, the first chunk and the same chunk.
    for (place, of) in [(6_499, 6_498), (4_500, 1), (2_500, 600), (600, 100)] {
        rows[place][1] = format!("W{of}");
        rows[place][2] = rows[of - 1][2].clone();
    }
    let report = world.take(&rows).await;
    assert_eq!((report.new, report.asked, report.quarantined.len()), (6_496, 0, 0));
    let people = world.everybody().await;
    assert_eq!(people.len(), 6_496);
    for of in [6_498, 1, 600, 100] {
        assert_eq!(people[&format!("R{of}")].identity.engagements.len(), 2, "R{of}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_are_unique_over_chunks_and_may_be_made_of_each_other() {
    let world = World::new().await;
    let rows: Vec<_> = (1..=PEOPLE).map(|n| row(n, 0)).collect();
    world.take(&rows).await;
    let people = world.everybody().await;
    let mut names = BTreeSet::new();
    for subject in people.values() {
        let name = &subject.identity.identifiers["user_name"];
        assert!(names.insert(name.clone()), "{name} was issued twice");
        assert_eq!(*subject.identity.identifiers["mail"], *format!("{name}@example.test"));
        assert_eq!(subject.accounts.len(), 1);
    }
    assert_eq!(names.len(), PEOPLE);
    assert!(names.contains("name1") && names.contains("name12") && names.contains("name15"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn managers_before_and_after_are_found_and_nobody_is_settled_twice_for_nothing() {
    let world = World::new().await;
    // Each person reports to a manager far before or far behind them in the feed, or right beside them.
    let manager = |n: usize| match n % 3 {
        0 => (n + 3_000) % PEOPLE + 1,
        1 => n.saturating_sub(1),
        _ => n.saturating_sub(4_200),
    };
    let rows: Vec<_> = (1..=PEOPLE).map(|n| row(n, manager(n))).collect();
    world.take(&rows).await;
    let findings = world.store.findings(None, 10_000).await.unwrap();
    assert_eq!(findings.len(), 0, "{:?}", findings.first());
    let people = world.everybody().await;
    for n in (4_202..=PEOPLE).filter(|n| n % 3 == 2) {
        let version = people[&format!("R{n}")].identity.version;
        assert_eq!(version, 1, "R{n} reports to an identity that existed long before");
    }
    let again = world.take(&rows).await;
    assert!(again.same);
    let mut moved = rows.clone();
    moved[0][2] = "Other".to_owned();
    let changed = world.take(&moved).await;
    assert_eq!((changed.changed, changed.new), (1, 0));
}
