//! Names: those that need escaping, and what a rename keeps.

use super::probe::{Check, Probe, ensure};
use tenure_connect::{AccountChange, AccountRef, ErrorKind};

pub(crate) async fn awkward_names(p: &Probe<'_>) -> Check {
    let (refused, taken): (Vec<_>, Vec<_>) =
        p.harness.awkward_names().into_iter().partition(|name| p.harness.refuses_name(name));
    for name in &refused {
        let result = p.writer.create(&p.new_account(name, &[])).await;
        p.failed(&format!("creating {name:?}, which the system forbids"), result, ErrorKind::Invalid)?;
        let seen = p.read(&p.by_name(name)).await?;
        ensure!(seen.is_none(), "{name:?} was refused and is there: {seen:?}");
    }
    // All exist before the first is read: a star that is not escaped would find the others.
    let mut accounts = Vec::new();
    for name in &taken {
        accounts.push(p.made_named(name, &[]).await?);
    }
    for account in &accounts {
        one_awkward_account(p, account).await?;
    }
    Ok(())
}

async fn one_awkward_account(p: &Probe<'_>, account: &AccountRef) -> Check {
    let by_name = p.by_name(&account.name);
    let expected = format!("{:?}, found by its name", account.name);
    let seen = p.sees(&by_name, &expected, |s| s.name == account.name).await?;
    ensure!(
        Some(&seen.external_id) == account.external_id.as_ref(),
        "{expected}, is another account: {seen:?}"
    );
    if p.can.disable {
        p.wrote(&format!("enabling {:?}", account.name), p.writer.enable(&by_name).await, true)?;
        p.sees(&by_name, &format!("{expected}, enabled"), |s| s.enabled).await?;
    }
    if p.can.grant {
        let [one, _] = p.entitlements()?;
        p.wrote(&format!("granting to {:?}", account.name), p.writer.grant(&by_name, &one).await, true)?;
        p.sees(&by_name, &format!("{expected}, holding it"), |s| s.entitlements.contains(&one)).await?;
        p.wrote(&format!("revoking from {:?}", account.name), p.writer.revoke(&by_name, &one).await, true)?;
        p.sees(&by_name, &format!("{expected}, holding nothing"), |s| s.entitlements.is_empty()).await?;
    }
    if p.can.delete {
        p.wrote(&format!("deleting {:?}", account.name), p.writer.delete(&by_name).await, true)?;
        p.sees_none(&by_name).await?;
    }
    Ok(())
}

fn to(name: &std::sync::Arc<str>) -> AccountChange {
    AccountChange { rename: Some(name.clone()), ..AccountChange::default() }
}

pub(crate) async fn rename_keeps_the_account(p: &Probe<'_>) -> Check {
    let account = p.made("rename-before").await?;
    let mut held = None;
    if p.can.grant {
        let [one, _] = p.entitlements()?;
        p.wrote("granting", p.writer.grant(&account, &one).await, true)?;
        held = Some(one);
    }
    if p.can.disable {
        p.wrote("enabling", p.writer.enable(&account).await, true)?;
    }
    let before =
        p.sees(&account, "the account", |s| s.entitlements.len() == usize::from(held.is_some())).await?;
    let new_name = p.name("rename, after");
    let written = p.wrote("renaming", p.writer.update(&account, &to(&new_name)).await, true)?;
    ensure!(
        written.external_id == before.external_id,
        "renaming changed the external id to `{}`",
        written.external_id
    );
    let new = p.by_name(&new_name);
    let seen = p.sees(&new, "the account under its new name", |_| true).await?;
    ensure!(seen.external_id == before.external_id, "the new name belongs to `{}`", seen.external_id);
    ensure!(
        seen.entitlements == before.entitlements,
        "it held {:?}, now {:?}",
        before.entitlements,
        seen.entitlements
    );
    ensure!(seen.enabled == before.enabled, "renaming switched the account to enabled: {}", seen.enabled);
    p.sees_none(&p.by_name(&account.name)).await?;
    // A caller with the old name and the external id still reaches the same account.
    p.wrote("renaming to the same name", p.writer.update(&account, &to(&new_name)).await, false)?;
    if let Some(one) = held {
        p.wrote("revoking after the rename", p.writer.revoke(&new, &one).await, true)?;
        p.sees(&new, "no entitlement", |s| s.entitlements.is_empty()).await?;
    }
    Ok(())
}

pub(crate) async fn a_taken_name_is_refused(p: &Probe<'_>) -> Check {
    let (account, other) = (p.made("rename-mine").await?, p.made("rename-taken").await?);
    let result = p.writer.update(&account, &to(&other.name)).await;
    p.failed("renaming to a name that is taken", result, ErrorKind::Exists)?;
    for (account, who) in [(&account, "the one that wanted it"), (&other, "the one that has it")] {
        let seen = p.read(&p.by_name(&account.name)).await?.map(|s| s.external_id);
        ensure!(seen == account.external_id, "after the refusal, {who} is {seen:?}");
    }
    Ok(())
}
