//! A cut-off ordered while another process has the database: it is written outside at once, and that process carries it out
//! before all other work.

use super::CutOffJournal;
use super::new::{NewCutOff, REVIEW_MAX};
use super::outside::{Kept, Line, keys_of};
use super::person::{CutOffDone, not_cut_off};
use crate::authority::Target;
use crate::{About, Actor, AppError, DecisionContext, Item, Operation, Permit, Refused};
use serde_json::json;
use std::sync::Arc;
use tenure_model::{CutOff, CutOffOrder, CutOffOrderId, CutOffTarget, IdentityId, SystemName};
use tenure_store::note::{NoteOf as _, kinds, read_note};
use tenure_store::{Change, StoredSubject, Unit};

/// The subject of an order to cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CutOffAsked {
    /// An identity, by display name.
    Person(Arc<str>),
    /// The same, by a second person who confirms a waiting order.
    Confirmed(Arc<str>),
    /// An account that belongs to no identity.
    Account(SystemName, Arc<str>),
    /// Any identity that appears with a key.
    Key(Arc<str>, Arc<str>),
}

/// An order that another process carries out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderedBeside {
    /// The id of its line.
    pub line: Arc<str>,
    /// The identity it is about, if known.
    pub about: Option<IdentityId>,
}

/// The note by which the waiting process learns that its order was refused.
fn refusal(line: &str) -> kinds::RefusedLine {
    kinds::RefusedLine(Arc::from(line))
}

