//! Passwords: set by the directory's own operation, which also records the time.

use crate::lock::Disable;
use crate::pool::Line;
use crate::setup::Setup;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use tenure_connect::{AccountRef, ConnectError, ErrorKind, Secret, Written};
use tenure_model::Instant;

/// When the password was last changed (draft-behera-ldap-password-policy, section 5.3.2).
const CHANGED: &str = "pwdChangedTime";

impl Setup {
    /// Whether the directory records the time of password changes: its ppolicy overlay does.
    pub(crate) fn dates_passwords(&self) -> bool {
        self.disable == Disable::Ppolicy
    }

    /// Sets the password. The overlay removes the lock of an account together with its old password: an account that was locked is
    /// locked again.
    pub(crate) async fn set_password(
        &self,
        line: &Line,
        account: &AccountRef,
        password: &Secret,
    ) -> Result<Written, ConnectError> {
        self.writable(line, &account.name)?;
        let found = self.to_write(line, account).await?;
        let was_open = self.disable.is_enabled(&found.entry, &line.facts.policies);
        line.wire.set_password(&found.entry.dn, password.expose()).await?;
        if !was_open {
            self.switch(line, account, false).await?;
        }
        Ok(Written { external_id: found.external_id, changed: true })
    }

    /// When the password was last changed.
    pub(crate) async fn password_changed(
        &self,
        line: &Line,
        account: &AccountRef,
    ) -> Result<Option<Timestamp>, ConnectError> {
        let Some(found) = self.find(line, account).await? else { return Ok(None) };
        let Some(entry) = line.wire.entry(&found.entry.dn, vec![CHANGED.to_owned()]).await? else {
            return Ok(None);
        };
        let Some(text) = entry.one(CHANGED) else { return Ok(None) };
        generalized(text).map(Some).ok_or_else(|| {
            line.wire.error(ErrorKind::Protocol, format!("`{CHANGED}` is `{text}`, which is no time in UTC"))
        })
    }
}

/// A generalized time in UTC (RFC 4517, section 3.3.13), to the second.
fn generalized(text: &str) -> Option<Timestamp> {
    let whole = text.strip_suffix('Z')?;
    let whole = whole.split_once('.').map_or(whole, |(seconds, _)| seconds);
    let at = DateTime::strptime("%Y%m%d%H%M%S", whole).ok()?;
    Instant::new(at.to_zoned(TimeZone::UTC).ok()?.timestamp()).ok().map(Instant::get)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        let at: Timestamp = "2026-11-27T01:02:03Z".parse().unwrap();
        assert_eq!(generalized("20261127010203Z"), Some(at));
        assert_eq!(generalized("20261127010203.123456Z"), Some(at));
        assert_eq!([generalized("20261127010203+0100"), generalized("soon")], [None, None]);
    }
}
