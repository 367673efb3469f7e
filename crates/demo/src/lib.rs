//! The sample organisation: generator, feeds, ten days of changes, and a SCIM peer.

mod organisation;
pub mod scim_peer;
mod script;

pub use organisation::{
    AGENTS_FEED, Endpoint, Endpoints, HR_FEED, MACHINES_FEED, Organisation, Random, Size, VENDORS_FEED,
};
pub use script::{Action, Day, Expected, Run, script};
