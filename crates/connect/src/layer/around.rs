//! The contract implemented once for all layers: a layer is a few lines around a call whose content it does not read.

use crate::{
    AccountChange, AccountRef, Capabilities, ConnectError, Connector, Created, Credential, EntitlementRef,
    Health, Holds, NewAccount, Operation, Page, RemoteAccount, RemoteEntitlement, Secret, Session, Written,
};
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::AttributeName;

/// What a layer may know about a call: never an account, never a value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    pub(crate) operation: Operation,
    /// Whether it may be repeated if it is not known whether it took effect.
    pub(crate) repeatable: bool,
}

/// A layer.
pub(crate) trait Around: Send + Sync {
    /// Makes the call by `run`: once, several times, or not at all.
    fn around<T, F>(
        &self,
        call: Call,
        run: impl Fn() -> F + Send + Sync,
    ) -> impl Future<Output = Result<T, ConnectError>> + Send
    where
        T: Send,
        F: Future<Output = Result<T, ConnectError>> + Send;
}

/// A connector with a layer around it.
pub(crate) struct Layered<A> {
    pub(crate) layer: A,
    pub(crate) inner: Arc<dyn Connector>,
}

impl<A: Around + 'static> Layered<A> {
    /// Puts a layer around a connector.
    pub(crate) fn wrap(layer: A, inner: Arc<dyn Connector>) -> Arc<dyn Connector> {
        Arc::new(Self { layer, inner })
    }

    async fn call<T, F>(
        &self,
        operation: Operation,
        run: impl Fn() -> F + Send + Sync,
    ) -> Result<T, ConnectError>
    where
        T: Send,
        F: Future<Output = Result<T, ConnectError>> + Send,
    {
        self.layer.around(Call { operation, repeatable: true }, run).await
    }
}

/// A repeated update has the same result, except if its first attempt prevents it: a version that it changed itself, an old name that
/// it removed itself.
fn is_repeatable(account: &AccountRef, change: &AccountChange) -> bool {
    change.if_version.is_none() && (change.rename.is_none() || account.external_id.is_some())
}

#[async_trait]
impl<A: Around + 'static> Connector for Layered<A> {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }
    async fn test(&self) -> Result<Health, ConnectError> {
        self.call(Operation::Test, || self.inner.test()).await
    }
    async fn as_of(&self) -> Result<Option<Timestamp>, ConnectError> {
        self.call(Operation::AsOf, || self.inner.as_of()).await
    }
    async fn scan(&self, cursor: Option<Arc<str>>) -> Result<Page, ConnectError> {
        self.call(Operation::Scan, || self.inner.scan(cursor.clone())).await
    }
    async fn catalogue(&self) -> Result<Vec<RemoteEntitlement>, ConnectError> {
        self.call(Operation::Catalogue, || self.inner.catalogue()).await
    }
    async fn read(&self, account: &AccountRef) -> Result<Option<RemoteAccount>, ConnectError> {
        self.call(Operation::Read, || self.inner.read(account)).await
    }
    async fn find(&self, attribute: &AttributeName, value: &str) -> Result<Vec<AccountRef>, ConnectError> {
        self.call(Operation::Find, || self.inner.find(attribute, value)).await
    }
    async fn holds(&self, account: &AccountRef, entitlement: &EntitlementRef) -> Result<Holds, ConnectError> {
        self.call(Operation::Holds, || self.inner.holds(account, entitlement)).await
    }
    async fn create(&self, account: &NewAccount) -> Result<Created, ConnectError> {
        let call = Call { operation: Operation::Create, repeatable: false };
        self.layer.around(call, || self.inner.create(account)).await
    }
    async fn update(&self, account: &AccountRef, change: &AccountChange) -> Result<Written, ConnectError> {
        let call = Call { operation: Operation::Update, repeatable: is_repeatable(account, change) };
        self.layer.around(call, || self.inner.update(account, change)).await
    }
    async fn enable(&self, account: &AccountRef) -> Result<Written, ConnectError> {
        self.call(Operation::Enable, || self.inner.enable(account)).await
    }
    async fn disable(&self, account: &AccountRef) -> Result<Written, ConnectError> {
        self.call(Operation::Disable, || self.inner.disable(account)).await
    }
    async fn delete(&self, account: &AccountRef) -> Result<Written, ConnectError> {
        self.call(Operation::Delete, || self.inner.delete(account)).await
    }
    async fn grant(
        &self,
        account: &AccountRef,
        entitlement: &EntitlementRef,
    ) -> Result<Written, ConnectError> {
        self.call(Operation::Grant, || self.inner.grant(account, entitlement)).await
    }
    async fn revoke(
        &self,
        account: &AccountRef,
        entitlement: &EntitlementRef,
    ) -> Result<Written, ConnectError> {
        self.call(Operation::Revoke, || self.inner.revoke(account, entitlement)).await
    }
    async fn sessions(&self, account: &AccountRef) -> Result<Vec<Session>, ConnectError> {
        self.call(Operation::Sessions, || self.inner.sessions(account)).await
    }
    async fn end_sessions(&self, account: &AccountRef) -> Result<u64, ConnectError> {
        self.call(Operation::EndSessions, || self.inner.end_sessions(account)).await
    }
    async fn credentials(&self, account: &AccountRef) -> Result<Vec<Credential>, ConnectError> {
        self.call(Operation::Credentials, || self.inner.credentials(account)).await
    }
    async fn revoke_credentials(&self, account: &AccountRef) -> Result<u64, ConnectError> {
        self.call(Operation::RevokeCredentials, || self.inner.revoke_credentials(account)).await
    }
    async fn set_password(&self, account: &AccountRef, password: &Secret) -> Result<Written, ConnectError> {
        self.call(Operation::SetPassword, || self.inner.set_password(account, password)).await
    }
    async fn password_changed(&self, account: &AccountRef) -> Result<Option<Timestamp>, ConnectError> {
        self.call(Operation::PasswordChanged, || self.inner.password_changed(account)).await
    }
    async fn rotate(&self, account: &AccountRef) -> Result<Written, ConnectError> {
        self.call(Operation::Rotate, || self.inner.rotate(account)).await
    }
}
