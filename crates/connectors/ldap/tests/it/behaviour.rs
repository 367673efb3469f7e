//! The shared behaviour suite.

use crate::setting_up::{attribute, connector, group};
use async_trait::async_trait;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use tenure_connect::Connector;
use tenure_model::{AttributeName, Value};
use tenure_testkit::behaviour::{self, Harness};
use tenure_testkit::need;
use tenure_testkit::peer::{self, Slapd};

const PASSWORD: &str = "a password that is long enough";

struct Directory {
    slapd: Slapd,
    with_password: Mutex<BTreeSet<String>>,
}

impl Directory {
    fn dn_of(&self, name: &str) -> Option<String> {
        let people = format!("ou=people,{}", self.slapd.base_dn);
        let all = self.slapd.search_below(&people, "one", "(objectClass=inetOrgPerson)", &["uid"]).unwrap();
        let found = all.into_iter().find(|e| e.get("uid").is_some_and(|u| u.iter().any(|u| u == name)));
        found.and_then(|e| e.get("dn").and_then(|dn| dn.first().cloned()))
    }
    fn change(&self, dn: &str, attribute: &str, value: &str) {
        let ldif = format!("dn: {dn}\nchangetype: modify\nreplace: {attribute}\n{attribute}: {value}\n");
        self.slapd.apply_ldif(&ldif).unwrap();
    }
}

#[async_trait]
impl Harness for Directory {
    fn writer(&self) -> Arc<dyn Connector> {
        connector(&self.slapd)
    }
    fn reader(&self) -> Arc<dyn Connector> {
        connector(&self.slapd)
    }
    fn entitlements(&self) -> Vec<Arc<str>> {
        vec!["developers".into(), "vpn".into()]
    }
    fn required(&self, name: &str) -> BTreeMap<AttributeName, Value> {
        [(attribute("cn"), Value::text(name)), (attribute("sn"), Value::text("Of The Suite"))].into()
    }
    fn text_attributes(&self) -> Vec<AttributeName> {
        vec![attribute("title"), attribute("description")]
    }
    fn set_attribute(&self) -> Option<AttributeName> {
        Some(attribute("departmentNumber"))
    }
    fn reference_attribute(&self) -> Option<AttributeName> {
        Some(attribute("manager"))
    }
    async fn edit_by_hand(&self, name: &str, attribute: &AttributeName, value: &str) -> bool {
        self.change(&self.dn_of(name).unwrap(), &attribute.to_string(), value);
        true
    }
    /// A new password removes the lock, so the previous lock is restored before the server is asked.
    async fn usable(&self, name: &str) -> Option<bool> {
        let dn = self.dn_of(name)?;
        if self.with_password.lock().unwrap().insert(dn.clone()) {
            let entry = self.slapd.entry(&dn).unwrap()?;
            self.slapd.set_password(&dn, PASSWORD).unwrap();
            if let Some(lock) = entry.get("pwdAccountLockedTime").and_then(|l| l.first()) {
                self.change(&dn, "pwdAccountLockedTime", lock);
            }
        }
        Some(self.slapd.bind_as(&dn, PASSWORD).unwrap())
    }
}

#[tokio::test]
async fn it_behaves_as_the_contract_says() {
    let slapd = need!(peer::slapd());
    group(&slapd, "developers", &[]);
    group(&slapd, "vpn", &[]);
    let directory = Directory { slapd, with_password: Mutex::default() };
    let report = behaviour::run(&directory).await;
    println!("{report}");
    report.verdict().unwrap();
    let skipped: Vec<&str> = report.skipped().into_iter().map(|(behaviour, _)| behaviour).collect();
    let unable = ["session", "credential", "made anew"];
    assert!(skipped.iter().all(|s| unable.iter().any(|u| s.contains(u))), "{skipped:?}");
}
