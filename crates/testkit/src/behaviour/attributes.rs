//! Attributes: only what is named is written, and it is read back as it was written.

use super::harness::awkward_names;
use super::probe::{Calling, Check, Probe, Stop, ensure, setting};
use tenure_connect::{AccountChange, ErrorKind};
use tenure_model::Value;

pub(crate) async fn update_writes_what_it_names(p: &Probe<'_>) -> Check {
    let [one, other] = p.texts::<2>()?;
    let more = [(&one, Value::text("before")), (&other, Value::text("untouched"))];
    let account = p.made_with("updated", &more).await?;
    let change = setting(&[(&one, Some(Value::text("after")))]);
    p.wrote("updating", p.writer.update(&account, &change).await, true)?;
    let seen =
        p.sees(&account, "the new value", |s| s.attributes.get(&one) == Some(&Value::text("after"))).await?;
    let is = seen.attributes.get(&other);
    ensure!(is == Some(&Value::text("untouched")), "`{other}` was not named and is now {is:?}");
    p.wrote("updating with the same value", p.writer.update(&account, &change).await, false)?;
    p.wrote("updating nothing", p.writer.update(&account, &setting(&[])).await, false)?;
    Ok(())
}

pub(crate) async fn a_hand_edit_survives(p: &Probe<'_>) -> Check {
    let [one, other] = p.texts::<2>()?;
    let account = p.made_with("hand", &[(&one, Value::text("before"))]).await?;
    if !p.harness.edit_by_hand(&account.name, &other, "by hand").await {
        return Err(Stop::Skipped("the harness cannot edit by hand".to_owned()));
    }
    let by_hand = Value::text("by hand");
    p.sees(&account, "what was set by hand", |s| s.attributes.get(&other) == Some(&by_hand)).await?;
    let change = setting(&[(&one, Some(Value::text("after")))]);
    p.wrote("updating", p.writer.update(&account, &change).await, true)?;
    let seen =
        p.sees(&account, "the new value", |s| s.attributes.get(&one) == Some(&Value::text("after"))).await?;
    let is = seen.attributes.get(&other);
    ensure!(is == Some(&by_hand), "`{other}`, set by hand, is {is:?} after an update that does not name it");
    Ok(())
}

pub(crate) async fn none_removes(p: &Probe<'_>) -> Check {
    let [one] = p.texts::<1>()?;
    let account = p.made_with("removed", &[(&one, Value::text("there"))]).await?;
    let remove = setting(&[(&one, None)]);
    p.wrote("removing an attribute", p.writer.update(&account, &remove).await, true)?;
    p.sees(&account, "an account without the attribute", |s| !s.attributes.contains_key(&one)).await?;
    p.wrote("removing an attribute that is not there", p.writer.update(&account, &remove).await, false)?;
    Ok(())
}

pub(crate) async fn awkward_values(p: &Probe<'_>) -> Check {
    let [one] = p.texts::<1>()?;
    let account = p.made("awkward-value").await?;
    for text in awkward_names("value") {
        let value = Value::Text(text.clone());
        let change = setting(&[(&one, Some(value.clone()))]);
        p.wrote(&format!("writing {text:?}"), p.writer.update(&account, &change).await, true)?;
        p.sees(&account, &format!("{text:?}"), |s| s.attributes.get(&one) == Some(&value)).await?;
        p.wrote(&format!("writing {text:?} again"), p.writer.update(&account, &change).await, false)?;
    }
    Ok(())
}

pub(crate) async fn sets_have_no_order(p: &Probe<'_>) -> Check {
    let set =
        p.harness.set_attribute().ok_or(Stop::Skipped("the harness names no set attribute".to_owned()))?;
    let account = p.made("set").await?;
    for members in [["b", "a", "c, d"].as_slice(), &["c, d", "e"], &["e"]] {
        let value = Value::texts(members);
        let change = setting(&[(&set, Some(value.clone()))]);
        p.wrote(&format!("writing {value}"), p.writer.update(&account, &change).await, true)?;
        p.sees(&account, &format!("{value}"), |s| s.attributes.get(&set) == Some(&value)).await?;
        p.wrote(&format!("writing {value} again"), p.writer.update(&account, &change).await, false)?;
    }
    p.wrote("removing the set", p.writer.update(&account, &setting(&[(&set, None)])).await, true)?;
    p.sees(&account, "an account without the set", |s| !s.attributes.contains_key(&set)).await?;
    Ok(())
}

pub(crate) async fn references_name_accounts(p: &Probe<'_>) -> Check {
    let missing = || Stop::Skipped("the harness names no reference attribute".to_owned());
    let reference = p.harness.reference_attribute().ok_or_else(missing)?;
    let first = p.made("referred, the first").await?;
    let second = p.made("referred, the second").await?;
    let account = p.made_with("referring", &[(&reference, Value::Text(first.name.clone()))]).await?;
    let names = |name: &Value| setting(&[(&reference, Some(name.clone()))]);
    let (to_first, to_second) = (Value::Text(first.name.clone()), Value::Text(second.name.clone()));
    p.sees(&account, "the first", |s| s.attributes.get(&reference) == Some(&to_first)).await?;
    p.wrote("pointing at the same", p.writer.update(&account, &names(&to_first)).await, false)?;
    p.wrote("pointing at the second", p.writer.update(&account, &names(&to_second)).await, true)?;
    p.sees(&account, "the second", |s| s.attributes.get(&reference) == Some(&to_second)).await?;
    let dangling = Value::Text(p.name("never-made"));
    let refused = p.writer.update(&account, &names(&dangling)).await;
    p.failed("pointing at no account", refused, ErrorKind::Invalid)?;
    p.sees(&account, "still the second", |s| s.attributes.get(&reference) == Some(&to_second)).await?;
    p.wrote("removing it", p.writer.update(&account, &setting(&[(&reference, None)])).await, true)?;
    p.sees(&account, "no reference", |s| !s.attributes.contains_key(&reference)).await?;
    Ok(())
}

pub(crate) async fn an_old_version_conflicts(p: &Probe<'_>) -> Check {
    let [one] = p.texts::<1>()?;
    let account = p.made_with("conditional", &[(&one, Value::text("first"))]).await?;
    let old = p.read(&account).await?.and_then(|s| s.version);
    ensure!(old.is_some(), "writes can be conditional and the read shows no version");
    let write = |text: &str, version: &Option<std::sync::Arc<str>>| AccountChange {
        if_version: version.clone(),
        ..setting(&[(&one, Some(Value::text(text)))])
    };
    p.wrote(
        "writing with the current version",
        p.writer.update(&account, &write("second", &old)).await,
        true,
    )?;
    let second = Value::text("second");
    let seen = p.sees(&account, "the new value", |s| s.attributes.get(&one) == Some(&second)).await?;
    ensure!(seen.version != old, "a write left the version at {old:?}");
    let stale = p.writer.update(&account, &write("third", &old)).await;
    p.failed("writing with an old version", stale, ErrorKind::Conflict)?;
    let seen = p.sees(&account, "the value of before", |s| s.attributes.get(&one) == Some(&second)).await?;
    let current = p.writer.update(&account, &write("fourth", &seen.version)).await;
    current.calling("writing with the version just read")?;
    p.sees(&account, "the last value", |s| s.attributes.get(&one) == Some(&Value::text("fourth"))).await?;
    Ok(())
}
