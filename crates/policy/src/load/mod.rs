//! From files to a configuration: every error is reported, not only the first.

mod accounts;
mod approval;
mod context;
mod correlate;
mod declare;
mod doc;
mod fields;
mod folder;
mod frame;
mod grants;
mod rules;
mod settings;
mod source;
mod system;
mod words;
mod zone;

pub(crate) use context::Context;
pub(crate) use doc::{File, KeyValue, Location, Spanned, Table, Toml, parse};
#[cfg(test)]
pub(crate) use fields::noted::asked;
pub(crate) use grants::covers;
pub(crate) use words::duration;

pub use folder::{FILE_BYTES_MAX, FILES_MAX, Loaded, RULES_MAX, hash, load, load_settings};
