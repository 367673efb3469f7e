//! A system that cannot be connected (a secret is missing, a setting is wrong) does not block other systems: every call to it fails
//! with the reason, and its work waits.

use crate::{
    AccountChange, AccountRef, Capabilities, ConnectError, Connector, Created, Credential, EntitlementRef,
    ErrorKind, Health, Holds, NewAccount, Operation, Page, RemoteAccount, RemoteEntitlement, Secret, Session,
    Status, Written,
};
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::AttributeName;

/// A connector whose calls all fail with `why`. The failure is temporary: once its cause is fixed, waiting work is done without a new
/// request. `capabilities` are what the system could do.
#[must_use]
pub fn unusable(why: &str, capabilities: Capabilities) -> Arc<dyn Connector> {
    Arc::new(Unusable { why: Arc::from(why), capabilities })
}

struct Unusable {
    why: Arc<str>,
    capabilities: Capabilities,
}

impl Unusable {
    fn fail<T>(&self, operation: Operation) -> Result<T, ConnectError> {
        let error = ConnectError::new(ErrorKind::Configuration, operation.as_str(), &self.why);
        Err(error.with_status(Status::Temporary))
    }
}

#[async_trait]
impl Connector for Unusable {
    fn capabilities(&self) -> Capabilities {
        self.capabilities.clone()
    }
    async fn test(&self) -> Result<Health, ConnectError> {
        self.fail(Operation::Test)
    }
    async fn as_of(&self) -> Result<Option<Timestamp>, ConnectError> {
        self.fail(Operation::AsOf)
    }
    async fn scan(&self, _: Option<Arc<str>>) -> Result<Page, ConnectError> {
        self.fail(Operation::Scan)
    }
    async fn catalogue(&self) -> Result<Vec<RemoteEntitlement>, ConnectError> {
        self.fail(Operation::Catalogue)
    }
    async fn read(&self, _: &AccountRef) -> Result<Option<RemoteAccount>, ConnectError> {
        self.fail(Operation::Read)
    }
    async fn find(&self, _: &AttributeName, _: &str) -> Result<Vec<AccountRef>, ConnectError> {
        self.fail(Operation::Find)
    }
    async fn holds(&self, _: &AccountRef, _: &EntitlementRef) -> Result<Holds, ConnectError> {
        self.fail(Operation::Holds)
    }
    async fn create(&self, _: &NewAccount) -> Result<Created, ConnectError> {
        self.fail(Operation::Create)
    }
    async fn update(&self, _: &AccountRef, _: &AccountChange) -> Result<Written, ConnectError> {
        self.fail(Operation::Update)
    }
    async fn enable(&self, _: &AccountRef) -> Result<Written, ConnectError> {
        self.fail(Operation::Enable)
    }
    async fn disable(&self, _: &AccountRef) -> Result<Written, ConnectError> {
        self.fail(Operation::Disable)
    }
    async fn delete(&self, _: &AccountRef) -> Result<Written, ConnectError> {
        self.fail(Operation::Delete)
    }
    async fn grant(&self, _: &AccountRef, _: &EntitlementRef) -> Result<Written, ConnectError> {
        self.fail(Operation::Grant)
    }
    async fn revoke(&self, _: &AccountRef, _: &EntitlementRef) -> Result<Written, ConnectError> {
        self.fail(Operation::Revoke)
    }
    async fn sessions(&self, _: &AccountRef) -> Result<Vec<Session>, ConnectError> {
        self.fail(Operation::Sessions)
    }
    async fn end_sessions(&self, _: &AccountRef) -> Result<u64, ConnectError> {
        self.fail(Operation::EndSessions)
    }
    async fn credentials(&self, _: &AccountRef) -> Result<Vec<Credential>, ConnectError> {
        self.fail(Operation::Credentials)
    }
    async fn revoke_credentials(&self, _: &AccountRef) -> Result<u64, ConnectError> {
        self.fail(Operation::RevokeCredentials)
    }
    async fn set_password(&self, _: &AccountRef, _: &Secret) -> Result<Written, ConnectError> {
        self.fail(Operation::SetPassword)
    }
    async fn password_changed(&self, _: &AccountRef) -> Result<Option<Timestamp>, ConnectError> {
        self.fail(Operation::PasswordChanged)
    }
    async fn rotate(&self, _: &AccountRef) -> Result<Written, ConnectError> {
        self.fail(Operation::Rotate)
    }
}
