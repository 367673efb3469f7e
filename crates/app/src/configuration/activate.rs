//! Makes a configuration the active one, with evidence of who did it and what it says.

use super::brake::loosened;
use super::waiting::WAITING;
use crate::{About, AppError, Machine, Moment, Operation, Permit, Recorder, Refusal, Vault};
use jiff::Timestamp;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_policy::SetUp;
use tenure_store::{Change, SetUpRow, Store, Unit};

/// How a configuration came to be active.
#[derive(Debug, Clone)]
pub enum Made {
    /// One before any identity is known: there is nothing to gain yet, and no second person.
    First,
    /// It widens nothing: one person is enough.
    Alone(Permit),
    /// A second person confirmed it.
    Confirmed(Permit),
    /// No second person was available: one member of the escalation group confirmed it, as an exception that ends then.
    Exception(Permit, Timestamp),
    /// By no person: tests, demos and plans on a copy.
    Fixture,
}

impl Made {
    /// The kind of the ledger entry: an exception shows in every pack without its opening.
    const fn entry_kind(&self) -> &'static str {
        match self {
            Self::Exception(..) => "setup.exception",
            _ => "setup.activated",
        }
    }

    const fn as_str(&self) -> &'static str {
        match self {
            Self::First => "bootstrap",
            Self::Alone(_) => "widens nothing",
            Self::Confirmed(_) => "second person",
            Self::Exception(..) => "exception",
            Self::Fixture => "fixture",
        }
    }

    /// Refuses what was not permitted, and a first configuration where one is active.
    async fn is_permitted(&self, store: &dyn Store) -> Result<(), AppError> {
        match self {
            Self::First if store.active_set_up().await?.is_some() && store.identity_count().await? > 0 => {
                let text = "identities are known: only a configuration before them needs no permit";
                Err(AppError::refused(Refusal::SecondPersonNeeded, text))
            }
            Self::First | Self::Fixture => Ok(()),
            Self::Alone(permit) => permit.is_for(Operation::Apply),
            Self::Confirmed(permit) => permit.is_for(Operation::ConfirmConfiguration),
            Self::Exception(permit, _) => permit.is_for(Operation::ConfirmConfigurationAlone),
        }
    }
}

/// Stores a configuration under its content hash and makes it active. Nothing is decided by it yet: `settle everybody` follows.
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
    moment: &Moment,
) -> Result<(), AppError> {
    activate_over(store, vault, machine, (None, setup), files, (by, Made::Fixture), moment).await
}

/// The same over the configuration that is active until now: for a day the stricter brakes of both hold.
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
    moment: &Moment,
) -> Result<(), AppError> {
    made.is_permitted(store).await?;
    let recorder = Recorder { vault, machine, setup: Some(&setup.hash), moment };
    let until = match &made {
        Made::Exception(_, until) => Some(until.to_string()),
        _ => None,
    };
    let payload = json!({
        "v": 1,
        "set_up": setup.hash.to_string(),
        "by": by,
        "made": made.as_str(),
        "exception_until": until,
        "sources": setup.sources.iter().map(|(n, s)| (n.to_string(), s.every.map(|e| e.as_secs()))).collect::<BTreeMap<_, _>>(),
        "files": files.keys().map(|k| k.to_string()).collect::<Vec<_>>(),
    });
    let evidence = recorder.evidence(made.entry_kind(), About::default(), payload)?;
    let row = SetUpRow { hash: setup.hash.clone(), files, at: moment.now, by: Arc::from(by) };
    let mut changes = vec![Change::Activate(row), Change::BusinessTime(moment.now), Change::Append(evidence)];
    changes.push(super::authored::noted(store, (previous, setup), (by, &made)).await?);
    if let Some(previous) = previous {
        changes.extend(loosened(store, previous, setup, moment).await?);
    }
    // What waited was compared with another active configuration.
    changes.push(Change::PutNote(Arc::from(WAITING), Arc::from([])));
    if let Made::Exception(_, until) = made {
        changes.push(super::waiting::exception_note(setup, by, until));
    }
    store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
    Ok(())
}
