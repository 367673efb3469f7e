//! Lifts a cut-off, by somebody else than its issuer and its holder.

use super::person::{Changed, cut_off_of};
use crate::{App, AppError, Decision, Moment};
use serde_json::json;
use std::sync::Arc;
use tenure_engine::cut_off::means;
use tenure_model::CutOffOrder;
use tenure_store::Change;

impl App {
    /// Lifts a cut-off: neither its issuer nor its holder may. What comes back is what is due now; an order that means the
    /// same person ends with it.
    ///
    /// # Errors
    /// When nobody acts, the actor may not, or the person is not cut off.
    pub async fn lift(&self, person: &str, moment: &Moment) -> Result<Decision, AppError> {
        let actor = self.acting(moment, "lifting").await?.clone();
        let orders = self.store.cut_off_orders().await?;
        let cut = cut_off_of(&self.person(person).await?)?.clone();
        let end = |o: &CutOffOrder| CutOffOrder { ended: Some((moment.now, actor.id)), ..o.clone() };
        let decision = self
            .change_cut_off(person, moment, &|before| {
                let cut = cut_off_of(before)?;
                let theirs: Vec<&CutOffOrder> =
                    orders.iter().filter(|o| means(o, &before.identity)).collect();
                let issued = actor.id == cut.by || theirs.iter().any(|o| o.cut.by == actor.id);
                if actor.id == before.identity.id || issued {
                    let text =
                        "a cut-off is lifted by somebody else than its issuer and the person it is about";
                    return Err(AppError::Forbidden(Arc::from(text)));
                }
                let extra = theirs.iter().map(|o| Change::PutCutOffOrder(end(o))).collect();
                Ok(Changed { cut: None, extra, what: json!({ "cut_off": null }), again: false })
            })
            .await?;
        self.keep_lifted(decision.id, cut, (moment.now, actor.id))?;
        let in_force = self.store.cut_off_orders().await?;
        for order in orders.iter().filter(|o| !in_force.iter().any(|f| f.id == o.id)) {
            self.keep_order(&end(order))?;
        }
        Ok(decision)
    }
}
