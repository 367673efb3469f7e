//! Authentication of the actor: by the kernel, never by what a process claims.

use std::sync::Arc;

/// A login of the operating system, as the kernel states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The user id for `[actors]`: the login uid where the kernel has one, else the real uid.
    pub uid: u32,
    /// The name of that user, where the system knows it.
    pub name: Option<Arc<str>>,
    /// Whether `uid` is the login uid, which stays the same through `sudo` and `su`.
    pub by_login_uid: bool,
    /// The real uid of the process.
    pub real_uid: u32,
    /// The value of `SUDO_UID`. It is recorded but never trusted: any user can set an environment variable.
    pub sudo_uid: Option<Arc<str>>,
}

impl Login {
    /// The key of `[actors]` for the user id.
    #[must_use]
    pub fn uid_key(&self) -> String {
        format!("uid:{}", self.uid)
    }

    /// The name of this login in `[actors]`: its user name, or `uid:N` where the system has no name for it.
    #[must_use]
    pub fn key(&self) -> String {
        self.name.as_deref().map_or_else(|| self.uid_key(), str::to_owned)
    }
}

impl std::fmt::Display for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.name {
            Some(name) => write!(f, "`{name}` (uid {})", self.uid),
            None => write!(f, "uid {}", self.uid),
        }
    }
}
