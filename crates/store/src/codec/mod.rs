//! Stored payloads as versioned JSON: domain types are not `Serialize`, this module is their stored form.
//!
//! A payload is `{"v":1,"d":…}`. The version comes first, so that a reader knows the format before it reads the data. A payload of an
//! unknown version is an error, never a guess. The forms are derived for the types of `model` (serde's remote derive): a field added
//! there does not compile here until its stored form is decided. A change that old rows cannot represent keeps the old form beside the
//! new one and increases the version. A new field that old rows do not need gets `default`.
//!
//! Instants are stored to the microsecond, which every database supports.

mod access;
mod coded;
mod cut_off;
mod fact;
mod form;
mod note;
mod person;
mod question;
mod reason;
mod record;
mod scalar;
mod value;
mod versioned;

pub use coded::{parameters_json, parameters_of};
pub use versioned::Stored;
