//! Lifts a cut-off, by somebody whom the set-up names: not its issuer, its holder, or who stands in for one of them.

use super::person::{Changed, cut_off_of};
use crate::approvals::Directory;
use crate::{Actor, App, AppError, Decision, Moment, Refusal};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_engine::cut_off::means;
use tenure_model::{CutOffOrder, IdentityId};
use tenure_store::Change;

impl App {
    /// Lifts a cut-off: an owner or one of a group that the set-up names does, and neither its issuer nor its holder nor who
    /// answers in the place of one of them. What comes back is what is due now; an order that means the same person ends with it.
    ///
    /// # Errors
    /// When nobody acts, the actor may not, or the person is not cut off.
    pub async fn lift(&self, person: &str, moment: &Moment) -> Result<Decision, AppError> {
        let actor = self.acting(moment, "lifting").await?.clone();
        let orders = self.store.cut_off_orders().await?;
        let directory = Directory::load(self).await?;
        let cut = cut_off_of(&self.person(person).await?)?.clone();
        let end = |o: &CutOffOrder| CutOffOrder { ended: Some((moment.now, actor.id)), ..o.clone() };
        let decision = self
            .change_cut_off(person, moment, &|before| {
                let cut = cut_off_of(before)?;
                let theirs: Vec<&CutOffOrder> =
                    orders.iter().filter(|o| means(o, &before.identity)).collect();
                let issuers = std::iter::once(cut.by).chain(theirs.iter().map(|o| o.cut.by));
                may_lift(&directory, &actor, issuers.chain([before.identity.id]), moment)?;
                let extra = theirs.iter().map(|o| Change::PutCutOffOrder(end(o))).collect();
                Ok(Changed { cut: None, extra, what: json!({ "cut_off": null }), again: false })
            })
            .await?;
        self.keep_lifted(decision.id, cut, (moment.now, actor.id)).await?;
        let in_force = self.store.cut_off_orders().await?;
        for order in orders.iter().filter(|o| !in_force.iter().any(|f| f.id == o.id)) {
            self.keep_order(&end(order)).await?;
        }
        Ok(decision)
    }
}

/// Whether somebody lifts what `own` people ordered, or are. Where nobody else is named by the set-up, anybody else may: a
/// cut-off that nobody could lift would be one for ever.
pub(super) fn may_lift(
    directory: &Directory,
    actor: &Actor,
    own: impl Iterator<Item = IdentityId>,
    moment: &Moment,
) -> Result<(), AppError> {
    let own: BTreeSet<IdentityId> = own.collect();
    let stand_in = own.iter().flat_map(|id| directory.delegates(*id, moment.now));
    let barred: BTreeSet<IdentityId> = own.iter().copied().chain(stand_in).collect();
    let no = |why, text: String| Err(AppError::Forbidden(why, Arc::from(text)));
    if own.contains(&actor.id) {
        return no(
            Refusal::OwnCutOff,
            "a cut-off is lifted by somebody else than its issuer and the person it is about".to_owned(),
        );
    }
    if barred.contains(&actor.id) {
        return no(
            Refusal::DelegateOfBarred,
            format!(
                "{} answers in the place of its issuer or of whom it is about: a cut-off is lifted by somebody else",
                actor.title
            ),
        );
    }
    let mut others = directory.everybody().filter(|id| !barred.contains(id)).peekable();
    if others.peek().is_some() && !others.any(|id| id == actor.id) {
        return no(
            Refusal::NotEntitled,
            format!(
                "{} may not: a cut-off is lifted by an owner or one of a group that the set-up names",
                actor.title
            ),
        );
    }
    Ok(())
}
