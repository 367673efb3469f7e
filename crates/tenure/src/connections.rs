//! Connects the systems of a configuration: settings, secrets and limits of each, with the layers around its calls.

use crate::exit::Failure;
use crate::open::Base;
use crate::secrets;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tenure_app::{SystemConnections, attribute_specs};
use tenure_connect::{Capabilities, Connect, Jitter, LayerLimits, Layers, Registry, Secret, Settings};
use tenure_model::SystemName;
use tenure_policy::{SetUp, System};

/// The connector of systems without an interface.
const BY_HAND: &str = "manual";

/// The connectors there are: one line each.
pub(crate) fn registry() -> Registry {
    Registry::default()
        .with_settings("ldap", tenure_connector_ldap::connect, tenure_connector_ldap::SETTINGS)
        .with_settings(BY_HAND, tenure_connector_manual::connect, tenure_connector_manual::SETTINGS)
        .with_settings("scim", tenure_connector_scim::connect, tenure_connector_scim::SETTINGS)
}

/// A connection to each system, or why there is none.
pub(crate) fn connect(setup: &SetUp, base: &Base) -> Vec<(SystemName, Result<SystemConnections, Failure>)> {
    let registry = registry();
    let randomness = base.machine.randomness.clone();
    let jitter: Jitter = Arc::new(move || {
        let mut bytes = [0; 8];
        randomness.fill(&mut bytes);
        u64::from_be_bytes(bytes)
    });
    let systems = setup.systems.values();
    let place = SecretScope { folder: &base.folder, key: &setup.settings.key_encryption_key };
    systems.map(|s| (s.name.clone(), connect_one(s, &registry, place, &jitter))).collect()
}

/// Where the secrets of connections are, and the key that is not one of them.
#[derive(Clone, Copy)]
struct SecretScope<'a> {
    folder: &'a Path,
    key: &'a str,
}

impl SecretScope<'_> {
    fn secret(self, reference: &str) -> Result<String, Failure> {
        secrets::no_key(self.folder, reference, self.key)?;
        secrets::resolve(self.folder, reference)
    }

    /// The same, where a secret that is not available here counts as available.
    fn secret_or_none(self, reference: &str) -> Result<String, Failure> {
        secrets::no_key(self.folder, reference, self.key)?;
        Ok(secrets::resolve(self.folder, reference).unwrap_or_else(|_| "not to be had here".to_owned()))
    }
}

fn connect_one(
    system: &System,
    registry: &Registry,
    place: SecretScope<'_>,
    jitter: &Jitter,
) -> Result<SystemConnections, Failure> {
    let name = &system.name;
    let connect = connector(system, registry)?;
    let settings = settings(system, |value| place.secret(value), place.folder)
        .map_err(|f| Failure { what: format!("system `{name}`: {}", f.what), ..f })?;
    let (writer, reader) =
        (connect(&settings).map_err(wrong_setting)?, connect(&settings).map_err(wrong_setting)?);
    let capabilities = writer.capabilities();
    let layers = Layers::new(name.clone(), &capabilities, limits(system, &capabilities), jitter.clone());
    Ok(SystemConnections { writer: layers.wrap(writer), reader: layers.wrap(reader), capabilities })
}

/// A system that cannot be connected. Its work stays as it is: tasks that wait, unless people do it by hand.
pub(crate) fn waiting(setup: &SetUp, name: &SystemName, failure: &Failure) -> SystemConnections {
    let by_hand = setup.systems.get(name).is_some_and(|s| &*s.connector == BY_HAND);
    let capabilities = if by_hand { Capabilities::default() } else { able() };
    let unusable = tenure_connect::unusable(&failure.what, capabilities.clone());
    SystemConnections { writer: unusable.clone(), reader: unusable, capabilities }
}

/// The capabilities of a system with an interface.
fn able() -> Capabilities {
    Capabilities {
        read: true,
        scan: true,
        create: true,
        update: true,
        rename: true,
        disable: true,
        delete: true,
        grant: true,
        catalogue: true,
        concurrency_max: 1,
        ..Capabilities::default()
    }
}

/// What is wrong with the connections of a configuration, without connecting.
pub(crate) fn unconnectable(setup: &SetUp, folder: &Path) -> Vec<Failure> {
    let registry = registry();
    let place = SecretScope { folder, key: &setup.settings.key_encryption_key };
    let check = |system: &System| {
        let connect = connector(system, &registry)?;
        let settings = settings(system, |value| place.secret_or_none(value), folder)?;
        connect(&settings).map(drop).map_err(wrong_setting)
    };
    setup.systems.values().filter_map(|system| check(system).err()).collect()
}

/// Connects to each system of a configuration and asks for something small: its name, and what answered or why not.
pub(crate) async fn tried(setup: &SetUp, folder: &Path) -> Vec<(SystemName, Result<Arc<str>, String>)> {
    let registry = registry();
    let place = SecretScope { folder, key: &setup.settings.key_encryption_key };
    let mut tried = Vec::new();
    for system in setup.systems.values() {
        let connected = connector(system, &registry).and_then(|connect| {
            let settings = settings(system, |value| place.secret(value), folder)?;
            connect(&settings).map_err(wrong_setting)
        });
        let answer = match connected {
            Ok(connector) => connector.test().await.map(|h| h.product).map_err(|e| e.to_string()),
            Err(failure) => Err(failure.what),
        };
        tried.push((system.name.clone(), answer));
    }
    tried
}

fn connector(system: &System, registry: &Registry) -> Result<Connect, Failure> {
    registry.get(&system.connector).ok_or_else(|| {
        Failure::invalid(
            "C008",
            format!("system `{}`: there is no connector `{}`", system.name, system.connector),
            format!("choose one of {}", registry.names().collect::<Vec<_>>().join(", ")),
        )
    })
}

fn wrong_setting(e: tenure_connect::SettingError) -> Failure {
    Failure::invalid("C009", e.to_string(), "correct the system's file and run `tenure apply`")
}

fn settings(
    system: &System,
    resolve: impl Fn(&str) -> Result<String, Failure>,
    folder: &Path,
) -> Result<Settings, Failure> {
    let (mut texts, mut secret) = (BTreeMap::new(), BTreeMap::new());
    for (key, value) in &system.connection {
        if secrets::is_reference(value) {
            secret.insert(key.clone(), Secret::new(&resolve(value)?));
        } else if ["ca", "export"].contains(&&**key) {
            texts.insert(key.clone(), Arc::from(folder.join(&**value).to_string_lossy()));
        } else {
            texts.insert(key.clone(), value.clone());
        }
    }
    let attributes = attribute_specs(system);
    Ok(Settings { system: system.name.clone(), texts, attributes, secrets: secret })
}

fn limits(system: &System, capabilities: &Capabilities) -> LayerLimits {
    let standard = LayerLimits::default();
    let get = |key: &str, default: u32| system.limits.get(key).copied().unwrap_or(default);
    LayerLimits {
        timeout: system
            .limits
            .get("timeout_seconds")
            .map_or(standard.timeout, |s| Duration::from_secs(u64::from(*s))),
        retries_max: get("retries", standard.retries_max),
        concurrency_max: get("calls_at_once", standard.concurrency_max),
        calls_per_second: get("calls_per_second", capabilities.calls_per_second),
    }
}
