//! Arguments of `tenure identity`: services, agents and shared accounts by command.

use super::{day, pair};
use clap::{Args, Subcommand};

/// `tenure identity`
#[derive(Debug, Args)]
pub(crate) struct Identity {
    /// What to do with them
    #[command(subcommand)]
    pub(crate) command: IdentityCommand,
}

/// The commands about non-human identities.
#[derive(Debug, Subcommand)]
pub(crate) enum IdentityCommand {
    /// Declare a service, an agent or a shared account; the policy gives its access
    Add {
        /// What it is
        #[arg(value_parser = ["service", "agent", "shared"])]
        kind: String,
        /// Its name
        name: String,
        /// What is stated of it
        #[command(flatten)]
        stated: Stated,
    },
    /// Change the owner, deputy or purpose of a non-human identity, or extend its expiry
    Change {
        /// Its name
        name: String,
        /// What is stated of it
        #[command(flatten)]
        stated: Stated,
    },
    /// End a non-human identity: its access ends as that of a leaver
    End {
        /// Its name
        name: String,
        /// Its last day, in its owner's time zone; without it, now
        #[arg(long, value_name = "DATE", value_parser = day)]
        on: Option<jiff::civil::Date>,
    },
    /// Show a non-human identity with its owner and deputy
    Show {
        /// Its name
        name: String,
    },
    /// List services, agents and shared accounts, by name
    List {
        /// Ended ones too
        #[arg(long)]
        all: bool,
    },
}

/// What is stated of a non-human identity.
#[derive(Debug, Args)]
pub(crate) struct Stated {
    /// The owner (mandatory at the start)
    #[arg(long, value_name = "PERSON")]
    pub(crate) owner: Option<String>,
    /// The deputy, who answers when the owner is gone
    #[arg(long, value_name = "PERSON")]
    pub(crate) deputy: Option<String>,
    /// What it is for (mandatory at the start)
    #[arg(long, value_name = "TEXT")]
    pub(crate) purpose: Option<String>,
    /// Its last day, in its owner's time zone; mandatory at the start, at most a year ahead, unless the policy's custody table says otherwise
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) until: Option<jiff::civil::Date>,
    /// A further attribute that rules read; several texts with commas between them
    #[arg(long, value_name = "ATTRIBUTE=VALUE", value_parser = pair)]
    pub(crate) set: Vec<(String, String)>,
}
