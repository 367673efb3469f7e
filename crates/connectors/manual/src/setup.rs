//! The settings of a system's export, validated before anything is read.

use crate::connector::Manual;
use crate::declared::SETTINGS;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use tenure_connect::{AttributeSpec, Connector, SettingError, Settings};

/// The place of the export and the meaning of its columns.
pub(crate) struct ExportSetup {
    pub(crate) path: PathBuf,
    pub(crate) delimiter: u8,
    pub(crate) name_column: Arc<str>,
    /// An external id, if the system exports one; else the name is used.
    pub(crate) native_column: Option<Arc<str>>,
    pub(crate) enabled: Option<EnabledSetup>,
    pub(crate) entitlements_column: Option<Arc<str>>,
    /// Separator of several entitlements (and members of a set) in one field.
    pub(crate) separator: Arc<str>,
    pub(crate) extracted: Extracted,
    pub(crate) attributes: Vec<AttributeSpec>,
}

/// How a row states whether its account can be used. Without it, every listed account can.
pub(crate) struct EnabledSetup {
    pub(crate) column: Arc<str>,
    /// In lower case, like the other ones.
    pub(crate) enabled: BTreeSet<String>,
    /// Empty: any other value.
    pub(crate) disabled: BTreeSet<String>,
}

/// What states the time of the extraction. The file's own time does not: copying a file does not read the system.
pub(crate) enum Extracted {
    At(Timestamp),
    Column(Arc<str>),
}

/// Creates the connector. Without `export` the system can be neither written nor read, and its removals are attested.
///
/// # Errors
/// When a setting is missing, unknown or contradicts another one.
pub fn connect(settings: &Settings) -> Result<Arc<dyn Connector>, SettingError> {
    settings.declared(SETTINGS)?;
    let export = match settings.optional("export") {
        Some(path) => Some(Arc::new(export_setup(settings, &path)?)),
        None => match settings.texts.keys().next() {
            Some(key) => {
                return Err(settings.wrong(key, "says something about an export, and `export` names none"));
            }
            None => None,
        },
    };
    Ok(Arc::new(Manual { system: settings.system.clone(), export }))
}

fn export_setup(settings: &Settings, path: &str) -> Result<ExportSetup, SettingError> {
    Ok(ExportSetup {
        path: PathBuf::from(path),
        delimiter: delimiter(settings)?,
        name_column: settings.text("name_column")?,
        native_column: settings.optional("native_column"),
        enabled: enabled(settings)?,
        entitlements_column: settings.optional("entitlements_column"),
        separator: separator(settings)?,
        extracted: extracted(settings)?,
        attributes: settings.attributes.clone(),
    })
}

fn delimiter(settings: &Settings) -> Result<u8, SettingError> {
    let text = settings.optional("delimiter").unwrap_or_else(|| Arc::from(","));
    match text.as_bytes() {
        [one] if one.is_ascii() && !matches!(one, b'"' | b'\n' | b'\r') => Ok(*one),
        _ => Err(settings.wrong("delimiter", &format!("`{text}` is not one ASCII character"))),
    }
}

fn separator(settings: &Settings) -> Result<Arc<str>, SettingError> {
    let text = settings.optional("separator").unwrap_or_else(|| Arc::from(";"));
    if text.is_empty() { Err(settings.wrong("separator", "is empty")) } else { Ok(text) }
}

fn words(text: &str) -> BTreeSet<String> {
    text.split(',').map(|word| word.trim().to_lowercase()).filter(|word| !word.is_empty()).collect()
}

fn enabled(settings: &Settings) -> Result<Option<EnabledSetup>, SettingError> {
    let Some(column) = settings.optional("enabled_column") else {
        let stray =
            ["enabled_values", "disabled_values"].into_iter().find(|k| settings.optional(k).is_some());
        return match stray {
            Some(key) => Err(settings.wrong(key, "needs `enabled_column`")),
            None => Ok(None),
        };
    };
    let enabled = words(&settings.text("enabled_values")?);
    if enabled.is_empty() {
        return Err(settings.wrong("enabled_values", "names no value"));
    }
    let disabled = settings.optional("disabled_values").map(|t| words(&t)).unwrap_or_default();
    if let Some(both) = enabled.intersection(&disabled).next() {
        return Err(settings.wrong("disabled_values", &format!("`{both}` is in `enabled_values` too")));
    }
    Ok(Some(EnabledSetup { column, enabled, disabled }))
}

fn extracted(settings: &Settings) -> Result<Extracted, SettingError> {
    match (settings.optional("extracted_at"), settings.optional("extracted_at_column")) {
        (Some(at), None) => match at.parse::<tenure_model::Instant>() {
            Ok(at) => Ok(Extracted::At(at.get())),
            Err(_) => Err(settings.wrong("extracted_at", &not_an_instant(&at))),
        },
        (None, Some(column)) => Ok(Extracted::Column(column)),
        (Some(_), Some(_)) => {
            Err(settings.wrong("extracted_at", "and `extracted_at_column` are both there: keep one"))
        }
        (None, None) => Err(settings.wrong(
            "extracted_at",
            "is missing, as is `extracted_at_column`: an export is evidence only of the time at which it was made",
        )),
    }
}

/// The help text for a time without an offset.
pub(crate) fn not_an_instant(text: &str) -> String {
    format!("`{text}` is not an instant: write it with an offset, such as 2026-03-31T18:00:00+02:00")
}
