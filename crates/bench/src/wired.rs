//! The application over a new database and a configuration, as the program wires it, with systems that are never called.

use crate::feeds::FileFeeds;
use crate::organisation::Files;
use crate::{Fail, machine};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tenure_app::{App, DecisionContext, Parts, SystemConnections, Vault, activate};
use tenure_engine::Context;
use tenure_ledger::seal::KeyEncryptionKey;
use tenure_policy::SetUp;
use tenure_store::Store;
use tenure_store_sqlite::{Options, SqliteStore};
use tenure_testkit::target::Target;

/// Name of the database below the folder.
pub(crate) const DATABASE: &str = "tenure.db";

/// A configuration from its files; what is wrong with it stops the benchmark.
pub(crate) fn compiled(files: &Files) -> Result<SetUp, Fail> {
    let loaded = tenure_policy::load(files)
        .map_err(|found| found.iter().map(|d| d.render(files, false)).collect::<Vec<_>>().join("\n"))?;
    Ok(loaded.setup)
}

/// An application with what it is made of: benchmarks measure below it.
pub(crate) struct Measured {
    pub(crate) app: App,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) vault: Arc<Vault>,
}

/// An empty store below `folder` with the configuration active in it, and the application over both.
pub(crate) async fn app(folder: &Path, files: &Files) -> Result<Measured, Fail> {
    let store: Arc<dyn Store> = SqliteStore::open(&folder.join(DATABASE), &Options::default())?;
    let machine = machine::machine();
    let kek = KeyEncryptionKey::from_bytes(machine.random());
    let vault = Vault::open(&*store, kek, &machine, "measured/tenure").await?;
    let setup = compiled(files)?;
    let moment =
        DecisionContext { now: machine.clock.now(), with_now: false, actor: None, clock_doubt: None };
    let stored: BTreeMap<Arc<str>, Arc<str>> =
        files.iter().map(|(path, text)| (Arc::from(path.as_str()), Arc::from(text.as_str()))).collect();
    activate(&*store, &vault, &machine, &setup, stored, "bench", &moment).await?;
    let wired = |_| {
        let target = Target::default();
        SystemConnections {
            writer: target.connector(),
            reader: target.connector(),
            capabilities: Target::able(),
        }
    };
    let systems = setup.systems.keys().map(|name| (name.clone(), wired(name))).collect();
    let vault = Arc::new(vault);
    let parts = Parts {
        context: Arc::new(Context::new(Arc::new(setup), machine::zones())),
        systems,
        feeds: Arc::new(FileFeeds(folder.to_owned())),
        store: store.clone(),
        vault: vault.clone(),
        machine,
        messages: None,
        outside: None,
        witness: None,
    };
    Ok(Measured { app: parts.into(), store, vault })
}

/// A runtime as the program has it.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Fail> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
