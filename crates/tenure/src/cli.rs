//! The command line, as `--help` shows it.

mod access;
mod activate;
mod apply;
mod check;
mod correlate;
mod cut_off;
mod day;
mod examples;
mod findings;
mod hold;
mod identity;
mod list;
#[cfg(test)]
mod operations;
mod pair;
mod parse;
mod program;
mod release;

pub(crate) use access::{
    About, Delegate, Exception, ExceptionCommand, Override, OverrideCommand, Request, RequestCommand, Wanted,
};
pub(crate) use activate::Activate;
pub(crate) use apply::{Apply, Plan};
pub(crate) use check::Check;
pub(crate) use correlate::Correlate;
pub(crate) use cut_off::CutOff;
pub(crate) use examples::{EXAMPLES, Example, words};
pub(crate) use findings::{Findings, FindingsCommand};
pub(crate) use hold::{Erase, Hold, HoldCommand};
pub(crate) use identity::{Identity, IdentityCommand, Stated};
pub(crate) use parse::{command, parse};
pub(crate) use program::{Completions, Demo, Docs, Init, Man, Run};

use crate::exit::State;
pub(crate) use list::{
    Accounts, Entitlements, Exceptions, History, Holders, List, Paging, People, Quarantine, Reviews, Tasks,
};
pub(crate) use release::Release;

use clap::{Args, Parser, Subcommand};
use day::day;
use jiff::Timestamp;
use pair::pair;
use std::path::PathBuf;

/// Tenure keeps access exactly as long as the reason for it.
#[derive(Debug, Parser)]
#[command(name = "tenure", version, propagate_version = true, after_help = AFTER)]
pub(crate) struct Cli {
    /// Configuration folder: tenure.toml, sources/, systems/, policy/
    #[arg(short = 'C', long, global = true, default_value = ".", value_name = "FOLDER", help_heading = ACTS)]
    pub(crate) folder: PathBuf,
    /// Decide as at this instant (RFC 3339), in a replay only, never before the last decision; the ledger says so
    #[arg(long, global = true, value_name = "INSTANT", value_parser = instant, help_heading = ACTS)]
    pub(crate) now: Option<Timestamp>,
    /// Act as this person, in a replay only; the evidence says so
    #[arg(long = "as", global = true, value_name = "PERSON", help_heading = ACTS)]
    pub(crate) acting: Option<String>,
    /// Which states make an exit code other than 0, with commas between them (without it, all do)
    #[arg(long, global = true, value_name = "STATE", value_delimiter = ',', help_heading = ACTS)]
    pub(crate) fail_on: Vec<State>,
    /// Print one JSON object: the data of the command, its exit code, and its error (docs/json)
    #[arg(long, global = true, help_heading = OUTPUT)]
    pub(crate) json: bool,
    /// Say more on standard error; twice says much more
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = OUTPUT)]
    pub(crate) verbose: u8,
    /// What to do
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Headings of the options that every command has; a command's own options stand before them.
const ACTS: &str = "How it acts";
const OUTPUT: &str = "Output";

const AFTER: &str = "Exit codes: 0 done, nothing is left · 1 failed · 2 wrong usage · 3 wrong input · 4 work is open within its \
deadline · 5 a brake holds a change · 6 something would change · 7 something needs attention. Each error code has a page in docs/errors/.";

/// Reads an instant. The zone is required, so that the instant has one meaning only.
fn instant(text: &str) -> Result<Timestamp, String> {
    text.parse::<tenure_model::Instant>().map(tenure_model::Instant::get)
}

/// Reads a length of time.
fn span(text: &str) -> Result<jiff::SignedDuration, String> {
    let wrong = || "write a number with its unit, as in 30s, 5m or 1h30m".to_owned();
    text.parse()
        .map_err(|_| wrong())
        .and_then(|d: jiff::SignedDuration| if d.is_negative() { Err(wrong()) } else { Ok(d) })
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a configuration folder with keys and a database, ready to be filled in
    Init(Init),
    /// Check the configuration folder, the settings of each connection included; changes nothing
    Check(Check),
    /// Show who would gain and lose what, and why, before anything happens
    Plan(Plan),
    /// Make this folder's configuration the active one
    Apply(Apply),
    /// Run one pass: read the feeds, decide what is due, and work the queue of tasks until it is idle
    Run(Run),
    /// Explain why an identity has, had, or cannot get access
    Explain(Explain),
    /// Reconcile a system with what is decided: orphans, drift, missing accounts; repair it in `enforce`
    Scan(Scan),
    /// Show which identity each account of a system belongs to, and adopt the accounts as they are
    Adopt(Adopt),
    /// List and answer correlation questions (which identity does a record belong to?); merge and split
    Correlate(Correlate),
    /// List what brakes hold (brake: a limit on mass change), and release it
    Release(Release),
    /// List the requests for approval
    Approvals(Approvals),
    /// Approve a request
    Approve(Vote),
    /// Deny a request
    Deny(Vote),
    /// Access by request: ask, extend, keep, end, give in an emergency
    Request(Request),
    /// Access outside policy, signed by a responsible owner, for a limited time
    Exception(Exception),
    /// Name a delegate who answers requests in your place, until a day
    Delegate(Delegate),
    /// Manual overrides of values that sources state, for a limited time
    Override(Override),
    /// Cut off an identity: end all its access at once, ahead of all queues, until another person lifts it
    Cutoff(CutOff),
    /// Stop the deletion of an identity's accounts and data
    Hold(Hold),
    /// Erase the data of an identity that left; the ledger stays complete, and its names are never issued again
    Erase(Erase),
    /// Set a first password: the code of a link and the password come from standard input
    Activate(Activate),
    /// Services, agents and shared accounts: owner, purpose and expiry of each
    Identity(Identity),
    /// Show cases with their clocks, facts and open work
    Case(Case),
    /// Verify, export and prove the ledger
    Ledger(Ledger),
    /// List open findings, or acknowledge one for a limited time
    Findings(Findings),
    /// The lists
    #[command(flatten)]
    List(List),
    /// Check that everything Tenure needs is in order
    Doctor,
    /// Play ten days of a sample organisation, in under a minute
    Demo(Demo),
    /// Print the script that lets a shell complete commands, systems, entitlements, ids and people
    Completions(Completions),
    /// Write the manual pages
    Man(Man),
    /// Write the documents that are generated from this program
    #[command(hide = true)]
    Docs(Docs),
}

