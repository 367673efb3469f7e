//! Arguments of `tenure activate`: nothing secret is among them.

use clap::Args;

/// `tenure activate`
#[derive(Debug, Args)]
pub(crate) struct Activate {
    /// Send this person new links instead; the old ones open nothing any more
    #[arg(long, value_name = "PERSON")]
    pub(crate) again: Option<String>,
}
