//! VRP0267: the one administrator whose address becomes another company's, and whose supervisor vanishes from the record.

use super::cases::{cases, decided_at};
use super::data::{Month, months};
use super::directory::{dn, groups};
use super::site::Site;
use std::collections::BTreeSet;

/// The identity that it is about.
const WHO: &str = "VRP0267";

/// What security is told.
const TOLD: [&str; 2] = ["administrators without a manager", "administrators with an outside address"];

#[test]
fn security_is_told_of_the_one_administrator_and_nothing_is_taken_away() {
    let Some(months) = months() else { return };
    let [.., july, august, september] = months.as_slice() else { panic!("ten months") };
    let Some(site) = Site::new(&months) else { return };
    site.take(july);
    assert_eq!(told_about(&site, july), BTreeSet::new(), "July is quiet");
    let before = site.directory.entry(&dn(&site.directory, WHO)).unwrap().unwrap();
    assert_eq!(before["mail"], [july.people[WHO]["email"].clone()]);
    assert!(before.contains_key("manager"));

    for month in [august, september] {
        site.take(month);
        assert_eq!(month.people[WHO]["email"], "Preston-Valentine@northropgrumman.com");
        let told: BTreeSet<(String, String)> =
            TOLD.map(|rule| (WHO.to_owned(), rule.to_owned())).into_iter().collect();
        assert_eq!(told_about(&site, month), told, "{}", month.name);
        let entry = site.directory.entry(&dn(&site.directory, WHO)).unwrap().unwrap();
        assert!(!entry.contains_key("mail"), "no address outside stands in the directory: {entry:?}");
        assert!(!entry.contains_key("manager"), "{entry:?}");
        assert!(!entry.contains_key("pwdAccountLockedTime"), "the account goes on: {entry:?}");
        let groups = groups(&site.directory);
        assert!(groups["it-admins"].contains(WHO) && groups["project-Project 130"].contains(WHO));
    }
    let cases = cases(&site);
    let moved = decided_at(&cases, &august.hours_after(0), "mover");
    let case = moved.iter().find(|case| case.user_id == WHO).unwrap();
    assert_eq!((case.state.as_str(), case.facts.len()), ("closed", 0), "a mover who loses nothing: {case:?}");
    assert!(cases.iter().all(|c| c.user_id != WHO || ["joiner", "mover"].contains(&c.label.as_str())));

    let chief = &july.people[WHO]["supervisor"];
    let chief = july.people.values().find(|row| row["employee_name"] == *chief).unwrap();
    assert!(september.people.contains_key(&chief["user_id"]), "the supervisor is still there");
}

/// About which identities security is told, by which rule: all with an administrator's role, and those without a manager.
fn told_about(site: &Site, month: &Month) -> BTreeSet<(String, String)> {
    let watched =
        month.people.iter().filter(|(_, row)| row["role"] == "ITAdmin" || row["supervisor"].is_empty());
    let mut told = BTreeSet::new();
    for (who, _) in watched {
        let ran = site.tenure(&["explain", who, "--json"]);
        assert_eq!(ran.code, Some(0), "{}", ran.said());
        for finding in ran.json()["findings"].as_array().unwrap() {
            if finding["kind"] == "watched" {
                let text = finding["text"].as_str().unwrap();
                assert!(text.contains("group:security decides"), "{text}");
                told.insert((who.clone(), finding["about"].as_str().unwrap().to_owned()));
            }
        }
    }
    told
}
