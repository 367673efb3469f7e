//! A unit is committed whole or not at all, and alone.

use super::sample::{account, append, at, id, key, name, note, noted, person, put_person, record, task};
use super::{Done, Fixture, commit, committed, leased};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{SetupHash, TaskState, Urgency};
use tenure_store::{Change, Expect, Outcome, SetUpRow, Unit};

fn unit(expects: Vec<Expect>, changes: Vec<Change>) -> Unit {
    Unit { expects, changes }
}

pub async fn a_unit_that_moved_leaves_nothing_behind(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let lost = vec![
        put_person(1),
        Change::PutAccount(id(1), account("git", None, "user1")),
        Change::PutTask(task(1, 1, "git", Urgency::Normal, 0)),
        append("lost"),
        note("lost", "x"),
    ];
    let kept = |n| unit(vec![Expect::Version(id(n), 0)], vec![put_person(n), append("kept")]);
    let outcomes = store.commit(vec![kept(2), unit(vec![Expect::Version(id(1), 7)], lost), kept(3)]).await?;
    assert!(
        outcomes[0].is_committed() && !outcomes[1].is_committed() && outcomes[2].is_committed(),
        "{outcomes:?}"
    );
    assert_eq!(store.identities(None, 9).await?, [id(2), id(3)]);
    assert_eq!(noted(&*store, "lost").await?, None);
    assert_eq!(store.tasks(None, 9).await?, []);
    store.numbered().await?;
    assert_eq!(store.ledger_head().await?.size, 2);
    Ok(())
}

/// The name is issued to two identities within the unit, after other changes were written.
pub async fn a_rule_that_breaks_in_the_middle_undoes_its_unit_only(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let issue = |n| Change::IssueIdentifier {
        identity: id(n),
        name: Arc::from("user_name"),
        value: Arc::from("same"),
    };
    let business = |second| Change::BusinessTime(at(second));
    let outcomes = store
        .commit(vec![
            unit(vec![], vec![put_person(1), append("first"), business(10)]),
            unit(
                vec![],
                vec![put_person(2), append("lost"), note("lost", "x"), business(99), issue(2), issue(3)],
            ),
            unit(vec![], vec![put_person(3), append("second"), note("kept", "y"), issue(3)]),
        ])
        .await?;
    assert!(
        outcomes[0].is_committed() && !outcomes[1].is_committed() && outcomes[2].is_committed(),
        "{outcomes:?}"
    );
    assert_eq!(store.identities(None, 9).await?, [id(1), id(3)]);
    assert_eq!((noted(&*store, "lost").await?, store.business_time().await?), (None, Some(at(10))));
    let entries: Vec<_> =
        store.leaves(0, 9).await?.into_iter().map(|leaf| (leaf.index, leaf.opening)).collect();
    let opening = |text: &[u8]| Some(Arc::from(text));
    assert_eq!(entries, [(0, opening(b"first")), (1, opening(b"second"))]);
    let asked = [(Arc::from("user_name"), Arc::from("same"))];
    assert_eq!(store.identifiers(&asked).await?, [(asked[0].0.clone(), asked[0].1.clone(), id(3))]);
    // Classes that only the lost unit had met are known again afterwards.
    committed(&*store, vec![put_person(2)]).await?;
    assert_eq!(store.classes(None, 99).await?.iter().map(|c| c.count).sum::<u64>(), 3);
    Ok(())
}

fn says_why(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Moved(why) | Outcome::LeaseLost(why) if !why.is_empty())
}

