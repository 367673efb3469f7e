//! Which open cases are past their deadline.

use crate::{App, AppError};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use tenure_engine::{Overdue, overdue};
use tenure_model::{Case, Fact, IdentityId};
use tenure_store::CaseFilter;

/// Cases whose facts are looked at together.
const CHUNK: usize = 512;

impl App {
    /// The open cases that are overdue at `now`, and what of them: the one whose clock runs longest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn overdue(&self, now: Timestamp) -> Result<Vec<(Case, Overdue)>, AppError> {
        let filter = CaseFilter { open: true, limit: u32::MAX, ..CaseFilter::default() };
        let mut cases = self.store.cases(&filter).await?;
        cases.sort_by_key(|c| (c.clocks.runs_from(), c.id));
        let mut late = Vec::new();
        for some in cases.chunks(CHUNK) {
            let ids: BTreeSet<IdentityId> = some.iter().map(|c| c.identity).collect();
            let ids: Vec<IdentityId> = ids.into_iter().collect();
            let mut facts: BTreeMap<IdentityId, Vec<Fact>> = BTreeMap::new();
            for fact in self.store.facts(&ids).await? {
                facts.entry(fact.identity).or_default().push(fact);
            }
            late.extend(some.iter().filter_map(|case| {
                let facts = facts.get(&case.identity).map(Vec::as_slice).unwrap_or_default();
                Some((case.clone(), overdue(&self.context, case, facts, now)?))
            }));
        }
        Ok(late)
    }
}
