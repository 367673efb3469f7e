//! The one shared connection: opened on first use, authenticated, and opened again after a break.

use crate::dn;
use crate::error::{Sent, classify, timed_out};
use crate::lock::{Disable, Policies};
use crate::setup::{Login, Setup};
use crate::wire::{NO_ATTRIBUTES, Query, Wire};
use ldap3::{LdapConnAsync, LdapConnSettings, Scope};
use std::sync::Arc;
use tenure_connect::{ConnectError, ErrorKind};
use tokio::sync::Mutex;

/// The assertion control (RFC 4528).
const ASSERTION: &str = "1.3.6.1.1.12";
/// The password policy control; a directory that supports it has loaded the ppolicy overlay.
const PPOLICY: &str = "1.3.6.1.4.1.42.2.27.8.5.1";

/// What the directory stated about itself when the connection was opened.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    /// Product, as far as it is stated.
    pub(crate) product: String,
    /// Whether the directory supports conditional writes.
    pub(crate) assertion: bool,
    /// Whether a lock is effective.
    pub(crate) policies: Policies,
    /// Where an account is searched by external id: the root of the directory if it can be read, so that an account that was moved
    /// away is found and not taken for deleted.
    pub(crate) roots: Vec<String>,
}

/// An authenticated connection and the facts about its directory.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) wire: Wire,
    pub(crate) facts: Arc<Facts>,
}

/// Hands out the shared connection.
pub(crate) struct Pool {
    setup: Arc<Setup>,
    current: Mutex<Option<Line>>,
}

impl Pool {
    pub(crate) fn new(setup: Arc<Setup>) -> Self {
        Self { setup, current: Mutex::new(None) }
    }

    /// The shared connection, opened if necessary.
    pub(crate) async fn line(&self, operation: &'static str) -> Result<Line, ConnectError> {
        // A caller waiting here for another caller's attempt to connect waits no longer than for its own.
        let taken = tokio::time::timeout(self.setup.limit, async {
            let mut current = self.current.lock().await;
            let usable = current.as_ref().and_then(|line| {
                line.wire.again(operation).map(|wire| Line { wire, facts: line.facts.clone() })
            });
            if let Some(line) = usable {
                return Ok(line);
            }
            let line = open(&self.setup, operation).await?;
            *current = Some(line.clone());
            Ok(line)
        });
        match taken.await {
            Ok(line) => line,
            Err(_) => Err(timed_out(operation, Sent::Nothing, self.setup.limit).into()),
        }
    }

    /// A separate connection.
    pub(crate) async fn own_line(&self, operation: &'static str) -> Result<Line, ConnectError> {
        match tokio::time::timeout(self.setup.limit, open(&self.setup, operation)).await {
            Ok(line) => line,
            Err(_) => Err(timed_out(operation, Sent::Nothing, self.setup.limit).into()),
        }
    }
}

async fn open(setup: &Setup, operation: &'static str) -> Result<Line, ConnectError> {
    let mut how = LdapConnSettings::new().set_conn_timeout(setup.limit).set_starttls(setup.starttls);
    match &setup.tls {
        Some(config) => how = how.set_config(config.clone()),
        None => crate::tls::install_provider(),
    }
    let (connection, ldap) = LdapConnAsync::with_settings(how, &setup.url).await.map_err(|e| {
        let mut error: ConnectError = classify(operation, Sent::Nothing, e).into();
        error.message = format!("{}: {}", setup.url, error.message).into();
        error
    })?;
    // Calls that wait on it and `is_closed` detect its end.
    tokio::spawn(async move { drop(connection.drive().await) });
    let wire = Wire::new(ldap, setup.limit, setup.referrals_matter, operation);
    match &setup.login {
        Login::Simple { dn, password } => wire.bind(dn, password.expose()).await?,
        Login::External => wire.bind_external().await?,
    }
    let facts = Arc::new(facts(&wire, setup).await?);
    Ok(Line { wire, facts })
}

