//! Each obligation separately: finished parts of a task are read back although another part was refused, and an account that is already
//! gone is not created again only to be ended.

use super::remains::known;
use super::task::{Confirmation, Convergence, Failure};
use tenure_connect::Status;
use tenure_model::{Fact, FactState, Finding, FindingDetail, Observation};
use tenure_store::Change;

impl Convergence<'_> {
    /// The finding about an account that is gone and is created again: the same as that of a scan.
    pub(super) fn found_missing(&self) -> Change {
        let about = format!("{} in {}", self.job.subject.title, self.job.task.account);
        let found = Finding::new(about, FindingDetail::AccountRemoved);
        self.job.app.finding_rows().finding(
            &self.job.system.name,
            Some(self.job.task.identity),
            found,
            self.job.moment,
        )
    }

    /// What the other connection shows as done, for a task that failed as a whole. Empty where the system may not answer now, or
    /// shows a write only later: then the next attempt reads.
    pub(super) async fn read_back_partly(&self, failure: &Failure, wrote: bool) -> Vec<Change> {
        let is_open = |f: &&Fact| f.is_of(&self.job.task.account) && f.state.is_open();
        let answers = match failure.status {
            Status::Permanent | Status::NotAllowed => true,
            Status::Temporary => wrote,
            _ => false,
        };
        if !answers
            || !self.job.wired.capabilities.propagation.is_zero()
            || !self.job.facts.iter().any(|f| is_open(&f))
        {
            return Vec::new();
        }
        let Ok(account) = self.job.account_ref() else { return Vec::new() };
        let confirmation = Confirmation { job: self.job };
        if confirmation.is_late_enough().await.is_err() {
            return Vec::new();
        }
        let Ok(looked) = confirmation.look(&account).await else { return Vec::new() };
        let seen = self.job.observed(&looked);
        let mut changes = Vec::new();
        for fact in self.job.facts.iter().filter(is_open) {
            let state = match looked.remains.of(&fact.obligation) {
                Some(left) => known(fact, left, &seen).filter(|s| *s != FactState::Unknown),
                None if confirmation.is_met(&fact.obligation, &looked, looked.password) => {
                    Some(confirmed(&seen))
                }
                None => None,
            };
            changes.extend(state.map(|state| Change::PutFact(Fact { state, ..fact.clone() })));
        }
        changes
    }
}

fn confirmed(seen: &Observation) -> FactState {
    FactState::Confirmed(seen.clone())
}
