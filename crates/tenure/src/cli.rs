//! The command line, as `--help` shows it.

use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;
use std::path::PathBuf;

/// Tenure keeps access exactly as long as the reason for it.
#[derive(Debug, Parser)]
#[command(name = "tenure", version, propagate_version = true, after_help = AFTER)]
pub(crate) struct Cli {
    /// Configuration folder: tenure.toml, sources/, systems/, policy/
    #[arg(short = 'C', long, global = true, default_value = ".", value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
    /// Decide as at this instant (RFC 3339), never before the last decision; the ledger says so
    #[arg(long, global = true, value_name = "INSTANT")]
    pub(crate) now: Option<Timestamp>,
    /// Act as this person (only where tenure.toml allows it; the evidence says so)
    #[arg(long = "as", global = true, value_name = "PERSON")]
    pub(crate) acting: Option<String>,
    /// Print data as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say more on standard error; twice says much more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// What to do
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER: &str = "Exit codes: 0 done · 1 failed · 2 wrong usage · 3 wrong input · 4 done, something is open · \
5 a brake holds a change · 6 something would change. Each error code has a page in docs/errors/.";

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a configuration folder with keys and a database, ready to be filled in
    Init(Init),
    /// Check the configuration folder; changes nothing
    Check,
    /// Make this folder's set-up the active one
    Apply(Apply),
    /// One pass: feeds, everything that is due, and the queue until idle
    Run(Run),
}

/// `tenure init`
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Name of the organisation
    #[arg(long, default_value = "Example")]
    pub(crate) organisation: String,
}

/// `tenure apply`
#[derive(Debug, Args)]
pub(crate) struct Apply {
    /// Take effect for everybody at once (otherwise the next run does)
    #[arg(long)]
    pub(crate) settle: bool,
}

/// `tenure run`
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Stop working the queue after this long, for example 30s or 5m
    #[arg(long = "for", value_name = "TIME")]
    pub(crate) patience: Option<jiff::SignedDuration>,
}
