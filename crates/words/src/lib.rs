//! Sentences for people: the inner rings state what happened as codes with typed parameters, and the edges word them here.

mod card;
mod error;
mod finding;
mod phrase;
mod question;
mod refusal;

pub use card::{answer, asked_by, card_subject, conflict, missing_answer, peers, silence, why_asked};
pub use error::{error, help_of_unknown};
pub use finding::{about, finding};
pub use phrase::{doubt, overdue};
pub use question::question;
pub use refusal::{refusal, refused};
