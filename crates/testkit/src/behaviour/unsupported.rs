//! What a system says it cannot do, it refuses as unsupported: never silence, never a success.

use super::probe::{Check, Probe, setting};
use std::sync::Arc;
use tenure_connect::{AccountChange, ErrorKind, Secret};
use tenure_model::Value;

const KIND: ErrorKind = ErrorKind::Unsupported;

pub(crate) async fn reads(p: &Probe<'_>) -> Check {
    let (r, absent) = (&p.reader, p.absent("never-made"));
    if !p.can.read {
        p.failed("reading", r.read(&absent).await, KIND)?;
    }
    if !p.can.scan {
        p.failed("scanning", r.scan(None).await, KIND)?;
    }
    if !p.can.catalogue {
        p.failed("listing the catalogue", r.catalogue().await, KIND)?;
    }
    if !p.can.sessions {
        p.failed("listing sessions", r.sessions(&absent).await, KIND)?;
    }
    if !p.can.credentials {
        p.failed("listing credentials", r.credentials(&absent).await, KIND)?;
    }
    if !p.can.passwords {
        p.failed("asking for a password's age", r.password_changed(&absent).await, KIND)?;
    }
    Ok(())
}

pub(crate) async fn writes(p: &Probe<'_>) -> Check {
    let (w, absent) = (&p.writer, p.absent("never-made"));
    if !p.can.create {
        p.failed("creating", w.create(&p.new_account(&absent.name, &[])).await, KIND)?;
    }
    if !p.can.disable {
        p.failed("enabling", w.enable(&absent).await, KIND)?;
        p.failed("disabling", w.disable(&absent).await, KIND)?;
    }
    if !p.can.delete {
        p.failed("deleting", w.delete(&absent).await, KIND)?;
    }
    if !p.can.grant {
        let any = p.harness.entitlements().into_iter().next();
        let entitlement = any.unwrap_or_else(|| p.harness.unknown_entitlement());
        p.failed("granting", w.grant(&absent, &entitlement).await, KIND)?;
        p.failed("revoking", w.revoke(&absent, &entitlement).await, KIND)?;
    }
    if !p.can.sessions {
        p.failed("ending sessions", w.end_sessions(&absent).await, KIND)?;
    }
    if !p.can.credentials {
        p.failed("revoking credentials", w.revoke_credentials(&absent).await, KIND)?;
    }
    if !p.can.passwords {
        p.failed("setting a password", w.set_password(&absent, &Secret::new("x")).await, KIND)?;
    }
    if !p.can.rotate {
        p.failed("making a secret anew", w.rotate(&absent).await, KIND)?;
    }
    changes(p).await
}

async fn changes(p: &Probe<'_>) -> Check {
    let (w, absent) = (&p.writer, p.absent("never-made"));
    let text = p.texts::<1>().ok();
    let set = |version: Option<Arc<str>>| {
        let [text] = text.as_ref()?;
        Some(AccountChange { if_version: version, ..setting(&[(text, Some(Value::text("x")))]) })
    };
    if let (false, Some(change)) = (p.can.update, set(None)) {
        p.failed("updating", w.update(&absent, &change).await, KIND)?;
    }
    if !p.can.rename {
        let change = AccountChange { rename: Some(p.name("renamed")), ..AccountChange::default() };
        p.failed("renaming", w.update(&absent, &change).await, KIND)?;
    }
    if let (false, Some(change)) = (p.can.conditional, set(Some(Arc::from("1")))) {
        p.failed("writing with a version", w.update(&absent, &change).await, KIND)?;
    }
    Ok(())
}
