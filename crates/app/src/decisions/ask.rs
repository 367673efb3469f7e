//! Access by individual decision: request, extension, keeping, emergency access, end; and exceptions, signed by their owner.

use super::IndividualDecisions;
use crate::authority::Target;
use crate::{AccessRefusal, AppError, Decision, DecisionContext, Operation};
use jiff::SignedDuration;
use jiff::civil::Date;
use serde_json::json;
use tenure_engine::access_request::{self, Wish};
use tenure_engine::ask_again;
use tenure_model::{EntitlementName, JustificationKind, Name as _};
use tenure_store::StoredSubject;

/// A request by command.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// An entitlement, or `bundle:name`.
    pub what: &'a EntitlementName,
    /// The identity it is for.
    pub person: &'a str,
    /// The last day.
    pub until: Option<Date>,
    /// Why.
    pub reason: &'a str,
}

/// The additional fields of an exception.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// The compensating control.
    pub instead: &'a str,
    /// The owner of the exception; by default the signer.
    pub owner: Option<&'a str>,
}

impl Asked<'_> {
    fn told(&self, command: &str) -> serde_json::Value {
        json!({
            "command": command, "entitlement": self.what.as_str(), "reason": self.reason,
            "until": self.until.map(|d| d.to_string()),
        })
    }
}

