//! Arguments of `tenure request`, `tenure exception` and `tenure override`: individual decisions about access and values.

use super::{day, pair, span};
use clap::{Args, Subcommand};
use jiff::SignedDuration;
use jiff::civil::Date;

/// `tenure request`
#[derive(Debug, Args)]
pub(crate) struct Request {
    /// What to do
    #[command(subcommand)]
    pub(crate) command: RequestCommand,
}

/// The commands about access by request.
#[derive(Debug, Subcommand)]
pub(crate) enum RequestCommand {
    /// Request access: it begins when the approvers agree
    Add(Wanted),
    /// Request a later end: the old one stays until it is approved
    Extend(Wanted),
    /// End access that rests on an individual decision; no approval is needed
    End(About),
    /// Confirm that access is still needed after a move, or that adopted access goes on
    Keep {
        /// The entitlement, and the identity
        #[command(flatten)]
        about: About,
        /// The last day, for adopted access only: 90 days at most
        #[arg(long, value_name = "DATE", value_parser = day)]
        until: Option<Date>,
    },
    /// Give access at once, for a short time; its owner reviews it afterwards
    Emergency {
        /// The entitlement, and the identity
        #[command(flatten)]
        about: About,
        /// How long, for example 30m or 4h
        #[arg(long = "lasts", value_name = "TIME", value_parser = span)]
        lasts: SignedDuration,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Record the review of an emergency grant
    Seen(About),
    /// Ask the approvers again about a rename that was refused
    Rename {
        /// The identity
        #[arg(long = "for", value_name = "PERSON")]
        person: String,
    },
    /// List the individual decisions for an identity
    List {
        /// The identity; without it, you
        #[arg(long = "for", value_name = "PERSON")]
        person: Option<String>,
        /// All that was requested for any identity, as far as you may see it: what you requested, answer for or are asked about
        #[arg(long, conflicts_with = "person")]
        all: bool,
    },
}

/// What is meant, and whose.
#[derive(Debug, Args)]
pub(crate) struct About {
    /// The entitlement, as system:name, or bundle:name
    pub(crate) entitlement: String,
    /// Worker number, user name, e-mail address, id, or a name that one identity has
    #[arg(long = "for", value_name = "PERSON")]
    pub(crate) person: String,
}

/// What is wanted, until when, and why.
#[derive(Debug, Args)]
pub(crate) struct Wanted {
    /// The entitlement, and the identity
    #[command(flatten)]
    pub(crate) about: About,
    /// The last day; without it, the furthest that the entitlement allows
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) until: Option<Date>,
    /// Why
    #[arg(long)]
    pub(crate) reason: String,
}

/// `tenure exception`
#[derive(Debug, Args)]
pub(crate) struct Exception {
    /// What to do
    #[command(subcommand)]
    pub(crate) command: ExceptionCommand,
}

/// The commands about access outside policy.
#[derive(Debug, Subcommand)]
pub(crate) enum ExceptionCommand {
    /// Sign an exception, or renew it
    Add {
        /// What is wanted
        #[command(flatten)]
        wanted: Wanted,
        /// The compensating control
        #[arg(long, value_name = "TEXT")]
        instead: String,
        /// The owner of the exception; without it, you
        #[arg(long, value_name = "PERSON")]
        owner: Option<String>,
    },
    /// End an exception
    End(About),
}

/// `tenure override`
#[derive(Debug, Args)]
pub(crate) struct Override {
    /// What to do
    #[command(subcommand)]
    pub(crate) command: OverrideCommand,
}

/// The commands about values by hand.
#[derive(Debug, Subcommand)]
pub(crate) enum OverrideCommand {
    /// Override the value that sources state, until a day
    Set {
        /// Which attribute, and its value
        #[arg(value_name = "ATTRIBUTE=VALUE", value_parser = pair)]
        value: (String, String),
        /// The identity
        #[arg(long = "for", value_name = "PERSON")]
        person: String,
        /// The last day
        #[arg(long, value_name = "DATE", value_parser = day)]
        until: Date,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// End an override: the value that sources state applies again
    End {
        /// Which attribute
        attribute: String,
        /// The identity
        #[arg(long = "for", value_name = "PERSON")]
        person: String,
    },
}

/// `tenure delegate`
#[derive(Debug, Args)]
pub(crate) struct Delegate {
    /// The delegate: they are asked at once, and barred from what is about you once they accept
    #[arg(long, value_name = "PERSON", required_unless_present = "accept")]
    pub(crate) to: Option<String>,
    /// Accept to be the delegate of this person, who asked you
    #[arg(long, value_name = "PERSON", conflicts_with_all = ["to", "until", "end"])]
    pub(crate) accept: Option<String>,
    /// The last day, 92 days from now at most
    #[arg(long, value_name = "DATE", value_parser = day, required_unless_present_any = ["end", "accept"])]
    pub(crate) until: Option<Date>,
    /// Why
    #[arg(long, default_value = "")]
    pub(crate) reason: String,
    /// End the delegation
    #[arg(long, conflicts_with = "until")]
    pub(crate) end: bool,
}
