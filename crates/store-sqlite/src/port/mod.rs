//! The port, method by method: writes go to the writer, reads to a reader.

mod answer;
mod cases;
mod commits;
mod entries;
mod estate;
mod feeds;
mod leases;
mod lists;
mod questions;
mod queue;
mod subjects;
mod work_lists;
