//! Answers many questions "same person?" at once, where a key of the new record names the old identity.

use super::Correlations;
use crate::{AppError, DecisionContext, Refusal};
use tenure_engine::correlate::named_by;
use tenure_model::IdentityId;
use tenure_store::{CorrelationRow, StoredSubject};

impl Correlations<'_> {
    /// The open questions that this kind of key answers, with the identity that each record names: the only one of its candidates
    /// with an exact key of that value.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn named_by(&self, kind: &str) -> Result<Vec<(CorrelationRow, StoredSubject)>, AppError> {
        let mut all = Vec::new();
        for question in self.app.stored().questions().await? {
            let key = std::slice::from_ref(&question.key);
            let record = self.app.store.records(&question.source, key).await?.pop().and_then(|r| r.waiting);
            let (Some(record), Some(source)) = (record, self.app.context.setup.sources.get(&question.source))
            else {
                continue;
            };
            let ids: Vec<IdentityId> = question.candidates.iter().map(|(id, _)| *id).collect();
            let subjects = self.app.stored().readable(&ids).await?;
            let candidates: Vec<_> = subjects
                .iter()
                .map(|s| (s.identity.id, s.identity.engagements.iter().map(|e| &e.keys).collect()))
                .collect();
            let named = named_by(&record.keys, kind, &source.correlate, &candidates);
            all.extend(subjects.into_iter().find(|s| Some(s.identity.id) == named).map(|s| (question, s)));
        }
        Ok(all)
    }

    /// Answers all of them that the actor may answer, each with its own evidence. Returns the number of answers.
    ///
    /// # Errors
    /// When the store fails, or no actor is given.
    pub async fn resolve_by(&self, kind: &str, moment: &DecisionContext) -> Result<u64, AppError> {
        let mut answered = 0;
        for (question, person) in self.named_by(kind).await? {
            match self.resolve(question.id, Some(person.identity.id), moment).await {
                Ok(_) => answered += 1,
                // What this actor may not answer stays open for others.
                Err(AppError::Forbidden(denied)) if denied.why() != Refusal::NoActor => {}
                Err(e) => return Err(e),
            }
        }
        Ok(answered)
    }
}
