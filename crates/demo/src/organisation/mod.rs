//! The sample organisation: its people and non-human identities, and how they look in files.

mod configuration;
mod feeds;
mod generate;
mod machines;
mod names;
mod people;
mod places;
mod random;
mod shape;
mod structure;

pub(crate) use generate::Builder;
pub(crate) use people::{ExternalWorker, Staff};
pub(crate) use places::called;
pub(crate) use structure::{AGENCY, COMPANIES};

pub use configuration::{Endpoint, Endpoints};
pub use feeds::{AGENTS_FEED, HR_FEED, MACHINES_FEED, VENDORS_FEED};
pub use people::Organisation;
pub use random::Random;
pub use shape::Size;
