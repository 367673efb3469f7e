//! The port by which messages leave: handed to somebody who delivers them; that they arrived is another matter.

use crate::Secret;
use std::sync::Arc;

/// A message to one person.
#[derive(Debug, Clone)]
pub struct Message {
    /// The address.
    pub to: Arc<str>,
    /// What it is about.
    pub subject: Arc<str>,
    /// What it says. It may hold a secret that nothing else does.
    pub body: Secret,
}

/// Takes messages away.
pub trait Deliver: Send + Sync {
    /// Hands a message over.
    ///
    /// # Errors
    /// When it was not taken, in words; nothing was sent then.
    fn deliver(&self, message: &Message) -> Result<(), String>;
}
