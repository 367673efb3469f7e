//! Arguments of `tenure check`.

use clap::Args;

/// `tenure check`
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Connect to each system, too, and report what answers
    #[arg(long)]
    pub(crate) connect: bool,
}
