//! Non-human identities, with their owners.

use super::Custodies;
use super::statement::PURPOSE;
use crate::authority::Target;
use crate::references::Resolved;
use crate::{AppError, DecisionContext, Item, Operation};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_engine::{DEPUTY, OWNER, is_available, reference_texts, value_on};
use tenure_model::Name as _;
use tenure_model::{
    AttributeName, Engagement, IdentityId, IdentityKind, LocalEnd, Phase, Reference, ReferenceState, Zone,
};
use tenure_store::StoredSubject;

/// Identities that are read at once.
const PAGE: u32 = 500;

/// The owner or deputy of a non-human identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Custodian {
    /// As its source names them.
    pub key: Arc<str>,
    /// Their display name; `None` where the key identifies no person.
    pub title: Option<Arc<str>>,
    /// Whether they are here: neither gone nor cut off.
    pub stands: bool,
}

/// A non-human identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Custody {
    /// Its id.
    pub id: IdentityId,
    /// Its display name.
    pub title: Arc<str>,
    /// Its kind.
    pub kind: IdentityKind,
    /// Its phase as last settled.
    pub phase: Phase,
    /// Whether it is cut off.
    pub cut_off: bool,
    /// Its owner.
    pub owner: Option<Custodian>,
    /// Its deputy, when the owner is gone.
    pub deputy: Option<Custodian>,
    /// Its purpose.
    pub purpose: Option<Arc<str>>,
    /// Its expiry.
    pub until: Option<LocalEnd>,
    /// The zone of its expiry.
    pub zone: Option<Zone>,
    /// The record that states it, `source:key`.
    pub record: Arc<str>,
}

impl Custodies<'_> {
    /// All non-human identities, by name.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn custodies(&self, moment: &DecisionContext) -> Result<Vec<Custody>, AppError> {
        self.app.authority().permit(Operation::ReadState, &Target::all(), moment).await?;
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let ids = self.app.store.identities(after, PAGE).await?;
            let Some(last) = ids.last() else { break };
            after = Some(*last);
            let mut page = self.app.stored().readable(&ids).await?;
            page.retain(|s| s.identity.kind != IdentityKind::Person && s.identity.merged_into.is_none());
            all.extend(self.described(&page, moment).await?);
        }
        all.sort_by(|a, b| (&a.title, a.id).cmp(&(&b.title, b.id)));
        Ok(all)
    }

    /// One of them.
    ///
    /// # Errors
    /// When it is not known, or a person.
    pub async fn custody(&self, name: &str, moment: &DecisionContext) -> Result<Custody, AppError> {
        let stored = self.custody_named(name).await?;
        self.app.authority().permit(Operation::ReadIdentity, &Target::of(&stored), moment).await?;
        let described = self.described(std::slice::from_ref(&stored), moment).await?.pop();
        described.ok_or_else(|| AppError::unknown(Item::Identity, name))
    }

    async fn described(
        &self,
        page: &[StoredSubject],
        moment: &DecisionContext,
    ) -> Result<Vec<Custody>, AppError> {
        if page.is_empty() {
            return Ok(Vec::new());
        }
        let texts: Vec<_> =
            page.iter().map(|s| reference_texts(&self.app.context, &s.identity, moment.now)).collect();
        let flat: Vec<_> = texts.iter().flatten().cloned().collect();
        let resolved = Resolved::load(self.app, &flat, moment).await?;
        let references: Vec<Vec<Reference>> =
            page.iter().zip(&texts).map(|(s, texts)| resolved.of(s.identity.id, texts)).collect();
        let mut people: Vec<IdentityId> = references.iter().flatten().filter_map(meant).collect();
        people.sort();
        people.dedup();
        let titles = self
            .app
            .stored()
            .readable(&people)
            .await?
            .into_iter()
            .map(|s| (s.identity.id, s.title))
            .collect();
        Ok(page.iter().zip(&references).map(|(s, r)| self.describe(s, r, &titles, moment)).collect())
    }

    fn describe(
        &self,
        stored: &StoredSubject,
        references: &[Reference],
        titles: &BTreeMap<IdentityId, Arc<str>>,
        moment: &DecisionContext,
    ) -> Custody {
        let engagement = stored.identity.engagements.last();
        let value = |name: &str| {
            let engagement = engagement?;
            let name = AttributeName::new(name).ok()?;
            let day = self.today(&engagement.zone, moment.now).ok()?;
            let (value, _) =
                value_on(&self.app.context, &stored.identity, engagement, &name, day, moment.now)?;
            Some(Arc::<str>::from(value.to_string()))
        };
        let custodian = |name: &str| {
            let reference = references.iter().rfind(|r| r.attribute.as_str() == name);
            Some(Custodian {
                key: value(name)?,
                title: reference.and_then(meant).and_then(|id| titles.get(&id).cloned()),
                stands: reference.is_some_and(|r| is_available(&r.state)),
            })
        };
        Custody {
            id: stored.identity.id,
            title: stored.title.clone(),
            kind: stored.identity.kind,
            phase: stored.phase,
            cut_off: stored.identity.is_cut_off(),
            owner: custodian(OWNER),
            deputy: custodian(DEPUTY),
            purpose: value(PURPOSE),
            until: engagement.and_then(Engagement::stated_end),
            zone: engagement.map(|e| e.zone.clone()),
            record: engagement.map(Engagement::key_text).unwrap_or_default(),
        }
    }
}

/// The identity that a reference means.
fn meant(reference: &Reference) -> Option<IdentityId> {
    match reference.state {
        ReferenceState::Resolved { id, .. } => Some(id),
        _ => None,
    }
}
