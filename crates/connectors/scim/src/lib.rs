//! The connector to SCIM 2.0 services (RFC 7643, RFC 7644), in each service's dialect.

mod attribute;
mod classify;
mod connector;
mod declared;
mod edits;
mod groups;
mod http;
mod known;
mod members;
mod membership;
mod profile;
mod reply;
mod scan;
mod service;
mod settings;
mod shown;
mod users;

pub use declared::SETTINGS;
pub use settings::connect;
