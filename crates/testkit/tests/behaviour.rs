//! The behaviour suite passes on a fake system that behaves, and names the sentence that a fake system breaks.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;
use tenure_connect::{AttributeSpec, Capabilities, Connector, Credential, Operation, Session};
use tenure_model::{AttributeName, Name, Value, ValueType};
use tenure_testkit::behaviour::{Harness, Report, run};
use tenure_testkit::target::{Cut, Fault, Lag, Target};

struct Fake(Target);

fn attribute(name: &str) -> AttributeName {
    AttributeName::new(name).unwrap()
}

fn spec(name: &str, value_type: ValueType, reference: bool) -> AttributeSpec {
    AttributeSpec { name: attribute(name), value_type, reference }
}

impl Fake {
    fn connect(&self) -> Arc<dyn Connector> {
        self.0.connector_for(vec![
            spec("title", ValueType::Text, false),
            spec("room", ValueType::Text, false),
            spec("projects", ValueType::Texts, false),
            spec("manager", ValueType::Text, true),
        ])
    }
}

#[async_trait]
impl Harness for Fake {
    fn writer(&self) -> Arc<dyn Connector> {
        self.connect()
    }
    fn reader(&self) -> Arc<dyn Connector> {
        self.connect()
    }
    fn entitlements(&self) -> Vec<Arc<str>> {
        vec![Arc::from("developer"), Arc::from("vpn, standard")]
    }
    fn text_attributes(&self) -> Vec<AttributeName> {
        vec![attribute("title"), attribute("room")]
    }
    fn set_attribute(&self) -> Option<AttributeName> {
        Some(attribute("projects"))
    }
    fn reference_attribute(&self) -> Option<AttributeName> {
        Some(attribute("manager"))
    }
    async fn edit_by_hand(&self, name: &str, attribute: &AttributeName, value: &str) -> bool {
        self.0.edit(name, |a| drop(a.attributes.insert(attribute.clone(), Value::text(value))))
    }
    async fn usable(&self, name: &str) -> Option<bool> {
        self.0.account(name).map(|a| a.enabled)
    }
    async fn open_session(&self, name: &str) -> bool {
        self.0.edit(name, |a| a.sessions.push(Session { external_id: Arc::from("s1"), until: None }))
    }
    async fn add_credential(&self, name: &str) -> bool {
        let key = Credential { external_id: Arc::from("k1"), sort: Arc::from("key"), until: None };
        self.0.edit(name, |a| a.credentials.push(key))
    }
}

fn target() -> Target {
    Target::new(&["developer", "vpn, standard"])
}

async fn checked(target: &Target) -> Report {
    run(&Fake(target.clone())).await
}

#[tokio::test(start_paused = true)]
async fn a_fake_that_behaves_passes_everything() {
    let report = checked(&target()).await;
    report.verdict().unwrap();
    assert_eq!(report.skipped(), []);
}

#[tokio::test(start_paused = true)]
async fn reads_that_lag_as_long_as_stated_pass() {
    let target = target();
    target.lag(Lag::For(Duration::from_secs(5)));
    checked(&target).await.verdict().unwrap();
}

#[tokio::test(start_paused = true)]
async fn reads_that_lag_longer_than_stated_fail() {
    let target = target();
    target.lag(Lag::Reads(1));
    let report = checked(&target).await;
    assert!(report.failed().contains(&"a created account is read back as it was created"), "{report}");
}

#[tokio::test(start_paused = true)]
async fn what_the_system_cannot_do_is_skipped_and_said() {
    let target = target();
    target.set_capabilities(Capabilities::default());
    let report = checked(&target).await;
    report.verdict().unwrap();
    assert_eq!(report.counts().0, 3, "{report}");
    assert!(report.to_string().contains("(the system has no capability `read`)"), "{report}");
}

#[tokio::test(start_paused = true)]
async fn a_lie_fails_the_sentence_that_it_breaks() {
    for (operation, sentence) in [
        (Operation::Disable, "enabling and disabling work, and twice changes nothing"),
        (Operation::Revoke, "revoking takes from one account only"),
        (Operation::Delete, "a deleted account is gone, and deleting again changes nothing"),
        (Operation::Create, "a created account is read back as it was created"),
        (Operation::Update, "an update writes what it names and nothing else"),
        (Operation::EndSessions, "sessions are listed and ended"),
        (Operation::Scan, "a scan lists each account once, over pages, and ends"),
    ] {
        let target = target();
        target.fault(operation, Fault::Lie);
        let report = checked(&target).await;
        assert!(report.failed().contains(&sentence), "{operation} lies and the suite says:\n{report}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_truncated_scan_is_found() {
    let target = target();
    target.cut_scan(Cut { accounts: 15, admits: true });
    let report = checked(&target).await;
    assert!(report.failed().contains(&"a scan lists each account once, over pages, and ends"), "{report}");
}

#[tokio::test(start_paused = true)]
async fn a_write_that_is_forgotten_within_the_stated_time_is_found() {
    let target = target();
    target.fault(Operation::Revoke, Fault::Forget(Duration::ZERO));
    let report = checked(&target).await;
    assert!(report.failed().contains(&"revoking takes from one account only"), "{report}");
    let text = report.verdict().unwrap_err().to_string();
    assert!(text.contains("expected no entitlement; the reader shows"), "{text}");
}
