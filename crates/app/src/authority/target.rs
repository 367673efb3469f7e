//! The target of a permit: the identities, systems and people that an operation concerns.

use std::sync::Arc;
use tenure_model::{AccountKey, CutOffClass, EntitlementName, IdentityId, SourceName, SystemName};
use tenure_store::StoredSubject;

/// The target of one operation. An empty field gives no role and no bar.
#[derive(Default, Clone)]
pub(crate) struct Target<'a> {
    /// The identities that it is about: each side of a merge, each candidate of a question.
    pub(crate) about: Vec<&'a StoredSubject>,
    /// Identities that it is about and that are known by id only.
    pub(crate) also_about: Vec<IdentityId>,
    /// The requesters.
    pub(crate) requesters: Vec<IdentityId>,
    /// The performers of the work so far.
    pub(crate) performers: Vec<IdentityId>,
    /// The approvers of what is certified.
    pub(crate) approvers: Vec<IdentityId>,
    /// The issuers of the cut-off.
    pub(crate) issuers: Vec<IdentityId>,
    /// The people who made a configuration active that may have caused it.
    pub(crate) authors: Vec<IdentityId>,
    /// The people to whom a question is put.
    pub(crate) asked: Vec<IdentityId>,
    /// The owner and the deputy of the non-human identity, also after its end.
    pub(crate) custodians: Vec<IdentityId>,
    /// The sources of each side: an owner must own one of each.
    pub(crate) sources: Vec<Vec<SourceName>>,
    /// The system.
    pub(crate) system: Option<&'a SystemName>,
    /// The entitlement or bundle.
    pub(crate) entitlement: Option<&'a EntitlementName>,
    /// The owner's name in the configuration.
    pub(crate) owner: Option<Arc<str>>,
    /// The readers' name in the configuration.
    pub(crate) readers: Option<Arc<str>>,
    /// The reason class of the cut-off.
    pub(crate) class: Option<CutOffClass>,
}

impl<'a> Target<'a> {
    /// The whole installation.
    pub(crate) fn all() -> Self {
        Self::default()
    }

    /// One identity.
    pub(crate) fn of(about: &'a StoredSubject) -> Self {
        Self { about: vec![about], ..Self::default() }
    }

    /// An entitlement of one identity.
    pub(crate) fn access(about: &'a StoredSubject, entitlement: &'a EntitlementName) -> Self {
        Self { entitlement: Some(entitlement), ..Self::of(about) }
    }

    /// A system.
    pub(crate) fn system(system: &'a SystemName) -> Self {
        Self { system: Some(system), ..Self::default() }
    }

    /// An account of one identity.
    pub(crate) fn account(about: &'a StoredSubject, account: &'a AccountKey) -> Self {
        Self { system: Some(&account.system), ..Self::of(about) }
    }
}

/// The sources that have data about an identity.
pub(crate) fn sources_of(about: &StoredSubject) -> Vec<SourceName> {
    let engagements = about.identity.engagements.iter().map(|e| &e.source);
    engagements.chain(about.identity.supplements.iter().map(|s| &s.source)).cloned().collect()
}
