//! Arguments of `tenure release`: what brakes hold.

use clap::Args;

/// `tenure release`
#[derive(Debug, Args)]
pub(crate) struct Release {
    /// The held change; without it, all are listed
    pub(crate) id: Option<String>,
    /// Show which identities it affects and what each would lose
    #[arg(long)]
    pub(crate) list: bool,
    /// Release only for these people; the rest stays held
    #[arg(long, value_name = "PERSON", requires = "id")]
    pub(crate) only: Vec<String>,
    /// Which part of the list
    #[command(flatten)]
    pub(crate) paging: super::Paging,
    /// Do not ask for confirmation; without a terminal this is needed
    #[arg(long)]
    pub(crate) yes: bool,
}
