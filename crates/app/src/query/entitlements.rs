//! What can be held and what is: entitlements with owner, risk and number of holders.

use super::Query;
use super::page::{Listed, Page};
use crate::{App, AppError};
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{EntitlementName, Kind, Name as _, SystemName};
use tenure_policy::Entitlement;

/// Which entitlements to list; all that are named must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntitlementFilter {
    /// Of this system.
    pub system: Option<SystemName>,
    /// Of this owner, as the configuration names it.
    pub owner: Option<Arc<str>>,
    /// Of this risk at least.
    pub risk: u8,
    /// Only those that no owner answers for.
    pub unmanaged: bool,
}

/// An entitlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntitlementShown {
    /// Its name; that of a family has a parameter in braces.
    pub name: EntitlementName,
    /// The declared family that it is one of.
    pub family: Option<EntitlementName>,
    /// Whether the configuration declares it, or its family.
    pub is_declared: bool,
    /// Its owner; `None`: it is unmanaged, and never changed.
    pub owner: Option<Arc<str>>,
    /// Its risk, 0 to 100.
    pub risk: u8,
    /// Maximum duration by request or exception.
    pub max: Option<SignedDuration>,
    /// The kind of account that holds it.
    pub kind: Kind,
    /// What it contains, by declaration.
    pub contains: Vec<EntitlementName>,
    /// Number of identities that hold it by themselves: decided, or not confirmed as gone.
    pub holders: u64,
}

impl EntitlementFilter {
    fn lets(&self, shown: &EntitlementShown) -> bool {
        self.system.as_ref().is_none_or(|s| s.as_str() == shown.name.system_str())
            && self.owner.as_ref().is_none_or(|o| shown.owner.as_ref() == Some(o))
            && shown.risk >= self.risk
            && (!self.unmanaged || shown.owner.is_none())
    }
}

impl Query<'_> {
    /// Entitlements that are declared or held, by name.
    ///
    /// # Errors
    /// When the page begins after no entitlement, or the store fails.
    pub async fn entitlements(
        &self,
        filter: &EntitlementFilter,
        page: &Page,
    ) -> Result<Listed<EntitlementShown>, AppError> {
        let read = |text: &Arc<str>| EntitlementName::new(text).map_err(|_| super::page::no_place(text));
        let mut after = page.after.as_ref().map(read).transpose()?;
        let wanted = page.rows().saturating_add(1);
        let mut rows = Vec::new();
        while rows.len() < wanted {
            let next = self.entitlements_after(after.take(), page.limit()).await?;
            let Some(last) = next.last() else { break };
            after = Some(last.name.clone());
            rows.extend(next.into_iter().filter(|e| filter.lets(e)));
        }
        if rows.is_empty() {
            self.has(None, filter.system.as_ref())?;
        }
        Ok(page.of(rows.into_iter().map(|e| (Arc::from(e.name.as_str()), e)).collect()))
    }

    /// The next ones, declared and held together: at most `limit`.
    async fn entitlements_after(
        &self,
        after: Option<EntitlementName>,
        limit: u32,
    ) -> Result<Vec<EntitlementShown>, AppError> {
        let declared = self.app.context.setup.systems.values().flat_map(|s| &s.entitlements);
        let is_next = |name: &EntitlementName| after.as_ref().is_none_or(|after| name > after);
        let declared = declared.map(|e| &e.name).filter(|name| is_next(name));
        let mut all: BTreeMap<EntitlementName, u64> = declared.map(|name| (name.clone(), 0)).collect();
        // Those that are held reach at least as far as the page, so that no count is missing from it.
        let held = self.app.store.holder_counts(after.clone(), limit).await?;
        all.extend(held);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(all
            .into_iter()
            .take(limit)
            .map(|(name, holders)| EntitlementShown::of(self.app, name, holders))
            .collect())
    }
}

impl EntitlementShown {
    fn of(app: &App, name: EntitlementName, holders: u64) -> Self {
        let declared: Option<&Entitlement> = app.context.entitlement(&name);
        Self {
            family: declared.map(|d| d.name.clone()).filter(|family| *family != name),
            is_declared: declared.is_some(),
            owner: declared.and_then(|d| d.owner.clone()),
            risk: declared.map_or(0, |d| d.risk),
            max: declared.and_then(|d| d.max),
            kind: declared.map(|d| d.kind.clone()).unwrap_or_default(),
            contains: declared.map(|d| d.contains.clone()).unwrap_or_default(),
            name,
            holders,
        }
    }
}
