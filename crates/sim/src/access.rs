//! Individual decisions about access and values in a scenario, made through the application's own commands.

use crate::application::Application;
use crate::verbs::Act;
use jiff::SignedDuration;
use tenure_app::{AppError, Asked, DecisionContext, Signed};
use tenure_model::{AttributeName, Name as _};

impl Application {
    /// Executes it; returns whether it is one of these.
    pub(crate) async fn decide_access(&self, act: &Act, moment: &DecisionContext) -> Result<bool, AppError> {
        let app = &self.app;
        let person = act.person.as_deref().unwrap_or_default();
        let reason = act.reason.as_deref().unwrap_or("scenario");
        if let Some(value) = &act.set_value {
            let (name, value) = value.split_once('=').map_or((&**value, None), |(n, v)| (n, Some(v)));
            let attribute = AttributeName::new(name).unwrap();
            match value {
                Some(value) => {
                    app.decisions()
                        .set_by_hand(person, &attribute, value, (act.day(), reason), moment)
                        .await?
                }
                None => app.decisions().clear_override(person, &attribute, moment).await?,
            };
            return Ok(true);
        }
        if let Some(from) = &act.accept_delegation {
            app.delegations().accept_delegation(from, moment).await?;
            return Ok(true);
        }
        if let Some(to) = &act.delegate {
            match act.day() {
                Some(day) => app.delegations().delegate(to, (Some(day), reason), moment).await?,
                None => app.delegations().answer_oneself(to, moment).await?,
            };
            return Ok(true);
        }
        let verbs =
            [&act.request, &act.extend, &act.end, &act.keep, &act.emergency, &act.seen, &act.exception];
        let Some(what) = verbs.into_iter().flatten().next() else { return Ok(false) };
        let what = &app.decisions().entitlement_named(what)?;
        let asked = Asked { what, person, until: act.day(), reason };
        if act.request.is_some() {
            app.decisions().request(asked, moment).await?;
        } else if act.extend.is_some() {
            app.decisions().extend(asked, moment).await?;
        } else if act.end.is_some() {
            app.decisions().end_standing(what, person, moment).await?;
        } else if act.keep.is_some() {
            app.decisions().keep(what, person, act.day(), moment).await?;
        } else if act.emergency.is_some() {
            let lasts = SignedDuration::from_hours(act.hours.unwrap_or(1));
            app.decisions().emergency(asked, lasts, moment).await?;
        } else if act.seen.is_some() {
            app.decisions().seen(what, person, moment).await?;
        } else {
            let instead = act.instead.as_deref().unwrap_or_default();
            app.decisions().except(asked, Signed { instead, owner: act.owner.as_deref() }, moment).await?;
        }
        Ok(true)
    }
}
