//! A new link for somebody whose old one did not reach them or is over: the old one opens nothing any more.

use crate::approvals::Directory;
use crate::{Actor, App, AppError, Candidate, Moment, Refusal};
use serde_json::json;
use tenure_model::{AccountKey, Fact, FactState, Obligation};
use tenure_store::{Change, StoredSubject};

impl App {
    /// Sends new links for what of a person is not activated yet.
    ///
    /// # Errors
    /// When the actor is whose account it is, or neither owner of the system nor of the last resort; when nothing is owed.
    pub async fn renew_links(&self, person: &str, moment: &Moment) -> Result<(), AppError> {
        let actor = self.acting(moment, "a new link").await?;
        let stored = self.person(person).await?;
        let facts = self.store.facts(&[stored.identity.id]).await?;
        let open: Vec<Fact> = facts.into_iter().filter(|f| f.state.is_open() && is_first(f)).collect();
        if open.is_empty() {
            let text = format!("nothing of {} waits for a first password", stored.title);
            return Err(AppError::NotNow(Refusal::NotInForce, text.into()));
        }
        for fact in &open {
            if let Obligation::Activated(account) = &fact.obligation {
                self.may_hand_over(&stored, account, actor, moment).await?;
            }
        }
        let mut candidate = Candidate::again(stored, json!({ "activation": "new link asked for" }));
        let accounts: Vec<&Obligation> = open.iter().map(|f| &f.obligation).collect();
        candidate
            .after
            .decisions
            .links
            .retain(|l| !accounts.contains(&&Obligation::Activated(l.account.clone())));
        candidate.cause.refresh = true;
        candidate.extra =
            open.into_iter().map(|f| Change::PutFact(Fact { state: FactState::Unknown, ..f })).collect();
        self.commit_together(vec![candidate], moment).await?;
        self.look_at_owed(moment).await?;
        Ok(())
    }

    /// Who hands first passwords over: whom policy names, the system's owner, or somebody of the last resort; never whose
    /// account it is.
    pub(crate) async fn may_hand_over(
        &self,
        stored: &StoredSubject,
        account: &AccountKey,
        actor: &Actor,
        moment: &Moment,
    ) -> Result<(), AppError> {
        let settings = &self.context.setup.settings;
        let system = self.context.setup.systems.get(&account.system);
        let directory = Directory::load(self).await?;
        let mut may = directory.people(settings, &format!("group:{}", settings.last_resort));
        may.extend(system.iter().flat_map(|s| directory.people(settings, &s.owner)));
        if let Some(to) = system.and_then(|s| s.activation.as_ref()?.to.as_ref()) {
            may.extend(self.referred(stored, to, moment).await?.map(|s| s.identity.id));
        }
        if actor.id != stored.identity.id && may.contains(&actor.id) {
            return Ok(());
        }
        let own = actor.id == stored.identity.id;
        let why = if own { Refusal::OwnRecord } else { Refusal::NotEntitled };
        let text = format!(
            "a first password in {account} is handed over by whom policy names, the system's owner or somebody of `{}`, never by \
             whose account it is: {} may not",
            settings.last_resort, actor.title
        );
        Err(AppError::Forbidden(why, text.into()))
    }
}

fn is_first(fact: &Fact) -> bool {
    matches!(fact.obligation, Obligation::Activated(_))
}
