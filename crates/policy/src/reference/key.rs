//! One row of the reference, and the list of all.

use super::{policy, settings, source, system};
use crate::control::FileKind;

/// Whether a key must be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Always, within its table.
    Mandatory,
    /// In the case that the text states.
    When(&'static str),
    /// Leaving it out is the same as writing this TOML value.
    Default(&'static str),
    /// May be left out; the text states what applies then.
    Without(&'static str),
}

/// A key of a configuration.
#[derive(Debug, Clone, Copy)]
pub struct ReferenceKey {
    /// The path in the file: `[]` for each table of a list, `*` for any name.
    pub path: &'static str,
    /// The kind of value, with its unit or its possible words.
    pub takes: &'static str,
    /// Whether it must be written.
    pub need: Need,
    /// What it means.
    pub meaning: &'static str,
}

const fn key(path: &'static str, takes: &'static str, need: Need, meaning: &'static str) -> ReferenceKey {
    ReferenceKey { path, takes, need, meaning }
}

/// Must be written.
pub(super) const fn must(path: &'static str, takes: &'static str, meaning: &'static str) -> ReferenceKey {
    key(path, takes, Need::Mandatory, meaning)
}

/// Must be written in a case.
pub(super) const fn when(
    path: &'static str,
    takes: &'static str,
    case: &'static str,
    meaning: &'static str,
) -> ReferenceKey {
    key(path, takes, Need::When(case), meaning)
}

/// Has a default.
pub(super) const fn or(
    path: &'static str,
    takes: &'static str,
    default: &'static str,
    meaning: &'static str,
) -> ReferenceKey {
    key(path, takes, Need::Default(default), meaning)
}

/// May be left out.
pub(super) const fn may(
    path: &'static str,
    takes: &'static str,
    without: &'static str,
    meaning: &'static str,
) -> ReferenceKey {
    key(path, takes, Need::Without(without), meaning)
}

/// All keys, by kind of file, in the order in which the documentation shows them.
#[must_use]
pub fn reference() -> Vec<(FileKind, Vec<ReferenceKey>)> {
    vec![
        (FileKind::Settings, settings::KEYS.to_vec()),
        (FileKind::Source, source::KEYS.to_vec()),
        (FileKind::System, system::KEYS.to_vec()),
        (FileKind::Policy, [policy::TABLES, policy::RULES].concat()),
    ]
}
