//! The arguments of `tenure cutoff`.

use super::{instant, pair};
use clap::{ArgGroup, Args};
use jiff::Timestamp;
use tenure_model::CutOffClass;

/// `tenure cutoff`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("whom").args(["person", "account", "key", "name"]))]
pub(crate) struct CutOff {
    /// Worker number, user name, e-mail address or id (its last 8 digits are enough); without it, orders are listed
    pub(crate) person: Option<String>,
    /// An account that is linked to no identity
    #[arg(long, value_name = "SYSTEM:NAME")]
    pub(crate) account: Option<String>,
    /// Cut off any identity that appears with this key or issued name, in advance
    #[arg(long, value_name = "KIND=VALUE", value_parser = pair)]
    pub(crate) key: Option<(String, String)>,
    /// Cut off any identity that appears with this name, in advance
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Why (restricted visibility)
    #[arg(long)]
    pub(crate) reason: Option<String>,
    /// Reason class: investigation, dismissal, death, security or other (restricted visibility)
    #[arg(long, value_parser = class, default_value = "other")]
    pub(crate) class: CutOffClass,
    /// When it is reviewed (default: in 14 days); for an identity that is cut off, the new review date
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) review: Option<Timestamp>,
    /// Lift the cut-off: neither its issuer nor its holder may
    #[arg(long, requires = "whom", conflicts_with_all = ["reason", "review", "confirm"])]
    pub(crate) lift: bool,
    /// Confirm, as the second person, a cut-off of the last present member of the escalation group
    #[arg(long, requires = "person", conflicts_with_all = ["reason", "review"])]
    pub(crate) confirm: bool,
    /// Which part of the list of orders
    #[command(flatten)]
    pub(crate) paging: super::Paging,
    /// Do not ask for confirmation; without a terminal there is no question
    #[arg(long)]
    pub(crate) yes: bool,
}

impl CutOff {
    /// Whether orders are listed.
    pub(crate) fn is_list(&self) -> bool {
        self.person.is_none() && self.account.is_none() && self.order().is_none()
    }

    /// What is ordered for a key or a name, as orders are listed.
    pub(crate) fn order(&self) -> Option<(String, String)> {
        self.key.clone().or_else(|| self.name.clone().map(|name| ("name".to_owned(), name)))
    }
}

fn class(text: &str) -> Result<CutOffClass, String> {
    let all = || CutOffClass::ALL.map(CutOffClass::as_str).join(", ");
    CutOffClass::parse(text).ok_or_else(|| format!("one of {}", all()))
}
