//! Inputs of a condition, and the record of what it reads. A clock is not among them.

use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{
    AttributeName, CaseLabel, EngagementType, EntitlementName, IdentityKind, Phase, RawRecord, SourceName,
    Timeline, Value,
};

/// All inputs of an evaluation: one engagement on one local day. What does not apply stays `None` and reads as absent.
///
/// An absent text reads `""`, an absent int `0`, an absent bool `false`, an absent set of texts `[]`. An absent date is `null`: it
/// equals only `null`, and comparing its order with anything is false.
#[derive(Debug, Clone, Copy, Default)]
pub struct Inputs<'a> {
    /// Attributes on that day.
    pub attributes: Option<&'a BTreeMap<AttributeName, Value>>,
    /// Attributes if there is no map of values: read from their timelines.
    pub lines: Option<Lines<'a>>,
    /// `engagement.type`.
    pub engagement_type: Option<&'a EngagementType>,
    /// `engagement.source`.
    pub engagement_source: Option<&'a SourceName>,
    /// `identity.kind`.
    pub identity_kind: Option<IdentityKind>,
    /// `phase`.
    pub phase: Option<Phase>,
    /// `id.<identifier>`.
    pub identifiers: Option<&'a BTreeMap<Arc<str>, Arc<str>>>,
    /// `former.<identifier>`: former names, the oldest first.
    pub former: Option<&'a BTreeMap<Arc<str>, Vec<Arc<str>>>>,
    /// `change`.
    pub change: Option<CaseLabel>,
    /// `grant.system`, `grant.name`, `grant.risk`.
    pub grant: Option<GrantInput<'a>>,
    /// `row.column` and `row["column"]`.
    pub row: Option<&'a RawRecord>,
}

impl<'a> Inputs<'a> {
    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, name: &AttributeName) -> Option<&'a Value> {
        match (self.attributes, self.lines) {
            (Some(values), _) => values.get(name),
            (None, lines) => lines.and_then(|l| l.lines.get(name)?.at(l.day)),
        }
    }
    /// The text of a built-in name; blank if it does not apply.
    #[must_use]
    pub fn word(&self, name: Builtin) -> Arc<str> {
        match super::eval::Read::builtin(self, name) {
            Some(super::eval::Val::Text(text)) => Arc::from(&*text),
            Some(super::eval::Val::Int(n)) => Arc::from(n.to_string()),
            _ => Arc::from(""),
        }
    }
}

/// Attributes as timelines, and the local day on which they are read. Conditions read few of the dozens that people have, so building
/// a map of all values is not worthwhile.
#[derive(Debug, Clone, Copy)]
pub struct Lines<'a> {
    /// By attribute.
    pub lines: &'a BTreeMap<AttributeName, Timeline<Value>>,
    /// The day.
    pub day: Date,
}

/// The grant that an approval rule asks about.
#[derive(Debug, Clone, Copy)]
pub struct GrantInput<'a> {
    /// `grant.system` and `grant.name` (the name within the system).
    pub entitlement: &'a EntitlementName,
    /// `grant.risk`, 0 to 100.
    pub risk: u8,
}

/// A built-in name of conditions, without declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Builtin {
    /// `engagement.type`: text.
    EngagementType,
    /// `engagement.source`: text.
    EngagementSource,
    /// `identity.kind`: text.
    IdentityKind,
    /// `phase`: text.
    Phase,
    /// `change`: text, the label of the case.
    Change,
    /// `grant.system`: text.
    GrantSystem,
    /// `grant.name`: text.
    GrantName,
    /// `grant.risk`: int.
    GrantRisk,
}

impl Builtin {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::EngagementType,
        Self::EngagementSource,
        Self::IdentityKind,
        Self::Phase,
        Self::Change,
        Self::GrantSystem,
        Self::GrantName,
        Self::GrantRisk,
    ];
    /// As written in conditions.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EngagementType => "engagement.type",
            Self::EngagementSource => "engagement.source",
            Self::IdentityKind => "identity.kind",
            Self::Phase => "phase",
            Self::Change => "change",
            Self::GrantSystem => "grant.system",
            Self::GrantName => "grant.name",
            Self::GrantRisk => "grant.risk",
        }
    }
    /// Whether it is about the grant that an approval is about.
    #[must_use]
    pub fn is_grant(self) -> bool {
        matches!(self, Self::GrantSystem | Self::GrantName | Self::GrantRisk)
    }
}

/// What a condition or expression reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reads {
    /// Declared attributes.
    pub attributes: BTreeSet<AttributeName>,
    /// Built-in names.
    pub builtins: BTreeSet<Builtin>,
    /// Identifiers (`id.user_name` reads `user_name`).
    pub identifiers: BTreeSet<Arc<str>>,
    /// Identifiers whose former names are read (`former.mail` reads `mail`).
    pub former: BTreeSet<Arc<str>>,
    /// Columns of the row.
    pub columns: BTreeSet<Arc<str>>,
}
