//! The systems of a scenario: fake ones, and in one stage a real directory; an administrator can change both by hand.

use crate::book::Event;
use crate::by_hand;
use crate::files::Files;
use jiff::Timestamp;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;
use tenure_app::{SystemConnections, attribute_specs};
use tenure_connect::{
    Capabilities, ConnectError, Credential, ErrorKind, Operation, Secret, Session, Settings,
};
use tenure_model::{AttributeName, Name as _, SystemName, Value};
use tenure_policy::{SetUp, System};
use tenure_testkit::peer::Slapd;
use tenure_testkit::target::{AtWill, Cut, FakeAccount, Fault, Lag, Target};

/// The system that a slapd replaces.
const DIRECTORY: &str = "directory";

/// All systems of a scenario.
pub struct TargetSystems {
    fakes: BTreeMap<SystemName, Target>,
    directory: Option<Slapd>,
    /// What the test adds to the directory, because a real one cannot be made to do it.
    will: AtWill,
    /// Rules that the directory has besides its own.
    rules: String,
}

/// An account as it really is.
pub(crate) struct Real {
    pub(crate) name: String,
    pub(crate) usable: bool,
    pub(crate) holds: BTreeSet<String>,
    pub(crate) sessions: usize,
    pub(crate) credentials: Vec<String>,
    /// What is written on it; a reference by the name of the account that it points at.
    pub(crate) attributes: BTreeMap<String, String>,
}

impl TargetSystems {
    /// Systems that are all fake, or with this directory.
    #[must_use]
    pub fn new(directory: Option<Slapd>) -> Self {
        Self { fakes: BTreeMap::new(), directory, will: AtWill::default(), rules: String::new() }
    }

    /// Whether the directory is a real one.
    pub(crate) fn is_real(&self) -> bool {
        self.directory.is_some()
    }

    /// Points the directory's file to the real one.
    pub(crate) fn wire(&self, files: &mut Files) {
        let Some(slapd) = &self.directory else { return };
        let Some(text) = files.get_mut("systems/directory.toml") else { return };
        assert!(
            text.contains("connector    = \"fake\""),
            "the directory is declared with `connector    = \"fake\"`"
        );
        *text = text.replace("connector    = \"fake\"", "connector    = \"ldap\"");
        let (url, dn, base) = (&slapd.url, &slapd.service_dn, &slapd.base_dn);
        write!(
            text,
            "\n[connection]\nurl = \"{url}\"\nbind_dn = \"{dn}\"\npassword = \"env:PASSWORD\"\n\
             people_base = \"ou=people,{base}\"\n\"people_base.admin\" = \"ou=people,{base}\"\ngroups_base = \"ou=groups,{base}\"\ncreate_groups = \"true\"\n\
             policy = \"cn=default,ou=policies,{base}\"\n"
        )
        .unwrap();
    }

    /// Connections to every system of a configuration.
    pub(crate) fn connect(&mut self, setup: &SetUp) -> BTreeMap<SystemName, SystemConnections> {
        setup.systems.iter().map(|(name, system)| (name.clone(), self.wired(system))).collect()
    }

    fn wired(&mut self, system: &System) -> SystemConnections {
        let attributes = attribute_specs(system);
        let secret = |slapd: &Slapd| (Arc::from("password"), Secret::new(&slapd.service_password));
        let real = self.directory.iter().filter(|_| &*system.connector == "ldap");
        let secrets = real.map(secret).collect();
        let settings = Settings {
            system: system.name.clone(),
            texts: system
                .connection
                .iter()
                .filter(|(k, _)| &***k != "password")
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect(),
            attributes: attributes.clone(),
            secrets,
        };
        match &*system.connector {
            "ldap" => {
                let connect = || self.will.around(tenure_connector_ldap::connect(&settings).unwrap());
                let writer = connect();
                let capabilities = writer.capabilities();
                SystemConnections { writer, reader: connect(), capabilities }
            }
            "manual" => {
                let connect = || tenure_connector_manual::connect(&settings).unwrap();
                let writer = connect();
                let capabilities = writer.capabilities();
                SystemConnections { writer, reader: connect(), capabilities }
            }
            _ => {
                let target = self.fakes.entry(system.name.clone()).or_insert_with(|| Target::new(&[]));
                for entitlement in &system.entitlements {
                    match entitlement.name.local().split_once('{') {
                        Some((prefix, _)) => target.add_family(prefix),
                        None => target.add_entitlement(entitlement.name.local()),
                    }
                }
                // What only some systems do is stated in their file.
                let says = |key: &str, word| system.connection.get(key).is_some_and(|r| &**r == word);
                let (rotate, rename) = (says("rotate", "true"), !says("rename", "false"));
                target.set_capabilities(Capabilities { rotate, rename, ..target.connector().capabilities() });
                let connect = || target.connector_for(attributes.clone());
                let writer = connect();
                let capabilities = writer.capabilities();
                SystemConnections { writer, reader: connect(), capabilities }
            }
        }
    }

