//! Who may decide about somebody's access: those who answer for it or for the person, and nobody about themselves.

use crate::approvals::Directory;
use crate::{Actor, App, AppError, Moment, Refusal};
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_engine::stands;
use tenure_model::{BUNDLE, EntitlementName, IdentityId, JustificationKind, ReferenceState};
use tenure_store::StoredSubject;

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// End access.
    End,
    /// Say that it is still needed.
    Keep,
    /// Give it at once.
    Emergency,
    /// Give it outside policy.
    Except,
    /// Look at an emergency afterwards.
    Seen,
}

impl App {
    /// Whether the actor may.
    pub(super) async fn may(
        &self,
        role: Role,
        actor: &Actor,
        about: &StoredSubject,
        what: &EntitlementName,
        moment: &Moment,
    ) -> Result<(), AppError> {
        let id = about.identity.id;
        let asked_for = |kind| {
            let mut all = about.identity.decisions.standing.iter();
            all.any(|s| s.kind == kind && s.entitlement == *what && s.requester == Some(actor.id))
        };
        match role {
            Role::End if actor.id == id || asked_for(JustificationKind::Request) => return Ok(()),
            Role::End => {}
            _ if actor.id == id => {
                return Err(AppError::Forbidden(
                    Refusal::OwnRecord,
                    "nobody decides about their own access".into(),
                ));
            }
            Role::Seen if asked_for(JustificationKind::Emergency) => {
                return Err(AppError::Forbidden(
                    Refusal::OwnRequest,
                    "nobody looks at the emergency that they declared".into(),
                ));
            }
            Role::Keep => self.has_not_approved(actor, about, what).await?,
            _ => {}
        }
        let directory = Directory::load(self).await?;
        if role != Role::End && directory.delegates(id, moment.now).contains(&actor.id) {
            let text = "whoever stands in for somebody decides nothing about that person's own access";
            return Err(AppError::Forbidden(Refusal::DelegateOfBarred, text.into()));
        }
        let settings = &self.context.setup.settings;
        let last_resort = format!("group:{}", settings.last_resort);
        let mut may: BTreeSet<IdentityId> = directory.people(settings, &last_resort).into_iter().collect();
        for owner in self.owners(what) {
            may.extend(directory.people(settings, &owner));
        }
        if matches!(role, Role::End | Role::Keep | Role::Emergency) {
            may.extend(self.answer_for(about, moment).await?);
        }
        if may.contains(&actor.id) {
            return Ok(());
        }
        let text = format!("{} is not one who {}: who answers for {what} does", actor.title, role.words());
        Err(AppError::Forbidden(Refusal::NotEntitled, text.into()))
    }

    /// The names of those who answer for an entitlement or a bundle.
    pub(super) fn owners(&self, what: &EntitlementName) -> Vec<Arc<str>> {
        let setup = &self.context.setup;
        if what.system_str() == BUNDLE {
            return setup.policy.bundles.get(what.local()).map(|b| b.owner.clone()).into_iter().collect();
        }
        let system = setup.systems.get(what.system_str()).map(|s| s.owner.clone());
        self.context.entitlement(what).and_then(|e| e.owner.clone()).into_iter().chain(system).collect()
    }

    /// Those whom somebody's engagements name, and who are here: manager, sponsor, owner.
    async fn answer_for(&self, about: &StoredSubject, moment: &Moment) -> Result<Vec<IdentityId>, AppError> {
        let references = self.subject(about, moment).await?.references;
        let meant = references.iter().filter(|r| stands(&r.state)).filter_map(|r| match &r.state {
            ReferenceState::Resolved { id, .. } => Some(*id),
            _ => None,
        });
        Ok(meant.collect())
    }

    /// At or above the policy's risk, nobody keeps what they approved.
    async fn has_not_approved(
        &self,
        actor: &Actor,
        about: &StoredSubject,
        what: &EntitlementName,
    ) -> Result<(), AppError> {
        let bundle = self.context.setup.policy.bundles.get(what.local());
        let bundle = bundle.filter(|_| what.system_str() == BUNDLE);
        let is_part = |e: &EntitlementName| e == what || bundle.is_some_and(|b| b.entitlements.contains(e));
        let answers = about
            .identity
            .decisions
            .answers
            .values()
            .filter(|a| a.approved && is_part(&a.reason.entitlement));
        let limit = self.context.setup.policy.request.review_risk;
        for answer in answers.filter(|a| self.context.risk_of(&a.reason.entitlement) >= limit) {
            let request = self.store.approval(answer.approval).await?;
            if request.is_some_and(|r| r.votes.iter().any(|v| v.approved && v.by == actor.id)) {
                let text = format!(
                    "{} approved {what}: somebody else looks whether it is still needed",
                    actor.title
                );
                return Err(AppError::Forbidden(Refusal::ApproverMayNotCertify, text.into()));
            }
        }
        Ok(())
    }

    /// Whether the actor may set somebody's values by hand: the owner of a source of that person, or the last resort.
    pub(super) async fn may_override(&self, actor: &Actor, about: &StoredSubject) -> Result<(), AppError> {
        if actor.id == about.identity.id {
            return Err(AppError::Forbidden(Refusal::OwnRecord, "nobody sets their own values".into()));
        }
        let directory = Directory::load(self).await?;
        let setup = &self.context.setup;
        let engagements = about.identity.engagements.iter().map(|e| &e.source);
        let sources = engagements.chain(about.identity.supplements.iter().map(|s| &s.source));
        let owners = sources.filter_map(|s| setup.sources.get(s)).map(|s| s.owner.to_string());
        let mut names = owners.chain([format!("group:{}", setup.settings.last_resort)]);
        if names.any(|name| directory.people(&setup.settings, &name).contains(&actor.id)) {
            return Ok(());
        }
        let text = format!(
            "{} does not answer for a source of {}: its owner sets values by hand",
            actor.title, about.title
        );
        Err(AppError::Forbidden(Refusal::NotEntitled, text.into()))
    }
}
