//! The arguments of `tenure plan` and `tenure apply`.

use super::pair;
use clap::Args;
use std::path::PathBuf;

/// `tenure plan`
#[derive(Debug, Args)]
pub(crate) struct Plan {
    /// Another folder's configuration instead of this one's
    #[arg(long, value_name = "FOLDER")]
    pub(crate) policy: Option<PathBuf>,
    /// Another file instead of a source's own feed; may be given for several sources
    #[arg(long, value_name = "SOURCE=FILE", value_parser = pair, conflicts_with = "no_feeds")]
    pub(crate) feed: Vec<(String, String)>,
    /// Leave the feeds out: only what the configuration and the date change
    #[arg(long)]
    pub(crate) no_feeds: bool,
    /// List all identities, not only the first twenty
    #[arg(long)]
    pub(crate) all: bool,
    /// Write the plan to this file too: `apply --plan FILE` does what it says and no more
    #[arg(long, value_name = "FILE", conflicts_with_all = ["policy", "feed"])]
    pub(crate) out: Option<PathBuf>,
}

/// `tenure apply`
#[derive(Debug, Args)]
pub(crate) struct Apply {
    /// Settle all identities at once (otherwise the next run does)
    #[arg(long)]
    pub(crate) settle: bool,
    /// Confirm, as the second person, the configuration that waits; the folder is not read
    #[arg(long, value_name = "HASH")]
    pub(crate) confirm: Option<String>,
    /// Do not ask for confirmation; without a terminal, this or --plan is needed
    #[arg(long)]
    pub(crate) yes: bool,
    /// Apply only if nothing was added to this plan, which `tenure plan --out FILE` wrote
    #[arg(long, value_name = "FILE", conflicts_with_all = ["yes", "confirm"])]
    pub(crate) plan: Option<PathBuf>,
}
