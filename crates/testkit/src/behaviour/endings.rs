//! Sessions and credentials: listed, ended, and ended again.

use super::probe::{Calling, Check, Probe, Stop, ensure};

pub(crate) async fn sessions_end(p: &Probe<'_>) -> Check {
    let account = p.made("sessions").await?;
    let none = p.writer.end_sessions(&account).await.calling("ending no sessions")?;
    ensure!(none == 0, "ending the sessions of a new account ended {none}");
    if !p.harness.open_session(&account.name).await {
        return Err(Stop::Skipped("the harness cannot open a session".to_owned()));
    }
    let open = p.reader.sessions(&account).await.calling("listing sessions")?;
    ensure!(open.len() == 1, "one session was opened, listed are {open:?}");
    let ended = p.writer.end_sessions(&account).await.calling("ending sessions")?;
    ensure!(ended == 1, "ending one session answered {ended}");
    let left = p.reader.sessions(&account).await.calling("listing sessions")?;
    ensure!(left.is_empty(), "after ending all sessions {left:?} are listed");
    Ok(())
}

pub(crate) async fn credentials_are_revoked(p: &Probe<'_>) -> Check {
    let account = p.made("credentials").await?;
    let none = p.writer.revoke_credentials(&account).await.calling("revoking no credentials")?;
    ensure!(none == 0, "a new account had {none} credentials that work");
    if !p.harness.add_credential(&account.name).await {
        return Err(Stop::Skipped("the harness cannot add a credential".to_owned()));
    }
    let there = p.reader.credentials(&account).await.calling("listing credentials")?;
    ensure!(there.len() == 1, "one credential was added, listed are {there:?}");
    let revoked = p.writer.revoke_credentials(&account).await.calling("revoking credentials")?;
    ensure!(revoked == 1, "revoking one credential answered {revoked}");
    let left = p.reader.credentials(&account).await.calling("listing credentials")?;
    ensure!(left.is_empty(), "after revoking all credentials {left:?} are listed");
    Ok(())
}
