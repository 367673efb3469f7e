//! The fake system fails exactly as it was told to, so that a test above it proves what it says.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tenure_connect::{
    AccountRef, AttributeSpec, ConnectError, Connector, ErrorKind, NewAccount, Operation, Registry, Settings,
    Status,
};
use tenure_model::{AttributeName, Kind, Name, SystemName, Value, ValueType};
use tenure_testkit::target::{Cut, FakeAccount, Fault, Lag, Target, connect};
use tokio::time::{Instant, sleep};

fn named(name: &str) -> AccountRef {
    AccountRef { external_id: None, name: Arc::from(name), kind: Kind::default() }
}

fn target() -> Target {
    let target = Target::new(&["dev", "ops"]);
    target.put(FakeAccount::new("ann").holding(&["dev"]));
    target
}

async fn enabled(connector: &Arc<dyn Connector>) -> bool {
    connector.read(&named("ann")).await.unwrap().unwrap().enabled
}

async fn holds(connector: &Arc<dyn Connector>, entitlement: &str) -> bool {
    connector.read(&named("ann")).await.unwrap().unwrap().entitlements.contains(entitlement)
}

#[tokio::test(start_paused = true)]
async fn two_connections_see_one_system() {
    let target = target();
    let (writer, reader) = (target.connector(), target.connector());
    assert!(writer.disable(&named("ann")).await.unwrap().changed);
    assert!(!enabled(&reader).await);
    assert_eq!((target.calls(Operation::Disable), target.calls(Operation::Read), target.writes()), (1, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_lie_answers_success_and_does_nothing() {
    let target = target();
    let c = target.connector();
    let ann = named("ann");
    for operation in [Operation::Disable, Operation::Revoke, Operation::Delete, Operation::Grant] {
        target.fault(operation, Fault::Lie);
    }
    let before = target.dump();
    for written in [
        c.disable(&ann).await,
        c.revoke(&ann, &Arc::from("dev")).await,
        c.grant(&ann, &Arc::from("ops")).await,
        c.delete(&ann).await,
    ] {
        assert!(written.unwrap().changed);
    }
    assert_eq!(target.dump(), before);
    target.mend();
    assert!(c.disable(&ann).await.unwrap().changed);
    assert_ne!(target.dump(), before);
}

#[tokio::test(start_paused = true)]
async fn a_lying_read_shows_nothing() {
    let target = target();
    let c = target.connector();
    target.fault_next(1, Operation::Read, Fault::Lie);
    target.fault_next(1, Operation::Scan, Fault::Lie);
    assert!(c.read(&named("ann")).await.unwrap().is_none());
    assert!(c.scan(None).await.unwrap().accounts.is_empty());
    assert!(c.read(&named("ann")).await.unwrap().is_some(), "once only");
}

#[tokio::test(start_paused = true)]
async fn failing_before_does_nothing_and_failing_after_does_it() {
    let target = target();
    let c = target.connector();
    let refused = ConnectError::new(ErrorKind::Refused, "", "no permission");
    target.fault_next(1, Operation::Disable, Fault::FailBefore(refused));
    let error = c.disable(&named("ann")).await.unwrap_err();
    assert_eq!(error.to_string(), "disable failed (refused): no permission");
    assert!(enabled(&c).await);
    target.fault_next(1, Operation::Disable, Fault::FailAfter);
    let error = c.disable(&named("ann")).await.unwrap_err();
    assert_eq!(error.status, Status::UnknownOutcome);
    assert!(!enabled(&c).await);
}

#[tokio::test(start_paused = true)]
async fn slow_before_and_slow_after_differ_in_what_a_time_out_leaves() {
    for (fault, done) in
        [(Fault::Slow(Duration::from_secs(9)), false), (Fault::SlowAnswer(Duration::from_secs(9)), true)]
    {
        let target = target();
        let c = target.connector();
        target.fault(Operation::Disable, fault);
        tokio::time::timeout(Duration::from_secs(1), c.disable(&named("ann"))).await.unwrap_err();
        assert_eq!(enabled(&c).await, !done);
        let begun = Instant::now();
        c.disable(&named("ann")).await.unwrap();
        assert_eq!(begun.elapsed(), Duration::from_secs(9));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_forgotten_was_there_for_a_while() {
    let target = target();
    let c = target.connector();
    target.fault_next(1, Operation::Revoke, Fault::Forget(Duration::from_secs(60)));
    assert!(c.revoke(&named("ann"), &Arc::from("dev")).await.unwrap().changed);
    assert!(!holds(&c, "dev").await);
    sleep(Duration::from_secs(59)).await;
    assert!(!holds(&c, "dev").await);
    sleep(Duration::from_secs(1)).await;
    assert!(holds(&c, "dev").await, "and it is back");
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_creation_is_gone_and_a_forgotten_deletion_is_back() {
    let target = target();
    let c = target.connector();
    target.fault(Operation::Create, Fault::Forget(Duration::from_secs(1)));
    target.fault(Operation::Delete, Fault::Forget(Duration::from_secs(1)));
    let bob = NewAccount { name: Arc::from("bob"), kind: Kind::default(), attributes: BTreeMap::new() };
    c.create(&bob).await.unwrap();
    c.delete(&named("ann")).await.unwrap();
    assert_eq!(target.dump(), "bob (default, disabled)\n");
    sleep(Duration::from_secs(1)).await;
    assert_eq!(target.dump(), "ann (default, enabled)\n  holds dev\n");
}

#[tokio::test(start_paused = true)]
async fn reads_lag_by_a_number_of_reads() {
    let target = target();
    let c = target.connector();
    target.lag(Lag::Reads(2));
    c.disable(&named("ann")).await.unwrap();
    assert_eq!([enabled(&c).await, enabled(&c).await, enabled(&c).await], [true, true, false]);
}

#[tokio::test(start_paused = true)]
async fn reads_lag_by_a_time_that_the_system_states() {
    let target = target();
    let c = target.connector();
    target.lag(Lag::For(Duration::from_secs(30)));
    assert_eq!(c.capabilities().propagation, SignedDuration::from_secs(30));
    c.disable(&named("ann")).await.unwrap();
    sleep(Duration::from_secs(20)).await;
    c.revoke(&named("ann"), &Arc::from("dev")).await.unwrap();
    assert!(enabled(&c).await);
    sleep(Duration::from_secs(10)).await;
    assert!(!enabled(&c).await, "the first write is through");
    assert!(holds(&c, "dev").await, "the second is not");
    assert_eq!(c.scan(None).await.unwrap().accounts[0].entitlements.len(), 1, "nor in a scan");
    sleep(Duration::from_secs(20)).await;
    assert!(!holds(&c, "dev").await);
    assert!(!target.account("ann").unwrap().enabled, "the handle shows what is so, not what is shown");
}

#[tokio::test(start_paused = true)]
async fn a_truncated_scan_ends_as_if_it_were_complete() {
    let target = Target::new(&[]);
    (0..25).for_each(|n| target.put(FakeAccount::new(&format!("p{n:02}"))));
    target.cut_scan(Cut { accounts: 13, admits: true });
    let c = target.connector();
    let first = c.scan(None).await.unwrap();
    assert_eq!((first.accounts.len(), first.total), (10, Some(25)));
    let last = c.scan(first.next).await.unwrap();
    assert_eq!((last.accounts.len(), last.next, last.total), (3, None, Some(25)));
    target.mend();
    let whole = c.scan(Some(Arc::from("20"))).await.unwrap();
    assert_eq!((whole.accounts.len(), whole.next), (5, None));
    assert_eq!(c.scan(Some(Arc::from("x"))).await.unwrap_err().kind, ErrorKind::Invalid);
}

#[tokio::test(start_paused = true)]
async fn one_entitlement_is_refused_and_the_others_are_not() {
    let target = target();
    let c = target.connector();
    target.refuse("ops");
    let error = c.grant(&named("ann"), &Arc::from("ops")).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Refused, Status::Permanent));
    c.revoke(&named("ann"), &Arc::from("dev")).await.unwrap();
    c.grant(&named("ann"), &Arc::from("dev")).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn hands_edit_add_and_remove_and_versions_move() {
    let target = target();
    let c = target.connector();
    let before = c.read(&named("ann")).await.unwrap().unwrap();
    assert!(target.edit("ann", |a| a.enabled = false));
    let after = c.read(&named("ann")).await.unwrap().unwrap();
    assert!(!after.enabled && before.version != after.version && before.external_id == after.external_id);
    target.put(FakeAccount::new("intruder").holding(&["ops"]));
    assert_eq!(target.names().len(), 2);
    assert!(target.remove("ann") && !target.remove("ann") && !target.edit("ann", |_| {}));
    assert_eq!(target.writes(), 0, "hands are not calls");
}

#[tokio::test(start_paused = true)]
async fn contained_entitlements_show_their_path() {
    let target = target();
    target.contain("dev", "git");
    target.contain("git", "wiki");
    target.contain("wiki", "git");
    let ann = target.connector().read(&named("ann")).await.unwrap().unwrap();
    let indirect: Vec<(&str, &str)> = ann.indirect.iter().map(|(k, v)| (&**k, &**v)).collect();
    assert_eq!(indirect, [("git", "dev > git"), ("wiki", "dev > git > wiki")]);
}

#[tokio::test(start_paused = true)]
async fn a_registry_finds_the_fake_by_its_name() {
    let title = AttributeName::new("title").unwrap();
    let spec = AttributeSpec { name: title.clone(), value_type: ValueType::Text, reference: false };
    let mut settings = Settings {
        system: SystemName::new("crm").unwrap(),
        texts: [(Arc::from("name"), Arc::from("a registry finds the fake"))].into(),
        attributes: vec![spec],
        secrets: BTreeMap::new(),
    };
    let registry = Registry::default().with("fake", connect);
    let make = registry.get("fake").unwrap();
    let (writer, reader) = (make(&settings).unwrap(), make(&settings).unwrap());
    let target = Target::named("a registry finds the fake");
    let room = AttributeName::new("room").unwrap();
    let ann = FakeAccount::new("ann").with(&title, Value::text("Engineer")).with(&room, Value::text("4.01"));
    target.put(ann);
    writer.disable(&named("ann")).await.unwrap();
    let seen = reader.read(&named("ann")).await.unwrap().unwrap();
    assert!(!seen.enabled);
    assert_eq!(seen.attributes.keys().collect::<Vec<_>>(), [&title], "it looks at what it was told to");
    assert_eq!(target.dump(), "ann (default, disabled)\n  room = 4.01\n  title = Engineer\n");
    settings.texts.insert(Arc::from("colour"), Arc::from("red"));
    let error = make(&settings).err().unwrap();
    assert_eq!(error.to_string(), "system `crm`, setting `colour`: is not known; known are name");
}
