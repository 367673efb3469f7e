//! A SCIM 2.0 service in this process: the downstream systems of the demo, and a peer with quirks for tests.

mod answer;
mod discovery;
mod oddities;
mod options;
mod peer;
mod query;
mod resources;
mod routes;
mod state;
mod store;

pub use options::{ActiveAs, Canned, CreatedAs, MembersAs, PeerClock, PeerOptions, Quirks, RetryAfter};
pub use peer::{PeerError, ScimPeer};
pub use state::{PeerState, Recorded};
