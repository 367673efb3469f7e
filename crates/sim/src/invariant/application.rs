//! The snapshot of the whole application: its store, and its systems as they really are.

use super::snapshot::{Again, Member, Snapshot, SystemsSnapshot};
use crate::application::Application;
use crate::book::Step;
use crate::see::{asked_for, called};
use std::collections::{BTreeMap, BTreeSet};
use tenure_app::AppError;
use tenure_model::{Answer, ApprovalRequest, ApprovalState, IdentityId, Name as _, SystemName};
use tenure_store::{CaseFilter, Store, StoredSubject, UnlinkedFilter};

/// More than any scenario has.
const MANY: u32 = 10_000;

/// The scope of what is held of a configuration.
const CONFIGURATION: &str = "configuration";

/// Accounts of a system that a person is asked about.
fn asked_of(system: &SystemName) -> UnlinkedFilter {
    UnlinkedFilter { system: Some(system.clone()), with_candidates: Some(true), ..UnlinkedFilter::default() }
}

/// Systems that were changed outside Tenure since the last complete reconciliation.
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
        let again = if step.run { self.decide_again().await? } else { Again::default() };
        let failed = |e: AppError| e.to_string();
        let (members, subjects) = self.members().await.map_err(failed)?;
        let outside = self.outside(&subjects, step, touched).await.map_err(failed)?;
        let asked = waiting(&*self.store).await.map_err(failed)?;
        Ok(Snapshot {
            now: self.at,
            passed: step.run,
            is_quiet: step.is_quiet(),
            is_answered: step.is_answered(),
            context: &self.app.context,
            members,
            asked,
            kept_back: kept_back(&outside),
            again,
            misplanned: self.misplanned.clone(),
            outside: Some(outside),
        })
    }

    async fn members(&self) -> Result<(BTreeMap<IdentityId, Member>, Vec<StoredSubject>), AppError> {
        let ids = self.store.identities(None, MANY).await?;
        let subjects = self.store.subjects(&ids).await?;
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

    async fn outside(
        &self,
        subjects: &[StoredSubject],
        step: &Step,
        touched: &Touched,
    ) -> Result<SystemsSnapshot, AppError> {
        let store = &self.store;
        let ids: Vec<IdentityId> = subjects.iter().map(|s| s.identity.id).collect();
        let (_, unevidenced) = self.ledger(subjects).await?;
        let unevidenced = unevidenced.as_array().into_iter().flatten();
        let systems = self.app.context.setup.systems.keys();
        let mut maybe = BTreeSet::new();
        for system in self.app.context.setup.systems.keys() {
            let asked = store.unlinked_after(&asked_of(system), None, MANY).await?;
            let candidates = asked.iter().flat_map(|account| &account.candidates);
            maybe.extend(candidates.map(|(id, _)| (system.clone(), *id)));
        }
        Ok(SystemsSnapshot {
            maybe,
            tasks: store.tasks(None, MANY).await?,
            facts: store.facts(&ids).await?,
            cases: store.cases(&CaseFilter { limit: MANY, ..CaseFilter::default() }).await?,
            findings: store.findings(None, MANY).await?,
            held: store.held_changes_after(None, MANY).await?,
            real: systems
                .map(|name| (name.clone(), self.place.accounts(name)))
                .filter(|(_, accounts)| !accounts.is_empty())
                .collect(),
            touched: touched.by_hand.iter().chain(&touched.blind).cloned().collect(),
            reconciled: step.scan.iter().chain(&step.adopt).filter_map(|s| SystemName::new(s).ok()).collect(),
            unevidenced: unevidenced.filter_map(|v| v.as_str().map(ToOwned::to_owned)).collect(),
            unreadable: self.unreadable().await,
        })
    }

    /// What is stored and cannot be read back, of what nothing else here reads.
    async fn unreadable(&self) -> Vec<String> {
        let store = &self.store;
        let mut wrong = Vec::new();
        for source in self.app.context.setup.sources.keys() {
            let read = async {
                let keys: Vec<_> =
                    store.record_index(source, None, MANY).await?.into_iter().map(|r| r.key).collect();
                store.records(source, &keys).await?;
                store.feed_runs(source, MANY).await?;
                store.quarantine_after(Some(source), None, MANY).await.map(drop)
            };
            wrong.extend(read.await.err().map(|e| format!("{source}: {e}")));
        }
        let rest = async {
            store.correlations_after(None, MANY).await?;
            store.unlinked_after(&UnlinkedFilter::default(), None, MANY).await?;
            store.cut_off_orders_after(None, MANY).await?;
            store.accepted(MANY).await?;
            store.owed(MANY).await?;
            store.active_set_up().await.map(drop)
        };
        wrong.extend(rest.await.err().map(|e| e.to_string()));
        wrong
    }

    /// What every identity's decision, made once more on a copy, would do now; and what waits or is held afterwards that is not
    /// stored so, or the other way round.
    async fn decide_again(&mut self) -> Result<Again, String> {
        let setup = (*self.app.context.setup).clone();
        let (app, copied, _, _folder) = self.on_a_copy(setup).await?;
        let moment = self.moment(None).await.map_err(|e| e.to_string())?;
        let changes = app.plans().foresee(true, true, &moment).await.map_err(|e| e.to_string())?.changes;
        let asked = waiting(&*self.store).await.map_err(|e| e.to_string())?;
        let ids: Vec<IdentityId> = changes.keys().copied().collect();
        let subjects = self.store.subjects(&ids).await.map_err(|e| e.to_string())?;
        let mut again = Again::default();
        for (id, change) in &changes {
            let subject = subjects.iter().find(|s| s.identity.id == *id);
            again.steps(&change.title, &change.steps, |rule, what| {
                let answers = subject.into_iter().flat_map(|s| s.identity.decisions.answers.values());
                let denied = |a: &Answer| !a.approved && a.rule == *rule && a.reason.entitlement == *what;
                asked.iter().any(|r| r.identity == *id && r.rule == *rule && r.grants.contains(what))
                    || answers.into_iter().any(denied)
            });
        }
        let stored = kept(&*self.store).await.map_err(|e| e.to_string())?;
        let foreseen = kept(&*copied).await.map_err(|e| e.to_string())?;
        again
            .unstored
            .extend(stored.difference(&foreseen).map(|w| format!("{w} is stored, and not foreseen")));
        again
            .unstored
            .extend(foreseen.difference(&stored).map(|w| format!("{w} is foreseen, and not stored")));
        Ok(again)
    }
}

