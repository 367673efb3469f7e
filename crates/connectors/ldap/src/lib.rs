//! LDAP directories: people and groups of an OpenLDAP server, over one multiplexed connection.

mod account;
mod attribute;
mod connector;
mod container;
mod declared;
mod dn;
mod entry;
mod error;
mod groups;
mod lock;
mod memberships;
mod password;
mod pool;
mod prepare;
mod ranged;
mod scan;
mod setup;
mod tls;
mod wire;
mod write;

pub use connector::connect;
pub use declared::SETTINGS;
