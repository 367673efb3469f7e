//! Fake systems by name, so that a system's file can say `connector = "fake"` and a test can hold the same one.

use super::handle::Target;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tenure_connect::{Connector, SettingError, Settings};

static NAMED: Mutex<BTreeMap<String, Target>> = Mutex::new(BTreeMap::new());

impl Target {
    /// The fake system of that name in this process, made on first use without entitlements. Tests in one process
    /// take different names.
    #[must_use]
    pub fn named(name: &str) -> Self {
        NAMED.lock().unwrap_or_else(PoisonError::into_inner).entry(name.to_owned()).or_default().clone()
    }
}

/// For `Registry::with("fake", target::connect)`: a new connection to the fake system that the setting `name` names.
///
/// # Errors
/// When `name` is missing, or another setting is there.
pub fn connect(settings: &Settings) -> Result<Arc<dyn Connector>, SettingError> {
    settings.only(&["name"])?;
    Ok(Target::named(&settings.text("name")?).connector_for(settings.attributes.clone()))
}
