//! A cut-off that would leave no member of the escalation group waits for a second person. It delays nothing else.

use super::CutOffs;
use super::new::evidence_of;
use super::person::{Changed, not_cut_off};
use crate::authority::Target;
use crate::directory::Directory;
use crate::{About, AppError, CutOffRefusal, Decision, DecisionContext, Operation};
use jiff::SignedDuration;
use serde_json::json;
use tenure_model::{CutOff, CutOffOrder, CutOffOrderId, CutOffTarget, IdentityId};
use tenure_store::{Change, StoredSubject, Unit};

/// How long a cut-off waits for its second person; after that it must be ordered again.
const WAITS_FOR: SignedDuration = SignedDuration::from_hours(72);

impl CutOffs<'_> {
    /// The available members of the escalation group.
    pub(crate) async fn last_resort(&self) -> Result<Vec<IdentityId>, AppError> {
        let settings = &self.app.context.setup.settings;
        let group = format!("group:{}", settings.last_resort);
        Ok(Directory::load(self.app).await?.people(settings, &group))
    }

    pub(super) async fn wait_for_second(
        &self,
        about: &StoredSubject,
        cut: CutOff,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let id = about.identity.id;
        let target = CutOffTarget::Person(id);
        if self.waiting(id, moment).await?.is_some() {
            return Err(AppError::precondition(CutOffRefusal::WaitsAlready { holder: about.title.clone() }));
        }
        let (ms, random) = self.app.machine.id();
        let key = self.app.stored().key_of(id, about.person_key.as_deref());
        let entry = About { identity: key.as_ref().map(|k| (id, k)), ..About::default() };
        let payload = json!({ "v": 1, "cut_off": evidence_of(&cut), "waits_for": "a second person" });
        let evidence = self.app.recorder(moment).evidence("cut-off.asked", entry, payload)?;
        let order = CutOffOrder { id: CutOffOrderId::new(ms, random), target, cut, ended: None };
        let changes =
            vec![Change::PutCutOffOrder(order), Change::BusinessTime(moment.now), Change::Append(evidence)];
        self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        Ok(())
    }

    /// The waiting order about an identity.
    async fn waiting(
        &self,
        id: IdentityId,
        moment: &DecisionContext,
    ) -> Result<Option<CutOffOrder>, AppError> {
        let orders = self.app.stored().orders().await?;
        let fresh = |o: &CutOffOrder| o.cut.at.checked_add(WAITS_FOR).is_ok_and(|end| moment.now < end);
        Ok(orders.into_iter().find(|o| o.target == CutOffTarget::Person(id) && fresh(o)))
    }

    /// A second person confirms the cut-off of the last available member of the escalation group. This person is neither the issuer nor the
    /// cut-off identity, and is named in the configuration (as an owner or a group member).
    ///
    /// # Errors
    /// When no actor is given, the actor is not permitted, or no cut-off waits.
    pub async fn confirm_cut_off(
        &self,
        person: &str,
        moment: &DecisionContext,
    ) -> Result<Decision, AppError> {
        let about = self.app.people().keyed(person).await?;
        let Some(order) = self.waiting(about.identity.id, moment).await? else {
            return Err(AppError::precondition(CutOffRefusal::NoneWaits { holder: about.title }));
        };
        let target = Target { issuers: vec![order.cut.by], ..Target::of(&about) };
        let permit = self.app.authority().permit(Operation::ConfirmCutOff, &target, moment).await?;
        let actor = permit.actor()?;
        self.change_cut_off(person, moment, &|before| {
            not_cut_off(before)?;
            let cut = CutOff { at: moment.now, ..order.cut.clone() };
            let ended = CutOffOrder { ended: Some((moment.now, actor.id)), ..order.clone() };
            let what = json!({ "cut_off": evidence_of(&cut), "confirmed_by": actor.id.to_string() });
            Ok(Changed { cut: Some(cut), extra: vec![Change::PutCutOffOrder(ended)], what, again: false })
        })
        .await
    }
}
