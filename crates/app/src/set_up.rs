//! Makes a set-up the active one, with evidence of who did it and what it says.

use crate::{About, AppError, Machine, Moment, Recorder, Vault};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_policy::SetUp;
use tenure_store::{Change, SetUpRow, Store, Unit};

/// Stores a set-up under its content hash and makes it active. Nothing is decided by it yet: `settle everybody` follows.
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
    let recorder = Recorder { vault, machine, setup: Some(&setup.hash), moment };
    let payload = json!({
        "v": 1,
        "set_up": setup.hash.to_string(),
        "by": by,
        "sources": setup.sources.iter().map(|(n, s)| (n.to_string(), s.every.map(|e| e.as_secs()))).collect::<BTreeMap<_, _>>(),
        "files": files.keys().map(|k| k.to_string()).collect::<Vec<_>>(),
    });
    let evidence = recorder.evidence("setup.activated", About::default(), payload)?;
    let row = SetUpRow { hash: setup.hash.clone(), files, at: moment.now, by: Arc::from(by) };
    let changes = vec![Change::Activate(row), Change::BusinessTime(moment.now), Change::Append(evidence)];
    store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
    Ok(())
}
