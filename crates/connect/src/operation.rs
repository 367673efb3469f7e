//! The operations of the contract as a list: layers, fakes and reports name calls without their arguments.

use std::fmt;

/// One operation of [`crate::Connector`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// [`crate::Connector::test`]
    Test,
    /// [`crate::Connector::as_of`]
    AsOf,
    /// [`crate::Connector::scan`]
    Scan,
    /// [`crate::Connector::catalogue`]
    Catalogue,
    /// [`crate::Connector::read`]
    Read,
    /// [`crate::Connector::find`]
    Find,
    /// [`crate::Connector::holds`]
    Holds,
    /// [`crate::Connector::create`]
    Create,
    /// [`crate::Connector::update`]
    Update,
    /// [`crate::Connector::enable`]
    Enable,
    /// [`crate::Connector::disable`]
    Disable,
    /// [`crate::Connector::delete`]
    Delete,
    /// [`crate::Connector::grant`]
    Grant,
    /// [`crate::Connector::revoke`]
    Revoke,
    /// [`crate::Connector::sessions`]
    Sessions,
    /// [`crate::Connector::end_sessions`]
    EndSessions,
    /// [`crate::Connector::credentials`]
    Credentials,
    /// [`crate::Connector::revoke_credentials`]
    RevokeCredentials,
    /// [`crate::Connector::set_password`]
    SetPassword,
    /// [`crate::Connector::password_changed`]
    PasswordChanged,
    /// [`crate::Connector::rotate`]
    Rotate,
}

impl Operation {
    /// All of them, in the order of the contract.
    pub const ALL: [Self; 21] = [
        Self::Test,
        Self::AsOf,
        Self::Scan,
        Self::Catalogue,
        Self::Read,
        Self::Find,
        Self::Holds,
        Self::Create,
        Self::Update,
        Self::Enable,
        Self::Disable,
        Self::Delete,
        Self::Grant,
        Self::Revoke,
        Self::Sessions,
        Self::EndSessions,
        Self::Credentials,
        Self::RevokeCredentials,
        Self::SetPassword,
        Self::PasswordChanged,
        Self::Rotate,
    ];

    /// As [`crate::ConnectError::operation`] names it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::AsOf => "as-of",
            Self::Scan => "scan",
            Self::Catalogue => "catalogue",
            Self::Read => "read",
            Self::Find => "find",
            Self::Holds => "holds",
            Self::Create => "create",
            Self::Update => "update",
            Self::Enable => "enable",
            Self::Disable => "disable",
            Self::Delete => "delete",
            Self::Grant => "grant",
            Self::Revoke => "revoke",
            Self::Sessions => "sessions",
            Self::EndSessions => "end-sessions",
            Self::Credentials => "credentials",
            Self::RevokeCredentials => "revoke-credentials",
            Self::SetPassword => "set-password",
            Self::PasswordChanged => "password-changed",
            Self::Rotate => "rotate",
        }
    }

    /// Whether it changes the system. The outcome of a failed read is never in doubt.
    #[must_use]
    pub fn is_write(self) -> bool {
        !matches!(
            self,
            Self::Test
                | Self::AsOf
                | Self::Scan
                | Self::Catalogue
                | Self::Read
                | Self::Find
                | Self::Holds
                | Self::Sessions
                | Self::Credentials
                | Self::PasswordChanged
        )
    }

    /// Whether a system with these capabilities supports it.
    #[must_use]
    pub fn is_supported(self, by: &crate::Capabilities) -> bool {
        match self {
            Self::Test | Self::AsOf => true,
            Self::Scan => by.scan,
            Self::Catalogue => by.catalogue,
            Self::Read | Self::Find | Self::Holds => by.read,
            Self::Create => by.create,
            Self::Update => by.update || by.rename,
            Self::Enable | Self::Disable => by.disable,
            Self::Delete => by.delete,
            Self::Grant | Self::Revoke => by.grant,
            Self::Sessions | Self::EndSessions => by.sessions,
            Self::Credentials | Self::RevokeCredentials => by.credentials,
            Self::SetPassword | Self::PasswordChanged => by.passwords,
            Self::Rotate => by.rotate,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
