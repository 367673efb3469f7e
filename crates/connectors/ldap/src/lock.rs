//! How an account is disabled: by a means that the directory itself enforces at login.

use crate::entry::Entry;
use ldap3::Mod;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_connect::{SettingError, Settings};

/// The time that means "locked until an administrator unlocks it" (draft-behera-ldap-password-policy, section 5.3.3).
pub(crate) const LOCKED_FOR_GOOD: &str = "000001010000Z";
pub(crate) const LOCKED_TIME: &str = "pwdAccountLockedTime";
pub(crate) const POLICY_OF_ENTRY: &str = "pwdPolicySubentry";
/// Attributes that directories are known to enforce: 389 DS and Oracle's `nsAccountLock`, eDirectory's `loginDisabled`.
const ENFORCED: [&str; 2] = ["nsaccountlock", "logindisabled"];

/// The setting `disable`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Disable {
    /// OpenLDAP's ppolicy overlay refuses the login of an account whose `pwdAccountLockedTime` is [`LOCKED_FOR_GOOD`], if its policy
    /// has `pwdLockout TRUE`. The overlay sets any other time itself after wrong passwords, and that lock ends by itself: such an
    /// account counts as usable, so that repairing drift never removes the protection against guessing. `pwdStartTime` and
    /// `pwdEndTime` belong to other administrators and are ignored: an account outside them counts as usable, which errs on the side
    /// of disabling it.
    ///
    /// The overlay removes the lock when an administrator sets a new password. That appears as drift.
    Ppolicy,
    /// An attribute with one value for usable and one for unusable. An account without it is usable.
    Attribute { name: Arc<str>, on: Arc<str>, off: Arc<str> },
    /// The directory has no means; accounts are created without a password and finally deleted.
    Nothing,
}

impl Disable {
    /// Reads `disable` and `disable_enforced`.
    pub(crate) fn read(settings: &Settings) -> Result<Self, SettingError> {
        let text = settings.optional("disable").unwrap_or_else(|| Arc::from("ppolicy"));
        let vouched = settings.switch("disable_enforced", false)?;
        match &*text {
            "ppolicy" => return Ok(Self::Ppolicy),
            "none" => return Ok(Self::Nothing),
            _ => {}
        }
        let parts = text
            .strip_prefix("attribute:")
            .and_then(|t| t.split_once('='))
            .and_then(|(name, values)| values.split_once('/').map(|(on, off)| (name, on, off)))
            .filter(|(name, on, off)| !name.is_empty() && !on.is_empty() && !off.is_empty() && on != off);
        let Some((name, on, off)) = parts else {
            let what = format!(
                "`{text}` is neither \"ppolicy\" nor \"none\" nor \"attribute:<name>=<value when usable>/<value when not>\""
            );
            return Err(settings.wrong("disable", &what));
        };
        if !vouched && !ENFORCED.contains(&&*name.to_ascii_lowercase()) {
            let what = format!(
                "`{name}` is not known to be enforced by a directory: an account marked with it could still log in. \
                 Use \"ppolicy\", or set `disable_enforced = true` if your directory refuses such accounts by a rule of its own"
            );
            return Err(settings.wrong("disable", &what));
        }
        Ok(Self::Attribute { name: name.into(), on: on.into(), off: off.into() })
    }

    /// The attribute that marks an account in mode `attribute`.
    pub(crate) fn attribute(&self) -> Option<&str> {
        match self {
            Self::Attribute { name, .. } => Some(name),
            Self::Ppolicy | Self::Nothing => None,
        }
    }

    /// What must be read of an entry to know whether it is usable.
    pub(crate) fn needs(&self) -> Vec<String> {
        match self {
            Self::Ppolicy => vec![LOCKED_TIME.to_owned(), POLICY_OF_ENTRY.to_owned()],
            Self::Attribute { name, .. } => vec![name.to_string()],
            Self::Nothing => Vec::new(),
        }
    }

