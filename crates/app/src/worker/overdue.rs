//! Which open cases are past their deadline.

use super::Worker;
use crate::AppError;
use jiff::Timestamp;
use std::collections::BTreeMap;
use tenure_engine::overdue;
use tenure_model::{Case, Fact, IdentityId, Overdue};
use tenure_store::CasePlace;

/// Cases whose facts are read together.
const CHUNK: u32 = 512;

/// Cases that are overdue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LateCases {
    /// The first ones after a place, and what is overdue: the longest-running first.
    pub cases: Vec<(Case, Overdue)>,
    /// Number of all.
    pub all: u64,
}

impl Worker<'_> {
    /// The open cases that are overdue at `now`: all are counted, and the first `limit` after a place (from when the case runs, and its id)
    /// are returned.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn overdue(
        &self,
        now: Timestamp,
        after: Option<CasePlace>,
        limit: usize,
    ) -> Result<LateCases, AppError> {
        let (mut first, mut all, mut last) = (BTreeMap::new(), 0, None);
        loop {
            let cases = self.app.store.open_cases_after(last, CHUNK).await?;
            let Some(case) = cases.last() else { break };
            last = Some(case.identity);
            let ids: Vec<IdentityId> = cases.iter().map(|c| c.identity).collect();
            let mut facts: BTreeMap<IdentityId, Vec<Fact>> = BTreeMap::new();
            for fact in self.app.store.facts(&ids).await? {
                facts.entry(fact.identity).or_default().push(fact);
            }
            for case in cases {
                let facts = facts.get(&case.identity).map(Vec::as_slice).unwrap_or_default();
                let Some(what) = overdue(&self.app.context, &case, facts, now) else { continue };
                all += 1;
                let place = (case.clocks.runs_from(), case.id);
                if after.is_none_or(|after| place > after) {
                    first.insert(place, (case, what));
                }
                if first.len() > limit {
                    first.pop_last();
                }
            }
        }
        Ok(LateCases { cases: first.into_values().collect(), all })
    }
}
