//! Conditions of a filtered list, with the values that they name.

use rusqlite::types::Value;

/// Conditions with their values, joined by AND.
#[derive(Default)]
pub(super) struct Conditions {
    pub(super) sql: Vec<String>,
    pub(super) values: Vec<Value>,
}

impl Conditions {
    /// A value, as the statement refers to it.
    pub(super) fn value(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("?{}", self.values.len())
    }

    pub(super) fn equal(&mut self, column: &str, value: Option<&str>) {
        if let Some(value) = value {
            let value = self.value(value.to_owned());
            self.sql.push(format!("{column} = {value}"));
        }
    }

    /// The conditions as one.
    pub(super) fn joined(&self) -> String {
        if self.sql.is_empty() { "1".to_owned() } else { self.sql.join(" AND ") }
    }
}
