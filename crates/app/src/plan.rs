//! What-if: who would gain and lose what, heard from the same code while it decides on a copy.

use crate::run::Deciding;
use crate::{App, AppError, Decision, FeedReport, Moment, Progress};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tenure_model::{CaseLabel, IdentityId, Renamed, SourceName, Step};

/// What changes for one identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// What people call it.
    pub title: Arc<str>,
    /// What the change is called.
    pub label: Option<CaseLabel>,
    /// Its steps, with their gates.
    pub steps: Vec<Step>,
    /// The other names that people would be asked about.
    pub renames: Vec<Renamed>,
}

/// What changes, by identity.
pub type Changes = BTreeMap<IdentityId, Changed>;

/// Notes the decisions that it hears.
#[derive(Debug, Clone, Default)]
pub struct Notes(Arc<Mutex<Changes>>);

impl Notes {
    /// An application over the same store that tells these notes of each decision.
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

    /// Takes what was noted.
    #[must_use]
    pub fn take(&self) -> Changes {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, decision: &Decision) {
        if decision.plan.is_empty() && decision.label.is_none() && decision.renames.is_empty() {
            return;
        }
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let change = seen.entry(decision.id).or_insert_with(|| Changed {
            title: decision.title.clone(),
            label: decision.label,
            steps: Vec::new(),
            renames: Vec::new(),
        });
        if !decision.renames.is_empty() {
            change.renames.clone_from(&decision.renames);
        }
        change.label = change.label.into_iter().chain(decision.label).min();
        let new: Vec<Step> =
            decision.plan.steps.iter().filter(|s| !change.steps.contains(s)).cloned().collect();
        change.steps.extend(new);
    }
}

/// Nobody wants to hear how far it is.
struct Unheard;

impl Progress for Unheard {
    fn feed(&self, _: &SourceName, _: u64, _: u64) {}
    fn queue(&self, _: u64, _: u64) {}
}

impl App {
    /// Decides all that a pass decides, without the feeds where they are left out, and `everybody` once more where that is asked for: to be
    /// called over a copy, which is then thrown away. No system is called.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn foresee(
        &self,
        everybody: bool,
        feeds: bool,
        moment: &Moment,
    ) -> Result<(Changes, Vec<FeedReport>), AppError> {
        let notes = Notes::default();
        let app = notes.hearing(self);
        let deciding = Deciding { feeds, broken_off: false, everybody };
        let pass = app.decide_pass(deciding, moment, &Unheard).await?;
        Ok((notes.take(), pass.feeds))
    }
}
