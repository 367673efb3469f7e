//! The engine's promises as properties over random identities.

mod properties;
mod world;
