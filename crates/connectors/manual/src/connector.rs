//! The contract for a system without an interface: writes are manual tasks of its owner, reads use the export.

use crate::export::{self, Export};
use crate::setup::ExportSetup;
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::Arc;
use tenure_connect::{
    AccountChange, AccountRef, Capabilities, ConnectError, Connector, Created, Credential, EntitlementRef,
    ErrorKind, Health, NewAccount, Page, RemoteAccount, RemoteEntitlement, Session, Written,
};
use tenure_model::SystemName;

/// A system that no program can reach.
pub(crate) struct Manual {
    pub(crate) system: SystemName,
    pub(crate) export: Option<Arc<ExportSetup>>,
}

impl Manual {
    /// The export as it is on disk now.
    async fn read_export(&self, operation: &'static str) -> Result<Export, ConnectError> {
        let Some(setup) = self.export.clone() else {
            let what = format!("`{}` has no interface and no export: its state is attested", self.system);
            return Err(ConnectError::new(ErrorKind::Unsupported, operation, what));
        };
        let read = tokio::task::spawn_blocking(move || export::read(&setup, operation));
        read.await.map_err(|e| ConnectError::new(ErrorKind::Unreachable, operation, e.to_string()))?
    }

    fn by_hand<T>(&self, operation: &'static str) -> Result<T, ConnectError> {
        let what = format!("`{}` has no interface: its owner makes the change by hand", self.system);
        Err(ConnectError::new(ErrorKind::Unsupported, operation, what))
    }
}

#[async_trait]
impl Connector for Manual {
    fn capabilities(&self) -> Capabilities {
        let readable = self.export.is_some();
        Capabilities { read: readable, scan: readable, ..Capabilities::default() }
    }

    async fn test(&self) -> Result<Health, ConnectError> {
        let Some(setup) = &self.export else {
            return Ok(Health { product: Arc::from("worked by hand, attested") });
        };
        let export = self.read_export("test").await?;
        let (path, count) = (setup.path.display(), export.accounts.len());
        let product = format!("worked by hand, export {path} of {}: {count} accounts", export.as_of);
        Ok(Health { product: Arc::from(product) })
    }

    async fn as_of(&self) -> Result<Option<Timestamp>, ConnectError> {
        match self.export {
            Some(_) => self.read_export("as-of").await.map(|export| Some(export.as_of)),
            None => Ok(None),
        }
    }

    async fn scan(&self, cursor: Option<Arc<str>>) -> Result<Page, ConnectError> {
        let export = self.read_export("scan").await?;
        if let Some(cursor) = cursor {
            let what = format!("an export is one page, there is nothing at `{cursor}`");
            return Err(ConnectError::new(ErrorKind::Invalid, "scan", what));
        }
        let total = u64::try_from(export.accounts.len()).ok();
        let accounts = export.accounts.into_values().collect();
        Ok(Page { accounts, total, ..Page::default() })
    }

    async fn read(&self, account: &AccountRef) -> Result<Option<RemoteAccount>, ConnectError> {
        let mut accounts = self.read_export("read").await?.accounts;
        Ok(match &account.external_id {
            Some(external_id) => {
                accounts.into_values().find(|a| a.external_id.to_lowercase() == external_id.to_lowercase())
            }
            None => accounts.remove(&account.name.to_lowercase()),
        })
    }

    async fn catalogue(&self) -> Result<Vec<RemoteEntitlement>, ConnectError> {
        self.by_hand("catalogue")
    }
    async fn create(&self, _: &NewAccount) -> Result<Created, ConnectError> {
        self.by_hand("create")
    }
    async fn update(&self, _: &AccountRef, _: &AccountChange) -> Result<Written, ConnectError> {
        self.by_hand("update")
    }
    async fn enable(&self, _: &AccountRef) -> Result<Written, ConnectError> {
        self.by_hand("enable")
    }
    async fn disable(&self, _: &AccountRef) -> Result<Written, ConnectError> {
        self.by_hand("disable")
    }
    async fn delete(&self, _: &AccountRef) -> Result<Written, ConnectError> {
        self.by_hand("delete")
    }
    async fn grant(&self, _: &AccountRef, _: &EntitlementRef) -> Result<Written, ConnectError> {
        self.by_hand("grant")
    }
    async fn revoke(&self, _: &AccountRef, _: &EntitlementRef) -> Result<Written, ConnectError> {
        self.by_hand("revoke")
    }
    async fn sessions(&self, _: &AccountRef) -> Result<Vec<Session>, ConnectError> {
        self.by_hand("sessions")
    }
    async fn end_sessions(&self, _: &AccountRef) -> Result<u64, ConnectError> {
        self.by_hand("end-sessions")
    }
    async fn credentials(&self, _: &AccountRef) -> Result<Vec<Credential>, ConnectError> {
        self.by_hand("credentials")
    }
    async fn revoke_credentials(&self, _: &AccountRef) -> Result<u64, ConnectError> {
        self.by_hand("revoke-credentials")
    }
}