    /// Whether the entry has the mark of an unusable account.
    fn is_marked(&self, entry: &Entry) -> bool {
        match self {
            Self::Ppolicy => entry.all(LOCKED_TIME).iter().any(|t| t == LOCKED_FOR_GOOD),
            Self::Attribute { name, off, .. } => entry.all(name).iter().any(|v| v.eq_ignore_ascii_case(off)),
            Self::Nothing => false,
        }
    }

    /// Whether the account can be used: yes, unless it is marked and the mark is enforced for it.
    pub(crate) fn is_enabled(&self, entry: &Entry, policies: &Policies) -> bool {
        !(self.is_marked(entry) && (*self != Self::Ppolicy || policies.lock(entry).is_ok()))
    }

    /// The mark, for a new entry.
    pub(crate) fn mark(&self) -> Option<(String, String)> {
        match self {
            Self::Ppolicy => Some((LOCKED_TIME.to_owned(), LOCKED_FOR_GOOD.to_owned())),
            Self::Attribute { name, off, .. } => Some((name.to_string(), off.to_string())),
            Self::Nothing => None,
        }
    }

    /// The change that disables an account; `None` if it is already disabled.
    pub(crate) fn close(&self, entry: &Entry) -> Option<Mod<String>> {
        if self.is_marked(entry) {
            return None;
        }
        self.mark().map(|(name, value)| Mod::Replace(name, [value].into()))
    }

    /// The change that enables it; `None` if it is already enabled. Removes only our mark.
    pub(crate) fn open(&self, entry: &Entry) -> Option<Mod<String>> {
        if !self.is_marked(entry) {
            return None;
        }
        match self {
            Self::Ppolicy => Some(Mod::Delete(LOCKED_TIME.to_owned(), [LOCKED_FOR_GOOD.to_owned()].into())),
            Self::Attribute { name, on, .. } => Some(Mod::Replace(name.to_string(), [on.to_string()].into())),
            Self::Nothing => None,
        }
    }
}

/// The password policies that a directory showed when the connection was opened: whether a lock is effective.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policies {
    /// `pwdLockout` by the key of the policy's DN.
    pub(crate) lockout: BTreeMap<String, bool>,
    /// For accounts without a policy of their own: `Err` says why a lock would have no effect.
    pub(crate) default: Option<Result<(), String>>,
}

impl Policies {
    /// Whether a lock on this entry is enforced; else why not.
    pub(crate) fn lock(&self, entry: &Entry) -> Result<(), String> {
        match entry.one(POLICY_OF_ENTRY) {
            None => self.default_lock(),
            Some(dn) => match self.lockout.get(&crate::dn::key(dn)) {
                Some(true) => Ok(()),
                Some(false) => Err(format!("its password policy `{dn}` has not `pwdLockout: TRUE`")),
                None => Err(format!("its password policy `{dn}` cannot be read by `bind_dn`")),
            },
        }
    }
    /// The same for accounts without a policy of their own.
    pub(crate) fn default_lock(&self) -> Result<(), String> {
        self.default.clone().unwrap_or(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tenure_model::Name as _;

    fn read(disable: &str, vouched: &str) -> Result<Disable, String> {
        let mut settings = Settings {
            system: tenure_model::SystemName::new("d").unwrap(),
            texts: BTreeMap::new(),
            attributes: Vec::new(),
            secrets: BTreeMap::new(),
        };
        settings.texts.insert("disable".into(), disable.into());
        settings.texts.insert("disable_enforced".into(), vouched.into());
        Disable::read(&settings).map_err(|e| e.to_string())
    }

    #[test]
    fn a_label_that_nobody_enforces_is_refused() {
        assert!(
            read("attribute:employeeType=active/left", "false").unwrap_err().contains("could still log in")
        );
        assert!(read("attribute:employeeType=active/left", "true").is_ok());
        assert!(read("attribute:nsAccountLock=false/true", "false").is_ok());
        for bad in ["attribute:x", "attribute:x=a", "attribute:x=a/a", "attribute:=a/b", "lock", ""] {
            assert!(read(bad, "true").is_err(), "{bad}");
        }
    }
}
