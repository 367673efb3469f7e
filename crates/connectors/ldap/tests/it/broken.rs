//! Servers that stop, hang or disconnect: what is known about a write is reported, and the next call works again.

use crate::setting_up::{change, connector, made, new, person, scanned, seen, try_connector, values};
use std::time::Duration;
use tenure_connect::{ErrorKind, Status};
use tenure_model::Value;
use tenure_testkit::need;
use tenure_testkit::peer::{self, Fault, FaultProxy};

#[tokio::test]
async fn a_stopped_server_is_unreachable_and_comes_back() {
    let mut slapd = need!(peer::slapd());
    let connector = connector(&slapd);
    let alice = made(&*connector, "alice").await;
    slapd.stop();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let error = connector.disable(&alice).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Unreachable, Status::Temporary), "{error}");
    let error = connector.test().await.unwrap_err();
    assert!(error.message.contains(&slapd.url), "{error}");
    slapd.start().unwrap();
    assert!(connector.enable(&alice).await.unwrap().changed);
}

#[tokio::test]
async fn an_answer_that_is_cut_off_leaves_the_outcome_unknown() {
    let slapd = need!(peer::slapd());
    let proxy = FaultProxy::start(slapd.url.trim_start_matches("ldap://").parse().unwrap()).unwrap();
    let through = try_connector(&slapd, &[("url", &format!("ldap://{}", proxy.address()))]).unwrap();
    let alice = made(&*through, "alice").await;

    // The answers of one update are the search's and, in its last 14 bytes, the write's. Longer and longer parts of them arrive, until
    // all do.
    let (mut unknown, mut arrived) = (0, false);
    for bytes in (0..4000).step_by(5) {
        let value = format!("written {bytes}");
        seen(&*through, &alice).await;
        proxy.set(Fault::CutAnswerAfter(bytes));
        let result = through.update(&alice, &change(&[("title", Some(Value::text(&value)))])).await;
        proxy.set(Fault::None);
        let is = values(&slapd, &person(&slapd, "alice"), "title");
        match result {
            Ok(_) => {
                assert_eq!(is, [value]);
                arrived = true;
                break;
            }
            Err(error) => {
                assert_eq!(error.kind, ErrorKind::Unreachable, "{error}");
                match error.status {
                    Status::UnknownOutcome => unknown += 1,
                    Status::Temporary => assert_ne!(is, [value], "a write that happened was called not sent"),
                    other => panic!("{other:?}: {error}"),
                }
            }
        }
    }
    assert!(unknown > 0, "no cut fell between the write and its answer");
    assert!(arrived, "no answer arrived whole");
    assert!(through.enable(&alice).await.unwrap().changed);
}

#[tokio::test]
async fn a_hanging_server_times_out() {
    let slapd = need!(peer::slapd());
    let connector = try_connector(&slapd, &[("timeout_seconds", "1")]).unwrap();
    let alice = made(&*connector, "alice").await;
    slapd.pause().unwrap();
    let error = connector.read(&alice).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::TimedOut, Status::Temporary), "{error}");
    let error = connector.create(&new("bob", &[])).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::TimedOut, "{error}");
    slapd.resume().unwrap();
    assert!(!seen(&*connector, &alice).await.enabled);
}

#[tokio::test]
async fn a_scan_that_broke_off_says_so() {
    let mut slapd = need!(peer::slapd());
    let connector = try_connector(&slapd, &[("page_size", "1")]).unwrap();
    for name in ["a", "b", "c"] {
        made(&*connector, name).await;
    }
    let first = connector.scan(None).await.unwrap();
    assert_eq!(first.accounts.len(), 1);
    slapd.stop();
    assert_eq!(connector.scan(first.next.clone()).await.unwrap_err().kind, ErrorKind::Unreachable);
    slapd.start().unwrap();
    let error = connector.scan(first.next).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Conflict, Status::Permanent));
    assert_eq!(scanned(&*connector).await.unwrap().0.len(), 3);
    for cursor in ["", "1", "1/1", "x/y", "99/0", "-1/0"] {
        assert!(connector.scan(Some(cursor.into())).await.is_err(), "{cursor}");
    }
}