/// `tenure approvals`
#[derive(Debug, Args)]
pub(crate) struct Approvals {
    /// Only requests that you may answer
    #[arg(long)]
    pub(crate) mine: bool,
    /// Only requests that this person may answer, as an approver or as a delegate
    #[arg(long, value_name = "PERSON", conflicts_with = "mine")]
    pub(crate) by: Option<String>,
    /// Only requests about this person
    #[arg(long, value_name = "PERSON")]
    pub(crate) about: Option<String>,
    /// Which part of the list
    #[command(flatten)]
    pub(crate) paging: Paging,
}

/// `tenure approve` and `tenure deny`
#[derive(Debug, Args)]
pub(crate) struct Vote {
    /// The request
    pub(crate) id: String,
    /// Why
    #[arg(long)]
    pub(crate) comment: Option<String>,
}

/// Heading of the options by which a person records what was done.
const BY_HAND: &str = "Record work and risk";

/// `tenure case`
#[derive(Debug, Args)]
pub(crate) struct Case {
    /// Only the cases of this person, closed ones included
    pub(crate) person: Option<String>,
    /// Closed cases too
    #[arg(long)]
    pub(crate) all: bool,
    /// Only open cases past their deadline, and whether access or only a remainder of it is still open
    #[arg(long, conflicts_with_all = ["all", "person", "label"])]
    pub(crate) overdue: bool,
    /// Only cases with this label (joiner, mover, leaver, …)
    #[arg(long)]
    pub(crate) label: Option<String>,
    /// Which part of the list: newest first; with --overdue those that are late for longest first
    #[command(flatten)]
    pub(crate) paging: Paging,
    /// Record that the work of a manual task is done
    #[arg(long, value_name = "TASK", help_heading = BY_HAND)]
    pub(crate) done: Option<String>,
    /// Attest manual work that another person did
    #[arg(long, value_name = "TASK", conflicts_with = "done", help_heading = BY_HAND)]
    pub(crate) attest: Option<String>,
    /// Try again a task that failed and needs a person
    #[arg(long, value_name = "TASK", conflicts_with_all = ["done", "attest"], help_heading = BY_HAND)]
    pub(crate) again: Option<String>,
    /// Sign, as the owner of its system, the residual risk of an open fact of this person, for a time
    #[arg(long, value_name = "FACT", help_heading = BY_HAND, requires_all = ["person", "reason", "until"], conflicts_with_all = ["done", "attest", "again"])]
    pub(crate) accept: Option<String>,
    /// Why, for --accept
    #[arg(long, requires = "accept", help_heading = BY_HAND)]
    pub(crate) reason: Option<String>,
    /// Until when, for --accept
    #[arg(long, requires = "accept", value_name = "INSTANT", value_parser = instant, help_heading = BY_HAND)]
    pub(crate) until: Option<Timestamp>,
    /// What was seen, for --attest
    #[arg(long, requires = "attest", help_heading = BY_HAND)]
    pub(crate) seen: Option<String>,
}

/// `tenure ledger`
#[derive(Debug, Args)]
pub(crate) struct Ledger {
    /// What to do with it
    #[command(subcommand)]
    pub(crate) command: LedgerCommand,
}

