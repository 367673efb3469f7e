//! From a raw row to its meaning: dates, zone, keys, values. Nothing is guessed.

mod dates;
mod doubled;
mod ends;
mod extraction;
mod key_form;
mod keys;
mod normaliser;
mod outcome;
mod problems;
mod seen;
mod shape;
mod take;
mod torn;
mod values;
mod zone;

pub use doubled::Doubled;
pub use extraction::{extraction, in_order, stamp, stamp_order};
pub use key_form::KeyForms;
pub(crate) use keys::is_email;
pub use keys::{BIRTH_DATE, EMAIL, NAME, PREVIOUS_NUMBER};
pub use normaliser::Normaliser;
pub use outcome::{Normalised, Readable};
pub use problems::codes;
pub use seen::KeysOfFeed;
pub use shape::{feed_shape, required_columns};
