//! The command line as a user meets it: the built program in a folder of its own, what it prints and how it ends.

mod acme;
mod actor;
mod asked;
mod attacks;
mod beside;
mod broken_system;
mod configuration;
mod custody;
mod cutting_off;
mod damage;
mod demo;
mod erasing;
mod feeds;
mod findings;
mod first_password;
mod ledger;
mod names;
mod pass;
mod readme;
mod requests;
mod service;
mod set_back;
mod set_up;
mod tampering;
mod time;
mod wrong;
