//! Arguments of `tenure hold` and `tenure erase`: what keeps what is known of somebody, and what ends it.

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
    /// Hold somebody's accounts and what is known of them; access ends as ever
    Set {
        /// Worker number, user name, e-mail address, id or part of the name
        person: String,
        /// Who needs it: legal or hr
        #[arg(long, value_parser = class)]
        class: HoldClass,
        /// Why
        #[arg(long)]
        reason: String,
        /// Until this instant (RFC 3339); without it, until somebody lifts it
        #[arg(long, value_name = "INSTANT", value_parser = super::instant)]
        until: Option<Timestamp>,
    },
    /// Lift a hold; nobody lifts one on themselves
    Lift {
        /// Worker number, user name, e-mail address, id or part of the name
        person: String,
        /// Which: legal or hr
        #[arg(long, value_parser = class)]
        class: HoldClass,
    },
    /// List the holds that are on
    List,
}

fn class(text: &str) -> Result<HoldClass, String> {
    HoldClass::parse(text).ok_or_else(|| "write legal or hr".to_owned())
}

/// `tenure erase`
#[derive(Debug, Args)]
pub(crate) struct Erase {
    /// Worker number, user name, e-mail address, id or part of the name; without it, those are listed whom the retention time lets go
    pub(crate) person: Option<String>,
    /// Why; with it the last resort erases before the retention time is over
    #[arg(long, requires = "person")]
    pub(crate) reason: Option<String>,
}
