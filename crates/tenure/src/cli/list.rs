//! Arguments of the lists: people, holders, entitlements, exceptions, reviews, quarantine, tasks, accounts, history.

use clap::{Args, Subcommand};
use tenure_app::{PAGE_MAX, Page};
use tenure_model::{EntitlementName, IdentityKind, Name, OrphanClass, Phase, SourceName, SystemName};

/// The lists.
#[derive(Debug, Subcommand)]
pub(crate) enum List {
    /// List identities: by name, phase, kind, source or system
    People(People),
    /// Show who has an account in a system or holds an entitlement: since when, why, who agreed, until when
    Holders(Holders),
    /// List entitlements with owner, risk and number of holders
    Entitlements(Entitlements),
    /// List exceptions (access outside policy) that have not ended, those that end soonest first
    Exceptions(Exceptions),
    /// List reviews that are due, with reviewer, deadline and what happens otherwise
    Reviews(Reviews),
    /// List rows of sources that could not be read, with owner and deadline
    Quarantine(Quarantine),
    /// List tasks that are not done, with what each waits for; --manual: those that a person does
    Tasks(Tasks),
    /// List accounts of systems that are linked to no identity: orphans, unlinked and disputed ones
    Accounts(Accounts),
    /// Show the entries of the ledger about an identity, the newest first
    History(History),
}

/// Heading of the options by which a list is read in parts.
const PAGE: &str = "Page";

/// Which part of a list.
#[derive(Debug, Args)]
pub(crate) struct Paging {
    /// At most this many
    #[arg(long, value_name = "N", help_heading = PAGE, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=i64::from(PAGE_MAX)))]
    limit: u32,
    /// Start after this place: the last line of the previous page names it
    #[arg(long, value_name = "PLACE", help_heading = PAGE)]
    after: Option<String>,
}

impl Paging {
    /// The page.
    pub(crate) fn page(&self) -> Page {
        Page { limit: self.limit, after: self.after.as_deref().map(Into::into) }
    }
}

/// `tenure people`
#[derive(Debug, Args)]
pub(crate) struct People {
    /// A part of a name in any order, script or transliteration, of a key, or of an issued name
    pub(crate) text: Option<String>,
    /// Only in this phase: expected, preparing, active, absent, departed or erased
    #[arg(long, value_parser = phase)]
    pub(crate) phase: Option<Phase>,
    /// Only of this kind: person, service, agent or shared
    #[arg(long, value_parser = kind)]
    pub(crate) kind: Option<IdentityKind>,
    /// Only with a record of this source
    #[arg(long, value_parser = name::<SourceName>)]
    pub(crate) source: Option<SourceName>,
    /// Only with an account in this system
    #[arg(long, value_parser = name::<SystemName>)]
    pub(crate) system: Option<SystemName>,
    /// Which part of the list
    #[command(flatten)]
    pub(crate) paging: Paging,
}

/// `tenure holders`
#[derive(Debug, Args)]
pub(crate) struct Holders {
    /// The system, or the entitlement
    #[arg(value_name = "SYSTEM[:ENTITLEMENT]", value_parser = target)]
    pub(crate) of: HoldersOf,
    /// Which part of the list
    #[command(flatten)]
    pub(crate) paging: Paging,
}

/// A system, or an entitlement of it.
#[derive(Debug, Clone)]
pub(crate) struct HoldersOf {
    pub(crate) system: SystemName,
    pub(crate) entitlement: Option<EntitlementName>,
}

/// `tenure entitlements`
#[derive(Debug, Args)]
pub(crate) struct Entitlements {
    /// Only of this system
    #[arg(long, value_parser = name::<SystemName>)]
    pub(crate) system: Option<SystemName>,
    /// Only of this owner, as the configuration names it
    #[arg(long)]
    pub(crate) owner: Option<String>,
    /// Only of this risk or more (0 to 100)
    #[arg(long, value_name = "RISK", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) risk: u8,
    /// Only those without an owner: they are inventoried and never changed
    #[arg(long)]
    pub(crate) unmanaged: bool,
    /// Which part of the list
    #[command(flatten)]
    pub(crate) paging: Paging,
}

/// `tenure exceptions`
#[derive(Debug, Args)]
pub(crate) struct Exceptions {
    /// Which part of the list
    #[command(flatten)]
    pub(crate) paging: Paging,
}

/// `tenure reviews`
#[derive(Debug, Args)]
pub(crate) struct Reviews {
    /// Which part of the list
    #[command(flatten)]
    pub(crate) paging: Paging,
}

/// `tenure quarantine`
#[derive(Debug, Args)]
pub(crate) struct Quarantine {
    /// Only of this source
    #[arg(long, value_parser = name::<SourceName>)]
    pub(crate) source: Option<SourceName>,
    /// Which part of the list
    #[command(flatten)]
    pub(crate) paging: Paging,
}

/// `tenure tasks`
#[derive(Debug, Args)]
pub(crate) struct Tasks {
    /// Only of this person: worker number, user name, e-mail address, id or part of the name
    pub(crate) person: Option<String>,
    /// Only on this system
    #[arg(long, value_parser = name::<SystemName>)]
    pub(crate) system: Option<SystemName>,
    /// Only those that need a person
    #[arg(long)]
    pub(crate) manual: bool,
    /// Which part of the list
    #[command(flatten)]
    pub(crate) paging: Paging,
}

/// `tenure accounts`
#[derive(Debug, Args)]
pub(crate) struct Accounts {
    /// Only of this system
    #[arg(long, value_parser = name::<SystemName>)]
    pub(crate) system: Option<SystemName>,
    /// Only of this class: human, service, shared, built-in or unknown
    #[arg(long, value_parser = class)]
    pub(crate) class: Option<OrphanClass>,
    /// Only those for which no identity was found
    #[arg(long)]
    pub(crate) orphans: bool,
    /// Only those for which identities were found: link each or declare it an orphan
    #[arg(long, conflicts_with = "orphans")]
    pub(crate) asked: bool,
    /// Which part of the list
    #[command(flatten)]
    pub(crate) paging: Paging,
}

/// `tenure history`
#[derive(Debug, Args)]
pub(crate) struct History {
    /// Worker number, user name, e-mail address, id or part of the name
    pub(crate) person: String,
    /// Which part of the list
    #[command(flatten)]
    pub(crate) paging: Paging,
}

fn class(text: &str) -> Result<OrphanClass, String> {
    let all = || OrphanClass::ALL.map(OrphanClass::as_str).join(", ");
    OrphanClass::parse(text).ok_or_else(|| format!("one of {}", all()))
}

pub(super) fn name<T: Name>(text: &str) -> Result<T, String> {
    T::new(text).map_err(|e| e.to_string())
}

fn phase(text: &str) -> Result<Phase, String> {
    Phase::parse(text).ok_or_else(|| format!("one of {}", Phase::ALL.map(Phase::as_str).join(", ")))
}

fn kind(text: &str) -> Result<IdentityKind, String> {
    let all = || IdentityKind::ALL.map(IdentityKind::as_str).join(", ");
    IdentityKind::parse(text).ok_or_else(|| format!("one of {}", all()))
}

fn target(text: &str) -> Result<HoldersOf, String> {
    if !text.contains(':') {
        return Ok(HoldersOf { system: name(text)?, entitlement: None });
    }
    let entitlement: EntitlementName = name(text)?;
    Ok(HoldersOf { system: name(entitlement.system_str())?, entitlement: Some(entitlement) })
}
