//! The connector against services: the reference server from PyPI, and the demo's peer with and without quirks.

// Each module is marked as a test: the lints that permit `unwrap` in tests need that.
#[cfg(test)]
mod behaviour;
#[cfg(test)]
mod common;
#[cfg(test)]
mod configuration;
#[cfg(test)]
mod damaged;
#[cfg(test)]
mod dialects;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod listing;
#[cfg(test)]
mod read_back;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod unread;
