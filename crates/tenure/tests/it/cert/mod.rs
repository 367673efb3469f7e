//! Ten months of a real organisation's directory exports, replayed into OpenLDAP by the built program.
//!
//! The people are those of the CERT Insider Threat Test Dataset r5.2; none is invented here. Where the files or slapd are
//! not there, these tests say SKIPPED.

mod brake;
mod cases;
mod data;
mod directory;
mod killed;
mod project;
mod replay;
mod site;
mod watched;
