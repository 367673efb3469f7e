//! One finding about a configuration, built step by step.

use super::Code;
use std::ops::Range;
use std::sync::Arc;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The configuration cannot be used.
    Error,
    /// The configuration can be used; a person should check.
    Warning,
}

impl Severity {
    /// As shown to people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// Another relevant place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// Path within the folder.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Byte range within the file.
    pub span: (usize, usize),
    /// Its explanation.
    pub text: String,
}

/// One finding about a configuration. Fields are plain, so that a program can print them as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable: `P012`. Its page explains it.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// Path within the folder; the folder itself is `""`.
    pub file: Arc<str>,
    /// Line, from 1; 0 if it is about a whole file or the folder.
    pub line: u32,
    /// Column in characters, from 1; 0 as above.
    pub column: u32,
    /// Byte range within the file.
    pub span: Range<usize>,
    /// What is wrong.
    pub title: String,
    /// What the caret points at.
    pub label: String,
    /// Other places.
    pub labels: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A form for one line: `policy/a.toml:3:8: error P012: …`.
    #[must_use]
    pub fn line_form(&self) -> String {
        let severity = self.severity.as_str();
        match (&*self.file, self.line) {
            ("", _) => format!("{severity} {}: {}", self.code, self.title),
            (file, 0) => format!("{file}: {severity} {}: {}", self.code, self.title),
            (file, line) => {
                format!("{file}:{line}:{}: {severity} {}: {}", self.column, self.code, self.title)
            }
        }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
    /// Adds a help text if there is one.
    pub(crate) fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }
    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }
    pub(crate) fn also(mut self, place: &crate::load::Location, text: impl Into<String>) -> Self {
        let span = (place.span.start, place.span.end);
        self.labels.push(Label {
            file: place.file.path.clone(),
            line: place.line(),
            span,
            text: text.into(),
        });
        self
    }
}
