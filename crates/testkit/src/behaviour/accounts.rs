//! Accounts: created, read, enabled and disabled, removed.

use super::probe::{Calling, Check, Probe, Stop, ensure, setting};
use tenure_connect::{AccountChange, AccountRef, ErrorKind};
use tenure_model::Value;

pub(crate) async fn it_answers(p: &Probe<'_>) -> Check {
    for (who, connection) in [("writer", &p.writer), ("reader", &p.reader)] {
        let health = connection.test().await.calling(who)?;
        ensure!(!health.product.trim().is_empty(), "the {who}'s test names no product");
    }
    ensure!(
        p.writer.capabilities() == p.reader.capabilities(),
        "writer and reader state different capabilities"
    );
    Ok(())
}

pub(crate) async fn absent_is_none(p: &Probe<'_>) -> Check {
    let seen = p.read(&p.absent("never-made")).await?;
    ensure!(seen.is_none(), "an account that was never made is read as {seen:?}");
    Ok(())
}

pub(crate) async fn created_is_read_back(p: &Probe<'_>) -> Check {
    let texts = p.harness.text_attributes();
    let more: Vec<_> = texts.iter().map(|a| (a, Value::text("as created"))).collect();
    let account = p.made_with("created", &more).await?;
    let seen = p.sees(&account, "the new account", |_| true).await?;
    ensure!(seen.name == account.name, "created `{}`, read `{}`", account.name, seen.name);
    ensure!(
        Some(&seen.external_id) == account.external_id.as_ref(),
        "created {:?}, read {:?}",
        account.external_id,
        seen.external_id
    );
    ensure!(seen.kind == account.kind, "created kind `{}`, read kind `{}`", account.kind, seen.kind);
    ensure!(seen.entitlements.is_empty(), "the new account holds {:?}", seen.entitlements);
    for (attribute, wanted) in &p.new_account(&account.name, &more).attributes {
        let is = seen.attributes.get(attribute);
        // An attribute that the system requires need not be one that Tenure reads.
        let looked_at = is.is_some() || more.iter().any(|(name, _)| *name == attribute);
        ensure!(
            !looked_at || is == Some(wanted),
            "`{attribute}` was created as {wanted:?} and is read as {is:?}"
        );
    }
    Ok(())
}

pub(crate) async fn name_or_native_id(p: &Probe<'_>) -> Check {
    let account = p.made("addressed").await?;
    let by_name = p.read(&p.by_name(&account.name)).await?;
    let id = by_name.map(|seen| seen.external_id);
    ensure!(
        id == account.external_id,
        "by name the external id is {id:?}, by creation {:?}",
        account.external_id
    );
    let stale = AccountRef { name: p.name("another-name"), ..account.clone() };
    let by_id = p.read(&stale).await?.map(|seen| seen.name);
    ensure!(
        by_id.as_ref() == Some(&account.name),
        "by external id with an old name, the name read is {by_id:?}"
    );
    Ok(())
}

pub(crate) async fn created_is_unusable(p: &Probe<'_>) -> Check {
    let account = p.made("unusable").await?;
    let seen = p.sees(&account, "the new account", |_| true).await?;
    ensure!(!seen.enabled, "a new account is read as enabled");
    let usable = p.harness.usable(&account.name).await;
    ensure!(usable != Some(true), "a new account can be used, says the system");
    Ok(())
}

pub(crate) async fn create_twice_exists(p: &Probe<'_>) -> Check {
    let account = p.made("twice").await?;
    let again = p.writer.create(&p.new_account(&account.name, &[])).await;
    p.failed("creating the same name again", again, ErrorKind::Exists)?;
    let seen = p.read(&p.by_name(&account.name)).await?;
    let id = seen.map(|s| s.external_id);
    ensure!(id == account.external_id, "after the second creation the name belongs to {id:?}");
    Ok(())
}