async fn facts(wire: &Wire, setup: &Setup) -> Result<Facts, ConnectError> {
    let dse = wire.entry("", vec!["*".to_owned(), "+".to_owned()]).await?.unwrap_or_default();
    let product = match (dse.one("vendorName"), dse.one("vendorVersion")) {
        (Some(name), version) => format!("{name} {}", version.unwrap_or_default()).trim_end().to_owned(),
        _ if [dse.one("structuralObjectClass"), dse.one("objectClass")]
            .contains(&Some("OpenLDAProotDSE")) =>
        {
            "OpenLDAP".to_owned()
        }
        _ => "an LDAP directory".to_owned(),
    };
    let knows = |oid: &str| dse.all("supportedControl").iter().any(|c| c == oid);
    let context = dse
        .all("namingContexts")
        .iter()
        .filter(|c| setup.bases.iter().all(|b| dn::is_under(&b.key, &dn::key(c))))
        .max_by_key(|c| c.len());
    let roots = roots(wire, setup, context).await?;
    let policies = match (&setup.disable, knows(PPOLICY)) {
        (Disable::Ppolicy, true) => policies(wire, setup, roots.first().map_or("", String::as_str)).await?,
        (Disable::Ppolicy, false) => {
            let why = "the directory does not have the ppolicy overlay loaded".to_owned();
            Policies { default: Some(Err(why)), ..Policies::default() }
        }
        _ => Policies::default(),
    };
    Ok(Facts { product, assertion: knows(ASSERTION), policies, roots })
}

async fn roots(wire: &Wire, setup: &Setup, context: Option<&String>) -> Result<Vec<String>, ConnectError> {
    if let Some(base) = &setup.search_base {
        return Ok(vec![base.to_string()]);
    }
    if let Some(context) = context
        && wire.entry(context, vec![NO_ATTRIBUTES.to_owned()]).await?.is_some()
    {
        return Ok(vec![context.clone()]);
    }
    Ok(setup.bases.iter().map(|b| b.dn.to_string()).collect())
}

/// Reads the password policies. The default one is named in the server's own configuration, which few may read: so all must lock, or
/// the setting `policy` names it.
async fn policies(wire: &Wire, setup: &Setup, root: &str) -> Result<Policies, ConnectError> {
    let filter = "(objectClass=pwdPolicy)".to_owned();
    let attributes = vec!["pwdLockout".to_owned()];
    let query = Query { base: root, scope: Scope::Subtree, filter, attributes: attributes.clone() };
    let mut found = wire.search(query).await?.entries;
    if let Some(policy) = &setup.policy {
        found.extend(wire.entry(policy, attributes).await?);
    }
    let mut policies = Policies::default();
    for entry in &found {
        let locks = entry.one("pwdLockout").is_some_and(|v| v.eq_ignore_ascii_case("TRUE"));
        policies.lockout.insert(dn::key(&entry.dn), locks);
    }
    let default = match &setup.policy {
        Some(policy) => match policies.lockout.get(&dn::key(policy)) {
            Some(true) => Ok(()),
            Some(false) => Err(format!("the password policy `{policy}` has not `pwdLockout: TRUE`")),
            None => Err(format!("the password policy `{policy}` is not there, or `bind_dn` may not read it")),
        },
        None if policies.lockout.is_empty() => {
            Err(format!("no password policy (pwdPolicy) can be seen by `bind_dn` below `{root}`"))
        }
        None => match found.iter().find(|e| policies.lockout.get(&dn::key(&e.dn)) == Some(&false)) {
            None => Ok(()),
            Some(entry) => Err(format!(
                "the password policy `{}` has not `pwdLockout: TRUE`; set it, or name the default policy in `policy`",
                entry.dn
            )),
        },
    };
    policies.default = Some(default);
    Ok(policies)
}

impl Line {
    /// Refuses to rely on a lock that the directory would not enforce.
    pub(crate) fn lock_is_enforced(&self, verdict: Result<(), String>) -> Result<(), ConnectError> {
        verdict.map_err(|why| {
            let text = format!("`pwdAccountLockedTime` would not lock accounts: {why}");
            self.wire.error(ErrorKind::Configuration, text)
        })
    }
}
