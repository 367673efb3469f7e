//! The LDAP connector against a real OpenLDAP server; results are checked with OpenLDAP's own tools.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod accounts;
mod bad_settings;
mod behaviour;
mod broken;
mod bulk;
mod containers;
mod groups;
mod setting_up;
mod tls;
mod told;
mod unread;
