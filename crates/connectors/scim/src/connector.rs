//! The contract in terms of the service's operations.

use crate::groups::Member;
use crate::http::{Call, Http};
use crate::service::Service;
use crate::settings::Config;
use crate::users::{Sight, User, gone};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_connect::{
    AccountChange, AccountRef, Capabilities, ConnectError, Connector, Created, Credential, EntitlementRef,
    ErrorKind, Health, Holds, NewAccount, Page, RemoteAccount, RemoteEntitlement, Session, Status, Unread,
    Written,
};
use tenure_model::{AttributeName, Kind};

/// Services throttle their clients, and count each call; pauses requested by 429 are additional.
const CALLS_PER_SECOND: u32 = 50;

/// A SCIM service as a connector.
pub(crate) struct Scim(Service);

impl Scim {
    pub(crate) fn new(http: Http, config: Config) -> Self {
        Self(Service::new(http, config))
    }

    fn needs_groups(&self, operation: &'static str) -> Result<(), ConnectError> {
        if self.0.config.groups {
            Ok(())
        } else {
            Err(unsupported(operation, "groups = false in its settings"))
        }
    }

    async fn switch(
        &self,
        operation: &'static str,
        account: &AccountRef,
        on: bool,
    ) -> Result<Written, ConnectError> {
        let user = match self.0.sight(operation, account).await? {
            Sight::User(user) => *user,
            Sight::Gone => return Err(gone(operation, account)),
            // A user that must not be used is disabled by its id although it cannot be read; a PUT of the whole resource is not
            // possible then.
            Sight::Unread(id, why) if !on && !self.0.config.profile.put && !is_throttled(&why) => {
                User::unread(id, account.name.clone())
            }
            Sight::Unread(_, why) => return Err(why),
        };
        let changed = self.0.switch(operation, &user, on).await?;
        Ok(Written { external_id: user.id, changed })
    }

    async fn member(
        &self,
        operation: &'static str,
        account: &AccountRef,
        entitlement: &str,
        wanted: bool,
    ) -> Result<Written, ConnectError> {
        self.needs_groups(operation)?;
        let user = self.0.existing(operation, account).await?;
        let changed = self.0.set_member(operation, member(&user), entitlement, wanted).await?;
        Ok(Written { external_id: user.id, changed })
    }
}

/// Whether a service requests fewer calls: then a write would be too early, too.
fn is_throttled(e: &ConnectError) -> bool {
    matches!(e.status, Status::Throttled(_))
}

fn member(user: &User) -> Member<'_> {
    Member { id: &user.id, user: Some(user) }
}

fn unsupported(operation: &'static str, why: &str) -> ConnectError {
    ConnectError::new(ErrorKind::Unsupported, operation, why)
}

/// SCIM has no terms for sessions and credentials; `active = false` does not cover either (RFC 7643 §4.1.1).
const NOT_IN_SCIM: &str = "SCIM knows no sessions and no credentials";

#[async_trait]
impl Connector for Scim {
    fn capabilities(&self) -> Capabilities {
        let config = &self.0.config;
        Capabilities {
            read: true,
            scan: true,
            create: true,
            update: true,
            rename: true,
            disable: true,
            delete: config.profile.delete,
            grant: config.groups,
            catalogue: config.groups,
            conditional: config.profile.etag,
            sessions: false,
            credentials: false,
            passwords: false,
            rotate: false,
            page_accounts_max: config.page_size,
            concurrency_max: config.concurrency,
            calls_per_second: CALLS_PER_SECOND,
            propagation: config.propagation,
        }
    }

    async fn test(&self) -> Result<Health, ConnectError> {
        const OPERATION: &str = "test";
        let able = self.0.able(OPERATION).await?;
        if !able.patch && !self.0.config.profile.put {
            let what = "the service says that PATCH is not supported: set write = \"put\"";
            return Err(ConnectError::new(ErrorKind::Configuration, OPERATION, what));
        }
        let one = [("startIndex", "1"), ("count", "1")];
        let reply = self.0.http.send(Call::get(OPERATION, &["Users"], &one)).await?;
        if self.0.config.groups {
            self.0.prove_member_filter(OPERATION).await?;
        }
        let server = reply.server.map(|s| format!(" ({s})")).unwrap_or_default();
        Ok(Health { product: Arc::from(format!("SCIM 2.0 at {}{server}", self.0.http.host()).as_str()) })
    }

    async fn scan(&self, cursor: Option<Arc<str>>) -> Result<Page, ConnectError> {
        self.0.scan_page(cursor.as_deref()).await
    }

