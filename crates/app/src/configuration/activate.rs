//! Makes a configuration the active one, with evidence of its author and content.

use super::notes::{NOTED, digests};
use crate::authored::Made;
use crate::lease::Job;
use crate::limits::loosened;
use crate::{About, AppError, DecisionContext, Machine, Recorder, Vault};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_policy::SetUp;
use tenure_store::note::{NoteOf as _, kinds};
use tenure_store::{Change, Expect, Outcome, SetUpRow, Store, Unit};

/// Stores a configuration under its content hash and makes it active. It decides nothing yet: `settle everybody` follows.
///
/// # Errors
/// When the store fails.
pub async fn activate(
    store: &dyn Store,
    vault: &Vault,
    machine: &Machine,
    setup: &SetUp,
    files: BTreeMap<Arc<str>, Arc<str>>,
    by: &str,
    moment: &DecisionContext,
) -> Result<(), AppError> {
    activate_over(store, vault, machine, (None, setup), files, (by, Made::Fixture), moment).await
}

/// The same, replacing the active configuration: for a day the stricter brakes of both apply.
///
/// # Errors
/// When it was not permitted, or the store fails.
pub async fn activate_over(
    store: &dyn Store,
    vault: &Vault,
    machine: &Machine,
    (previous, setup): (Option<&SetUp>, &SetUp),
    files: BTreeMap<Arc<str>, Arc<str>>,
    (by, made): (&str, Made),
    moment: &DecisionContext,
) -> Result<(), AppError> {
    made.is_permitted(store).await?;
    let recorder = Recorder { vault, machine, setup: Some(&setup.hash), moment };
    let until = match &made {
        Made::Exception(_, until) => Some(*until),
        _ => None,
    };
    let mut notes = vec![crate::authored::noted(store, (previous, setup), (by, &made)).await?];
    if let Some(previous) = previous {
        notes.extend(loosened(store, previous, setup, moment).await?);
    }
    // The waiting configuration was compared with another active configuration.
    notes.push(kinds::WaitingConfiguration.is(None));
    notes.extend(until.map(|until| super::waiting::exception_note(setup, by, until)));
    let payload = json!({
        "v": 1,
        "set_up": setup.hash.to_string(),
        "by": by,
        "made": made.as_str(),
        "exception_until": until.map(|until| until.to_string()),
        "sources": setup.sources.iter().map(|(n, s)| (n.to_string(), s.every.map(|e| e.as_secs()))).collect::<BTreeMap<_, _>>(),
        "files": files.keys().map(|k| k.to_string()).collect::<Vec<_>>(),
        NOTED: digests(&notes)?,
    });
    let evidence = recorder.evidence(made.entry_kind(), About::default(), payload)?;
    let row = SetUpRow { hash: setup.hash.clone(), files, at: moment.now, by: Arc::from(by) };
    let mut changes = vec![Change::Activate(row), Change::BusinessTime(moment.now), Change::Append(evidence)];
    changes.extend(notes);
    let held = crate::lease::take(store, machine, Job::Apply).await?;
    let mut expects = vec![held.expected()];
    // What it widens and loosens was compared with this one.
    expects.extend(previous.map(|previous| Expect::SetUp(previous.hash.clone())));
    let done = store.commit(vec![Unit { expects, changes }]).await;
    store.unlease(&held.name, &held.owner).await?;
    match done?.iter().all(Outcome::is_committed) {
        true => Ok(()),
        false => Err(AppError::ConcurrentChange(Arc::from("the active configuration"))),
    }
}
