//! The system owner's decision about an account that was disabled there by hand (docs/adr/0094).

use super::Adoptions;
use crate::authority::Target;
use crate::{About, AppError, Cause, DecisionContext, Item, Operation};
use serde_json::json;
use tenure_model::{AccountKey, Kind, Name as _, SystemName};
use tenure_policy::ClassCache;
use tenure_store::{Change, Outcome, Unit};

impl Adoptions<'_> {
    /// Decides that an account disabled by hand is enabled again, or stays disabled.
    ///
    /// # Errors
    /// When the account was not seen disabled by hand, or the actor is not responsible for the system or is the account's holder.
    pub async fn say_off_by_hand(
        &self,
        system: &SystemName,
        person: &str,
        enable: bool,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let scope = self.app.reconcile().scope(system)?;
        let subject = self.app.people().person(person).await?;
        let id = subject.identity.id;
        let target = Target { system: Some(&scope.system.name), ..Target::of(&subject) };
        let operation = if enable { Operation::EnableAgain } else { Operation::KeepDisabled };
        let permit = self.app.authority().permit(operation, &target, moment).await?;
        let actor = permit.actor()?.id;
        let key = AccountKey { system: system.clone(), kind: Kind::default() };
        let known = &subject.identity.decisions.off_by_hand;
        let key = if known.contains_key(&key) {
            Some(key)
        } else {
            known.keys().find(|k| k.system == *system).cloned()
        };
        let Some(key) = key else {
            return Err(AppError::unknown(Item::DisabledByHand, person));
        };
        let title = subject.title.clone();
        let mut candidate = crate::Candidate::again(subject, serde_json::Value::Null);
        let off = &mut candidate.after.decisions.off_by_hand;
        if enable {
            off.remove(&key);
        } else if let Some(off) = off.get_mut(&key) {
            off.kept = Some(actor);
        }
        let kind = if enable { "account.enabled-again" } else { "account.kept-disabled" };
        let sealed = candidate.before.as_ref().and_then(|b| b.person_key.clone());
        let person_key = self.app.stored().key_of(id, sealed.as_deref());
        let about = About {
            identity: person_key.as_ref().map(|k| (id, k)),
            case: self.app.cases().open_case(id).await?,
            account: Some(&key),
            ..About::default()
        };
        let payload = json!({ "v": 1, "account": key.to_string(), "system": system.as_str() });
        candidate.extra.push(Change::Append(self.app.recorder(moment).evidence(kind, about, payload)?));
        let what = json!({ "by_hand": if enable { "enable" } else { "keep" }, "system": system.as_str() });
        candidate.cause = Cause { what, refresh: true, ..Cause::default() };
        let decisions = self.app.decide().decide(vec![candidate], &mut ClassCache::default(), moment).await?;
        let units: Vec<Unit> = decisions.into_iter().filter_map(|d| d.unit).collect();
        if !self.app.store.commit(units).await?.iter().all(Outcome::is_committed) {
            return Err(AppError::ConcurrentChange(title));
        }
        self.app.cases().close_cases(&[id], moment).await.map(drop)
    }
}
