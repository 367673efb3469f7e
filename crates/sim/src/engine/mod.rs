//! The stage without store, queue and systems: the pure engine, with every write assumed to succeed at once.

mod access;
mod act;
mod ask;
mod authored;
mod custody;
mod decide;
mod erase;
mod expected;
mod feed;
mod inventory;
mod keys;
mod later;
mod meet;
mod organisation;
mod orphan;
mod quarantine;
mod release;
mod said;
mod same;
mod see;
mod snapshot;
mod swapped;
mod waiting;
mod world;

pub(crate) use expected::{BLIND, visible};
pub(crate) use world::World;
