//! The arguments of `tenure correlate`.

use clap::Args;

/// `tenure correlate`
#[derive(Debug, Args)]
pub(crate) struct Correlate {
    /// The question to answer; without it, all are listed
    pub(crate) id: Option<String>,
    /// The record belongs to this person
    #[arg(long, alias = "same", value_name = "PERSON", conflicts_with = "new")]
    pub(crate) link: Option<String>,
    /// The record belongs to a new identity
    #[arg(long)]
    pub(crate) new: bool,
    /// List the questions that this key of the records answers: which identity it names (previous_number, for example)
    #[arg(long, value_name = "KEY", conflicts_with_all = ["id", "link", "new"])]
    pub(crate) by: Option<String>,
    /// With --by: answer all of them; a question about your own record stays open
    #[arg(long, requires = "by")]
    pub(crate) all: bool,
    /// Merge two identities: the first becomes part of the second
    #[arg(long, num_args = 2, value_names = ["FROM", "INTO"], conflicts_with_all = ["id", "link", "new"])]
    pub(crate) merge: Vec<String>,
    /// Split a record off into a new identity
    #[arg(long, num_args = 2, value_names = ["PERSON", "SOURCE:KEY"], conflicts_with_all = ["id", "link", "new", "merge"])]
    pub(crate) split: Vec<String>,
    /// Which part of the list
    #[command(flatten)]
    pub(crate) paging: super::Paging,
    /// Do not ask for confirmation; without a terminal this is needed
    #[arg(long, requires = "merge")]
    pub(crate) yes: bool,
}
