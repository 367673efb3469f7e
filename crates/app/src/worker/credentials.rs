//! What works for an account beside it: its password or secret, and its sessions.

use super::task::{Convergence, Failure};
use super::written::Written;
use crate::Machine;
use std::sync::Arc;
use tenure_connect::{AccountRef, ConnectError, ErrorKind, Secret, Status};
use tenure_model::{IdentityKind, Obligation};

impl Convergence<'_> {
    /// Invalidates the old password or secret before the account is usable again.
    pub(super) async fn reset(&self, account: &AccountRef, written: &mut Written) {
        if !self.open_facts().any(|f| matches!(f.obligation, Obligation::CredentialsReset(_))) {
            return;
        }
        let result = if !self.job.can_reset() {
            Err(cannot_reset())
        } else if self.job.subject.identity.kind == IdentityKind::Shared {
            self.job.wired.writer.rotate(account).await
        } else {
            // The reset of an earlier attempt is not repeated: it may only not be visible yet.
            if self.is_reset(account).await.is_ok() {
                return;
            }
            // The value is told to no person: activation starts again.
            let nobody_knows = unguessable(&self.job.app.machine);
            self.job.wired.writer.set_password(account, &nobody_knows).await
        };
        written.note("reset the credentials".to_owned(), result);
    }

    /// A system's claim is not enough to let a person in with an old password: where it must be invalid, the date of the present password,
    /// read by the other connection, proves it.
    pub(super) async fn is_reset(&self, account: &AccountRef) -> Result<(), Failure> {
        let since = self.open_facts().find_map(|f| match f.obligation {
            Obligation::CredentialsReset(since) => Some(since),
            _ => None,
        });
        let Some(since) = since.filter(|_| self.job.wired.capabilities.passwords) else { return Ok(()) };
        match self.job.wired.reader.password_changed(account).await? {
            Some(changed) if changed >= since => Ok(()),
            _ => Err(Failure {
                why: Arc::from("the new password is not confirmed, so the account is not enabled"),
                status: Status::Temporary,
            }),
        }
    }

    /// Ends open sessions and revokes what would open new ones.
    pub(super) async fn close_sessions(&self, account: &AccountRef, written: &mut Written) {
        let (writer, able) = (&self.job.wired.writer, &self.job.wired.capabilities);
        let owed = |o: Obligation| self.open_facts().any(|f| f.obligation == o);
        if able.credentials && owed(Obligation::CredentialsRevoked) {
            let result = writer.revoke_credentials(account).await;
            written.note("revoked credentials".to_owned(), result);
        }
        if able.sessions && owed(Obligation::SessionsEnded) {
            let result = writer.end_sessions(account).await;
            written.note("ended sessions".to_owned(), result);
        }
    }
}

fn cannot_reset() -> ConnectError {
    let why = "the system cannot rotate a password or secret: its owner does it by hand";
    ConnectError::new(ErrorKind::Unsupported, "reset", why)
}

/// A password that is discarded once it is set.
fn unguessable(machine: &Machine) -> Secret {
    let bytes = machine.random::<32>();
    // Every class of characters that a directory may require.
    let text: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    Secret::new(&format!("{text}-Aa1"))
}
