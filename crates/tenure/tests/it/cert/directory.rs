//! What is in the directory, as OpenLDAP's own tools show it.

use super::data::Row;
use std::collections::{BTreeMap, BTreeSet};
use tenure_testkit::peer::{LdifEntry, Slapd};

/// Which people (by `user_id`) are in which group. Groups without people are left out.
pub(super) type Groups = BTreeMap<String, BTreeSet<String>>;

/// What a server stamps on its entries, different in every run: ids, times, and whether the last change was the connector's
/// own or followed from a change of a group.
const STAMPS: [&str; 6] =
    ["entryUUID", "entryCSN", "contextCSN", "createTimestamp", "modifyTimestamp", "modifiersName"];

/// A person's name in the directory.
pub(super) fn dn(directory: &Slapd, user_id: &str) -> String {
    format!("uid={},ou=people,{}", user_id.to_lowercase(), directory.base_dn)
}

/// The groups by their `member`. That people's `memberOf` says the same is checked on the way.
pub(super) fn groups(directory: &Slapd) -> Groups {
    let mut by_member = Groups::new();
    for group in directory.search("(objectClass=groupOfNames)", &["cn", "member"]).unwrap() {
        let people: BTreeSet<String> = group["member"].iter().filter_map(|dn| user_id(dn)).collect();
        by_member.insert(group["cn"][0].clone(), people);
    }
    by_member.retain(|_, people| !people.is_empty());
    let mut by_person = Groups::new();
    for person in directory.search("(objectClass=inetOrgPerson)", &["memberOf"]).unwrap() {
        let id = user_id(&person["dn"][0]).unwrap();
        for group in person.get("memberOf").into_iter().flatten() {
            by_person.entry(common_name(group)).or_default().insert(id.clone());
        }
    }
    assert_eq!(by_member, by_person, "members and memberOf disagree");
    by_member
}

/// The groups that a file's people belong in.
pub(super) fn groups_of(people: &BTreeMap<String, Row>) -> Groups {
    let mut groups = Groups::new();
    for (id, row) in people {
        for group in groups_of_one(row) {
            groups.entry(group).or_default().insert(id.clone());
        }
    }
    groups
}

/// The groups that a row's person belongs in.
pub(super) fn groups_of_one(row: &Row) -> BTreeSet<String> {
    let mut groups = BTreeSet::from(["staff".to_owned()]);
    if row["role"] == "ITAdmin" {
        groups.insert("it-admins".to_owned());
    }
    let columns = [
        ("unit", "functional_unit"),
        ("department", "department"),
        ("team", "team"),
        ("project", "projects"),
    ];
    for (prefix, column) in columns {
        if !row[column].is_empty() {
            groups.insert(format!("{prefix}-{}", row[column]));
        }
    }
    groups
}

/// `uid=abc0123,ou=people,…` is ABC0123. Names of entries that are no people have none.
fn user_id(dn: &str) -> Option<String> {
    let (id, rest) = dn.strip_prefix("uid=")?.split_once(',')?;
    rest.starts_with("ou=people,").then(|| id.to_uppercase())
}

fn common_name(dn: &str) -> String {
    dn.strip_prefix("cn=").unwrap().split_once(',').unwrap().0.to_owned()
}

/// Every entry with everything that it has, down to the number of its last change.
pub(super) fn everything(directory: &Slapd) -> BTreeMap<String, LdifEntry> {
    let entries = directory.search("(objectClass=*)", &["*", "+"]).unwrap();
    entries.into_iter().map(|entry| (entry["dn"][0].clone(), sorted(entry))).collect()
}

/// Every entry without the server's stamps: what two runs must agree on.
pub(super) fn content(directory: &Slapd) -> BTreeMap<String, LdifEntry> {
    let mut entries = everything(directory);
    for entry in entries.values_mut() {
        entry.retain(|attribute, _| !STAMPS.contains(&attribute.as_str()));
    }
    entries
}

fn sorted(mut entry: LdifEntry) -> LdifEntry {
    entry.values_mut().for_each(|values| values.sort());
    entry
}
