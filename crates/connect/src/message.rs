//! The port for outgoing messages: they are handed to a delivery service; their arrival is a separate matter.

use crate::Secret;
use std::sync::Arc;
use tenure_model::Finding;

/// What a message asks its reader to do: the delivery service adds the command or page for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// To set the first password of an account.
    FirstPassword,
    /// To review a cut-off.
    CutOffReview,
}

/// A message to one person.
#[derive(Debug, Clone)]
pub struct Message {
    /// The address.
    pub to: Arc<str>,
    /// What it asks for.
    pub topic: Topic,
    /// The subject.
    pub subject: Arc<str>,
    /// The finding that it is about: the edge words it, before the text.
    pub about: Option<Finding>,
    /// The text. It may contain a secret that is nowhere else.
    pub body: Secret,
}

/// Accepts messages for delivery.
pub trait Deliver: Send + Sync {
    /// Hands a message over.
    ///
    /// # Errors
    /// When it was not accepted, with an explanation; then nothing was sent.
    fn deliver(&self, message: &Message) -> Result<(), String>;
}
