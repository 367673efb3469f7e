//! Orders to cut off any identity that appears with a key or a name that no identity has yet.

use super::CutOffOrders;
use super::new::{NewCutOff, evidence_of};
use crate::authority::Target;
use crate::text::fold;
use crate::{About, AppError, CutOffRefusal, DecisionContext, Item, Operation, called};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::{CutOff, CutOffOrder, CutOffOrderId, CutOffTarget, IdentityId};
use tenure_store::{Change, Expect, Keyed, Outcome, Unit};

impl CutOffOrders<'_> {
    /// Orders, in advance, to cut off any identity that appears with this key or is given this name.
    ///
    /// # Errors
    /// When no actor is given, no source gives such keys, or an identity has the key already.
    pub async fn cut_off_key(
        &self,
        kind: &str,
        value: &str,
        new: &NewCutOff,
        moment: &DecisionContext,
    ) -> Result<CutOffOrder, AppError> {
        let permit = self.app.authority().permit(Operation::OrderCutOff, &Target::all(), moment).await?;
        let (cut, noted) = self.app.cut_off().allowed(&permit, None, new).await?;
        self.is_for_cut_off_key(kind, value).await?;
        let target = CutOffTarget::Key { kind: Arc::from(kind), value: Arc::from(value) };
        let order = self.put_order(None, target, cut, noted.clone(), moment).await?;
        self.app.cut_off().tell_escalation(&noted).await?;
        Ok(order)
    }

    /// Whether a source gives such keys, and no identity has this one.
    pub(super) async fn is_for_cut_off_key(&self, kind: &str, value: &str) -> Result<(), AppError> {
        let known = self.kinds_of_key();
        if !known.contains(kind) {
            let known = known.into_iter().collect();
            return Err(AppError::unknown(Item::KindOfKey { known }, kind));
        }
        if value.trim().is_empty() {
            return Err(AppError::unknown(Item::Key, value));
        }
        let mut theirs = self.holder(kind, value).await?;
        if let Some(holder) = theirs.pop() {
            return Err(AppError::precondition(CutOffRefusal::KeyOfHolder {
                kind: kind.into(),
                value: value.into(),
                holder: holder.into(),
            }));
        }
        Ok(())
    }

    /// Every kind of key that a source gives, and every name that is issued.
    fn kinds_of_key(&self) -> BTreeSet<Arc<str>> {
        let setup = &self.app.context.setup;
        let keys = setup.sources.values().flat_map(|s| s.keys.keys().cloned());
        keys.chain(setup.policy.identifiers.iter().map(|i| i.name.clone())).collect()
    }

    /// Display names of the identities that have a key or a name.
    pub(super) async fn holder(&self, kind: &str, value: &str) -> Result<Vec<String>, AppError> {
        let key = Keyed { kind: Arc::from(kind), value: fold(value) };
        let mut ids: BTreeSet<IdentityId> =
            self.app.store.by_keys(&[key]).await?.into_iter().map(|(_, id)| id).collect();
        let name = (Arc::from(kind), fold(value));
        ids.extend(self.app.store.identifiers(&[name]).await?.into_iter().map(|(_, _, id)| id));
        let ids: Vec<IdentityId> = ids.into_iter().collect();
        Ok(self.app.stored().readable(&ids).await?.iter().map(|s| called(&s.title, &s.identity)).collect())
    }

    pub(super) async fn put_order(
        &self,
        id: Option<CutOffOrderId>,
        target: CutOffTarget,
        cut: CutOff,
        noted: Vec<Change>,
        moment: &DecisionContext,
    ) -> Result<CutOffOrder, AppError> {
        let orders = self.app.stored().orders().await?;
        let named = fold(&target.to_string());
        if orders.iter().any(|o| fold(&o.target.to_string()) == named) {
            return Err(AppError::precondition(CutOffRefusal::OrderedAlready {
                target: target.to_string().into(),
            }));
        }
        let id = id.unwrap_or_else(|| {
            let (ms, random) = self.app.machine.id();
            CutOffOrderId::new(ms, random)
        });
        let order = CutOffOrder { id, target, cut, ended: None };
        let kept = self.app.cut_off_journal().keep_order(&order).await?.into_iter().chain(noted).collect();
        match self.commit_order(&order, ("cut-off.ordered", Vec::new()), kept, moment).await? {
            true => Ok(order),
            false => Err(AppError::ConcurrentChange(named)),
        }
    }

    /// Ends an order, by another person than its issuer. Identities already cut off by it stay so until that is lifted.
    ///
    /// # Errors
    /// When no actor is given, the actor is the issuer, or there is no order.
    pub async fn lift_order(&self, target: &str, moment: &DecisionContext) -> Result<CutOffOrder, AppError> {
        let orders = self.app.stored().orders().await?;
        let found = orders.into_iter().find(|o| fold(&o.target.to_string()) == fold(target));
        let Some(mut order) = found else {
            return Err(AppError::unknown(Item::CutOffOrder, target));
        };
        let target = Target { issuers: vec![order.cut.by], class: Some(order.cut.class), ..Target::all() };
        let permit = self.app.authority().permit(Operation::LiftOrder, &target, moment).await?;
        order.ended = Some((moment.now, permit.actor()?.id));
        let reviewed = super::CutOffs::reviewed(order.cut.by).into();
        // Of two who lift it at once, the second is told: who ended it first stays in the order and in the evidence.
        let expects = vec![Expect::OrderInForce(order.id)];
        if !self.commit_order(&order, ("cut-off.lifted", expects), reviewed, moment).await? {
            return Err(AppError::precondition(CutOffRefusal::OrderEnded {
                target: order.target.to_string().into(),
            }));
        }
        self.app.cut_off_journal().keep_order(&order).await?;
        Ok(order)
    }

    /// Whether it was committed.
    async fn commit_order(
        &self,
        order: &CutOffOrder,
        (kind, expects): (&'static str, Vec<Expect>),
        kept: Vec<Change>,
        moment: &DecisionContext,
    ) -> Result<bool, AppError> {
        let evidence = self.app.recorder(moment).evidence(kind, About::default(), order_payload(order))?;
        let mut changes = vec![
            Change::PutCutOffOrder(order.clone()),
            Change::BusinessTime(moment.now),
            Change::Append(evidence),
        ];
        changes.extend(kept);
        Ok(self.app.store.commit(vec![Unit { expects, changes }]).await?.iter().all(Outcome::is_committed))
    }
}

/// An order as evidence holds it.
pub(super) fn order_payload(order: &CutOffOrder) -> Value {
    json!({ "v": 1, "about": order.target.to_string(), "cut_off": evidence_of(&order.cut) })
}
