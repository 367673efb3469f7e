//! Month by month: labels as the README counts them, accounts as the file has people, removals confirmed, and no month
//! changes anything twice.

use super::cases::{Case, cases, decided_at};
use super::data::{Month, months};
use super::directory::{dn, everything, groups_of_one};
use super::project::{groups_are_those_of_the_file, is_confirmed, movers_changed_projects};
use super::site::{Ran, Site, machine_now};
use std::collections::BTreeSet;

/// The identities whose bind is tried.
const PASSWORD: &str = "correct-horse-battery";

#[test]
fn ten_months_end_as_their_files_say() {
    let Some(months) = months() else { return };
    let Some(site) = Site::new(&months) else { return };
    let start = machine_now();
    for (at, month) in months.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| &months[at]);
        let ran = site.take(month);
        println!("{} taken in {:.2} s", month.name, ran.took.as_secs_f64());
        labels_are_those_of_the_readme(&ran, month, before.is_none());
        assert_eq!(site.directory.count_usable_accounts().unwrap(), month.people.len(), "{}", month.name);
        groups_are_those_of_the_file(&site, month);
        if let Some(before) = before {
            let cases = cases(&site);
            leavers_are_out(&site, &cases, month, before);
            movers_changed_projects(&cases, month, before);
        }
        nothing_changes_twice(&site, month);
        if let Some(next) = months.get(at + 1) {
            let stays = next.people.keys().next().unwrap().clone();
            let who = next.leavers_since(month).into_iter().chain([stays]);
            let binders: Vec<String> = who.map(|id| dn(&site.directory, &id)).collect();
            give_passwords(&site, &binders);
        }
    }
    println!("ten months with all checks in {:.1} s", (machine_now() - start).as_secs_f64());
    let verified = site.tenure(&["ledger", "verify"]);
    assert_eq!(verified.code, Some(0), "{}", verified.said());
}

fn labels_are_those_of_the_readme(ran: &Ran, month: &Month, first: bool) {
    let counted = (ran.labelled("leaver"), ran.labelled("mover"));
    assert_eq!(counted, (month.counts.leavers, month.counts.movers), "{}: {}", month.name, ran.said());
    assert_eq!(ran.labelled("joiner"), if first { month.counts.people } else { 0 }, "{}", month.name);
    let others: Vec<String> =
        ran.labels().into_iter().filter(|l| !["joiner", "leaver", "mover"].contains(&l.as_str())).collect();
    assert!(others.is_empty(), "{}: {others:?}", month.name);
}

/// They could bind yesterday with the password that they still have; now they cannot, and the directory says why.
fn leavers_are_out(site: &Site, cases: &BTreeSet<Case>, month: &Month, before: &Month) {
    let leavers = month.leavers_since(before);
    for id in &leavers {
        let dn = dn(&site.directory, id);
        assert!(!site.directory.bind_as(&dn, PASSWORD).unwrap(), "{}: {id} can bind", month.name);
        let entry = site.directory.entry(&dn).unwrap().unwrap();
        assert!(entry.contains_key("userPassword"), "{}: {id} has no password to try", month.name);
        assert_eq!(entry["pwdAccountLockedTime"], ["000001010000Z"], "{}: {id}", month.name);
    }
    let stays = dn(&site.directory, month.people.keys().next().unwrap());
    assert!(site.directory.bind_as(&stays, PASSWORD).unwrap(), "{}: who stays can bind", month.name);
    let left = decided_at(cases, &month.hours_after(0), "leaver");
    assert_eq!(
        left.iter().map(|case| case.user_id.clone()).collect::<BTreeSet<_>>(),
        leavers,
        "{}",
        month.name
    );
    for case in left {
        let gone = groups_of_one(&before.people[&case.user_id]).into_iter();
        let mut due: BTreeSet<String> = gone.map(|g| format!("{g} gone")).collect();
        due.insert("account unusable".to_owned());
        is_confirmed(case, &due, month);
    }
}

/// The same file, and a file with the same rows in another order: neither changes an entry, down to its change number.
fn nothing_changes_twice(site: &Site, month: &Month) {
    let before = everything(&site.directory);
    for (hours, text) in [(1, month.text.clone()), (2, month.in_another_order())] {
        site.export(&text);
        let ran = site.run(&month.hours_after(hours));
        assert!(ran.is_done(), "{}: {}", month.name, ran.said());
        assert!(ran.labels().is_empty(), "{}: {}", month.name, ran.said());
        assert_eq!(ran.json()["queue"]["attempts"], 0, "{}: {}", month.name, ran.said());
    }
    assert!(everything(&site.directory) == before, "{}: the directory changed", month.name);
}

/// Passwords as people have them, and the proof that each works.
fn give_passwords(site: &Site, people: &[String]) {
    let ldif: String = people
        .iter()
        .map(|dn| {
            format!("dn: {dn}\nchangetype: modify\nreplace: userPassword\nuserPassword: {PASSWORD}\n\n")
        })
        .collect();
    site.directory.apply_ldif(&ldif).unwrap();
    for dn in people {
        assert!(site.directory.bind_as(dn, PASSWORD).unwrap(), "{dn} cannot bind before leaving");
    }
}
