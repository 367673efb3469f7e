//! The conformance suite of the store: what the port promises, as tests that every adapter runs unchanged.
//!
//! An adapter calls [`store_conformance!`](crate::store_conformance) with a [`Fixture`] and gets one test per behaviour.

#[expect(missing_docs, reason = "a behaviour is named by what it proves")]
pub mod asked;
#[expect(missing_docs, reason = "a behaviour is named by what it proves")]
pub mod erasure;
mod every;
#[expect(missing_docs, reason = "a behaviour is named by what it proves")]
pub mod finding;
mod fixture;
#[expect(missing_docs, reason = "a behaviour is named by what it proves")]
pub mod found;
#[expect(missing_docs, reason = "a behaviour is named by what it proves")]
pub mod ledger;
#[expect(missing_docs, reason = "a behaviour is named by what it proves")]
pub mod lists;
#[expect(missing_docs, reason = "a behaviour is named by what it proves")]
pub mod names;
#[expect(missing_docs, reason = "a behaviour is named by what it proves")]
pub mod persons;
#[expect(missing_docs, reason = "a behaviour is named by what it proves")]
pub mod race;
#[expect(missing_docs, reason = "a behaviour is named by what it proves")]
pub mod records;
#[expect(missing_docs, reason = "a behaviour is named by what it proves")]
pub mod reopen;
pub mod sample;
#[expect(missing_docs, reason = "a behaviour is named by what it proves")]
pub mod singles;
#[expect(missing_docs, reason = "a behaviour is named by what it proves")]
pub mod tasks;
#[expect(missing_docs, reason = "a behaviour is named by what it proves")]
pub mod units;
#[expect(missing_docs, reason = "a behaviour is named by what it proves")]
pub mod work_lists;
mod writes;

pub use fixture::{Done, Fixture, claimed, commit, committed, leased};
