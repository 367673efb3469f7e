//! What-if: who would gain and lose what, collected from the same code while it decides on a copy.

use crate::authority::Target;
use crate::run::Deciding;
use crate::{App, AppError, Decision, DecisionContext, FeedReport, Operation, Progress};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tenure_model::{AccountKey, CaseLabel, IdentityId, Renamed, SourceName, Step, TaskKind};

crate::app::part! {
    /// The effects of the next pass.
    Plans, plans
}

/// What changes for one identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Its display name.
    pub title: Arc<str>,
    /// The label of the change.
    pub label: Option<CaseLabel>,
    /// Its new steps, with their gates.
    pub steps: Vec<Step>,
    /// Steps that wait as they waited before.
    pub pending: Vec<Step>,
    /// Changes of questions to approvers, in words.
    pub questions: Vec<Arc<str>>,
    /// The renames for which approval would be asked.
    pub renames: Vec<Renamed>,
}

/// Changes by identity.
pub type Changes = BTreeMap<IdentityId, Changed>;

/// What the next pass would do.
#[derive(Debug, Clone, Default)]
pub struct Foreseen {
    /// Who changes, and how.
    pub changes: Changes,
    /// The feeds, in the order of their names.
    pub feeds: Vec<FeedReport>,
    /// What brakes would hold in addition: the system or the configuration, and why.
    pub held: Vec<(Arc<str>, Arc<str>)>,
    /// Open work that moves to another performer without a new decision: the identity, and the work.
    pub work: Vec<(Arc<str>, Arc<str>)>,
}

/// Collects the decisions it receives.
#[derive(Debug, Clone, Default)]
pub struct Notes(Arc<Mutex<Changes>>);

impl Notes {
    /// An application over the same store that reports each decision to this collection.
    #[must_use]
    pub fn hearing(&self, app: &App) -> App {
        let notes = self.clone();
        App {
            messages: app.messages.clone(),
            outside: app.outside.clone(),
            store: app.store.clone(),
            context: app.context.clone(),
            systems: app.systems.clone(),
            feeds: app.feeds.clone(),
            vault: app.vault.clone(),
            machine: app.machine.clone(),
            in_hand: app.in_hand.clone(),
            witness: Some(Arc::new(move |d: &Decision| notes.note(d))),
        }
    }

    /// Takes the collected decisions.
    #[must_use]
    pub fn take(&self) -> Changes {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, decision: &Decision) {
        let is_new = |s: &&Step| !decision.pending.contains(s);
        let steps: Vec<Step> = decision.plan.steps.iter().filter(is_new).cloned().collect();
        let says_nothing = decision.label.is_none() && decision.renames.is_empty();
        if steps.is_empty() && says_nothing && decision.questions.is_empty() {
            return;
        }
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let change = seen.entry(decision.id).or_insert_with(|| Changed {
            title: decision.title.clone(),
            label: decision.label,
            steps: Vec::new(),
            pending: Vec::new(),
            questions: Vec::new(),
            renames: Vec::new(),
        });
        change.pending.clone_from(&decision.pending);
        change.questions.extend(decision.questions.iter().cloned());
        if !decision.renames.is_empty() {
            change.renames.clone_from(&decision.renames);
        }
        change.label = change.label.into_iter().chain(decision.label).min();
        for step in steps {
            if !change.steps.contains(&step) {
                change.steps.push(step);
            }
        }
        let (steps, pending) = (&change.steps, &mut change.pending);
        pending.retain(|s| !steps.contains(s));
    }
}

/// Tasks that are read together.
const TASKS_AT_ONCE: u32 = 2_048;

/// Whether people do the open work on an account, by identity and account.
type Performers = BTreeMap<(IdentityId, AccountKey), bool>;

/// A receiver of progress that ignores it.
struct Unheard;

impl Progress for Unheard {
    fn feed(&self, _: &SourceName, _: u64, _: u64) {}
    fn queue(&self, _: u64, _: u64) {}
}

impl Plans<'_> {
    /// Decides all that a pass decides, optionally without the feeds, and with `everybody` all identities once more. It is called over
    /// a copy that is then thrown away. No system is called.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn foresee(
        &self,
        everybody: bool,
        feeds: bool,
        moment: &DecisionContext,
    ) -> Result<Foreseen, AppError> {
        self.app.authority().permit(Operation::Plan, &Target::all(), moment).await?;
        let notes = Notes::default();
        let app = notes.hearing(self.app);
        let deciding = Deciding { feeds, broken_off: false, everybody };
        let before = self.who_works().await?;
        let pass = app.passes().decide_pass(deciding, moment, &Unheard).await?;
        let held = app.brakes().brakes_ahead(moment).await?;
        let work = self.handed_over_since(&before).await?;
        Ok(Foreseen { changes: notes.take(), feeds: pass.feeds, held, work })
    }

    /// Whether people or the system's program do the open work on each account.
    async fn who_works(&self) -> Result<Performers, AppError> {
        let (mut all, mut after) = (Performers::new(), None);
        loop {
            let tasks = self.app.store.tasks_after(after, TASKS_AT_ONCE).await?;
            let Some(last) = tasks.last() else { return Ok(all) };
            after = Some(last.id);
            all.extend(tasks.into_iter().filter_map(|t| match t.kind {
                TaskKind::Manual => Some(((t.identity, t.account), true)),
                TaskKind::Converge => Some(((t.identity, t.account), false)),
                _ => None,
            }));
        }
    }

    /// Open work that has another performer than before.
    async fn handed_over_since(&self, before: &Performers) -> Result<Vec<(Arc<str>, Arc<str>)>, AppError> {
        let mut work = Vec::new();
        for (key, by_people) in self.who_works().await? {
            if before.get(&key).is_none_or(|before| *before == by_people) {
                continue;
            }
            let (id, account) = key;
            let who = if by_people {
                "its owner, and no more by the system"
            } else {
                "the system, and no more by its owner"
            };
            let title = self
                .app
                .stored()
                .readable(&[id])
                .await?
                .pop()
                .map_or_else(|| Arc::from(id.to_string()), |s| s.title);
            work.push((title, Arc::from(format!("the open work in {account} is done by {who}"))));
        }
        Ok(work)
    }
}