    /// Time passes in the systems that have their own clock.
    pub(crate) fn pass_time(&self, now: Timestamp) {
        for fake in self.fakes.values() {
            fake.pass_time(now);
            fake.set_clock(now);
        }
        self.will.set_clock(now);
    }

    /// An expectation as these systems can meet it: a directory knows neither sessions nor credentials.
    pub(crate) fn visible(&self, mut expected: Json) -> Json {
        if self.directory.is_none() {
            return expected;
        }
        let blind = [format!("{DIRECTORY}: sessions ended"), format!("{DIRECTORY}: credentials revoked")];
        let people = expected.get_mut("people").and_then(Json::as_object_mut);
        for person in people.into_iter().flatten() {
            if let Some(facts) = person.1.get_mut("facts").and_then(Json::as_array_mut) {
                facts
                    .retain(|f| !blind.iter().any(|b| f.as_str().is_some_and(|f| f.starts_with(b.as_str()))));
            }
        }
        expected
    }

    /// Something happens to a system.
    pub(crate) fn happen(&mut self, event: &Event) -> Result<(), String> {
        if event.system == DIRECTORY && self.directory.is_some() {
            return self.in_directory(event);
        }
        let target = self
            .fakes
            .iter()
            .find(|(name, _)| name.as_str() == event.system)
            .map(|(_, target)| target)
            .ok_or_else(|| format!("there is no fake system {}", event.system))?;
        in_fake(target, event)
    }

    fn in_directory(&mut self, event: &Event) -> Result<(), String> {
        let slapd = self.directory.as_mut().unwrap();
        if event.mend {
            self.will.mend();
            if !self.rules.is_empty() {
                self.rules.clear();
                slapd.rule("").map_err(|e| e.to_string())?;
            }
        }
        if let Some(lied) = &event.lie
            && !self.will.lie(operation(lied)?)
        {
            return Err(format!("a directory has no `{lied}` to lie about"));
        }
        event.lag_seconds.iter().for_each(|seconds| self.will.lag(Duration::from_secs(*seconds)));
        cut(event).into_iter().for_each(|cut| self.will.cut_scan(cut));
        let rules = by_hand::rules(slapd, event)?;
        if !rules.is_empty() {
            self.rules += &rules;
            slapd.rule(&self.rules).map_err(|e| e.to_string())?;
        }
        match event.down {
            Some(true) => slapd.stop(),
            Some(false) => slapd.start().map_err(|e| e.to_string())?,
            None => {}
        }
        let ldif = by_hand::ldif(slapd, event)?;
        if ldif.is_empty() { Ok(()) } else { slapd.apply_ldif(&ldif).map_err(|e| e.to_string()) }
    }

    /// Whether an account of a system accepts this password, tried without Tenure.
    pub(crate) fn lets_in(&self, system: &SystemName, name: &str, password: &str) -> bool {
        match (&self.directory, self.fakes.get(system).and_then(|target| target.account(name))) {
            (Some(slapd), _) if system.as_str() == DIRECTORY => {
                slapd.bind_as(&by_hand::person(slapd, name), password).unwrap()
            }
            (_, account) => account.is_some_and(|a| {
                a.enabled && a.password.as_ref().is_some_and(|(known, _)| **known == *password)
            }),
        }
    }

