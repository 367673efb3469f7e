//! The verifier trusts one public key and nothing else: it recomputes the log from its published files.

mod continued;
mod entry;
mod files;
mod log;
mod pack;
mod population;
mod publish;

pub use continued::{Continued, confirm_continued};
pub use entry::{ConfirmedEntry, confirm_consistency, confirm_entry, confirm_proof, prove_entry};
pub use files::{CHECKPOINT_PATH, Discrepancy, Files, MemoryFiles};
pub use log::{Confirmed, verify_log};
pub use pack::{Completeness, Content, Pack, PackError, PackScope, Packed, confirm_pack, pack_line};
pub use population::{
    Gap, Period, Population, PopulationError, Run, Said, confirm_population, population_line,
};
pub use publish::{File, PublishError, Publisher};
