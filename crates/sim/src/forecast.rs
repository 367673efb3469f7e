//! What a plan says that brakes will hold, beside what the pass that follows then holds (promise 20).

use crate::application::Application;
use crate::book::Step;
use std::collections::{BTreeMap, BTreeSet};
use tenure_app::{AppError, Foreseen};
use tenure_model::{AccountKey, IdentityId, TaskState};
use tenure_store::Store;

/// Work of a person that a brake of a system holds.
type HeldWork = BTreeSet<(IdentityId, AccountKey, u64)>;

/// What the brakes hold.
pub(crate) struct Held {
    /// By scope of sources and of the configuration: whose changes.
    changes: BTreeMap<String, BTreeSet<IdentityId>>,
    work: HeldWork,
}

/// What a plan says of brakes.
pub(crate) struct Forecast {
    /// What was held before the step.
    before: Held,
    /// Scopes that are reported as held.
    reported: BTreeSet<String>,
    /// What the copy holds of the changes of sources and of the configuration.
    copy: Held,
}

/// Whether a step can be planned: only feeds, the configuration and time change something, and a pass follows.
pub(crate) fn is_planned(step: &Step) -> bool {
    let changes = !(step.feed.is_empty() && step.rows.is_empty() && step.set_up.is_empty());
    let by_people = step.set_up_by.is_some() || step.set_up_refused.is_some() || !step.acts.is_empty();
    step.run && changes && !by_people && step.set_up_confirmed_by.is_none() && step.system.is_empty()
}

impl Forecast {
    pub(crate) async fn read(before: Held, foreseen: &Foreseen, copy: &dyn Store) -> Result<Self, AppError> {
        let feeds = foreseen.feeds.iter().filter(|f| f.held.is_some()).filter_map(|f| f.source.as_ref());
        let mut reported: BTreeSet<String> = feeds.map(|name| format!("source {name}")).collect();
        reported.extend(foreseen.held.iter().map(|(of, _)| match &**of {
            "configuration" => of.to_string(),
            system => format!("system {system}"),
        }));
        Ok(Self { before, reported, copy: held(copy).await? })
    }

    /// How what the pass holds differs from it, in words.
    pub(crate) fn differs(&self, after: &Held) -> Vec<String> {
        let mut wrong = Vec::new();
        for scope in self.copy.changes.keys().chain(after.changes.keys()).collect::<BTreeSet<_>>() {
            let (planned, is) = (self.copy.changes.get(scope), after.changes.get(scope));
            if planned != is {
                let count = |people: Option<&BTreeSet<_>>| people.map_or(0, BTreeSet::len);
                wrong.push(format!(
                    "{scope}: planned to hold {} people, and it holds {}",
                    count(planned),
                    count(is)
                ));
            }
        }
        let systems = after.work.difference(&self.before.work);
        let mut held: BTreeSet<String> = systems.map(|(_, a, _)| format!("system {}", a.system)).collect();
        // A source reports what it holds in each pass; the configuration what it holds more than before.
        held.extend(after.changes.iter().filter_map(|(scope, people)| {
            let before = self.before.changes.get(scope);
            let is_more = before.is_none_or(|before| !people.is_subset(before));
            (scope != "configuration" || is_more).then(|| scope.clone())
        }));
        wrong.extend(
            held.difference(&self.reported)
                .map(|s| format!("{s} holds more, and the plan says nothing of it")),
        );
        wrong.extend(
            self.reported.difference(&held).map(|s| format!("the plan says that {s} holds, and it does not")),
        );
        wrong
    }
}

/// What is held, as it is stored.
pub(crate) async fn held(store: &dyn Store) -> Result<Held, AppError> {
    let rows = store.held_changes_after(None, u32::MAX).await?.into_iter().filter(|h| h.ended.is_none());
    let changes = rows
        .filter(|h| !h.scope.starts_with("system "))
        .map(|h| (h.scope.to_string(), h.people.iter().map(|(id, _)| *id).collect()));
    let tasks = store.tasks(None, u32::MAX).await?.into_iter();
    let work = tasks.filter(|t| matches!(t.state, TaskState::Held { .. }));
    Ok(Held {
        changes: changes.collect(),
        work: work.map(|t| (t.identity, t.account, t.generation)).collect(),
    })
}

impl Application {
    /// Compares what the last pass holds with what was planned, where that was.
    pub(crate) async fn compare_brakes(&mut self) -> Result<(), AppError> {
        let Some(forecast) = self.forecast.take() else { return Ok(()) };
        self.misplanned = forecast.differs(&held(&*self.store).await?);
        Ok(())
    }
}
