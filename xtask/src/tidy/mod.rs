//! `cargo xtask tidy`: project rules that no compiler checks. Each finding states the place and what to do.

mod adr;
mod commands;
mod declarations;
mod finding;
mod floors;
mod lexer;
mod links;
mod project;
mod promises;
mod rings;
mod rust_text;
mod sizes;
mod text;
mod vague;
mod verb;
mod words;

pub(crate) use verb::tidy;
