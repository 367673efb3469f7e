//! Where issued names come from, what they were before, and what they are to become when people agree.

use crate::ApprovalId;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// What a name was made of: an attribute, another name (`id.user_name`) or a word of the engagement, and its value then; `""` where
/// it had none.
pub type MadeOf = BTreeMap<Arc<str>, Arc<str>>;

/// Another name for somebody who has one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Renamed {
    /// What the name is called (`user_name`).
    pub name: Arc<str>,
    /// What it is.
    pub from: Arc<str>,
    /// What it is to become.
    pub to: Arc<str>,
}

impl fmt::Display for Renamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} → {}", self.name, self.from, self.to)
    }
}

/// Names that somebody is to be given in the place of those that they have, when people agree. They are issued to them already.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renaming {
    /// The new names, by what each is called.
    pub names: BTreeMap<Arc<str>, Arc<str>>,
    /// What each was made of.
    pub made_of: BTreeMap<Arc<str>, MadeOf>,
    /// Which request ended in a no, and when. It stands until what the names are made of changes, or somebody asks again.
    pub denied: Option<(ApprovalId, Timestamp)>,
}

/// What is known of the names of an identity beside the names themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Naming {
    /// What each name was made of.
    pub made_of: BTreeMap<Arc<str>, MadeOf>,
    /// Names that it had before, the oldest first.
    pub former: BTreeMap<Arc<str>, Vec<Arc<str>>>,
    /// Other names that are proposed.
    pub renaming: Option<Renaming>,
}

impl Naming {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.made_of.is_empty() && self.former.is_empty() && self.renaming.is_none()
    }
    /// Whether a name was one of theirs before; capitals make no difference.
    #[must_use]
    pub fn was(&self, name: &str, value: &str) -> bool {
        let former = self.former.get(name).into_iter().flatten();
        former.into_iter().any(|f| f.to_lowercase() == value.to_lowercase())
    }
}