pub async fn every_expectation_holds_or_says_what_moved(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let (old, new): (SetupHash, SetupHash) = (name("aa"), name("bb"));
    let set_up = |hash: &SetupHash| SetUpRow {
        hash: hash.clone(),
        files: BTreeMap::new(),
        at: at(1),
        by: Arc::from("me"),
    };
    let mut taken = task(1, 1, "git", Urgency::Normal, 0);
    taken.state = TaskState::Leased { owner: Arc::from("w1"), until: at(50) };
    assert!(leased((f, &*store), "feed hr", "w1", (0, 50)).await?.is_some());
    let w = |owner: &str| Arc::<str>::from(owner);
    let row = |digest| Expect::Record(name("hr"), name("1"), digest);
    let nothing = [
        (Expect::Version(id(1), 0), Expect::Version(id(1), 1)),
        (Expect::Generation(id(1), key("git"), 0), Expect::Generation(id(1), key("git"), 3)),
        (Expect::Lease(w("feed hr"), w("w1")), Expect::Lease(w("feed hr"), w("w2"))),
    ];
    let written = [
        (Expect::Version(id(1), 1), Expect::Version(id(1), 0)),
        (Expect::Generation(id(1), key("git"), 3), Expect::Generation(id(1), key("git"), 2)),
        (Expect::SetUp(new.clone()), Expect::SetUp(old.clone())),
        (row(record("hr", "1", None).digest), row([9; 32])),
        (Expect::TaskLease(taken.id, w("w1")), Expect::TaskLease(taken.id, w("w2"))),
        (Expect::Lease(w("feed hr"), w("w1")), Expect::Lease(w("feed vms"), w("w1"))),
    ];
    assert!(!store.commit(vec![unit(vec![Expect::SetUp(old.clone())], vec![])]).await?[0].is_committed());
    for (holds, fails) in nothing {
        let outcomes =
            store.commit(vec![unit(vec![holds.clone()], vec![]), unit(vec![fails], vec![])]).await?;
        assert_eq!(outcomes[0], Outcome::Committed, "{holds:?}");
        assert!(!outcomes[1].is_committed());
    }
    committed(
        &*store,
        vec![
            put_person(1),
            Change::PutAccount(id(1), account("git", None, "user1")),
            Change::PutRecord(Box::new(record("hr", "1", Some(1)))),
            Change::PutTask(taken),
            Change::Activate(set_up(&old)),
            Change::Activate(set_up(&new)),
        ],
    )
    .await?;
    for (holds, fails) in written {
        let both = unit(vec![holds.clone(), fails.clone()], vec![note("lost", "x")]);
        let outcomes = store
            .commit(vec![unit(vec![holds.clone()], vec![]), unit(vec![fails.clone()], vec![]), both])
            .await?;
        assert_eq!(outcomes[0], Outcome::Committed, "{holds:?}");
        for outcome in &outcomes[1..] {
            assert!(says_why(outcome), "{fails:?}: {outcome:?}");
        }
    }
    assert_eq!(noted(&*store, "lost").await?, None);
    Ok(())
}

pub async fn a_unit_sees_what_earlier_units_of_its_batch_wrote(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let write = |from: u64| {
        let mut row = person(1);
        row.identity.version = from + 1;
        unit(vec![Expect::Version(id(1), from)], vec![Change::PutIdentity(Box::new(row)), append("a")])
    };
    let outcomes = store.commit(vec![write(0), write(1), write(1), write(2)]).await?;
    let committed: Vec<_> = outcomes.iter().map(Outcome::is_committed).collect();
    assert_eq!(committed, [true, true, false, true], "{outcomes:?}");
    assert_eq!(store.subjects(&[id(1)]).await?[0].identity.version, 3);
    store.numbered().await?;
    assert_eq!(store.ledger_head().await?.size, 3);
    Ok(())
}

pub async fn a_unit_may_write_the_same_identity_twice(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let mut second = person(1);
    second.keys.clear();
    let changes = vec![put_person(1), Change::PutIdentity(Box::new(second))];
    let outcomes = store.commit(vec![unit(vec![Expect::Version(id(1), 0)], changes)]).await?;
    assert_eq!(outcomes, [Outcome::Committed]);
    assert_eq!(store.identity_count().await?, 1);
    assert_eq!(commit(&*store, vec![]).await?, Outcome::Committed, "a unit without changes");
    assert_eq!(store.commit(vec![]).await?, []);
    Ok(())
}

/// Long enough to be cut into several transactions by an adapter that does so.
pub async fn a_long_batch_commits_in_order(f: &dyn Fixture) -> Done {
    const UNITS: u64 = 3_000;
    let store = f.open().await;
    let write = |n: u64| {
        let wrong = u64::from(n % 100 == 7);
        unit(
            vec![Expect::Version(id(n), wrong)],
            vec![put_person(n), append(&n.to_string()), note("last", "x")],
        )
    };
    let outcomes = store.commit((1..=UNITS).map(write).collect()).await?;
    for (n, outcome) in (1..=UNITS).zip(&outcomes) {
        assert_eq!(outcome.is_committed(), n % 100 != 7, "unit {n}");
    }
    let leaves = store.leaves(0, 10_000).await?;
    let expected: Vec<_> = (1..=UNITS).filter(|n| n % 100 != 7).map(|n| n.to_string()).collect();
    let entries: Vec<_> = leaves
        .iter()
        .map(|leaf| String::from_utf8_lossy(leaf.opening.as_deref().unwrap_or_default()).into_owned())
        .collect();
    assert_eq!(entries, expected);
    Ok(())
}