impl IndividualDecisions<'_> {
    /// Requests access, for the actor or another identity. It begins when its approvers agree.
    ///
    /// # Errors
    /// When no actor is given, it cannot be requested, or something prevents the grant.
    pub async fn request(&self, asked: Asked<'_>, moment: &DecisionContext) -> Result<Decision, AppError> {
        let change = self.changing(asked.person, asked.told("request add")).await?;
        let target = Target::access(change.before(), asked.what);
        let permit = self.app.authority().permit(Operation::Request, &target, moment).await?;
        let by = permit.actor()?.id;
        let wish = Wish { what: asked.what, by, reason: asked.reason, until: asked.until };
        let change = change
            .with(|identity| access_request::request(&self.app.context, identity, &wish, moment.now))?;
        self.is_given(&change, JustificationKind::Request, asked.what, moment).await?;
        self.commit_change(change, &permit).await
    }

    /// Asks again for approval of a rename that was refused.
    ///
    /// # Errors
    /// When no actor is given, no other names are due, or approvers are asked already.
    pub async fn ask_names_again(
        &self,
        person: &str,
        moment: &DecisionContext,
    ) -> Result<Decision, AppError> {
        let change = self.changing(person, json!({ "command": "request rename" })).await?;
        let permit = self
            .app
            .authority()
            .permit(Operation::RequestRename, &Target::of(change.before()), moment)
            .await?;
        self.commit_change(change.with(ask_again)?, &permit).await
    }

    /// Requests a later end. The present end stays until it is approved.
    ///
    /// # Errors
    /// As [`Self::request`]; when it was not requested.
    pub async fn extend(&self, asked: Asked<'_>, moment: &DecisionContext) -> Result<Decision, AppError> {
        let change = self.changing(asked.person, asked.told("request extend")).await?;
        let target = Target::access(change.before(), asked.what);
        let permit = self.app.authority().permit(Operation::Extend, &target, moment).await?;
        let by = permit.actor()?.id;
        let wish = Wish { what: asked.what, by, reason: asked.reason, until: asked.until };
        let change =
            change.with(|identity| access_request::extend(&self.app.context, identity, &wish, moment.now))?;
        self.commit_change(change, &permit).await
    }

    /// Ends access that rests on an individual decision. No approval is needed.
    ///
    /// # Errors
    /// When no actor is given, the actor is not permitted, or there is nothing to end.
    pub async fn end_standing(
        &self,
        what: &EntitlementName,
        person: &str,
        moment: &DecisionContext,
    ) -> Result<Decision, AppError> {
        const KINDS: [JustificationKind; 4] = [
            JustificationKind::Request,
            JustificationKind::Emergency,
            JustificationKind::Exception,
            JustificationKind::Adopted,
        ];
        let told = json!({ "command": "request end", "entitlement": what.as_str() });
        let change = self.changing(person, told).await?;
        let target = requested(change.before(), what, JustificationKind::Request);
        let permit = self.app.authority().permit(Operation::EndAccess, &target, moment).await?;
        let change = change.with(|identity| access_request::end(identity, &KINDS, what, moment.now))?;
        self.commit_change(change, &permit).await
    }

    /// Confirms that access is still needed after a move, or that adopted access continues.
    ///
    /// # Errors
    /// When no actor is given, the actor is not permitted, or there is nothing to keep.
    pub async fn keep(
        &self,
        what: &EntitlementName,
        person: &str,
        until: Option<Date>,
        moment: &DecisionContext,
    ) -> Result<Decision, AppError> {
        let told = json!({ "command": "request keep", "entitlement": what.as_str() });
        let change = self.changing(person, told).await?;
        let approvers = self.approvers_of(change.before(), what).await?;
        let target = Target { approvers, ..Target::access(change.before(), what) };
        let permit = self.app.authority().permit(Operation::Certify, &target, moment).await?;
        let change = change
            .with(|identity| access_request::keep(&self.app.context, identity, what, until, moment.now))?;
        self.commit_change(change, &permit).await
    }

    /// Gives access at once, for a short time; the owner reviews it afterwards.
    ///
    /// # Errors
    /// When no actor is given, the actor is not permitted, or it would last too long.
    pub async fn emergency(
        &self,
        asked: Asked<'_>,
        lasts: SignedDuration,
        moment: &DecisionContext,
    ) -> Result<Decision, AppError> {
        let change = self.changing(asked.person, asked.told("request emergency")).await?;
        let target = Target::access(change.before(), asked.what);
        let permit = self.app.authority().permit(Operation::Emergency, &target, moment).await?;
        let by = permit.actor()?.id;
        let wish = Wish { what: asked.what, by, reason: asked.reason, until: None };
        let change = change.with(|identity| {
            access_request::emergency(&self.app.context, identity, &wish, lasts, moment.now)
        })?;
        self.is_given(&change, JustificationKind::Emergency, asked.what, moment).await?;
        self.commit_change(change, &permit).await
    }

    /// Records the review of an emergency grant.
    ///
    /// # Errors
    /// When no actor is given, the actor is not permitted, or there was no emergency grant.
    pub async fn seen(
        &self,
        what: &EntitlementName,
        person: &str,
        moment: &DecisionContext,
    ) -> Result<Decision, AppError> {
        let told = json!({ "command": "request seen", "entitlement": what.as_str() });
        let change = self.changing(person, told).await?;
        let target = requested(change.before(), what, JustificationKind::Emergency);
        let permit = self.app.authority().permit(Operation::ReviewEmergency, &target, moment).await?;
        let change = change.with(|identity| access_request::seen(identity, what, moment.now))?;
        self.commit_change(change, &permit).await
    }

    /// Signs or renews an exception.
    ///
    /// # Errors
    /// When no actor is given, the actor is not permitted, or it would last too long.
    pub async fn except(
        &self,
        asked: Asked<'_>,
        signed: Signed<'_>,
        moment: &DecisionContext,
    ) -> Result<Decision, AppError> {
        let mut told = asked.told("exception add");
        told["instead"] = json!(signed.instead);
        let change = self.changing(asked.person, told).await?;
        let target = Target::access(change.before(), asked.what);
        let permit = self.app.authority().permit(Operation::Except, &target, moment).await?;
        let by = permit.actor()?.id;
        let wish = Wish { what: asked.what, by, reason: asked.reason, until: asked.until };
        let owner = match signed.owner {
            Some(owner) => self.app.people().person(owner).await?.identity.id,
            None => by,
        };
        if permit.barred().contains(&owner) {
            return Err(AppError::refused(AccessRefusal::ExceptionForOneself));
        }
        let change = change.with(|identity| {
            access_request::except(&self.app.context, identity, &wish, signed.instead, owner, moment.now)
        })?;
        self.commit_change(change, &permit).await
    }
}

/// An entitlement of an identity, with the requesters of its individual decisions of a kind.
fn requested<'a>(about: &'a StoredSubject, what: &'a EntitlementName, kind: JustificationKind) -> Target<'a> {
    let all = about.identity.decisions.individual.iter().filter(|s| s.kind == kind && s.entitlement == *what);
    Target { requesters: all.filter_map(|s| s.requester).collect(), ..Target::access(about, what) }
}
