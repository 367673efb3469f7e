//! The non-human identities that an identity owns, and the handovers owed when it leaves.

use crate::references::Resolved;
use crate::{AppError, Candidate, DecisionContext};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_engine::{OWNER, owner_of, phase, reference_texts};
use tenure_model::{IdentityId, IdentityKind, Obligation, Phase, Subject};
use tenure_store::StoredSubject;

crate::app::part! {
    /// The non-human identities that leavers own.
    Owned, owned
}

impl Owned<'_> {
    /// Those of several identities that are non-human and not merged, with their references.
    pub(crate) async fn in_custody(
        &self,
        ids: &[IdentityId],
        moment: &DecisionContext,
    ) -> Result<Vec<Kept>, AppError> {
        let mut stored = self.app.stored().readable(ids).await?;
        stored.retain(|s| s.identity.kind != IdentityKind::Person && s.identity.merged_into.is_none());
        let texts: Vec<_> =
            stored.iter().map(|s| reference_texts(&self.app.context, &s.identity, moment.now)).collect();
        let flat: Vec<_> = texts.iter().flatten().cloned().collect();
        let resolved = Resolved::load(self.app, &flat, moment).await?;
        let contained = self.app.containment().contained().await?;
        let kept = stored.into_iter().zip(texts).map(|(s, texts)| {
            let references = resolved.of(s.identity.id, &texts);
            let StoredSubject { identity, accounts, grants, title, phase, .. } = s;
            let contained = contained.clone();
            let subject = Subject { references, accounts, grants, contained, ..Subject::new(identity) };
            Kept { subject, title, phase }
        });
        Ok(kept.collect())
    }

    /// The obligations to hand over what each identity owns that leaves, or is cut off, by this decision.
    pub(crate) async fn owned_by_leavers(
        &self,
        candidates: &[Candidate],
        moment: &DecisionContext,
    ) -> Result<BTreeMap<IdentityId, Vec<Obligation>>, AppError> {
        let mut owned: BTreeMap<IdentityId, Vec<Obligation>> = BTreeMap::new();
        if self.app.context.setup.attributes.get(OWNER).is_none_or(|d| d.reference.is_none()) {
            return Ok(owned);
        }
        let leaves = |c: &&Candidate| {
            c.before.as_ref().is_some_and(|b| {
                let left = b.phase != Phase::Departed
                    && phase(&self.app.context, &c.after, moment.now) == Phase::Departed;
                c.after.kind == IdentityKind::Person
                    && (left || c.after.is_cut_off() && !b.identity.is_cut_off())
            })
        };
        let leavers: Vec<IdentityId> = candidates.iter().filter(leaves).map(|c| c.after.id).collect();
        if leavers.is_empty() {
            return Ok(owned);
        }
        let readers = self.app.stored().readers_of(&leavers).await?;
        for machine in self.in_custody(&readers, moment).await? {
            let (id, title) = (machine.subject.identity.id, machine.title);
            if let Some(owner) = owner_of(&machine.subject).filter(|o| leavers.contains(o)) {
                owned.entry(owner).or_default().push(Obligation::HandedOver { identity: id, name: title });
            }
        }
        Ok(owned)
    }
}

/// A non-human identity.
pub(crate) struct Kept {
    pub(crate) subject: Subject,
    pub(crate) title: Arc<str>,
    pub(crate) phase: Phase,
}
