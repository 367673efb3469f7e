//! Two mechanisms that meet: which scenarios show each pair, and small organisations generated so that each pair meets on one person.

#[cfg(test)]
mod derived;
mod dice;
mod draft;
mod generate;
mod happens;
mod mechanism;
mod policies;
mod run;
mod table;

pub use mechanism::Mechanism;
pub use run::{Failure, fails, pairs};
pub use table::SEEDS;
pub(crate) use table::table;
