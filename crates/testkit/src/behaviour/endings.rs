//! Sessions and credentials: listed, ended, and ended again; passwords rotated.

use super::probe::{Calling, Check, Probe, Stop, ensure};
use jiff::Timestamp;
use std::time::Duration;
use tenure_connect::{AccountRef, Secret};

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

/// When the password was last changed, after the time in which a read may still show the old state.
async fn dated(p: &Probe<'_>, account: &AccountRef) -> Result<Option<Timestamp>, Stop> {
    tokio::time::sleep(Duration::try_from(p.can.propagation).unwrap_or_default()).await;
    p.reader.password_changed(account).await.calling("asking for a password's age")
}

pub(crate) async fn a_password_is_dated(p: &Probe<'_>) -> Check {
    let account = p.made("password").await?;
    let before = dated(p, &account).await?;
    ensure!(before.is_none(), "a new account has a password of {before:?}");
    let first = Secret::new("correct horse battery 1");
    p.writer.set_password(&account, &first).await.calling("setting a password")?;
    let changed = dated(p, &account).await?;
    ensure!(changed.is_some(), "a password was set, and nothing says when");
    let second = Secret::new("correct horse battery 2");
    p.writer.set_password(&account, &second).await.calling("setting another password")?;
    let later = dated(p, &account).await?;
    ensure!(later >= changed, "a later password is of {later:?}, before {changed:?}");
    Ok(())
}

pub(crate) async fn a_password_opens_nothing(p: &Probe<'_>) -> Check {
    let account = p.made("locked-password").await?;
    let secret = Secret::new("correct horse battery 3");
    p.writer.set_password(&account, &secret).await.calling("setting a password")?;
    let seen = p.reader.read(&account).await.calling("reading")?;
    let enabled = seen.map(|a| a.enabled);
    ensure!(enabled == Some(false), "a password was set for an unusable account, which is now: {enabled:?}");
    Ok(())
}

pub(crate) async fn a_secret_is_made_anew(p: &Probe<'_>) -> Check {
    let account = p.made("rotated").await?;
    p.writer.rotate(&account).await.calling("making a secret anew")?;
    let changed = dated(p, &account).await?;
    ensure!(changed.is_some(), "a secret was made anew, and nothing says when");
    Ok(())
}