/// The identities that an open held change of the configuration lists.
fn kept_back(outside: &SystemsSnapshot) -> BTreeSet<IdentityId> {
    let open = outside.held.iter().filter(|h| h.ended.is_none() && *h.scope == *CONFIGURATION);
    open.flat_map(|h| h.people.iter().map(|(id, _)| *id)).collect()
}

/// Questions that wait.
async fn waiting(store: &dyn Store) -> Result<Vec<ApprovalRequest>, AppError> {
    let mut asked = store.approvals(None, MANY).await?;
    asked.retain(|r| matches!(r.state, ApprovalState::Pending { .. }));
    Ok(asked)
}

/// What waits for people and what brakes hold, in words.
async fn kept(store: &dyn Store) -> Result<BTreeSet<String>, AppError> {
    let mut all = BTreeSet::new();
    for request in waiting(store).await? {
        let people: Vec<String> = request.put_to().iter().map(ToString::to_string).collect();
        let (about, whom) = (asked_for(&request), request.identity);
        all.insert(format!("the question of `{}` about {about} of {whom}, put to {people:?}", request.rule));
    }
    for held in store.held_changes_after(None, MANY).await?.into_iter().filter(|h| h.ended.is_none()) {
        let people: Vec<String> = held.people.iter().map(|(id, _)| id.to_string()).collect();
        all.insert(format!("the held change of {} of {people:?}", held.scope));
    }
    Ok(all)
}
