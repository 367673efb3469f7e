//! Benchmarks beside the host's own limit: how long the commands of the program take, and what the host could do at best.

mod args;
mod bare;
mod commands;
mod figure;
mod folder;
mod machine;
mod measure;
mod organisation;
mod peers;
mod people;
mod plain;
mod queries;
mod table;

use args::Args;
use clap::Parser;
use std::error::Error;
use std::process::ExitCode;

/// What stops a benchmark; no code decides by its kind.
type Fail = Box<dyn Error + Send + Sync>;

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match &args.measure {
        Some(into) => measure::inside(into, &args.command),
        None => all(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            table::problem(&format!("tenure-bench: {why}"));
            ExitCode::FAILURE
        }
    }
}

fn all(args: &Args) -> Result<(), Fail> {
    let program = args.program()?;
    let mut figures = Vec::new();
    for people in args.sizes() {
        figures.extend(commands::measured(&program, people, args.likeness)?);
    }
    table::show(&program, &figures, args.json)
}
