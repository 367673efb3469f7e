//! What-if beside what then happens: the plan of a step on a copy, the decisions of the step itself, and how they differ.

use crate::application::{Application, DATABASE, KEY};
use crate::book::Step;
use crate::compare::differences;
use crate::files::{change, compiled};
use crate::forecast::{Forecast, held, is_planned};
use crate::place::TargetSystems;
use crate::run::picked;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tempfile::TempDir;
use tenure_app::describe::{gate_words, renames_words, step_words};
use tenure_app::{App, AppParts, Changed, Changes, Labels, Made, Notes, Vault, activate_over};
use tenure_engine::Context;
use tenure_ledger::seal::KeyEncryptionKey;
use tenure_model::Zones;
use tenure_policy::SetUp;
use tenure_store::Store;
use tenure_store_sqlite::SqliteStore;

/// What of everything seen a plan foresees, besides who gains and loses what.
const FORESEEN: [&str; 3] = ["approvals", "asked", "quarantine"];
/// What of a person.
const OF_PERSON: [&str; 6] = ["phase", "cut_off", "accounts", "names", "attributes", "findings"];

/// What a plan says: who changes how, and what is so afterwards.
pub(crate) struct Foresight {
    changes: Vec<String>,
    after: Value,
}

impl Application {
    /// Plans a step as `tenure plan` does: on a copy of the database, with the configuration and the feeds of the step. What it says of brakes
    /// is compared with the pass.
    pub(crate) async fn foresee(&mut self, step: &Step) -> Result<Foresight, String> {
        assert!(step.acts.is_empty(), "what people do in a step is no part of a plan");
        let mut files = self.files.clone();
        let mut changed = step.set_up.clone();
        self.place.wire(&mut changed);
        change(&mut files, &changed);
        let setup = compiled(&files)?;
        let moment = self.moment(None).await.map_err(|e| e.to_string())?;
        let is_new = setup.hash != self.app.context.setup.hash;
        let (app, store, vault, folder) = self.on_a_copy(setup).await?;
        if is_new {
            let by = step.set_up_by.as_deref().unwrap_or_default();
            let over = (Some(&*self.app.context.setup), &*app.context.setup);
            let how = (by, Made::Fixture);
            activate_over(&*store, &vault, &app.machine, over, BTreeMap::new(), how, &moment)
                .await
                .map_err(|e| e.to_string())?;
        }
        let before = held(&*store).await.map_err(|e| e.to_string())?;
        let foreseen = app.plans().foresee(false, true, &moment).await.map_err(|e| e.to_string())?;
        let forecast = Forecast::read(before, &foreseen, &*store).await.map_err(|e| e.to_string())?;
        self.forecast = Some(forecast).filter(|_| is_planned(step));
        let changes = foreseen.changes;
        let copy = Self {
            app,
            store,
            vault,
            place: TargetSystems::new(None),
            labels: Labels::new(),
            refused: Vec::new(),
            erased: self.erased.clone(),
            notes: Notes::default(),
            foreseen: None,
            forecast: None,
            misplanned: Vec::new(),
            files,
            sent: self.sent.clone(),
            feeds: self.feeds.clone(),
            clock: self.clock.clone(),
            at: self.at,
            folder,
        };
        let after = copy.see(&Value::Null).await.map_err(|e| e.to_string())?;
        Ok(Foresight { changes: lines(&changes), after })
    }

    /// The application over a copy of the database, with a configuration, and the folder of the copy.
    pub(crate) async fn on_a_copy(
        &mut self,
        setup: SetUp,
    ) -> Result<(App, Arc<dyn Store>, Arc<Vault>, TempDir), String> {
        // After a rewrite, the database is one file without a log beside it.
        self.store.scrub().await.map_err(|e| e.to_string())?;
        let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
        let path = folder.path().join(DATABASE);
        std::fs::copy(self.folder.path().join(DATABASE), &path).map_err(|e| e.to_string())?;
        let options = self.clock.options();
        let store: Arc<dyn Store> = SqliteStore::open(&path, &options).map_err(|e| e.to_string())?;
        let (machine, key) = (self.app.machine.clone(), KeyEncryptionKey::from_bytes(KEY));
        let vault = Vault::open(&*store, key, &machine, "copy").await.map_err(|e| e.to_string())?;
        let vault = Arc::new(vault);
        let parts = AppParts {
            systems: self.place.connect(&setup),
            context: Arc::new(Context::new(Arc::new(setup), Zones::bundled("scenario"))),
            feeds: self.app.feeds.clone(),
            store: store.clone(),
            vault: vault.clone(),
            machine,
            messages: None,
            outside: None,
            witness: None,
        };
        Ok((parts.into(), store, vault, folder))
    }

    /// What a plan at the instant and the input of the last pass shows as new.
    pub(crate) async fn left_to_plan(&mut self) -> Result<Vec<String>, String> {
        let setup = (*self.app.context.setup).clone();
        let (app, _, _, _folder) = self.on_a_copy(setup).await?;
        let moment = self.moment(None).await.map_err(|e| e.to_string())?;
        let foreseen = app.plans().foresee(false, true, &moment).await.map_err(|e| e.to_string())?;
        let left = lines(&foreseen.changes).into_iter();
        Ok(left.map(|l| format!("a plan after the pass shows as new: {l}")).collect())
    }

    /// Receives every decision from now on.
    pub(crate) fn listen(&mut self) {
        self.notes = Notes::default();
        self.app = self.notes.hearing(&self.app);
    }

    /// How what happened differs from what was foreseen, for each person; and what was foreseen, in lines.
    pub(crate) fn compared(&mut self, foreseen: &Foresight, seen: &Value) -> (Vec<String>, Vec<String>) {
        self.app.witness = None;
        let happened = lines(&self.notes.take());
        let plan = json!({ "plan": foreseen.changes });
        let mut wrong = differences(&plan, &json!({ "plan": happened }), &[]);
        wrong.extend(differences(&of_plan(&foreseen.after), &of_plan(seen), &[]));
        (wrong, foreseen.changes.clone())
    }
}

/// What a plan foresees of what is seen.
fn of_plan(seen: &Value) -> Value {
    let mut all = picked(seen, &OF_PERSON);
    for key in FORESEEN {
        all[key] = seen[key].clone();
    }
    all
}

fn lines(changes: &Changes) -> Vec<String> {
    let mut lines: Vec<String> = changes.values().map(line).collect();
    lines.sort();
    lines
}

fn line(change: &Changed) -> String {
    let label = change.label.map(|l| format!(" ({l})")).unwrap_or_default();
    let steps = change.steps.iter().map(|step| {
        let reasons: Vec<String> =
            step.because.iter().map(|j| format!("{} {}", j.kind.as_str(), j.reference)).collect();
        let why =
            if reasons.is_empty() { String::new() } else { format!(" because {}", reasons.join(" and ")) };
        let gate = gate_words(&step.gate);
        let gate = if gate.is_empty() { gate } else { format!(", {gate}") };
        format!("{}{why}{gate}", step_words(step))
    });
    let renames =
        (!change.renames.is_empty()).then(|| format!("asks for {}", renames_words(&change.renames)));
    let questions = change.questions.iter().map(ToString::to_string);
    let steps: Vec<String> = renames.into_iter().chain(steps).chain(questions).collect();
    let what = if steps.is_empty() { "nothing in any system".to_owned() } else { steps.join("; ") };
    format!("{}{label}: {what}", change.title)
}
