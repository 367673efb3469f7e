//! The contract, operation by operation.

use crate::account::Names;
use crate::groups::Held;
use crate::lock::Disable;
use crate::pool::Pool;
use crate::scan::Scans;
use crate::setup::Setup;
use crate::wire::NO_ATTRIBUTES;
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tenure_connect::{
    AccountChange, AccountRef, Capabilities, ConnectError, Connector, Created, Credential, EntitlementRef,
    ErrorKind, Health, Holds, NewAccount, Page, RemoteAccount, RemoteEntitlement, Secret, Session,
    SettingError, Settings, Written,
};
use tenure_model::{AttributeName, Name as _};

/// Maximum number of concurrent calls on the connection.
const CONCURRENCY_MAX: u32 = 16;

struct Ldap {
    setup: Arc<Setup>,
    pool: Pool,
    scans: Scans,
}

/// Creates a connector for an LDAP directory. Reads the settings and the file named by `ca`; connects on first use.
///
/// # Errors
/// Names the setting that is missing or wrong.
pub fn connect(settings: &Settings) -> Result<Arc<dyn Connector>, SettingError> {
    let setup = Arc::new(Setup::read(settings)?);
    Ok(Arc::new(Ldap { pool: Pool::new(setup.clone()), scans: Scans::default(), setup }))
}

fn unsupported(operation: &'static str, what: &str) -> ConnectError {
    ConnectError::new(ErrorKind::Unsupported, operation, what)
}

#[async_trait]
impl Connector for Ldap {
    fn capabilities(&self) -> Capabilities {
        let groups = self.setup.groups.is_some();
        Capabilities {
            read: true,
            scan: true,
            create: true,
            update: true,
            rename: true,
            disable: self.setup.disable != Disable::Nothing,
            delete: true,
            grant: groups,
            catalogue: groups,
            conditional: true,
            passwords: self.setup.dates_passwords(),
            page_accounts_max: u32::try_from(self.setup.page).unwrap_or(u32::MAX),
            concurrency_max: CONCURRENCY_MAX,
            propagation: SignedDuration::from_secs(i64::from(self.setup.propagation_seconds)),
            ..Capabilities::default()
        }
    }

    async fn test(&self) -> Result<Health, ConnectError> {
        // A connection of its own, so that the password policies are read again.
        let line = self.pool.own_line("test").await?;
        let groups = self.setup.groups.iter().map(|g| ("groups_base", &g.base));
        for (key, base) in self.setup.bases.iter().map(|b| ("people_base", &b.dn)).chain(groups) {
            if line.wire.entry(base, vec![NO_ATTRIBUTES.to_owned()]).await?.is_none() {
                let text = format!("`{key}`: there is no `{base}`, or `bind_dn` may not see it");
                return Err(line.wire.error(ErrorKind::Configuration, text));
            }
        }
        if self.setup.disable == Disable::Ppolicy {
            line.lock_is_enforced(line.facts.policies.default_lock())?;
        }
        Ok(Health { product: line.facts.product.as_str().into() })
    }

    async fn scan(&self, cursor: Option<Arc<str>>) -> Result<Page, ConnectError> {
        self.scans.page(&self.pool, &self.setup, cursor.as_deref()).await
    }

    async fn catalogue(&self) -> Result<Vec<RemoteEntitlement>, ConnectError> {
        let Some(groups) = &self.setup.groups else {
            return Err(unsupported("catalogue", "the system has no groups: set `groups_base`"));
        };
        groups.catalogue(&self.pool.own_line("catalogue").await?).await
    }

    async fn read(&self, account: &AccountRef) -> Result<Option<RemoteAccount>, ConnectError> {
        let line = self.pool.line("read").await?;
        let Some(found) = self.setup.find(&line, account).await? else { return Ok(None) };
        let held = match &self.setup.groups {
            Some(groups) => groups.held(&line, &found.entry).await?,
            None => Held::default(),
        };
        self.setup.show(&line, found, held, &mut Names::new()).await.map(Some)
    }

