//! The LDAP connector against a real OpenLDAP server; what it did is asked of OpenLDAP's own tools.
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
