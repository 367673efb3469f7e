//! Which open cases are past their deadline.

use crate::{App, AppError};
use jiff::Timestamp;
use std::collections::BTreeMap;
use tenure_engine::{Overdue, overdue};
use tenure_model::{Case, Fact, IdentityId};
use tenure_store::CaseFilter;

impl App {
    /// Of the newest `limit` open cases, those that are overdue at `now`, and what of them.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn overdue(&self, now: Timestamp, limit: u32) -> Result<Vec<(Case, Overdue)>, AppError> {
        let cases = self.store.cases(&CaseFilter { open: true, limit, ..CaseFilter::default() }).await?;
        let ids: Vec<IdentityId> = cases.iter().map(|c| c.identity).collect();
        let mut facts: BTreeMap<IdentityId, Vec<Fact>> = BTreeMap::new();
        for fact in self.store.facts(&ids).await? {
            facts.entry(fact.identity).or_default().push(fact);
        }
        let late = cases.into_iter().filter_map(|case| {
            let facts = facts.get(&case.identity).map(Vec::as_slice).unwrap_or_default();
            let what = overdue(&self.context, &case, facts, now)?;
            Some((case, what))
        });
        Ok(late.collect())
    }
}