    async fn find(&self, attribute: &AttributeName, value: &str) -> Result<Vec<AccountRef>, ConnectError> {
        let line = self.pool.line("find").await?;
        let found = self.setup.showing(&line, attribute.as_str(), value).await?;
        Ok(found
            .into_iter()
            .map(|f| AccountRef { external_id: Some(f.external_id), name: f.name, kind: f.kind })
            .collect())
    }

    async fn holds(&self, account: &AccountRef, entitlement: &EntitlementRef) -> Result<Holds, ConnectError> {
        let Some(groups) = &self.setup.groups else {
            return Err(unsupported("holds", "the system has no groups: set `groups_base`"));
        };
        let line = self.pool.line("holds").await?;
        let Some(found) = self.setup.find(&line, account).await? else { return Ok(Holds::No) };
        groups.holds(&line, &found.entry, entitlement).await
    }

    async fn create(&self, account: &NewAccount) -> Result<Created, ConnectError> {
        self.setup.create(&self.pool.line("create").await?, account).await
    }

    async fn update(&self, account: &AccountRef, change: &AccountChange) -> Result<Written, ConnectError> {
        self.setup.update(&self.pool.line("update").await?, account, change).await
    }

    async fn enable(&self, account: &AccountRef) -> Result<Written, ConnectError> {
        if self.setup.disable == Disable::Nothing {
            return Err(unsupported(
                "enable",
                "the system has no means to disable accounts (`disable = \"none\"`)",
            ));
        }
        self.setup.switch(&self.pool.line("enable").await?, account, true).await
    }

    async fn disable(&self, account: &AccountRef) -> Result<Written, ConnectError> {
        if self.setup.disable == Disable::Nothing {
            return Err(unsupported(
                "disable",
                "the system has no means to disable accounts (`disable = \"none\"`)",
            ));
        }
        self.setup.switch(&self.pool.line("disable").await?, account, false).await
    }

    async fn delete(&self, account: &AccountRef) -> Result<Written, ConnectError> {
        self.setup.delete(&self.pool.line("delete").await?, account).await
    }

    async fn grant(
        &self,
        account: &AccountRef,
        entitlement: &EntitlementRef,
    ) -> Result<Written, ConnectError> {
        self.setup.grant(&self.pool.line("grant").await?, account, entitlement).await
    }

    async fn revoke(
        &self,
        account: &AccountRef,
        entitlement: &EntitlementRef,
    ) -> Result<Written, ConnectError> {
        self.setup.revoke(&self.pool.line("revoke").await?, account, entitlement).await
    }

    async fn set_password(&self, account: &AccountRef, password: &Secret) -> Result<Written, ConnectError> {
        if !self.setup.dates_passwords() {
            return Err(unsupported(
                "set-password",
                "only a directory with ppolicy says when a password was changed",
            ));
        }
        self.setup.set_password(&self.pool.line("set-password").await?, account, password).await
    }

    async fn password_changed(&self, account: &AccountRef) -> Result<Option<Timestamp>, ConnectError> {
        if !self.setup.dates_passwords() {
            return Err(unsupported("password-changed", "only a directory with ppolicy says when it was"));
        }
        self.setup.password_changed(&self.pool.line("password-changed").await?, account).await
    }

    async fn sessions(&self, _: &AccountRef) -> Result<Vec<Session>, ConnectError> {
        Err(unsupported("sessions", "a directory does not list its sessions"))
    }

    async fn end_sessions(&self, _: &AccountRef) -> Result<u64, ConnectError> {
        Err(unsupported("end_sessions", "a directory does not end single sessions"))
    }

    async fn credentials(&self, _: &AccountRef) -> Result<Vec<Credential>, ConnectError> {
        Err(unsupported("credentials", "a directory does not list credentials"))
    }

    async fn revoke_credentials(&self, _: &AccountRef) -> Result<u64, ConnectError> {
        Err(unsupported(
            "revoke_credentials",
            "passwords of this directory are not Tenure's: disable the account",
        ))
    }
}
