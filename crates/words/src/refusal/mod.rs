//! The sentence of each refusal: what was refused, to what, why, and what to do. The command that helps is the edge's own.

mod access;
mod actor;
mod cut_off;
mod decision;
mod identity;
mod operation;
mod sentence;
mod system;
mod table;
mod work;

pub use sentence::{refusal, refused};
