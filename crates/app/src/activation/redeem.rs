//! Redeems a link: once, by the person who has its code, to set a first password that is told to no other person.

use super::Activations;
use super::link;
use crate::authority::Target;
use crate::cases::account_ref;
use crate::{AppError, Candidate, DecisionContext, IdentityRefusal, Operation};
use serde_json::json;
use std::sync::Arc;
use tenure_connect::{Secret, Status};
use tenure_model::{AccountKey, AccountState, Fact, FactState, IdentityId, Link, Obligation, Observation};
use tenure_store::{Change, StoredSubject};

/// Result of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redeemed {
    /// Display name of the account's holder.
    pub title: Arc<str>,
    /// The account.
    pub account: AccountKey,
    /// Whether a read shows the new password's date.
    pub confirmed: bool,
}

impl Activations<'_> {
    /// Redeems a link: the person who has its code sets the password of the account.
    ///
    /// # Errors
    /// When the code is invalid, used or expired, the account is not usable, or the system refuses the password.
    pub async fn redeem(
        &self,
        code: &Secret,
        password: &Secret,
        moment: &DecisionContext,
    ) -> Result<Redeemed, AppError> {
        self.app.authority().permit(Operation::Activate, &Target::all(), moment).await?;
        let (stored, link) = self.opened(code, moment).await?;
        if password.expose().is_empty() {
            return Err(AppError::precondition(IdentityRefusal::PasswordEmpty));
        }
        // It is marked as used first: two concurrent uses do not both set a password.
        self.change_links(&stored, &link, None, "link used", None, moment).await?;
        let id = stored.identity.id;
        let set = self.set_first(&stored, &link.account, password).await;
        let stored = self.subject_again(id).await?;
        if let Err(e) = set {
            let again = matches!(e.status, Status::Permanent).then(|| link.tries.saturating_sub(1));
            let left = again.filter(|tries| *tries > 0).map(|tries| Link { tries, ..link.clone() });
            let goes_on = left.is_some();
            self.change_links(&stored, &link, left, "password refused", None, moment).await?;
            return Err(AppError::precondition(IdentityRefusal::PasswordRefused {
                account: link.account.to_string().into(),
                problem: e.to_string().into(),
                again: goes_on,
            }));
        }
        let confirmed = self.is_dated(&stored, &link.account, moment).await;
        let seen =
            if confirmed { "the link was used; the password is newer than it" } else { "the link was used" };
        let observation = Observation { at: moment.now, by: Arc::from("activation"), seen: Arc::from(seen) };
        let state =
            if confirmed { FactState::Confirmed(observation) } else { FactState::Claimed(observation) };
        self.change_links(&stored, &link, None, "activated", Some(state), moment).await?;
        self.app.cases().close_cases(&[id], moment).await?;
        Ok(Redeemed { title: stored.title, account: link.account, confirmed })
    }

    /// The link of a code. Only a person who has the code is told why it does not work.
    async fn opened(
        &self,
        code: &Secret,
        moment: &DecisionContext,
    ) -> Result<(StoredSubject, Link), AppError> {
        let nothing = || AppError::refused(IdentityRefusal::CodeInvalid);
        let (id, secret) = link::read(code).ok_or_else(nothing)?;
        let stored = self.app.store.subjects(&[id]).await?.pop().ok_or_else(nothing)?;
        let mut links = stored.identity.decisions.links.iter();
        let link = links.find(|l| link::opens(l, &secret)).cloned().ok_or_else(nothing)?;
        if moment.now >= link.expires {
            return Err(AppError::refused(IdentityRefusal::CodeExpired { expired: link.expires }));
        }
        let usable =
            stored.accounts.iter().any(|a| a.key == link.account && a.target.state == AccountState::Enabled);
        if !usable || stored.identity.is_cut_off() {
            return Err(AppError::refused(IdentityRefusal::AccountNotEnabled {
                account: link.account.to_string().into(),
            }));
        }
        Ok((stored, link))
    }

    async fn set_first(
        &self,
        stored: &StoredSubject,
        key: &AccountKey,
        password: &Secret,
    ) -> Result<(), tenure_connect::ConnectError> {
        let gone = || {
            let kind = tenure_connect::ErrorKind::Configuration;
            tenure_connect::ConnectError::new(
                kind,
                "set-password",
                "the configuration no longer has this system or account",
            )
        };
        let (account, wired) =
            account_ref(self.app, stored, key).zip(self.app.systems.get(&key.system)).ok_or_else(gone)?;
        wired.writer.set_password(&account, password).await.map(drop)
    }

    /// Whether the other connection shows a password that is no older than this moment.
    async fn is_dated(&self, stored: &StoredSubject, key: &AccountKey, moment: &DecisionContext) -> bool {
        let Some((account, wired)) =
            account_ref(self.app, stored, key).zip(self.app.systems.get(&key.system))
        else {
            return false;
        };
        let propagation = wired.capabilities.propagation;
        tokio::time::sleep(propagation.try_into().unwrap_or_default()).await;
        let changed = wired.reader.password_changed(&account).await;
        changed.ok().flatten().is_some_and(|at| at.as_second() >= moment.now.as_second())
    }

    /// Removes or replaces a link, with the facts known by then.
    async fn change_links(
        &self,
        stored: &StoredSubject,
        link: &Link,
        instead: Option<Link>,
        what: &str,
        known: Option<FactState>,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let what = json!({ "activation": what, "account": link.account.to_string() });
        let mut candidate = Candidate::again(stored.clone(), what);
        candidate.after.decisions.links.retain(|l| l.hash != link.hash);
        candidate.after.decisions.links.extend(instead);
        candidate.cause.refresh = true;
        if let Some(state) = known {
            let obligation = Obligation::Activated(link.account.clone());
            let facts = self.app.store.facts(&[stored.identity.id]).await?;
            let fact = facts.into_iter().find(|f| f.obligation == obligation);
            candidate.extra.extend(fact.map(|f| Change::PutFact(Fact { state, ..f })));
        }
        self.app.settle().commit_together(vec![candidate], moment).await.map(drop)
    }

    pub(super) async fn subject_again(&self, id: IdentityId) -> Result<StoredSubject, AppError> {
        let gone = || AppError::ConcurrentChange(Arc::from(format!("identity {}", id.short())));
        self.app.store.subjects(&[id]).await?.pop().ok_or_else(gone)
    }
}