pub(crate) async fn switched_on_and_off(p: &Probe<'_>) -> Check {
    let account = p.made("switched").await?;
    let (w, a) = (&p.writer, &account);
    p.wrote("disabling a new account", w.disable(a).await, false)?;
    p.wrote("enabling a disabled account", w.enable(a).await, true)?;
    p.sees(a, "an enabled account", |s| s.enabled).await?;
    ensure!(
        p.harness.usable(&a.name).await != Some(false),
        "the enabled account cannot be used, says the system"
    );
    p.wrote("enabling an enabled account", w.enable(a).await, false)?;
    p.sees(a, "an enabled account", |s| s.enabled).await?;
    p.wrote("disabling an enabled account", w.disable(a).await, true)?;
    p.sees(a, "a disabled account", |s| !s.enabled).await?;
    ensure!(
        p.harness.usable(&a.name).await != Some(true),
        "the disabled account can be used, says the system"
    );
    p.wrote("disabling a disabled account", w.disable(a).await, false)?;
    p.sees(a, "a disabled account", |s| !s.enabled).await?;
    p.wrote("enabling it again", w.enable(a).await, true)?;
    p.sees(a, "an enabled account", |s| s.enabled).await?;
    Ok(())
}

pub(crate) async fn switching_keeps_the_rest(p: &Probe<'_>) -> Check {
    let texts = p.harness.text_attributes();
    let more: Vec<_> = texts.iter().take(1).map(|a| (a, Value::text("kept"))).collect();
    let account = p.made_with("switch-keeps", &more).await?;
    let before = p.read(&account).await?.map(|s| (s.name, s.attributes, s.external_id));
    p.wrote("enabling", p.writer.enable(&account).await, true)?;
    p.sees(&account, "an enabled account", |s| s.enabled).await?;
    p.wrote("disabling", p.writer.disable(&account).await, true)?;
    let seen = p.sees(&account, "a disabled account", |s| !s.enabled).await?;
    let after = Some((seen.name, seen.attributes, seen.external_id));
    ensure!(before == after, "switching on and off changed {before:?} to {after:?}");
    Ok(())
}

pub(crate) async fn writes_to_nobody_are_not_found(p: &Probe<'_>) -> Check {
    if !(p.can.update || p.can.rename || p.can.disable || p.can.grant) {
        return Err(Stop::Skipped("the system writes to no accounts".to_owned()));
    }
    let (w, absent) = (&p.writer, p.absent("never-made"));
    if let (true, Ok([text])) = (p.can.update, p.texts::<1>()) {
        let set = setting(&[(&text, Some(Value::text("x")))]);
        p.failed("updating an absent account", w.update(&absent, &set).await, ErrorKind::NotFound)?;
    }
    if p.can.rename {
        let renamed = AccountChange { rename: Some(p.name("renamed")), ..AccountChange::default() };
        p.failed("renaming an absent account", w.update(&absent, &renamed).await, ErrorKind::NotFound)?;
    }
    if p.can.disable {
        p.failed("enabling an absent account", w.enable(&absent).await, ErrorKind::NotFound)?;
        p.failed("disabling an absent account", w.disable(&absent).await, ErrorKind::NotFound)?;
    }
    if p.can.grant {
        let [entitlement, _] = p.entitlements()?;
        p.failed("granting to an absent account", w.grant(&absent, &entitlement).await, ErrorKind::NotFound)?;
    }
    let seen = p.read(&absent).await?;
    ensure!(seen.is_none(), "a write to an absent account made {seen:?}");
    Ok(())
}

pub(crate) async fn deleted_is_gone(p: &Probe<'_>) -> Check {
    let account = p.made("deleted").await?;
    p.wrote("deleting", p.writer.delete(&account).await, true)?;
    p.sees_none(&account).await?;
    p.sees_none(&p.by_name(&account.name)).await?;
    p.wrote("deleting by external id again", p.writer.delete(&account).await, false)?;
    p.wrote("deleting by name again", p.writer.delete(&p.by_name(&account.name)).await, false)?;
    p.wrote("deleting what never was", p.writer.delete(&p.absent("never-made")).await, false)?;
    Ok(())
}

pub(crate) async fn a_second_life_holds_nothing(p: &Probe<'_>) -> Check {
    let [first, second] = p.entitlements()?;
    let account = p.made("reborn").await?;
    for entitlement in [&first, &second] {
        p.wrote("granting", p.writer.grant(&account, entitlement).await, true)?;
    }
    p.sees(&account, "both entitlements", |s| s.entitlements.len() == 2).await?;
    p.wrote("deleting", p.writer.delete(&account).await, true)?;
    p.sees_none(&p.by_name(&account.name)).await?;
    let reborn = p.made_named(&account.name, &[]).await?;
    let seen = p.sees(&reborn, "the new account", |_| true).await?;
    ensure!(seen.entitlements.is_empty(), "the new account of an old name holds {:?}", seen.entitlements);
    Ok(())
}
