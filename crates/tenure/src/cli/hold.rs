//! Arguments of `tenure hold` and `tenure erase`: what keeps the data of an identity, and what ends it.

use clap::{Args, Subcommand};
use jiff::Timestamp;
use tenure_model::HoldClass;

/// `tenure hold`
#[derive(Debug, Args)]
pub(crate) struct Hold {
    /// What to do
    #[command(subcommand)]
    pub(crate) command: HoldCommand,
}

/// The commands about holds.
#[derive(Debug, Subcommand)]
pub(crate) enum HoldCommand {
    /// Hold the accounts and data of an identity; its access ends as usual
    Set {
        /// Worker number, user name, e-mail address, id, or a name that one identity has
        person: String,
        /// Who needs it: legal or hr
        #[arg(long, value_parser = class)]
        class: HoldClass,
        /// Why
        #[arg(long)]
        reason: String,
        /// Until this instant (RFC 3339); without it, until it is lifted
        #[arg(long, value_name = "INSTANT", value_parser = super::instant)]
        until: Option<Timestamp>,
    },
    /// Lift a hold; you cannot lift one on yourself
    Lift {
        /// Worker number, user name, e-mail address, id, or a name that one identity has
        person: String,
        /// The class: legal or hr
        #[arg(long, value_parser = class)]
        class: HoldClass,
    },
    /// List the holds in force
    List,
}

fn class(text: &str) -> Result<HoldClass, String> {
    HoldClass::parse(text).ok_or_else(|| "write legal or hr".to_owned())
}

/// `tenure erase`
#[derive(Debug, Args)]
pub(crate) struct Erase {
    /// Worker number, user name, e-mail address or id (its last 8 digits are enough); without it, identities past the retention period are
    /// listed
    pub(crate) person: Option<String>,
    /// Why; with it the escalation group may erase before the retention period ends
    #[arg(long, requires = "person")]
    pub(crate) reason: Option<String>,
    /// Do not ask for confirmation
    #[arg(long, requires = "person")]
    pub(crate) yes: bool,
}
