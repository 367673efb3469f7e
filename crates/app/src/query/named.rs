//! Names that a filter gives: an empty list for a misspelt one would say that there is nothing.

use super::Query;
use crate::AppError;
use std::sync::Arc;
use tenure_model::{Name, SourceName, SystemName};

impl Query<'_> {
    /// Refuses a source or a system that the configuration does not have. For a list that came out empty: rows of a source that left the
    /// configuration are listed.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn has(&self, source: Option<&SourceName>, system: Option<&SystemName>) -> Result<(), AppError> {
        let setup = &self.app.context.setup;
        match (source, system) {
            (Some(source), _) if !setup.sources.contains_key(source) => {
                Err(unknown("source", source.as_str()))
            }
            (_, Some(system)) if !setup.systems.contains_key(system) => {
                Err(unknown("system", system.as_str()))
            }
            _ => Ok(()),
        }
    }
}

/// The refusal of a name that nothing has.
pub(super) fn unknown(what: &'static str, name: &str) -> AppError {
    AppError::Unknown { what, name: Arc::from(name), hint: Arc::from("") }
}
