//! The inputs of issued names, former names, and names proposed for approval.

use crate::ApprovalId;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The inputs of a name: an attribute, another name (`id.user_name`) or a property of the engagement, and its value then; `""` if it
/// had none.
pub type MadeOf = BTreeMap<Arc<str>, Arc<str>>;

/// A rename of an identity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Renamed {
    /// The identifier (`user_name`).
    pub name: Arc<str>,
    /// The present name.
    pub from: Arc<str>,
    /// The new name.
    pub to: Arc<str>,
}

impl fmt::Display for Renamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} → {}", self.name, self.from, self.to)
    }
}

/// Proposed names that replace present ones after approval. They are already issued to the identity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renaming {
    /// The new names, by identifier.
    pub names: BTreeMap<Arc<str>, Arc<str>>,
    /// The inputs of each.
    pub made_of: BTreeMap<Arc<str>, MadeOf>,
    /// The refused request, and when. The refusal is valid until the inputs of the names change, or a new request is made.
    pub denied: Option<(ApprovalId, Timestamp)>,
}

/// What is known about an identity's names in addition to the names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Naming {
    /// The inputs of each name.
    pub made_of: BTreeMap<Arc<str>, MadeOf>,
    /// Former names, the oldest first.
    pub former: BTreeMap<Arc<str>, Vec<Arc<str>>>,
    /// Proposed names.
    pub renaming: Option<Renaming>,
}

impl Naming {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.made_of.is_empty() && self.former.is_empty() && self.renaming.is_none()
    }
    /// Whether a name is a former one; letter case is ignored.
    #[must_use]
    pub fn was(&self, name: &str, value: &str) -> bool {
        let former = self.former.get(name).into_iter().flatten();
        former.into_iter().any(|f| f.to_lowercase() == value.to_lowercase())
    }
}
