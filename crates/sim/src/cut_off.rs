//! Cut-offs that people of a scenario order, confirm, keep and read about.

use crate::application::Application;
use crate::verbs::Act;
use tenure_app::{AppError, DecisionContext, NewCutOff};
use tenure_model::{CutOffClass, Name as _, SystemName};

impl Application {
    /// Does what is about a cut-off.
    pub(crate) async fn cut_off_act(
        &self,
        act: &Act,
        reason: &str,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let app = &self.app;
        let new = NewCutOff { class: cut_off_class(act), review: act.review, ..NewCutOff::of(reason) };
        if let Some(person) = &act.cut_off {
            app.cut_off().cut_off(person, &new, moment).await?;
        } else if let Some(account) = &act.cut_off_account {
            let (system, name) = account.split_once(':').unwrap();
            app.cut_off_orders()
                .cut_off_account(&SystemName::new(system).unwrap(), name, &new, moment)
                .await?;
        } else if let Some(key) = &act.cut_off_key {
            let (kind, value) = key.split_once('=').unwrap();
            app.cut_off_orders().cut_off_key(kind, value, &new, moment).await?;
        } else if let (Some(person), Some(review)) = (&act.keep_cut_off, act.review) {
            app.cut_off().review_cut_off(person, review, moment).await?;
        } else if let Some(person) = &act.confirm {
            app.cut_off().confirm_cut_off(person, moment).await?;
        } else if let Some(order) = &act.lift_order {
            app.cut_off_orders().lift_order(order, moment).await?;
        }
        Ok(())
    }
}

/// What sort of reason a cut-off of a scenario has.
pub(crate) fn cut_off_class(act: &Act) -> CutOffClass {
    let class = act.class.as_deref();
    class.map_or(CutOffClass::Other, |c| {
        CutOffClass::parse(c).unwrap_or_else(|| panic!("there is no class {c}"))
    })
}

/// Whether the act orders, confirms or keeps a cut-off.
pub(crate) fn is_about_cut_off(act: &Act) -> bool {
    let all = [
        &act.cut_off,
        &act.cut_off_account,
        &act.cut_off_key,
        &act.keep_cut_off,
        &act.confirm,
        &act.lift_order,
    ];
    all.into_iter().any(Option::is_some)
}

/// Compares what a reader is shown with what they should and should not see.
pub(crate) fn says(told: &str, act: &Act) {
    for text in &act.says {
        assert!(crate::codes::tells(told, text), "{told}\n\ndoes not say `{text}`");
    }
    for text in &act.hides {
        assert!(!told.contains(text.as_str()), "{told}\n\nsays `{text}`");
    }
}
