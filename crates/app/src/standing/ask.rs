//! Access by request: asked for, extended, kept, given in an emergency, ended; and exceptions, signed by whoever answers for it.

use super::may::Role;
use crate::{App, AppError, Decision, Moment, Refusal};
use jiff::SignedDuration;
use jiff::civil::Date;
use serde_json::json;
use tenure_engine::ask_again;
use tenure_engine::wish::{self, Wish};
use tenure_model::{EntitlementName, JustificationKind, Name as _};

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

impl App {
    /// Asks for access, for oneself or somebody else. It begins when those who answer for it say yes.
    ///
    /// # Errors
    /// When nobody acts, it cannot be asked for, or something keeps it from being given.
    pub async fn request(&self, asked: Asked<'_>, moment: &Moment) -> Result<Decision, AppError> {
        let by = self.acting(moment, "a request").await?.id;
        let wish = Wish { what: asked.what, by, reason: asked.reason, until: asked.until };
        let change = self.changing(asked.person, asked.told("request add")).await?;
        let change = change.with(|identity| wish::request(&self.context, identity, &wish, moment.now))?;
        self.is_given(&change, JustificationKind::Request, asked.what, moment).await?;
        self.commit_change(change, moment).await
    }

    /// Asks again whether somebody is called otherwise, where that was refused.
    ///
    /// # Errors
    /// When nobody acts, no other names are due, or people are asked already.
    pub async fn ask_names_again(&self, person: &str, moment: &Moment) -> Result<Decision, AppError> {
        self.acting(moment, "a request").await?;
        let change = self.changing(person, json!({ "command": "request rename" })).await?;
        self.commit_change(change.with(ask_again)?, moment).await
    }

    /// Asks for a later end. The old one stays until there is a yes.
    ///
    /// # Errors
    /// As [`App::request`]; when it was not asked for.
    pub async fn extend(&self, asked: Asked<'_>, moment: &Moment) -> Result<Decision, AppError> {
        let by = self.acting(moment, "an extension").await?.id;
        let wish = Wish { what: asked.what, by, reason: asked.reason, until: asked.until };
        let change = self.changing(asked.person, asked.told("request extend")).await?;
        let change = change.with(|identity| wish::extend(&self.context, identity, &wish, moment.now))?;
        self.commit_change(change, moment).await
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
        let actor = self.acting(moment, "ending access").await?;
        let told = json!({ "command": "request end", "entitlement": what.as_str() });
        let change = self.changing(person, told).await?;
        self.may(Role::End, actor, change.before(), what, moment).await?;
        let change = change.with(|identity| wish::end(identity, &KINDS, what, moment.now))?;
        self.commit_change(change, moment).await
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
        let actor = self.acting(moment, "keeping access").await?;
        let told = json!({ "command": "request keep", "entitlement": what.as_str() });
        let change = self.changing(person, told).await?;
        self.may(Role::Keep, actor, change.before(), what, moment).await?;
        let change = change.with(|identity| wish::keep(&self.context, identity, what, until, moment.now))?;
        self.commit_change(change, moment).await
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
        let actor = self.acting(moment, "an emergency").await?;
        let wish = Wish { what: asked.what, by: actor.id, reason: asked.reason, until: None };
        let change = self.changing(asked.person, asked.told("request emergency")).await?;
        self.may(Role::Emergency, actor, change.before(), asked.what, moment).await?;
        let change =
            change.with(|identity| wish::emergency(&self.context, identity, &wish, lasts, moment.now))?;
        self.is_given(&change, JustificationKind::Emergency, asked.what, moment).await?;
        self.commit_change(change, moment).await
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
        let actor = self.acting(moment, "looking at an emergency").await?;
        let told = json!({ "command": "request seen", "entitlement": what.as_str() });
        let change = self.changing(person, told).await?;
        self.may(Role::Seen, actor, change.before(), what, moment).await?;
        let change = change.with(|identity| wish::seen(identity, what, moment.now))?;
        self.commit_change(change, moment).await
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
        let actor = self.acting(moment, "an exception").await?;
        let wish = Wish { what: asked.what, by: actor.id, reason: asked.reason, until: asked.until };
        let mut told = asked.told("exception add");
        told["instead"] = json!(signed.instead);
        let change = self.changing(asked.person, told).await?;
        self.may(Role::Except, actor, change.before(), asked.what, moment).await?;
        let owner = match signed.owner {
            Some(owner) => self.person(owner).await?.identity.id,
            None => actor.id,
        };
        if owner == change.before().identity.id {
            return Err(AppError::Forbidden(
                Refusal::OwnRecord,
                "nobody answers for an exception from which they benefit".into(),
            ));
        }
        let change = change.with(|identity| {
            wish::except(&self.context, identity, &wish, signed.instead, owner, moment.now)
        })?;
        self.commit_change(change, moment).await
    }
}
