//! Authoritative sources: where a feed is, what its rows mean, and which source has precedence.

use super::At;
use crate::{Condition, Expression};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{AttributeName, EngagementType, IdentityKind, SourceName, ValueType};

/// The source of statements by command. No file of `sources/` may have this name: no feed uses it.
pub const COMMAND_SOURCE: &str = "command";
/// The engagement type of non-human identities.
pub const CUSTODY: &str = "custody";
/// The attributes that commands fill if the policy declares them: owner, deputy, purpose, name.
pub const CUSTODY_ATTRIBUTES: [&str; 4] = ["owner", "deputy", "purpose", "machine"];

/// Placeholder in a source's `path` for the time of extraction in its file names.
pub const EXTRACTED: &str = "{extracted}";

/// How a source is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceFormat {
    /// Separated values with a header.
    Csv {
        /// One ASCII character.
        delimiter: u8,
        /// One ASCII character.
        quote: u8,
    },
    /// One JSON object for each line.
    JsonLines,
}

/// Date format of a source. Two-digit years and other orders are errors, never guesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateFormat {
    /// `2026-03-31`, also with `T17:00[:00]`.
    Iso,
    /// `31.03.2026`.
    DayMonthYear,
    /// `03/31/2026`.
    MonthDayYear,
}

/// What it means that a known record is missing from a full feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingRule {
    /// Nothing.
    Ignore,
    /// The engagement ends this long after the first feed without it (zero: at once).
    EndAfter(SignedDuration),
}

/// How many identities may lose access in a rolling 24 hours before a person must release it. It trips if both limits are exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brake {
    /// Percent of the people of the source or system, 0 to 100.
    pub percent: u8,
    /// And at least this many.
    pub count: u32,
}

/// Whether a blank cell is a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blank {
    /// It is: "no value".
    Value,
    /// It is not: the last value stays.
    Keep,
}

/// How one value is read from a row.
#[derive(Debug, Clone)]
pub enum Take {
    /// The text of a column as it is (plain mappings bypass CEL).
    Column(Arc<str>),
    /// An expression over the raw row: `row.column` or `row["column"]`, all texts.
    Cel(Expression),
    /// Always this text.
    Constant(Arc<str>),
}

/// The mapping of one attribute.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// The attribute.
    pub attribute: AttributeName,
    /// Its declared type.
    pub value_type: ValueType,
    /// Where the value comes from.
    pub take: Take,
    /// For sets: the separator of the texts in a cell.
    pub separator: Option<Arc<str>>,
    /// What a blank cell means.
    pub blank: Blank,
    /// The column with the local day from which the value holds, if there is one.
    pub effective: Option<Take>,
}

impl Source {
    /// How rows are interpreted and correlated by this configuration, as one text: a different text means that each row must be read
    /// again.
    #[must_use]
    pub fn reading(&self) -> String {
        let how = (&self.format, &self.encoding, self.dates, self.identity_kind, &self.key);
        let what = (&self.engagement, &self.zone, &self.keys, &self.mappings);
        let whose = (&self.engagement_types, &self.end_required, &self.correlate);
        format!("{how:?} {what:?} {whose:?}")
    }
}

/// The meaning of a column's values, as IANA zone names.
pub type ZoneTable = BTreeMap<Arc<str>, Arc<str>>;

/// How the zone of a row is determined; tried in this order.
#[derive(Debug, Clone, Default)]
pub struct ZoneRule {
    /// A column that holds an IANA name.
    pub record: Option<Take>,
    /// A column and the meaning of its values.
    pub location: Option<(Take, ZoneTable)>,
    /// A column with the legal entity, and the meaning of its values.
    pub entity: Option<(Take, ZoneTable)>,
    /// The zone of rows that state none.
    pub default: Option<Arc<str>>,
    /// The zone of ends if even that is missing: the earliest one that the source declares.
    pub earliest: Option<Arc<str>>,
}

/// How the engagement is read from a row; `None` if a source only adds attributes.
#[derive(Debug, Clone)]
pub struct EngagementMap {
    /// Type of engagement.
    pub kind: Take,
    /// First day.
    pub start: Option<Take>,
    /// Last working day.
    pub last_day: Option<Take>,
    /// End of the contract.
    pub end: Option<Take>,
    /// First and last day of an absence.
    pub absence: Option<(Take, Take)>,
    /// A condition over the row that means "never began".
    pub withdrawn: Option<Condition>,
    /// A condition over the row that means "no longer exists" (a delta feed's delete marker).
    pub gone: Option<Condition>,
}

/// One ranked rule of correlation.
#[derive(Debug, Clone)]
pub enum CorrelateRule {
    /// Equal strong keys link without asking.
    Exact {
        /// The kind of key.
        key: Arc<str>,
        /// The engagement types whose identities it links to; for others a person is asked. Empty: any type.
        types: BTreeSet<EngagementType>,
    },
    /// A weighted similarity asks a person; it never links.
    Fuzzy {
        /// Weight by kind of key (`name`, `birth_date`, `email`, `previous_number`), in percent; sums to 100.
        weights: BTreeMap<Arc<str>, u8>,
        /// Ask from this similarity on, in percent.
        ask_from: u8,
    },
}

/// An authoritative source.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its name (that of its file).
    pub name: SourceName,
    /// How it is read.
    pub format: SourceFormat,
    /// Encoding label (WHATWG): `utf-8`, `utf-16le`, `latin1`; a BOM wins.
    pub encoding: Arc<str>,
    /// Path of the feed, relative to the configuration folder.
    pub path: Arc<str>,
    /// The column that states when a feed was extracted; without it the place of [`EXTRACTED`] in `path`, if present.
    pub extracted: Option<Arc<str>>,
    /// Whether each feed is the full population.
    pub snapshot: bool,
    /// How often it reports; overdue is a finding.
    pub every: Option<SignedDuration>,
    /// How dates are written.
    pub dates: DateFormat,
    /// What its rows are about.
    pub identity_kind: IdentityKind,
    /// Where the record key comes from.
    pub key: Take,
    /// How the engagement is read.
    pub engagement: Option<EngagementMap>,
    /// How the zone is found.
    pub zone: ZoneRule,
    /// Keys for matching: kind of key and where it comes from.
    pub keys: BTreeMap<Arc<str>, Take>,
    /// Attributes.
    pub mappings: Vec<Mapping>,
    /// Engagement types that it may state; others are errors of the row.
    pub engagement_types: BTreeSet<EngagementType>,
    /// Those of them that must state an end (`[lifecycle] end_required`).
    pub end_required: BTreeSet<EngagementType>,
    /// Rank of its statements: lower wins. Equal ranks are refused at load if two sources map the same attribute.
    pub rank: u16,
    /// What a missing record means.
    pub missing: MissingRule,
    /// Its brake.
    pub brake: Brake,
    /// Its brake on additions: how many identities may gain access by it in a day; `None`: no limit.
    pub additions: Option<Brake>,
    /// How its records find their identity.
    pub correlate: Vec<CorrelateRule>,
    /// The owner of quarantined rows.
    pub owner: Arc<str>,
    /// Where it was declared.
    pub at: At,
}
