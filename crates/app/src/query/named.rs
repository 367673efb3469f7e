//! Names that a filter gives: an empty list for a misspelt one would say that there is nothing.

use super::Query;
use crate::{AppError, Item};
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
                Err(AppError::unknown(Item::Source, source.as_str()))
            }
            (_, Some(system)) if !setup.systems.contains_key(system) => {
                Err(AppError::unknown(Item::System, system.as_str()))
            }
            _ => Ok(()),
        }
    }
}