impl CutOffJournal<'_> {
    /// Orders a cut-off while another process has the database. It is accepted when this
    /// returns: a sealed and synced line outside states it, whatever happens to either process.
    /// The issuer's permission is checked here, and again by the process that carries it out.
    ///
    /// # Errors
    /// When the actor is not permitted, the subject does not exist or is cut off already, or the line cannot be written.
    pub async fn order_beside(
        &self,
        asked: &CutOffAsked,
        new: &NewCutOff,
        moment: &DecisionContext,
    ) -> Result<OrderedBeside, AppError> {
        let about = match asked {
            CutOffAsked::Person(person) | CutOffAsked::Confirmed(person) => {
                Some(self.app.people().keyed(person).await?)
            }
            CutOffAsked::Account(..) | CutOffAsked::Key(..) => None,
        };
        let permit = self.may_order_beside(asked, about.as_ref(), moment).await?;
        let actor = permit.actor()?;
        let cut = match asked {
            // The waiting order has the reason.
            CutOffAsked::Confirmed(_) => NewCutOff::of("confirmed").by(actor.id, REVIEW_MAX, moment)?,
            // Its other notes are written by the process that carries it out.
            _ => self.app.cut_off().allowed(&permit, about.as_ref(), new).await?.0,
        };
        let mut keys = Vec::new();
        let target = match asked {
            CutOffAsked::Person(person) | CutOffAsked::Confirmed(person) => {
                let before = self.app.people().keyed(person).await?;
                not_cut_off(&before)?;
                keys = keys_of(self.app, &before.identity);
                CutOffTarget::Person(before.identity.id)
            }
            CutOffAsked::Account(system, name) => {
                self.app.cut_off_orders().is_for_cut_off_account(system, name).await?;
                CutOffTarget::Account { system: system.clone(), name: name.clone() }
            }
            CutOffAsked::Key(kind, value) => {
                self.app.cut_off_orders().is_for_cut_off_key(kind, value).await?;
                CutOffTarget::Key { kind: kind.clone(), value: value.clone() }
            }
        };
        let about = match target {
            CutOffTarget::Person(id) => Some(id),
            _ => None,
        };
        let (ms, random) = self.app.machine.id();
        let order = CutOffOrder { id: CutOffOrderId::new(ms, random), target, cut, ended: None };
        let confirms = matches!(asked, CutOffAsked::Confirmed(_));
        let kept = Kept {
            keys,
            confirms,
            stood_in: actor.stood_in,
            login: actor.login.clone().map(Into::into),
            ..Kept::default()
        };
        Ok(OrderedBeside { line: self.keep_ordered(&order, kept)?, about })
    }

    /// Whether the actor may order it; whether a second person may confirm is checked by the process that carries it out.
    async fn may_order_beside(
        &self,
        asked: &CutOffAsked,
        about: Option<&StoredSubject>,
        moment: &DecisionContext,
    ) -> Result<Permit, AppError> {
        let target = Target { about: about.into_iter().collect(), ..Target::all() };
        match asked {
            CutOffAsked::Person(_) => self.app.authority().permit(Operation::CutOff, &target, moment).await,
            CutOffAsked::Confirmed(_) => {
                self.app.authority().permit(Operation::ConfirmCutOff, &target, moment).await
            }
            CutOffAsked::Account(system, _) => {
                self.app.authority().permit(Operation::OrderCutOff, &Target::system(system), moment).await
            }
            CutOffAsked::Key(..) => {
                self.app.authority().permit(Operation::OrderCutOff, &target, moment).await
            }
        }
    }

    /// Why the process that has the database refused an order, if it did.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn refused_beside(&self, line: &str) -> Result<Option<Refused>, AppError> {
        let note = read_note(&*self.app.store, &refusal(line)).await?.value()?;
        Ok(note.map(|why| Refused::noted(why.as_bytes())))
    }

    /// Carries out what another process ordered. The issuer must still be permitted.
    pub(super) async fn carry_out_ordered(
        &self,
        line: &Line<'_>,
        order: CutOffOrder,
        kept: &Kept,
        moment: &DecisionContext,
    ) -> Result<bool, AppError> {
        let done = Box::pin(self.carry_out_as_ordered(&order, kept, moment)).await;
        let error = match done {
            Ok(done) => return Ok(done),
            Err(error @ AppError::Store(_)) => return Err(error),
            Err(error) => error,
        };
        let why = Refused::from(&error).to_json();
        let payload = json!({
            "v": 1, "about": line.about, "line": line.number, "by": order.cut.by.to_string(), "refused": why,
        });
        let evidence = self.app.recorder(moment).evidence("cut-off.refused", About::default(), payload)?;
        let changes = vec![
            refusal(line.id).is(Arc::from(why.to_string())),
            Change::BusinessTime(moment.now),
            Change::Append(evidence),
        ];
        self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        Ok(false)
    }

    async fn carry_out_as_ordered(
        &self,
        order: &CutOffOrder,
        kept: &Kept,
        moment: &DecisionContext,
    ) -> Result<bool, AppError> {
        let by = order.cut.by;
        let issuer = self.app.store.subjects(&[by]).await?.pop();
        let issuer = issuer.ok_or_else(|| AppError::unknown(Item::Issuer, by.to_string()))?;
        let actor = Actor {
            id: by,
            title: issuer.title,
            stood_in: kept.stood_in,
            login: kept.login.clone().map(Into::into),
        };
        let moment = DecisionContext { actor: Some(actor), ..moment.clone() };
        let review = Some(order.cut.review).filter(|review| *review > moment.now);
        let CutOff { reason, class, .. } = order.cut.clone();
        let new = NewCutOff { reason, class, review };
        match &order.target {
            CutOffTarget::Person(id) => {
                let Some(id) = self.app.authority().who_is_now(*id).await? else {
                    return self.order_keys(order, kept, &moment).await;
                };
                let about = self.app.store.subjects(&[id]).await?.pop();
                if about.is_none_or(|a| a.identity.is_cut_off() || a.identity.is_erased()) {
                    return Ok(false);
                }
                let person = id.to_string();
                if kept.confirms {
                    return self.app.cut_off().confirm_cut_off(&person, &moment).await.map(|_| true);
                }
                let done = self.app.cut_off().cut_off(&person, &new, &moment).await?;
                Ok(matches!(done, CutOffDone::Done(_)))
            }
            CutOffTarget::Account { system, name } => {
                // The system is called concurrently: a hanging system delays no other order.
                let order = self.app.cut_off_orders().order_account(system, name, &new, &moment).await?;
                self.app.in_hand.seek([order]);
                Ok(true)
            }
            CutOffTarget::Key { kind, value } => {
                self.app.cut_off_orders().is_for_cut_off_key(kind, value).await?;
                let permit =
                    self.app.authority().permit(Operation::OrderCutOff, &Target::all(), &moment).await?;
                let (cut, noted) = self.app.cut_off().allowed(&permit, None, &new).await?;
                let target = order.target.clone();
                self.app
                    .cut_off_orders()
                    .put_order(Some(order.id), target, cut, noted.clone(), &moment)
                    .await?;
                self.app.cut_off().tell_escalation(&noted).await?;
                Ok(true)
            }
        }
    }

    /// The identity is not in this database: the cut-off is ordered by its keys.
    async fn order_keys(
        &self,
        order: &CutOffOrder,
        kept: &Kept,
        moment: &DecisionContext,
    ) -> Result<bool, AppError> {
        self.app.authority().permit(Operation::OrderCutOff, &Target::all(), moment).await?;
        let mut done = false;
        for (kind, value) in &kept.keys {
            let target = CutOffTarget::Key { kind: kind.clone(), value: value.clone() };
            self.app.cut_off_orders().put_order(None, target, order.cut.clone(), Vec::new(), moment).await?;
            done = true;
        }
        Ok(done)
    }
}
