//! Which open cases are past their deadline.

use super::Worker;
use crate::AppError;
use jiff::Timestamp;
use std::collections::BTreeMap;
use tenure_engine::overdue;
use tenure_model::{Case, Fact, IdentityId, Overdue};

/// Cases whose facts are read together.
const CHUNK: u32 = 512;

impl Worker<'_> {
    /// The open cases that are overdue at `now`, and what is overdue: the longest-running first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn overdue(&self, now: Timestamp) -> Result<Vec<(Case, Overdue)>, AppError> {
        let (mut late, mut after) = (Vec::new(), None);
        loop {
            let cases = self.app.store.open_cases_after(after, CHUNK).await?;
            let Some(last) = cases.last() else { break };
            after = Some(last.identity);
            let ids: Vec<IdentityId> = cases.iter().map(|c| c.identity).collect();
            let mut facts: BTreeMap<IdentityId, Vec<Fact>> = BTreeMap::new();
            for fact in self.app.store.facts(&ids).await? {
                facts.entry(fact.identity).or_default().push(fact);
            }
            late.extend(cases.into_iter().filter_map(|case| {
                let facts = facts.get(&case.identity).map(Vec::as_slice).unwrap_or_default();
                let what = overdue(&self.app.context, &case, facts, now)?;
                Some((case, what))
            }));
        }
        late.sort_by_key(|(case, _)| (case.clocks.runs_from(), case.id));
        Ok(late)
    }
}
