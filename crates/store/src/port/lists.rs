//! Lists for people: filtered, in a fixed order, a page at a time.

use crate::{Keyed, QuarantineRow, StoreError};
use async_trait::async_trait;
use std::sync::Arc;
use tenure_model::{
    EntitlementName, IdPart, IdentityId, IdentityKind, Name as _, Phase, SourceName, SystemName,
};

/// A text by which identities are searched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchText {
    /// As given: a part of a display name, a key or an issued name.
    pub text: Arc<str>,
    /// The words of a name, folded: a word of the identity's names ([`crate::IdentityRow::search`]) must begin with each, in any order.
    pub words: Vec<String>,
    /// The whole name without spaces, in the order given, for an identity that has exactly this name.
    pub joined: String,
    /// Kinds of keys whose values are searched.
    pub keys: Vec<Arc<str>>,
}

/// Which identities to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IdentityFilter {
    /// Only those that a text finds.
    pub text: Option<SearchText>,
    /// Only in this phase, as last settled.
    pub phase: Option<Phase>,
    /// Only of this kind.
    pub kind: Option<IdentityKind>,
    /// Only with a record of this source.
    pub source: Option<SourceName>,
    /// Only with an account in this system that is decided to exist, or not confirmed as gone.
    pub system: Option<SystemName>,
    /// Only with this entitlement: held, decided, not confirmed as gone, or inherited as last read.
    pub entitlement: Option<EntitlementName>,
}

/// Whose ids are looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdsOf {
    /// Identities.
    Identities,
    /// Cases.
    Cases,
    /// Tasks that are not done.
    Tasks,
    /// Pending requests for approval.
    Approvals,
    /// Correlation questions without an answer.
    Correlations,
    /// Held changes that are not ended.
    HeldChanges,
}

/// A place in the quarantine: source, key, number within the row.
pub type QuarantinePlace = (SourceName, Arc<str>, u32);

/// The lists of a store.
#[async_trait]
pub trait Lists: Send + Sync {
    /// Identities that a filter lets through, by folded display name, after one, at most `limit`.
    async fn find(
        &self,
        filter: &IdentityFilter,
        after: Option<IdentityId>,
        limit: u32,
    ) -> Result<Vec<(IdentityId, Arc<str>)>, StoreError>;
    /// Ids that begin or end with these digits, at most `limit`.
    async fn ids(&self, of: IdsOf, part: &IdPart, limit: u32) -> Result<Vec<[u8; 16]>, StoreError>;
    /// Keys of one kind with their identities, in the order of values and ids, after one, at most `limit`.
    async fn keys_after(
        &self,
        kind: &str,
        after: Option<(Arc<str>, IdentityId)>,
        limit: u32,
    ) -> Result<Vec<(Keyed, IdentityId)>, StoreError>;
    /// Issued names of one kind with their identities, in the order of folded values, from a value on, at most `limit`.
    async fn names_from(
        &self,
        name: &str,
        from: &str,
        limit: u32,
    ) -> Result<Vec<(Arc<str>, IdentityId)>, StoreError>;
    /// Rows in quarantine, in the order of source, key and number, after one, at most `limit`.
    async fn quarantine_after(
        &self,
        source: Option<&SourceName>,
        after: Option<QuarantinePlace>,
        limit: u32,
    ) -> Result<Vec<QuarantineRow>, StoreError>;
    /// Entitlements with the number of identities that hold them (decided, or not confirmed as gone), by name, after one, at most
    /// `limit`.
    async fn holder_counts(
        &self,
        after: Option<EntitlementName>,
        limit: u32,
    ) -> Result<Vec<(EntitlementName, u64)>, StoreError>;
}

impl IdentityFilter {
    /// Who has an account in a system, or who has an entitlement in it.
    #[must_use]
    pub fn holding(system: SystemName, entitlement: Option<EntitlementName>) -> Self {
        Self { system: Some(system), entitlement, ..Self::default() }
    }

    /// The entitlement as it stands in the stored form of an observed account.
    #[must_use]
    pub fn observed_entitlement(&self) -> Option<String> {
        self.entitlement.as_ref().map(|e| serde_json::Value::from(e.as_str()).to_string())
    }
}
