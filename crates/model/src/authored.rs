//! Authors of the parts of a configuration that give access: what an author gains by a part is asked about.

use crate::{BundleName, IdentityId, Name, RuleName, SourceName};
use std::collections::BTreeSet;
use std::fmt;

/// A part of a configuration that gives or keeps access.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConfigPart {
    /// A rule that gives access.
    Baseline(RuleName),
    /// A rule that lets a mover keep access for a limited time.
    Handover(RuleName),
    /// The content of a bundle.
    Bundle(BundleName),
    /// How the rows of a source are interpreted.
    Source(SourceName),
}

impl fmt::Display for ConfigPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Baseline(name) => write!(f, "baseline {name}"),
            Self::Handover(name) => write!(f, "handover {name}"),
            Self::Bundle(name) => write!(f, "bundle {name}"),
            Self::Source(name) => write!(f, "source {name}"),
        }
    }
}

impl ConfigPart {
    /// The part that [`fmt::Display`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (what, name) = text.split_once(' ')?;
        match what {
            "baseline" => RuleName::new(name).ok().map(Self::Baseline),
            "handover" => RuleName::new(name).ok().map(Self::Handover),
            "bundle" => BundleName::new(name).ok().map(Self::Bundle),
            "source" => SourceName::new(name).ok().map(Self::Source),
            _ => None,
        }
    }
}

/// Authors of a part of the active configuration, seen from one identity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Authors {
    /// Its authors, and the person who confirmed it.
    pub by: BTreeSet<IdentityId>,
    /// One of them counts as the identity: the same person, a delegate of the author, or an identity that the author owns.
    pub own: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_read_back_as_it_was_written() {
        let rule = RuleName::new("staff in sales").unwrap();
        let parts = [
            ConfigPart::Baseline(rule.clone()),
            ConfigPart::Handover(rule),
            ConfigPart::Bundle(BundleName::new("clerk").unwrap()),
            ConfigPart::Source(SourceName::new("hr").unwrap()),
        ];
        for part in parts {
            assert_eq!(ConfigPart::parse(&part.to_string()), Some(part));
        }
        assert_eq!(ConfigPart::parse("group security"), None);
    }
}