    async fn catalogue(&self) -> Result<Vec<RemoteEntitlement>, ConnectError> {
        self.needs_groups("catalogue")?;
        self.0.all_groups("catalogue").await
    }

    async fn read(&self, account: &AccountRef) -> Result<Option<RemoteAccount>, ConnectError> {
        const OPERATION: &str = "read";
        let Some(user) = self.0.user(OPERATION, account).await? else { return Ok(None) };
        let mut names = BTreeMap::from([(user.id.clone(), user.name.clone())]);
        let mut shown = self.0.shown(OPERATION, &user, &mut names).await?;
        if self.0.config.groups {
            let held = self.0.held(OPERATION, member(&user)).await?;
            (shown.entitlements, shown.indirect) = (held.direct, held.indirect);
            shown.unread = Unread { enabled: shown.unread.enabled, ..held.unread };
        }
        Ok(Some(shown))
    }

    async fn find(&self, attribute: &AttributeName, value: &str) -> Result<Vec<AccountRef>, ConnectError> {
        let found = self.0.users_showing("find", attribute, value).await?;
        let of =
            |user: User| AccountRef { external_id: Some(user.id), name: user.name, kind: Kind::default() };
        Ok(found.into_iter().map(of).collect())
    }

    async fn holds(&self, account: &AccountRef, entitlement: &EntitlementRef) -> Result<Holds, ConnectError> {
        self.needs_groups("holds")?;
        self.0.holds(account, entitlement).await
    }

    async fn create(&self, account: &NewAccount) -> Result<Created, ConnectError> {
        self.0.create_user(account).await
    }

    async fn update(&self, account: &AccountRef, change: &AccountChange) -> Result<Written, ConnectError> {
        self.0.update_user(account, change).await
    }

    async fn enable(&self, account: &AccountRef) -> Result<Written, ConnectError> {
        self.switch("enable", account, true).await
    }

    async fn disable(&self, account: &AccountRef) -> Result<Written, ConnectError> {
        self.switch("disable", account, false).await
    }

    async fn delete(&self, account: &AccountRef) -> Result<Written, ConnectError> {
        if !self.0.config.profile.delete {
            return Err(unsupported("delete", "delete = false in its settings, or by its dialect"));
        }
        let gone = self.0.delete_user(account).await?;
        let changed = gone.is_some();
        let external_id =
            gone.or_else(|| account.external_id.clone()).unwrap_or_else(|| account.name.clone());
        Ok(Written { external_id, changed })
    }

    async fn grant(
        &self,
        account: &AccountRef,
        entitlement: &EntitlementRef,
    ) -> Result<Written, ConnectError> {
        self.member("grant", account, entitlement, true).await
    }

    async fn revoke(
        &self,
        account: &AccountRef,
        entitlement: &EntitlementRef,
    ) -> Result<Written, ConnectError> {
        self.needs_groups("revoke")?;
        // A user that does not exist is in no group: its entitlements are not held. A service that does not clean up may still list a
        // deleted user as a member, so its id is searched too.
        let id = match self.0.sight("revoke", account).await? {
            Sight::User(user) => {
                let changed = self.0.set_member("revoke", member(&user), entitlement, false).await?;
                return Ok(Written { external_id: user.id, changed });
            }
            Sight::Unread(_, why) if is_throttled(&why) => return Err(why),
            // It is revoked by the known id, although the user cannot be read.
            Sight::Unread(id, _) => Some(id),
            Sight::Gone => account.external_id.clone(),
        };
        let Some(id) = id else {
            return Ok(Written { external_id: account.name.clone(), changed: false });
        };
        let changed = self.0.set_member("revoke", Member::only(&id), entitlement, false).await?;
        Ok(Written { external_id: id, changed })
    }

    async fn sessions(&self, _account: &AccountRef) -> Result<Vec<Session>, ConnectError> {
        Err(unsupported("sessions", NOT_IN_SCIM))
    }

    async fn end_sessions(&self, _account: &AccountRef) -> Result<u64, ConnectError> {
        Err(unsupported("end_sessions", NOT_IN_SCIM))
    }

    async fn credentials(&self, _account: &AccountRef) -> Result<Vec<Credential>, ConnectError> {
        Err(unsupported("credentials", NOT_IN_SCIM))
    }

    async fn revoke_credentials(&self, _account: &AccountRef) -> Result<u64, ConnectError> {
        Err(unsupported("revoke_credentials", NOT_IN_SCIM))
    }
}
