//! Repairs drift: decides from what is really there. What takes access away passes the system's brake when it is claimed.

use super::look::Scope;
use super::report::ScanReport;
use crate::feed::Aftermath;
use crate::{App, AppError, Candidate, Cause, Labels, Moment};
use serde_json::json;
use tenure_model::{CaseLabel, Name};
use tenure_policy::ClassCache;
use tenure_store::StoredSubject;

impl App {
    pub(crate) async fn repair(
        &self,
        scope: &Scope<'_>,
        drifted: Vec<StoredSubject>,
        report: &mut ScanReport,
        moment: &Moment,
    ) -> Result<(), AppError> {
        let mut cache = ClassCache::default();
        let what = json!({ "scan": scope.name.as_str() });
        let candidates: Vec<Candidate> = drifted
            .into_iter()
            .map(|subject| Candidate {
                cause: Cause { label: Some(CaseLabel::Drift), what: what.clone(), refresh: false },
                ..Candidate::again(subject, what.clone())
            })
            .collect();
        let mut aftermath = Aftermath::default();
        let mut units = Vec::new();
        for decision in self.decide(candidates, &mut cache, moment).await? {
            units.extend(decision.unit.clone());
            aftermath.note(&decision);
        }
        // A unit that moved was overtaken by a newer decision; the next scan looks again.
        let outcomes = self.store.commit(units).await?;
        report.repaired =
            u64::try_from(outcomes.iter().filter(|o| o.is_committed()).count()).unwrap_or(u64::MAX);
        self.tell_others(aftermath, &mut cache, moment, &mut Labels::new()).await
    }
}
