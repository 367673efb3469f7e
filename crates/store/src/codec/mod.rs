//! Stored payloads as versioned JSON: domain types are not `Serialize`, this module is their stored form.
//!
//! A payload is `{"v":1,"d":…}`. The version comes first, so that a reader knows what follows before it reads it. A
//! payload of an unknown version is an error and never guessed at. The forms are derived for the types of `model`
//! (serde's remote derive): a field that is added there does not compile here until its stored form is decided. A change
//! that old rows cannot carry keeps the old form beside the new one and raises the version. A new field that old rows do
//! without gets `default`.
//!
//! Instants are kept to the microsecond, which is what every database can hold.

mod access;
mod cut_off;
mod fact;
mod form;
mod person;
mod question;
mod reason;
mod record;
mod scalar;
mod value;
mod versioned;

pub use versioned::Stored;
