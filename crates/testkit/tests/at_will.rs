//! What a connection shows while its system lies, lags and shows a part of itself at will.

use std::sync::Arc;
use std::time::Duration;
use tenure_connect::{AccountRef, Connector, Operation};
use tenure_model::Kind;
use tenure_testkit::target::{AtWill, Cut, FakeAccount, Target};

fn ada() -> AccountRef {
    AccountRef { external_id: None, name: Arc::from("ada"), kind: Kind::default() }
}

fn three() -> (Target, AtWill, Arc<dyn Connector>) {
    let (target, will) = (Target::new(&["staff"]), AtWill::default());
    ["ada", "bo", "eva"].into_iter().for_each(|name| target.put(FakeAccount::new(name)));
    let connection = will.around(target.connector());
    (target, will, connection)
}

#[tokio::test]
async fn a_lie_changes_nothing_and_says_that_it_did() {
    let (target, will, connection) = three();
    assert!(will.lie(Operation::Disable) && !will.lie(Operation::Read));
    assert!(connection.disable(&ada()).await.unwrap().changed);
    assert!(target.account("ada").unwrap().enabled);
    will.mend();
    connection.disable(&ada()).await.unwrap();
    assert!(!target.account("ada").unwrap().enabled);
}

#[tokio::test(start_paused = true)]
async fn a_write_is_shown_when_the_lag_is_over() {
    let (target, will, connection) = three();
    will.lag(Duration::from_secs(5));
    assert_eq!(connection.capabilities().propagation.as_secs(), 5);
    let other = will.around(target.connector());
    connection.disable(&ada()).await.unwrap();
    tokio::time::advance(Duration::from_secs(3)).await;
    connection.grant(&ada(), &Arc::from("staff")).await.unwrap();
    assert!(!target.account("ada").unwrap().enabled);
    assert!(other.read(&ada()).await.unwrap().unwrap().enabled);
    assert!(other.scan(None).await.unwrap().accounts[0].enabled);
    tokio::time::advance(Duration::from_secs(3)).await;
    let seen = other.read(&ada()).await.unwrap().unwrap();
    assert!(!seen.enabled && seen.entitlements.is_empty(), "the second write is not visible yet");
    tokio::time::advance(Duration::from_secs(3)).await;
    assert!(other.read(&ada()).await.unwrap().unwrap().entitlements.contains("staff"));
}

#[tokio::test]
async fn a_scan_that_is_cut_admits_it_or_does_not() {
    let (_, will, connection) = three();
    for (admits, total) in [(true, 3), (false, 1)] {
        will.cut_scan(Cut { accounts: 1, admits });
        let page = connection.scan(None).await.unwrap();
        assert_eq!((page.accounts.len(), page.next, page.total), (1, None, Some(total)));
    }
    will.mend();
    assert_eq!(connection.scan(None).await.unwrap().accounts.len(), 3);
}
