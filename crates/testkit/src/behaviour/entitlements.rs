//! Entitlements: given and taken for one account, whatever others do at the same time.

use super::probe::{Calling, Check, Probe, Stop, ensure};
use futures::future::join_all;
use tenure_connect::ErrorKind;

/// Accounts that are written to at the same moment.
const AT_ONCE: usize = 8;

pub(crate) async fn given_and_taken(p: &Probe<'_>) -> Check {
    let [one, other] = p.entitlements()?;
    let account = p.made("granted").await?;
    let (w, a) = (&p.writer, &account);
    p.wrote("granting", w.grant(a, &one).await, true)?;
    p.sees(a, "one entitlement", |s| s.entitlements.iter().eq([&one])).await?;
    p.wrote("granting what is held", w.grant(a, &one).await, false)?;
    p.wrote("granting another", w.grant(a, &other).await, true)?;
    p.sees(a, "both entitlements", |s| s.entitlements.contains(&one) && s.entitlements.contains(&other))
        .await?;
    p.wrote("revoking", w.revoke(a, &one).await, true)?;
    p.sees(a, "only the other", |s| s.entitlements.iter().eq([&other])).await?;
    p.wrote("revoking what is not held", w.revoke(a, &one).await, false)?;
    p.wrote("revoking the last one", w.revoke(a, &other).await, true)?;
    p.sees(a, "no entitlements", |s| s.entitlements.is_empty()).await?;
    p.wrote("granting after revoking", w.grant(a, &one).await, true)?;
    p.sees(a, "one entitlement", |s| s.entitlements.iter().eq([&one])).await?;
    p.wrote("revoking again", w.revoke(a, &one).await, true)?;
    p.sees(a, "no entitlements", |s| s.entitlements.is_empty()).await?;
    Ok(())
}

pub(crate) async fn unknown_is_refused(p: &Probe<'_>) -> Check {
    let account = p.made("unknown-entitlement").await?;
    let unknown = p.harness.unknown_entitlement();
    let result = p.writer.grant(&account, &unknown).await;
    p.failed("granting what the system does not have", result, ErrorKind::UnknownEntitlement)?;
    let seen = p.sees(&account, "the account", |_| true).await?;
    ensure!(seen.entitlements.is_empty(), "it holds {:?} now", seen.entitlements);
    Ok(())
}

pub(crate) async fn revoking_takes_from_one(p: &Probe<'_>) -> Check {
    let [one, _] = p.entitlements()?;
    let (first, second) = (p.made("holder-1").await?, p.made("holder-2").await?);
    for account in [&first, &second] {
        p.wrote("granting", p.writer.grant(account, &one).await, true)?;
        p.sees(account, "the entitlement", |s| s.entitlements.contains(&one)).await?;
    }
    p.wrote("revoking from the first", p.writer.revoke(&first, &one).await, true)?;
    p.sees(&first, "no entitlement", |s| s.entitlements.is_empty()).await?;
    p.sees(&second, "the entitlement kept by the second", |s| s.entitlements.contains(&one)).await?;
    p.wrote("revoking from the second", p.writer.revoke(&second, &one).await, true)?;
    p.sees(&second, "no entitlement", |s| s.entitlements.is_empty()).await?;
    Ok(())
}

pub(crate) async fn held_through_switching(p: &Probe<'_>) -> Check {
    let [one, _] = p.entitlements()?;
    let account = p.made("held-switched").await?;
    p.wrote("granting", p.writer.grant(&account, &one).await, true)?;
    p.wrote("enabling", p.writer.enable(&account).await, true)?;
    p.sees(&account, "an enabled account that holds it", |s| s.enabled && s.entitlements.contains(&one))
        .await?;
    p.wrote("disabling", p.writer.disable(&account).await, true)?;
    p.sees(&account, "a disabled account that holds it", |s| !s.enabled && s.entitlements.contains(&one))
        .await?;
    p.wrote("revoking from a disabled account", p.writer.revoke(&account, &one).await, true)?;
    p.sees(&account, "no entitlement", |s| s.entitlements.is_empty()).await?;
    Ok(())
}

/// Neither of two writers to one group may undo the other. A conflict that is reported is fine, a silent loss is not.
pub(crate) async fn at_the_same_moment(p: &Probe<'_>) -> Check {
    let [one, _] = p.entitlements()?;
    let mut accounts = Vec::new();
    for n in 0..AT_ONCE {
        accounts.push(p.made(&format!("at-once-{n}")).await?);
    }
    let writers: Vec<_> = accounts.iter().map(|_| p.harness.writer()).collect();
    for (grant, what) in [(true, "granting at once"), (false, "revoking at once")] {
        let calls =
            accounts.iter().zip(&writers).map(|(account, writer)| {
                let one = &one;
                async move {
                    if grant { writer.grant(account, one).await } else { writer.revoke(account, one).await }
                }
            });
        let answers = join_all(calls).await;
        let mut done = 0;
        for (account, answer) in accounts.iter().zip(answers) {
            match answer {
                Ok(_) => done += 1,
                Err(e) if e.kind == ErrorKind::Conflict => {
                    let again =
                        if grant { p.writer.grant(account, &one) } else { p.writer.revoke(account, &one) };
                    again.await.calling("trying again after a conflict")?;
                }
                Err(e) => return Err(Stop::Failed(format!("{what}: {e}"))),
            }
        }
        ensure!(done > 0, "{what}: every one of {AT_ONCE} writers met a conflict");
        for account in &accounts {
            let expected =
                if grant { "the entitlement given at once" } else { "nothing, as revoked at once" };
            p.sees(account, expected, |s| s.entitlements.contains(&one) == grant).await?;
        }
    }
    Ok(())
}

pub(crate) async fn catalogue_lists_them(p: &Probe<'_>) -> Check {
    let all = p.reader.catalogue().await.calling("listing the catalogue")?;
    for wanted in p.entitlements()? {
        let times = all.iter().filter(|e| e.name == wanted).count();
        ensure!(times == 1, "the catalogue lists `{wanted}` {times} times");
    }
    let unknown = p.harness.unknown_entitlement();
    ensure!(all.iter().all(|e| e.name != unknown), "the catalogue lists `{unknown}`, which should not exist");
    Ok(())
}
