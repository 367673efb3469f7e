//! A SCIM 2.0 service in this process: the downstream systems of the demo, and a peer with quirks for tests.

mod answer;
mod discovery;
mod options;
mod peer;
mod query;
mod resources;
mod routes;
mod state;
mod store;

pub use options::{Canned, PeerClock, PeerOptions, Quirks, RetryAfter};
pub use peer::{PeerError, ScimPeer};
pub use state::{PeerState, Recorded};
