//! Scans: each account once, over several pages, with an end.

use super::probe::{Calling, Check, Probe, Stop, ensure};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_connect::RemoteAccount;

/// The largest page with which a test shows that paging works.
const PAGE_MAX: u32 = 100;
/// Pages after which a scan that does not end is given up.
const PAGES_MAX: usize = 10_000;

async fn scanned(p: &Probe<'_>) -> Result<(Vec<RemoteAccount>, usize), Stop> {
    let (mut all, mut cursor, mut total) = (Vec::new(), None, None);
    for pages in 1..=PAGES_MAX {
        let page = p.reader.scan(cursor).await.calling("scanning")?;
        let most = usize::try_from(p.can.page_accounts_max).unwrap_or(usize::MAX);
        let count = page.accounts.len();
        ensure!(most == 0 || count <= most, "a page has {count} accounts, the system states at most {most}");
        all.extend(page.accounts);
        total = page.total.or(total);
        let Some(next) = page.next else {
            let seen = u64::try_from(all.len()).unwrap_or(u64::MAX);
            ensure!(
                total.is_none_or(|t| t == seen),
                "the scan ended after {seen} accounts, its total says {total:?}"
            );
            return Ok((all, pages));
        };
        cursor = Some(next);
    }
    Err(Stop::Failed(format!("the scan did not end within {PAGES_MAX} pages")))
}

pub(crate) async fn a_scan_is_complete(p: &Probe<'_>) -> Check {
    ensure!(p.can.page_accounts_max <= PAGE_MAX, "give the suite pages of at most {PAGE_MAX} accounts");
    let page = usize::try_from(p.can.page_accounts_max).unwrap_or(0);
    let mut made = BTreeMap::new();
    for n in 0..=page.max(1) * 2 {
        let account = p.made(&format!("scanned-{n}")).await?;
        made.insert(account.name.clone(), account);
    }
    let (all, pages) = scanned(p).await?;
    ensure!(page == 0 || pages > 2, "{} accounts came on {pages} pages of {page}", all.len());
    let mut times: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    for account in &all {
        *times.entry(account.external_id.clone()).or_default() += 1;
    }
    if let Some((external_id, n)) = times.iter().find(|(_, n)| **n > 1) {
        return Err(Stop::Failed(format!("the scan lists `{external_id}` {n} times")));
    }
    for (name, account) in &made {
        let listed = all.iter().find(|a| a.name == *name);
        let external_id = listed.map(|a| a.external_id.clone());
        ensure!(
            external_id == account.external_id,
            "`{name}` was made as {:?} and is listed as {external_id:?}",
            account.external_id
        );
    }
    Ok(())
}

pub(crate) async fn a_scan_shows_what_a_read_shows(p: &Probe<'_>) -> Check {
    let texts = p.harness.text_attributes();
    let more: Vec<_> = texts.iter().map(|a| (a, tenure_model::Value::text("as scanned"))).collect();
    let account = p.made_with("scan-equals-read", &more).await?;
    if p.can.grant {
        let [one, _] = p.entitlements()?;
        p.wrote("granting", p.writer.grant(&account, &one).await, true)?;
        p.sees(&account, "the entitlement", |s| s.entitlements.contains(&one)).await?;
    }
    if p.can.disable {
        p.wrote("enabling", p.writer.enable(&account).await, true)?;
        p.sees(&account, "an enabled account", |s| s.enabled).await?;
    }
    let read = p.read(&account).await?;
    let (all, _) = scanned(p).await?;
    let listed = all.into_iter().find(|a| Some(&a.external_id) == account.external_id.as_ref());
    ensure!(listed == read, "read {read:?}, scanned {listed:?}");
    Ok(())
}

pub(crate) async fn a_scan_shows_no_deleted(p: &Probe<'_>) -> Check {
    let account = p.made("scanned-deleted").await?;
    p.wrote("deleting", p.writer.delete(&account).await, true)?;
    p.sees_none(&account).await?;
    let (all, _) = scanned(p).await?;
    ensure!(
        all.iter().all(|a| a.name != account.name),
        "the scan lists `{}`, which is deleted",
        account.name
    );
    Ok(())
}
