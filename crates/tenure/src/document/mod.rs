//! The documents that the program writes about itself, so that they always say what it does.

mod cli_reference;
mod codes;
mod connections;
mod error_pages;
mod keys;
mod library;
mod sample;
mod states;
mod table;

pub(crate) use library::all;
pub(crate) use sample::play;
