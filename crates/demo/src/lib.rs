//! The sample organisation: generator, feeds and a SCIM peer.

pub mod scim_peer;
