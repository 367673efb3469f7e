//! A feed comes in: every row is looked at once, what nobody loses by is committed at once, the rest passes the brake.

mod aftermath;
mod ahead;
mod arrival;
mod brake;
mod chunk;
mod dismissed;
mod flight;
mod ingest;
mod mapping;
mod missing;
mod pending;
mod quarantine;
mod release;
mod report;
mod twice;

pub(crate) use aftermath::Aftermath;
pub(crate) use arrival::hex;
pub(crate) use brake::{WINDOW, trips};
pub(crate) use dismissed::Dismissed;
pub(crate) use ingest::{loses, loses_later, read_again};
pub(crate) use mapping::tells_of;
pub(crate) use pending::{Act, Origin, Pending, released};
pub(crate) use quarantine::LINE;
pub use quarantine::{InQuarantine, REPAIR_WITHIN, UNREADABLE_END_WITHIN};
pub use release::Released;
pub use report::FeedReport;
