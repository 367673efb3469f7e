//! Real servers for tests: each starts on free ports in its own folder, is asked until it answers, and is gone
//! when its value is dropped, when the test panics and when the test process is killed.
//!
//! In a test, `let directory = need!(peer::slapd());` gives the server, or returns from the test, saying SKIPPED,
//! where it is not installed.

mod certificates;
mod error;
mod fault_proxy;
mod find;
mod http;
mod ldif;
mod oracle;
mod ports;
mod python;
mod server;
mod skip;
mod slapd;
mod tool;

mod scim2_cli;
mod scim2_server;

pub use error::PeerError;
pub use fault_proxy::{Fault, FaultProxy};
pub use ldif::{LdifEntry, LdifError, parse_ldif};
pub use python::python;
pub use scim2_cli::{Conformance, scim2_conformance};
pub use scim2_server::{Scim2Server, scim2_server};
pub use skip::{SKIPPED_FILE, or_skip};
pub use slapd::{Slapd, slapd};
