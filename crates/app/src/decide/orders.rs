//! Cut-offs in advance: an order for a key or account cuts off the identity that appears with it.

use super::Decider;
use crate::{AppError, Candidate};
use tenure_engine::cut_off::ordered;
use tenure_model::CutOffOrder;
use tenure_store::Change;

impl Decider<'_> {
    /// Cuts off the identities of a batch that an order matches, unless this batch ends that order.
    pub(crate) async fn meet_orders(&self, candidates: &mut [Candidate]) -> Result<(), AppError> {
        let orders = self.app.stored().orders().await?;
        if orders.is_empty() {
            return Ok(());
        }
        for candidate in candidates.iter_mut().filter(|c| !c.after.is_cut_off()) {
            let ends = |o: &CutOffOrder| {
                let same = |c: &Change| matches!(c, Change::PutCutOffOrder(e) if e.id == o.id);
                candidate.extra.iter().any(same)
            };
            let left: Vec<CutOffOrder> = orders.iter().filter(|o| !ends(o)).cloned().collect();
            if let Some(order) = ordered(&candidate.after, &left) {
                candidate.after.decisions.cut_off = Some(order.cut.clone());
                candidate.cause.refresh = true;
            }
        }
        Ok(())
    }
}
