//! The settings in a system's file for its connector, and the registry of connectors.

use crate::{ConnectError, Connector};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use tenure_model::{AttributeName, SystemName, ValueType};

/// A secret, resolved from its reference (`env:`, `file:`, `credential:`) by the composition root. Not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Takes the secret text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(Arc::from(text))
    }
    /// The text, for the one call that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A setting that is missing or wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("system `{system}`, setting `{key}`: {what}")]
pub struct SettingError {
    /// The system.
    pub system: SystemName,
    /// The key, as written in `[connection]`.
    pub key: Arc<str>,
    /// What is wrong and what to write.
    pub what: String,
}

/// An attribute that Tenure writes to accounts of a system and reads back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeSpec {
    /// The system's own name for it (`title`, `name.givenName`, `manager`).
    pub name: AttributeName,
    /// Its type.
    pub value_type: ValueType,
    /// The value is the name of another account: the connector writes what the system uses to point at it (a DN, an
    /// id) and reads it back as that account's name.
    pub reference: bool,
}

/// The `[connection]` table of a system's file: flat texts, numbers and switches as text, secrets resolved. A connector reads each key
/// it knows; keys that it does not read are an error (`unknown`).
#[derive(Debug, Clone)]
pub struct Settings {
    /// The system.
    pub system: SystemName,
    /// Plain settings.
    pub texts: BTreeMap<Arc<str>, Arc<str>>,
    /// Attributes that Tenure writes and reads; no others are changed.
    pub attributes: Vec<AttributeSpec>,
    /// Secrets.
    pub secrets: BTreeMap<Arc<str>, Secret>,
}

impl Settings {
    /// A required setting.
    ///
    /// # Errors
    /// When it is missing.
    pub fn text(&self, key: &str) -> Result<Arc<str>, SettingError> {
        self.optional(key).ok_or_else(|| self.wrong(key, "is missing"))
    }
    /// An optional setting.
    #[must_use]
    pub fn optional(&self, key: &str) -> Option<Arc<str>> {
        self.texts.get(key).cloned()
    }
    /// An optional number.
    ///
    /// # Errors
    /// When it is present and not a whole number from 0 to `max`.
    pub fn number(&self, key: &str, default: u32, max: u32) -> Result<u32, SettingError> {
        let Some(text) = self.texts.get(key) else { return Ok(default) };
        match text.parse() {
            Ok(n) if n <= max => Ok(n),
            _ => Err(self.wrong(key, &format!("`{text}` is not a whole number from 0 to {max}"))),
        }
    }
    /// An optional switch.
    ///
    /// # Errors
    /// When it is present and neither `true` nor `false`.
    pub fn switch(&self, key: &str, default: bool) -> Result<bool, SettingError> {
        match self.texts.get(key).map(|t| &**t) {
            None => Ok(default),
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            Some(other) => Err(self.wrong(key, &format!("`{other}` is neither true nor false"))),
        }
    }
    /// A required secret.
    ///
    /// # Errors
    /// When it is missing.
    pub fn secret(&self, key: &str) -> Result<Secret, SettingError> {
        let hint =
            "is missing: write a reference such as \"env:NAME\" or \"file:/path\", never the secret itself";
        self.secrets.get(key).cloned().ok_or_else(|| self.wrong(key, hint))
    }
    /// An error about one setting.
    #[must_use]
    pub fn wrong(&self, key: &str, what: &str) -> SettingError {
        SettingError { system: self.system.clone(), key: Arc::from(key), what: what.to_owned() }
    }
    /// Refuses settings that the connector does not declare.
    ///
    /// # Errors
    /// Names the first one.
    pub fn declared(&self, specs: &[SettingSpec]) -> Result<(), SettingError> {
        let stranger = self.texts.keys().chain(self.secrets.keys()).find(|k| !specs.iter().any(|s| s.is(k)));
        let Some(key) = stranger else { return Ok(()) };
        let known: Vec<&str> = specs.iter().map(|s| s.key).collect();
        Err(self.wrong(key, &format!("is not known; known are {}", known.join(", "))))
    }
    /// Refuses settings that the connector does not know.
    ///
    /// # Errors
    /// Names the first one.
    pub fn only(&self, known: &[&str]) -> Result<(), SettingError> {
        let stranger = self.texts.keys().chain(self.secrets.keys()).find(|k| !known.contains(&&***k));
        match stranger {
            Some(key) => Err(self.wrong(key, &format!("is not known; known are {}", known.join(", ")))),
            None => Ok(()),
        }
    }
}

/// The type of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingKind {
    /// A text.
    Text,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Switch,
    /// A path, relative to the configuration folder.
    Path,
    /// A reference to a secret (`env:`, `file:`, `credential:`).
    Secret,
    /// Names, separated as its description states.
    List,
}

impl SettingKind {
    /// As shown in documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Switch => "true or false",
            Self::Path => "path",
            Self::Secret => "secret",
            Self::List => "list",
        }
    }
}

/// A setting of a connector. Its documentation and the check of a configuration folder are generated from these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettingSpec {
    /// The key in `[connection]`. `people_base.<kind>` means all keys with this prefix.
    pub key: &'static str,
    /// Its type.
    pub kind: SettingKind,
    /// Its default; `required` if it must be set.
    pub default: &'static str,
    /// Its meaning.
    pub help: &'static str,
}

impl SettingSpec {
    /// A setting.
    #[must_use]
    pub const fn new(
        key: &'static str,
        kind: SettingKind,
        default: &'static str,
        help: &'static str,
    ) -> Self {
        Self { key, kind, default, help }
    }
    /// Whether a key is this setting.
    #[must_use]
    pub fn is(&self, key: &str) -> bool {
        match self.key.split_once('<') {
            Some((begin, _)) => key.strip_prefix(begin).is_some_and(|rest| !rest.is_empty()),
            None => key == self.key,
        }
    }
}

/// Creates a connector from settings. Connects only on first use. Called twice for each system: the confirming reader never shares a
/// connection with the writer.
pub type Connect = fn(&Settings) -> Result<Arc<dyn Connector>, SettingError>;

/// The available connectors, by the name in a system's `connector = "…"`.
#[derive(Clone, Default)]
pub struct Registry(BTreeMap<&'static str, (Connect, &'static [SettingSpec])>);

impl Registry {
    /// Adds a connector without settings.
    #[must_use]
    pub fn with(self, name: &'static str, connect: Connect) -> Self {
        self.with_settings(name, connect, &[])
    }
    /// Adds a connector with the settings that it declares.
    #[must_use]
    pub fn with_settings(
        mut self,
        name: &'static str,
        connect: Connect,
        settings: &'static [SettingSpec],
    ) -> Self {
        self.0.insert(name, (connect, settings));
        self
    }
    /// The settings of the connector of that name.
    #[must_use]
    pub fn settings(&self, name: &str) -> &'static [SettingSpec] {
        self.0.get(name).map_or(&[], |(_, settings)| settings)
    }
    /// The connector of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Connect> {
        self.0.get(name).map(|(connect, _)| *connect)
    }
    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }
}

/// A registry is opaque: function pointers are meaningless to people.
impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

impl From<SettingError> for ConnectError {
    fn from(e: SettingError) -> Self {
        Self::new(crate::ErrorKind::Configuration, "connect", e.to_string())
    }
}
