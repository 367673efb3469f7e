//! A new link for a person whose old one did not arrive or expired: the old one is invalid from then on.

use super::Activations;
use crate::authority::Target;
use crate::{AppError, Candidate, DecisionContext, IdentityRefusal, Operation};
use serde_json::json;
use tenure_model::{Fact, FactState, Obligation};
use tenure_store::Change;

impl Activations<'_> {
    /// Sends new links for a person's accounts that are not activated yet.
    ///
    /// # Errors
    /// When the actor is the account's holder, or neither owner of the system nor in the escalation group; when nothing is owed.
    pub async fn renew_links(&self, person: &str, moment: &DecisionContext) -> Result<(), AppError> {
        let stored = self.app.people().person(person).await?;
        let facts = self.app.store.facts(&[stored.identity.id]).await?;
        let open: Vec<Fact> = facts.into_iter().filter(|f| f.state.is_open() && is_first(f)).collect();
        if open.is_empty() {
            return Err(AppError::precondition(IdentityRefusal::NoFirstPassword { identity: stored.title }));
        }
        for fact in &open {
            if let Obligation::Activated(account) = &fact.obligation {
                let target = Target::account(&stored, account);
                self.app.authority().permit(Operation::HandOver, &target, moment).await?;
            }
        }
        let mut candidate = Candidate::again(stored, json!({ "activation": "new link requested" }));
        let accounts: Vec<&Obligation> = open.iter().map(|f| &f.obligation).collect();
        candidate
            .after
            .decisions
            .links
            .retain(|l| !accounts.contains(&&Obligation::Activated(l.account.clone())));
        candidate.cause.refresh = true;
        let again: Vec<Fact> = open.into_iter().map(|f| Fact { state: FactState::Unknown, ..f }).collect();
        candidate.extra = again.iter().cloned().map(Change::PutFact).collect();
        self.app.settle().commit_together(vec![candidate], moment).await?;
        self.begin_activations(&again, moment).await
    }
}

fn is_first(fact: &Fact) -> bool {
    matches!(fact.obligation, Obligation::Activated(_))
}
