//! Many accounts: pages, concurrent scans, and calls that share a connection.

use crate::setting_up::{connector, group, new, person, scanned, try_connector};
use futures::stream::{self, StreamExt as _};
use std::collections::BTreeSet;
use tenure_connect::AccountRef;
use tenure_testkit::need;
use tenure_testkit::peer;

const PEOPLE: usize = 1_200;

#[tokio::test]
async fn twelve_hundred_accounts_come_page_by_page() {
    let slapd = need!(peer::slapd());
    let ldif: String = (0..PEOPLE)
        .map(|n| {
            let dn = person(&slapd, &format!("p{n:04}"));
            format!("dn: {dn}\nobjectClass: inetOrgPerson\nuid: p{n:04}\ncn: P\nsn: P\ntitle: number {n}\n\n")
        })
        .collect();
    let zero = person(&slapd, "p0000");
    let groups: String = (0..150)
        .map(|n| {
            let base = &slapd.base_dn;
            format!("dn: cn=g{n},ou=groups,{base}\nobjectClass: groupOfNames\ncn: g{n}\nmember: {zero}\n\n")
        })
        .collect();
    slapd.apply_ldif(&(ldif + &groups)).unwrap();
    let odd: Vec<String> =
        (0..PEOPLE).filter(|n| n % 2 == 1).map(|n| person(&slapd, &format!("p{n:04}"))).collect();
    group(&slapd, "odd", &odd.iter().map(String::as_str).collect::<Vec<_>>());

    // Five hundred is the server's limit for this client without paging.
    let connector = try_connector(&slapd, &[("page_size", "500")]).unwrap();
    // Two scans and a catalogue at once do not disturb each other's position.
    let (one, two, groups) = tokio::join!(scanned(&*connector), scanned(&*connector), connector.catalogue());
    let ((one, pages), (two, _)) = (one.unwrap(), two.unwrap());
    assert_eq!((pages, one.len(), groups.unwrap().len()), (3, PEOPLE, 151));
    assert_eq!(one, two);
    assert_eq!(one.iter().map(|a| &a.external_id).collect::<BTreeSet<_>>().len(), PEOPLE);
    for account in &one {
        let n: usize = account.name[1..].parse().unwrap();
        let held = if n == 0 { 150 } else { n % 2 };
        assert_eq!(account.entitlements.len(), held, "{}", account.name);
        assert_eq!(account.entitlements.contains("odd"), n % 2 == 1);
        assert!(account.enabled);
    }
}

#[tokio::test]
async fn sixteen_calls_at_once_share_one_connection() {
    let slapd = need!(peer::slapd());
    group(&slapd, "staff", &[]);
    let connector = connector(&slapd);
    let started = started();
    let done: Vec<bool> = stream::iter(0..400)
        .map(|n| {
            let connector = connector.clone();
            async move {
                let name = format!("p{n}");
                let external_id = connector.create(&new(&name, &[])).await.unwrap().external_id;
                let account =
                    AccountRef { external_id: Some(external_id), ..crate::setting_up::named(&name) };
                connector.enable(&account).await.unwrap();
                connector.grant(&account, &"staff".into()).await.unwrap();
                let seen = connector.read(&account).await.unwrap().unwrap();
                seen.enabled && seen.entitlements.contains("staff")
            }
        })
        .buffer_unordered(16)
        .collect()
        .await;
    assert!(done.len() == 400 && done.iter().all(|d| *d));
    println!("400 accounts made, enabled, granted and read back in {:?}", started.elapsed());
}

#[expect(clippy::disallowed_methods, reason = "the test prints how long it took")]
fn started() -> std::time::Instant {
    std::time::Instant::now()
}