    /// The accounts of a system as they really are, read without Tenure.
    pub(crate) fn accounts(&self, system: &SystemName) -> Vec<Real> {
        match (&self.directory, self.fakes.get(system)) {
            (Some(slapd), _) if system.as_str() == DIRECTORY => in_slapd(slapd),
            (_, Some(target)) => target
                .names()
                .iter()
                .filter_map(|name| target.account(name))
                .map(|a| Real {
                    name: a.name.to_string(),
                    usable: a.enabled,
                    holds: a.entitlements.iter().map(ToString::to_string).collect(),
                    sessions: a.sessions.len(),
                    credentials: a.credentials.iter().map(|c| c.sort.to_string()).collect(),
                    attributes: written(target, &a),
                })
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// What is written on an account of a fake system.
fn written(target: &Target, account: &FakeAccount) -> BTreeMap<String, String> {
    let plain = account.attributes.iter().map(|(name, value)| (name.to_string(), value.to_string()));
    let pointed = account
        .references
        .iter()
        .filter_map(|(name, external_id)| Some((name.to_string(), target.name_of(external_id)?.to_string())));
    plain.chain(pointed).collect()
}

fn in_slapd(slapd: &Slapd) -> Vec<Real> {
    let people = format!("ou=people,{}", slapd.base_dn);
    let found = slapd.search_below(
        &people,
        "sub",
        "(objectClass=inetOrgPerson)",
        &["*", "pwdAccountLockedTime", "memberOf"],
    );
    found
        .unwrap_or_default()
        .iter()
        .map(|entry| {
            let all = |key: &str| entry.get(key).cloned().unwrap_or_default();
            let groups = all("memberOf")
                .into_iter()
                .filter_map(|dn| Some(dn.strip_prefix("cn=")?.split_once(',')?.0.to_owned()));
            Real {
                name: all("uid").first().cloned().unwrap_or_default(),
                usable: all("pwdAccountLockedTime").is_empty(),
                holds: groups.collect(),
                sessions: 0,
                credentials: Vec::new(),
                attributes: entry
                    .iter()
                    .filter_map(|(key, all)| Some((key.clone(), shown(all.first()?))))
                    .chain(container(&all("dn"), &people))
                    .collect(),
            }
        })
        .collect()
}

/// In which container below `ou=people` an entry is.
fn container(dn: &[String], people: &str) -> Option<(String, String)> {
    let (_, above) = dn.first()?.split_once(',')?;
    let place = above.strip_suffix(people)?.strip_suffix(',')?;
    Some((by_hand::CONTAINER.to_owned(), place.to_owned()))
}

/// A value of an entry; a person that it refers to is shown by name.
fn shown(value: &str) -> String {
    value
        .strip_prefix("uid=")
        .and_then(|rest| rest.split_once(','))
        .map_or(value, |(name, _)| name)
        .to_owned()
}

fn operation(name: &str) -> Result<Operation, String> {
    Operation::ALL
        .into_iter()
        .find(|o| o.as_str() == name)
        .ok_or_else(|| format!("there is no operation `{name}`"))
}

/// What scans show of all accounts.
fn cut(event: &Event) -> Option<Cut> {
    let cut = |admits| move |accounts| Cut { accounts, admits };
    event.truncate_scan.map(cut(true)).or(event.hide_scan.map(cut(false)))
}

fn in_fake(target: &Target, event: &Event) -> Result<(), String> {
    if event.mend || event.down == Some(false) {
        target.mend();
    }
    if event.down == Some(true) {
        for name in ["create", "update", "enable", "disable", "delete", "grant", "revoke", "read", "scan"] {
            let gone = ConnectError::new(ErrorKind::Unreachable, "call", "connection refused");
            target.fault(operation(name)?, Fault::FailBefore(gone));
        }
    }
    if let Some(name) = &event.lie {
        target.fault(operation(name)?, Fault::Lie);
    }
    if let Some(name) = &event.fail {
        let refused = ConnectError::new(ErrorKind::Refused, "call", "not allowed");
        target.fault(operation(name)?, Fault::FailBefore(refused));
    }
    if let Some(seconds) = event.lag_seconds {
        target.lag(Lag::For(Duration::from_secs(seconds)));
    }
    if event.limit_scan.is_some() {
        let limit = ConnectError::new(ErrorKind::Configuration, "call", "the limit of an answer is exceeded");
        target.fault(Operation::Scan, Fault::FailBefore(limit));
    }
    cut(event).into_iter().for_each(|cut| target.cut_scan(cut));
    if let (Some(inner), Some(outer)) = (&event.nest, &event.into) {
        target.contain(inner, outer);
    }
    if let (Some(inner), Some(outer)) = (&event.nest, &event.out_of) {
        target.part(inner, outer);
    }
    if let Some(name) = &event.add {
        let mut account = FakeAccount::new(name);
        by_hand(&mut account, event);
        target.put(account);
    }
    if let Some(name) = &event.rotate {
        let now = target.now();
        let made = |a: &mut FakeAccount| a.password = Some((Arc::from("made by hand"), now));
        if !target.edit(name, made) {
            return Err(format!("there is no account {name} whose password could be made anew"));
        }
    }
    if let Some(name) = &event.remove
        && !target.remove(name)
    {
        return Err(format!("there is no account {name} to remove"));
    }
    if let Some(name) = &event.edit
        && !target.edit(name, |account| by_hand(account, event))
    {
        return Err(format!("there is no account {name} to edit"));
    }
    Ok(())
}

fn by_hand(account: &mut FakeAccount, event: &Event) {
    if let Some(n) = event.sessions {
        let session = |i: usize| Session { external_id: Arc::from(format!("s{i}")), until: None };
        account.sessions = (0..n).map(session).collect();
    }
    let sorts = event.credentials.iter().map(|sort| (sort.as_str(), None));
    for (sort, until) in sorts.chain(event.token_until.map(|until| ("token", Some(until)))) {
        let external_id = Arc::from(format!("c{}", account.credentials.len()));
        account.credentials.push(Credential { external_id, sort: Arc::from(sort), until });
    }
    account.enabled = event.enabled.unwrap_or(account.enabled);
    account.name = event.call.as_deref().map_or_else(|| account.name.clone(), Arc::from);
    account.entitlements.extend(event.hold.iter().map(|e| Arc::from(e.as_str())));
    account.entitlements.retain(|e| !event.drop.iter().any(|d| **d == **e));
    account.attributes.retain(|name, _| !event.unset.iter().any(|u| u == name.as_str()));
    for (key, value) in &event.set {
        account.attributes.insert(AttributeName::new(key).unwrap(), Value::Text(Arc::from(value.as_str())));
    }
}
