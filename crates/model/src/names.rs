//! Names that people write in policy and data. Cheap to clone: a name is shared, not copied.

use crate::text::is_unprintable;
use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

/// The longest name, in bytes.
pub(crate) const NAME_BYTES_MAX: usize = 256;

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Empty.
    #[error("a name cannot be empty")]
    Empty,
    /// Longer than 256 bytes.
    #[error("a name has at most {NAME_BYTES_MAX} bytes, this one has {0}")]
    TooLong(usize),
    /// Control characters, characters that change text direction, or white space at an end.
    #[error(
        "a name has no control characters, no marks that turn its direction, and no white space at its ends"
    )]
    Unprintable,
    /// An entitlement that is not `system:name`.
    #[error("an entitlement is written `system:name`")]
    NoSystem,
}

/// What all names have in common.
pub trait Name: Sized {
    /// Validates a text.
    ///
    /// # Errors
    /// Says what is wrong with the text.
    fn new(text: &str) -> Result<Self, NameError>;
    /// The text.
    fn as_str(&self) -> &str;
}

fn checked(text: &str) -> Result<Arc<str>, NameError> {
    if text.is_empty() {
        return Err(NameError::Empty);
    }
    if text.len() > NAME_BYTES_MAX {
        return Err(NameError::TooLong(text.len()));
    }
    if text.trim() != text || text.chars().any(is_unprintable) {
        return Err(NameError::Unprintable);
    }
    Ok(Arc::from(text))
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl Name for $name {
            fn new(text: &str) -> Result<Self, NameError> {
                checked(text).map(Self)
            }
            fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }
    )+};
}

names! {
    /// An authoritative system, named as its file in `sources/`.
    SourceName,
    /// A downstream system, named as its file in `systems/`.
    SystemName,
    /// An attribute of an engagement, or one that Tenure writes to an account.
    AttributeName,
    /// A rule of the policy (baseline, approval, separation, handover, …).
    RuleName,
    /// A bundle of entitlements.
    BundleName,
    /// A type of engagement. The engine knows none of them: they appear in policy and data only.
    EngagementType,
    /// The key of a record within its source.
    RecordKey,
    /// The kind of an account within its system (`default`, `admin`, …).
    Kind,
    /// The content hash of a configuration (lower-case hexadecimal SHA-256).
    SetupHash,
}

impl Default for Kind {
    fn default() -> Self {
        Self(Arc::from("default"))
    }
}

/// An entitlement of a system: `system:name`, for example `git:developer` or `git:project/alpha`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntitlementName {
    text: Arc<str>,
    colon: u16,
}

impl EntitlementName {
    /// The entitlement `name` of `system`.
    ///
    /// # Errors
    /// Says what is wrong with the combined text.
    pub fn of(system: &SystemName, name: &str) -> Result<Self, NameError> {
        Self::new(&format!("{system}:{name}"))
    }
    /// The system of the entitlement.
    #[must_use]
    pub fn system(&self) -> SystemName {
        SystemName(Arc::from(self.system_str()))
    }
    /// The system of the entitlement, as text.
    #[must_use]
    pub fn system_str(&self) -> &str {
        self.text.get(..usize::from(self.colon)).unwrap_or_default()
    }
    /// The name within the system.
    #[must_use]
    pub fn local(&self) -> &str {
        self.text.get(usize::from(self.colon) + 1..).unwrap_or_default()
    }
}

impl Name for EntitlementName {
    fn new(text: &str) -> Result<Self, NameError> {
        let text = checked(text)?;
        match text.find(':') {
            Some(at) if at > 0 && at + 1 < text.len() => {
                let colon = u16::try_from(at).map_err(|_| NameError::TooLong(text.len()))?;
                Ok(Self { text, colon })
            }
            _ => Err(NameError::NoSystem),
        }
    }
    fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for EntitlementName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for EntitlementName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entitlement_names_its_system() {
        let e = EntitlementName::new("git:project/a:b").unwrap();
        assert_eq!((e.system_str(), e.local()), ("git", "project/a:b"));
        for bad in ["git", ":x", "git:", "", " git:x", "git:a\u{202e}b", "git:a\u{1b}b"] {
            assert!(EntitlementName::new(bad).is_err(), "{bad:?}");
        }
    }
}
