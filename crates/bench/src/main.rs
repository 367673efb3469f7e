//! Benchmarks beside the host's own limit: what Tenure does in a second, and what the host could do at best.

mod args;
mod binary;
mod child;
mod feeds;
mod figure;
mod import;
mod ledger;
mod machine;
mod organisation;
mod people;
mod plain;
mod table;
mod what_if;
mod wired;

use args::{Args, Part};
use clap::Parser;
use figure::Figure;
use std::error::Error;
use std::process::ExitCode;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What stops a benchmark; no code decides by its kind.
type Fail = Box<dyn Error + Send + Sync>;

fn main() -> ExitCode {
    let args = Args::parse();
    let done =
        if args.child { part(&args).and_then(|figures| child::hand_over(&figures)) } else { all(&args) };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            table::problem(&format!("tenure-bench: {why}"));
            ExitCode::FAILURE
        }
    }
}

/// Every part in a process of its own, so that one's peak of memory is not another's.
fn all(args: &Args) -> Result<(), Fail> {
    let mut figures = Vec::new();
    for part in args.parts() {
        figures.extend(child::run(part, args)?);
    }
    table::show(&figures, args.json)
}

fn part(args: &Args) -> Result<Vec<Figure>, Fail> {
    match args.part {
        Part::Import => import::run(args.people(100_000, 5_000), false),
        Part::Likeness => import::run(args.people(20_000, 2_000), true),
        Part::WhatIf => what_if::run(args.people(1_000_000, 50_000)),
        Part::Ledger => ledger::run(args.people(200_000, 20_000)),
        Part::Binary => binary::run(),
        Part::All => Err("a child measures one part".into()),
    }
}
