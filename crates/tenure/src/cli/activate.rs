//! Arguments of `tenure activate`: nothing secret is among them.

use clap::Args;

/// `tenure activate`
#[derive(Debug, Args)]
pub(crate) struct Activate {
    /// Send this person new links instead; the old ones no longer work
    #[arg(long, value_name = "PERSON")]
    pub(crate) again: Option<String>,
}
