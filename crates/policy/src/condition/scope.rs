//! The names that a text may use, by its place.

use super::inputs::Builtin;
use crate::AttributeDecl;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{AttributeName, CaseLabel, IdentityKind, Name, Phase};

/// The declarations of the whole configuration, for names and for the possible values of some names.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    pub(crate) attributes: BTreeMap<AttributeName, AttributeDecl>,
    pub(crate) identifiers: BTreeSet<Arc<str>>,
    pub(crate) engagement_types: BTreeSet<Arc<str>>,
    pub(crate) sources: BTreeSet<Arc<str>>,
    pub(crate) systems: BTreeSet<Arc<str>>,
}

/// The names available at one place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope {
    pub(crate) attributes: bool,
    pub(crate) identifiers: bool,
    pub(crate) former: bool,
    pub(crate) row: bool,
    pub(crate) builtins: &'static [Builtin],
}

impl Scope {
    /// Baseline, local and handover rules: independent of time.
    pub(crate) const ENGAGEMENT: Self = Self {
        attributes: true,
        identifiers: false,
        former: false,
        row: false,
        builtins: &[Builtin::EngagementType, Builtin::EngagementSource, Builtin::IdentityKind],
    };
    /// Candidates of an identifier: they may use identifiers that were issued before.
    pub(crate) const IDENTIFIER: Self = Self { identifiers: true, ..Self::ENGAGEMENT };
    /// Attributes that are written to accounts.
    pub(crate) const ACCOUNT: Self = Self {
        attributes: true,
        identifiers: true,
        former: true,
        row: false,
        builtins: &[
            Builtin::EngagementType,
            Builtin::EngagementSource,
            Builtin::IdentityKind,
            Builtin::Phase,
        ],
    };
    /// Approval rules.
    pub(crate) const APPROVAL: Self =
        Self { identifiers: false, former: false, builtins: &Builtin::ALL, ..Self::ACCOUNT };
    /// The mapping of a source: only the row.
    pub(crate) const ROW: Self =
        Self { attributes: false, identifiers: false, former: false, row: true, builtins: &[] };

    /// Every name available here, for suggestions.
    pub(crate) fn names(self, declared: &Declared) -> Vec<String> {
        let attributes =
            declared.attributes.keys().filter(|_| self.attributes).map(|n| n.as_str().to_owned());
        let builtins = self.builtins.iter().map(|b| b.as_str().to_owned());
        let ids = declared.identifiers.iter().filter(|_| self.identifiers).map(|n| format!("id.{n}"));
        let former = declared.identifiers.iter().filter(|_| self.former).map(|n| format!("former.{n}"));
        attributes.chain(builtins).chain(ids).chain(former).collect()
    }
}

impl Declared {
    /// The possible texts of a name, if the configuration knows all of them.
    pub(crate) fn values_of(&self, name: Builtin) -> Vec<String> {
        let owned = |set: &BTreeSet<Arc<str>>| set.iter().map(ToString::to_string).collect();
        match name {
            Builtin::Phase => Phase::ALL.iter().map(|p| p.as_str().to_owned()).collect(),
            Builtin::Change => CaseLabel::ALL.iter().map(|l| l.as_str().to_owned()).collect(),
            Builtin::IdentityKind => IdentityKind::ALL.iter().map(|k| k.as_str().to_owned()).collect(),
            Builtin::EngagementType => owned(&self.engagement_types),
            Builtin::EngagementSource => owned(&self.sources),
            Builtin::GrantSystem => owned(&self.systems),
            Builtin::GrantName | Builtin::GrantRisk => Vec::new(),
        }
    }
}
