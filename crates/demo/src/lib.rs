//! The sample organisation: generator, feeds and a SCIM peer.
