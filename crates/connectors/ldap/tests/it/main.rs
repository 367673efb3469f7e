//! The LDAP connector against a real OpenLDAP server; what it did is asked of OpenLDAP's own tools.

mod accounts;
mod bad_settings;
mod behaviour;
mod broken;
mod bulk;
mod groups;
mod setting_up;
mod tls;