/// The ledger's commands.
#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Recompute the whole ledger in the database and compare it with what was signed
    Verify,
    /// Print the public key that verifies the ledger
    Key,
    /// Write the ledger as files that can be verified offline without Tenure (C2SP tlog-tiles)
    Export {
        /// The folder or file to write
        #[arg(id = "to", value_name = "FOLDER")]
        folder: PathBuf,
    },
    /// Write what sources reported in a period, with a proof of each run; `check --population` verifies it offline
    Population {
        /// First instant (RFC 3339)
        #[arg(long, value_name = "INSTANT", value_parser = instant)]
        from: Timestamp,
        /// First instant after the period; without it, now
        #[arg(long, value_name = "INSTANT", value_parser = instant)]
        to: Option<Timestamp>,
        /// Folder of the exported files; the population is written there as population.jsonl
        #[arg(long)]
        files: PathBuf,
    },
    /// Write a folder that proves what happened to an identity, in a case or in a period; `check --pack` verifies it offline
    Pack(Pack),
    /// Show an entry and, unless it was erased, what its commitment stands for
    Show {
        /// Number of the entry, from 0
        index: u64,
    },
    /// Prove one entry from exported files (C2SP tlog-proof)
    Prove {
        /// Number of the entry, from 0
        index: u64,
        /// Folder of the exported files
        #[arg(long)]
        files: PathBuf,
        /// The public key
        #[arg(long)]
        key: String,
    },
    /// Verify exported files, a proof, or that a log only grew since an older checkpoint
    Check(LedgerCheck),
    /// Record, as a member of the escalation group, that damage was repaired, removed or accepted as lost
    Repaired {
        /// What was done about it
        #[arg(long)]
        reason: String,
    },
    /// Continue the ledger of a restored database under a new origin that names what is lost
    Reopen {
        /// Why the database was restored
        #[arg(long)]
        reason: String,
        /// Set business time back to the clock instead: the clock was wrong, and business time ran ahead
        #[arg(long)]
        clock: bool,
        /// Record instead that the database belongs to this folder from now on: its own folder was moved here
        #[arg(long, conflicts_with = "clock")]
        moved: bool,
    },
}

/// `tenure ledger pack`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("of").required(true).args(["person", "case", "from"]))]
pub(crate) struct Pack {
    /// The folder to write: it must not exist yet
    #[arg(id = "to_folder", value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
    /// Everything about this identity: number, user name, id or name
    #[arg(long, value_name = "PERSON")]
    pub(crate) person: Option<String>,
    /// Everything in this case
    #[arg(long, value_name = "CASE")]
    pub(crate) case: Option<String>,
    /// Everything from this instant on (RFC 3339)
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) from: Option<Timestamp>,
    /// First instant after the period; without it, now
    #[arg(long, value_name = "INSTANT", value_parser = instant, requires = "from")]
    pub(crate) to: Option<Timestamp>,
}

/// `tenure ledger check`
#[derive(Debug, Args)]
pub(crate) struct LedgerCheck {
    /// The public key
    #[arg(long)]
    pub(crate) key: String,
    /// Folder of the exported files
    #[arg(long, required_unless_present_any = ["proof", "population", "pack"])]
    pub(crate) files: Option<PathBuf>,
    /// A population that `tenure ledger population` wrote; with --files also that no run was left out
    #[arg(long, value_name = "FILE")]
    pub(crate) population: Option<PathBuf>,
    /// A folder that `tenure ledger pack` wrote
    #[arg(long, value_name = "FOLDER")]
    pub(crate) pack: Option<PathBuf>,
    /// An older checkpoint
    #[arg(long, value_name = "FILE", requires = "files")]
    pub(crate) old: Option<PathBuf>,
    /// The public key of the older checkpoint, if it belongs to an earlier origin
    #[arg(long, value_name = "KEY", requires = "old")]
    pub(crate) old_key: Option<String>,
    /// A proof file
    #[arg(long, value_name = "FILE")]
    pub(crate) proof: Option<PathBuf>,
}

/// `tenure explain`
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// Worker number, user name, e-mail address, id or part of the name
    pub(crate) person: String,
    /// One entitlement, as system:name
    pub(crate) entitlement: Option<String>,
    /// What was held at this instant (RFC 3339), and why, from the evidence in the ledger
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) at: Option<Timestamp>,
}

/// `tenure scan`
#[derive(Debug, Args)]
pub(crate) struct Scan {
    /// The system; without it, every one that can be scanned
    pub(crate) system: Option<String>,
    /// Enable again a person's account that was disabled there by hand
    #[arg(long, value_name = "PERSON", requires = "system")]
    pub(crate) enable: Option<String>,
    /// Keep a person's account disabled that was disabled there by hand
    #[arg(long, value_name = "PERSON", requires = "system", conflicts_with = "enable")]
    pub(crate) keep_disabled: Option<String>,
}

/// `tenure adopt`
#[derive(Debug, Args)]
pub(crate) struct Adopt {
    /// The system, which is not yet in `enforce`
    pub(crate) system: String,
    /// Adopt what is shown, not only show it
    #[arg(long)]
    pub(crate) yes: bool,
    /// Link an account to this identity, a person, a service or an agent
    #[arg(long, alias = "same", num_args = 2, value_names = ["ACCOUNT", "PERSON"], conflicts_with = "yes")]
    pub(crate) link: Vec<String>,
    /// Record that an account belongs to no identity
    #[arg(long, value_name = "ACCOUNT", conflicts_with_all = ["yes", "link"])]
    pub(crate) orphan: Option<String>,
    /// List everything, not only the first twenty of each sort
    #[arg(long)]
    pub(crate) all: bool,
}
