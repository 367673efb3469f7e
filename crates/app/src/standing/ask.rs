//! Access by request: asked for, extended, kept, given in an emergency, ended; and exceptions, signed by whoever answers for it.

use super::IndividualDecisions;
use crate::authority::Target;
use crate::{AppError, Decision, Moment, Operation, Refusal};
use jiff::SignedDuration;
use jiff::civil::Date;
use serde_json::json;
use tenure_engine::ask_again;
use tenure_engine::wish::{self, Wish};
use tenure_model::{EntitlementName, JustificationKind, Name as _};
use tenure_store::StoredSubject;

/// What is asked for by command.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// An entitlement, or `bundle:name`.
    pub what: &'a EntitlementName,
    /// For whom.
    pub person: &'a str,
    /// The last day.
    pub until: Option<Date>,
    /// Why.
    pub reason: &'a str,
}

/// What an exception says besides.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// What is done instead of what policy wants.
    pub instead: &'a str,
    /// Who answers for it; without it, who signs.
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
    /// Asks for access, for oneself or somebody else. It begins when those who answer for it say yes.
    ///
    /// # Errors
    /// When nobody acts, it cannot be asked for, or something keeps it from being given.
    pub async fn request(&self, asked: Asked<'_>, moment: &Moment) -> Result<Decision, AppError> {
        let change = self.changing(asked.person, asked.told("request add")).await?;
        let target = Target::access(change.before(), asked.what);
        let permit = self.app.authority().permit(Operation::Request, &target, moment).await?;
        let by = permit.actor()?.id;
        let wish = Wish { what: asked.what, by, reason: asked.reason, until: asked.until };
        let change = change.with(|identity| wish::request(&self.app.context, identity, &wish, moment.now))?;
        self.is_given(&change, JustificationKind::Request, asked.what, moment).await?;
        self.commit_change(change, &permit).await
    }

    /// Asks again whether somebody is called otherwise, where that was refused.
    ///
    /// # Errors
    /// When nobody acts, no other names are due, or people are asked already.
    pub async fn ask_names_again(&self, person: &str, moment: &Moment) -> Result<Decision, AppError> {
        let change = self.changing(person, json!({ "command": "request rename" })).await?;
        let permit = self
            .app
            .authority()
            .permit(Operation::RequestRename, &Target::of(change.before()), moment)
            .await?;
        self.commit_change(change.with(ask_again)?, &permit).await
    }

    /// Asks for a later end. The old one stays until there is a yes.
    ///
    /// # Errors
    /// As [`App::request`]; when it was not asked for.
    pub async fn extend(&self, asked: Asked<'_>, moment: &Moment) -> Result<Decision, AppError> {
        let change = self.changing(asked.person, asked.told("request extend")).await?;
        let target = Target::access(change.before(), asked.what);
        let permit = self.app.authority().permit(Operation::Extend, &target, moment).await?;
        let by = permit.actor()?.id;
        let wish = Wish { what: asked.what, by, reason: asked.reason, until: asked.until };
        let change = change.with(|identity| wish::extend(&self.app.context, identity, &wish, moment.now))?;
        self.commit_change(change, &permit).await
    }

    /// Ends what rests on a decision of a person: nobody has to agree.
    ///
    /// # Errors
    /// When nobody acts, the actor may not, or there is nothing to end.
    pub async fn end_standing(
        &self,
        what: &EntitlementName,
        person: &str,
        moment: &Moment,
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
        let change = change.with(|identity| wish::end(identity, &KINDS, what, moment.now))?;
        self.commit_change(change, &permit).await
    }

    /// Says that access is still needed after the work changed, or that adopted access goes on.
    ///
    /// # Errors
    /// When nobody acts, the actor may not, or there is nothing to keep.
    pub async fn keep(
        &self,
        what: &EntitlementName,
        person: &str,
        until: Option<Date>,
        moment: &Moment,
    ) -> Result<Decision, AppError> {
        let told = json!({ "command": "request keep", "entitlement": what.as_str() });
        let change = self.changing(person, told).await?;
        let approvers = self.approvers_of(change.before(), what).await?;
        let target = Target { approvers, ..Target::access(change.before(), what) };
        let permit = self.app.authority().permit(Operation::Certify, &target, moment).await?;
        let change =
            change.with(|identity| wish::keep(&self.app.context, identity, what, until, moment.now))?;
        self.commit_change(change, &permit).await
    }

    /// Gives access at once, for a short time; its owner looks at it afterwards.
    ///
    /// # Errors
    /// When nobody acts, the actor may not, or it would last too long.
    pub async fn emergency(
        &self,
        asked: Asked<'_>,
        lasts: SignedDuration,
        moment: &Moment,
    ) -> Result<Decision, AppError> {
        let change = self.changing(asked.person, asked.told("request emergency")).await?;
        let target = Target::access(change.before(), asked.what);
        let permit = self.app.authority().permit(Operation::Emergency, &target, moment).await?;
        let by = permit.actor()?.id;
        let wish = Wish { what: asked.what, by, reason: asked.reason, until: None };
        let change =
            change.with(|identity| wish::emergency(&self.app.context, identity, &wish, lasts, moment.now))?;
        self.is_given(&change, JustificationKind::Emergency, asked.what, moment).await?;
        self.commit_change(change, &permit).await
    }

    /// Says that somebody looked at what was done in an emergency.
    ///
    /// # Errors
    /// When nobody acts, the actor may not, or there was none.
    pub async fn seen(
        &self,
        what: &EntitlementName,
        person: &str,
        moment: &Moment,
    ) -> Result<Decision, AppError> {
        let told = json!({ "command": "request seen", "entitlement": what.as_str() });
        let change = self.changing(person, told).await?;
        let target = requested(change.before(), what, JustificationKind::Emergency);
        let permit = self.app.authority().permit(Operation::ReviewEmergency, &target, moment).await?;
        let change = change.with(|identity| wish::seen(identity, what, moment.now))?;
        self.commit_change(change, &permit).await
    }

    /// Signs an exception, or renews it.
    ///
    /// # Errors
    /// When nobody acts, the actor may not, or it would last too long.
    pub async fn except(
        &self,
        asked: Asked<'_>,
        signed: Signed<'_>,
        moment: &Moment,
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
            return Err(AppError::Forbidden(
                Refusal::OwnRecord,
                "nobody answers for an exception from which they benefit".into(),
            ));
        }
        let change = change.with(|identity| {
            wish::except(&self.app.context, identity, &wish, signed.instead, owner, moment.now)
        })?;
        self.commit_change(change, &permit).await
    }
}

/// An entitlement of an identity, with who asked for it by individual decisions of a kind.
fn requested<'a>(about: &'a StoredSubject, what: &'a EntitlementName, kind: JustificationKind) -> Target<'a> {
    let all = about.identity.decisions.standing.iter().filter(|s| s.kind == kind && s.entitlement == *what);
    Target { requesters: all.filter_map(|s| s.requester).collect(), ..Target::access(about, what) }
}
