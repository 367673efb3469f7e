//! The snapshot of the whole application: its store, and its systems as they really are.

use super::snapshot::{Member, Outside, Snapshot};
use crate::application::Application;
use crate::book::Step;
use crate::see::called;
use std::collections::{BTreeMap, BTreeSet};
use tenure_app::{AppError, Changed};
use tenure_model::{ApprovalRequest, ApprovalState, Gate, IdentityId, Name as _, StepKind, SystemName};
use tenure_store::{CaseFilter, StoredSubject};

/// More than any scenario has.
const MANY: u32 = 10_000;

/// Systems in which something happened past Tenure that no complete reconciliation has seen yet.
#[derive(Default)]
pub(crate) struct Touched {
    by_hand: BTreeSet<SystemName>,
    /// Those whose scans show less than there is.
    blind: BTreeSet<SystemName>,
}

impl Touched {
    /// Follows a step.
    pub(crate) fn follow(&mut self, step: &Step) {
        for event in &step.system {
            let Ok(name) = SystemName::new(&event.system) else { continue };
            if event.truncate_scan.is_some() || event.hide_scan.is_some() || event.limit_scan.is_some() {
                self.blind.insert(name.clone());
            }
            if event.mend {
                self.blind.remove(&name);
            }
            self.by_hand.insert(name);
        }
        for system in step.scan.iter().chain(&step.adopt).filter(|_| step.scan_refused.is_none()) {
            self.by_hand.retain(|name| name.as_str() != system || self.blind.contains(name));
        }
    }
}

impl Application {
    /// Everything after a step.
    pub(crate) async fn snapshot(&mut self, step: &Step, touched: &Touched) -> Result<Snapshot<'_>, String> {
        let (undecided, unstored) = match step.run {
            true => self.decide_again().await?,
            false => (Vec::new(), Vec::new()),
        };
        let failed = |e: AppError| e.to_string();
        let (members, subjects) = self.members().await.map_err(failed)?;
        let outside = self.outside(&subjects, touched).await.map_err(failed)?;
        let asked = self.waiting().await.map_err(failed)?;
        Ok(Snapshot {
            now: self.at,
            passed: step.run,
            context: &self.app.context,
            members,
            asked,
            undecided,
            unstored,
            outside: Some(outside),
        })
    }

    async fn waiting(&self) -> Result<Vec<ApprovalRequest>, AppError> {
        let mut asked = self.app.store.approvals(None, MANY).await?;
        asked.retain(|r| matches!(r.state, ApprovalState::Pending { .. }));
        Ok(asked)
    }

    async fn members(&self) -> Result<(BTreeMap<IdentityId, Member>, Vec<StoredSubject>), AppError> {
        let ids = self.app.store.identities(None, MANY).await?;
        let subjects = self.app.store.subjects(&ids).await?;
        let member = |s: &StoredSubject| Member {
            name: called(&s.identity, &s.title),
            identity: s.identity.clone(),
            phase: s.phase,
            next: s.next,
            accounts: s.accounts.clone(),
            grants: s.grants.clone(),
        };
        Ok((subjects.iter().map(|s| (s.identity.id, member(s))).collect(), subjects))
    }

    async fn outside(&self, subjects: &[StoredSubject], touched: &Touched) -> Result<Outside, AppError> {
        let store = &self.app.store;
        let ids: Vec<IdentityId> = subjects.iter().map(|s| s.identity.id).collect();
        let (_, unevidenced) = self.ledger(subjects).await?;
        let unevidenced = unevidenced.as_array().into_iter().flatten();
        let systems = self.app.context.setup.systems.keys();
        Ok(Outside {
            tasks: store.tasks(None, MANY).await?,
            facts: store.facts(&ids).await?,
            cases: store.cases(&CaseFilter { limit: MANY, ..CaseFilter::default() }).await?,
            findings: store.findings(None, MANY).await?,
            held: store.held_changes().await?,
            real: systems
                .map(|name| (name.clone(), self.place.accounts(name)))
                .filter(|(_, accounts)| !accounts.is_empty())
                .collect(),
            touched: touched.by_hand.iter().chain(&touched.blind).cloned().collect(),
            unevidenced: unevidenced.filter_map(|v| v.as_str().map(ToOwned::to_owned)).collect(),
            unreadable: self.unreadable().await,
        })
    }

    /// What is stored and cannot be read back, of what nothing else here reads.
    async fn unreadable(&self) -> Vec<String> {
        let store = &self.app.store;
        let mut wrong = Vec::new();
        for source in self.app.context.setup.sources.keys() {
            let read = async {
                let keys: Vec<_> = store.record_index(source).await?.into_iter().map(|r| r.key).collect();
                store.records(source, &keys).await?;
                store.feed_runs(source, MANY).await?;
                store.quarantine(Some(source)).await.map(drop)
            };
            wrong.extend(read.await.err().map(|e| format!("{source}: {e}")));
        }
        let rest = async {
            store.correlations().await?;
            store.unlinked(None, MANY).await?;
            store.cut_off_orders().await?;
            store.accepted(MANY).await?;
            store.owed(MANY).await?;
            store.active_set_up().await.map(drop)
        };
        wrong.extend(rest.await.err().map(|e| e.to_string()));
        wrong
    }

    /// What everybody's decision, made once more on a copy, would do now; and what it shows as waiting that is not stored so.
    async fn decide_again(&mut self) -> Result<(Vec<String>, Vec<String>), String> {
        let setup = (*self.app.context.setup).clone();
        let (app, _folder) = self.on_a_copy(setup).await?;
        let moment = self.moment(None).await.map_err(|e| e.to_string())?;
        let changes = app.foresee(true, true, &moment).await.map_err(|e| e.to_string())?.changes;
        let asked = self.waiting().await.map_err(|e| e.to_string())?;
        let ids: Vec<IdentityId> = changes.keys().copied().collect();
        let subjects = self.app.store.subjects(&ids).await.map_err(|e| e.to_string())?;
        let (mut undecided, mut unstored) = (Vec::new(), Vec::new());
        for (id, change) in &changes {
            undecided.extend(opens(change));
            let subject = subjects.iter().find(|s| s.identity.id == *id);
            unstored.extend(not_asked(*id, change, &asked, subject));
        }
        Ok((undecided, unstored))
    }
}

/// Steps of a change that wait for nothing.
fn opens(change: &Changed) -> Vec<String> {
    let open = change.steps.iter().filter(|s| matches!(s.gate, Gate::Open));
    open.map(|s| format!("{}: {}", change.title, tenure_app::describe::step_words(s))).collect()
}

/// Grants of a change that wait for an answer to a question that is not stored.
fn not_asked(
    id: IdentityId,
    change: &Changed,
    asked: &[ApprovalRequest],
    subject: Option<&StoredSubject>,
) -> Vec<String> {
    let waits = change.steps.iter().filter_map(|step| match (&step.gate, &step.kind) {
        (Gate::Approval(rule), StepKind::Grant(what)) => Some((rule, what)),
        _ => None,
    });
    let is_asked = |rule: &tenure_model::RuleName, what: &tenure_model::EntitlementName| {
        let answers = subject.into_iter().flat_map(|s| s.identity.decisions.answers.values());
        let denied =
            |a: &tenure_model::Answer| !a.approved && a.rule == *rule && a.reason.entitlement == *what;
        asked.iter().any(|r| r.identity == id && r.rule == *rule && r.grants.contains(what))
            || answers.into_iter().any(denied)
    };
    waits
        .filter(|(rule, what)| !is_asked(rule, what))
        .map(|(rule, what)| format!("{}: {what} waits for `{rule}`", change.title))
        .collect()
}
