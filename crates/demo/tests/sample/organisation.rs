//! The people of the organisation: the same for the same seed, of many kinds, places and names, with managers that resolve.

use crate::configuration::{endpoints, loaded};
use crate::rows::rows;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use tenure_demo::{HR_FEED, Organisation, VENDORS_FEED, script};
use tenure_engine::normalise::{Normalised, Normaliser, required_columns};
use tenure_model::{NormalRecord, Zones};

/// The records of one feed of an organisation, all of which must be taken.
fn records(organisation: &Organisation, source: &str) -> Vec<NormalRecord> {
    let setup = loaded(organisation).setup;
    let source = &setup.sources[source];
    let feeds = organisation.feeds();
    let text = &feeds.iter().find(|(path, _)| **path == *source.path).unwrap().1;
    let (columns, rows) = rows(&source.format, text);
    for column in required_columns(source) {
        assert!(columns.index(&column).is_some(), "{} lacks {column}", source.path);
    }
    let normaliser = Normaliser::new(source, &source.path, &columns).unwrap();
    let zones = Zones::bundled("test");
    let taken = rows.iter().map(|row| match normaliser.normalise(row, &zones) {
        Normalised::Taken(record) => *record,
        other => panic!("{}: {:?}", source.path, other.problems()),
    });
    taken.collect()
}

fn text(record: &NormalRecord, attribute: &str) -> String {
    let line = record.attributes.iter().find(|(n, _)| n.to_string() == attribute);
    line.and_then(|(_, l)| l.at(jiff::civil::date(2026, 6, 1))).map(ToString::to_string).unwrap_or_default()
}

fn digest(texts: &[(String, String)]) -> String {
    let mut hash = Sha256::new();
    for (path, text) in texts {
        hash.update(path);
        hash.update(text);
    }
    hash.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect()
}

#[test]
fn the_same_seed_makes_the_same_bytes() {
    let all = |seed| {
        let organisation = Organisation::generate(seed);
        let days = script(seed).into_iter().flat_map(|d| d.feeds);
        let files: Vec<_> = organisation.feeds().into_iter().chain(days).collect();
        (digest(&files), digest(&organisation.write_configuration(&endpoints())))
    };
    assert_eq!(all(1), all(1));
    assert_ne!(all(1).0, all(2).0);
    insta::assert_snapshot!(all(1).0);
}

#[test]
fn the_feeds_look_like_exports() {
    let organisation = Organisation::generate(1);
    let first = |(path, text): (String, String)| {
        let lines: Vec<&str> = text.lines().take(6).collect();
        format!("== {path} ({} lines)\n{}\n", text.lines().count(), lines.join("\n"))
    };
    insta::assert_snapshot!(organisation.feeds().into_iter().map(first).collect::<String>());
}

#[test]
fn its_size_and_its_kinds_are_as_promised() {
    for seed in [1, 7] {
        let organisation = Organisation::generate(seed);
        let size = organisation.size();
        assert!((480..=520).contains(&size.people), "{size:?}");
        assert_eq!((size.services, size.agents, size.sites), (30, 8, 14));
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        let mut zones = BTreeSet::new();
        for record in ["hr", "vendors"].iter().flat_map(|s| records(&organisation, s)) {
            *kinds.entry(record.engagement.unwrap().to_string()).or_default() += 1;
            zones.insert(record.zone.name);
        }
        assert!(zones.len() >= 12, "{zones:?}");
        let expected = ["apprentice", "consultant", "contingent", "contractor", "employee", "intern"];
        assert_eq!(kinds.keys().map(String::as_str).collect::<Vec<_>>(), expected);
        assert!(kinds.values().all(|n| *n >= 3), "{kinds:?}");
    }
}

#[test]
fn keys_are_unique_and_references_resolve_upwards() {
    for seed in [1, 2, 3] {
        let organisation = Organisation::generate(seed);
        let mut managers: BTreeMap<String, String> = BTreeMap::new();
        for record in records(&organisation, "hr") {
            let key = record.key.to_string();
            assert!(managers.insert(key.clone(), text(&record, "manager")).is_none(), "{key} is there twice");
        }
        assert_eq!(managers.values().filter(|m| m.is_empty()).count(), 1, "one chief");
        for start in managers.keys() {
            let (mut at, mut steps) = (start, 0);
            while !managers[at].is_empty() {
                at = &managers[at];
                steps += 1;
                assert!(steps <= 3, "{start} has more superiors than there are levels");
            }
        }
        let mut badges = BTreeSet::new();
        for record in records(&organisation, "vendors") {
            assert!(managers.contains_key(&text(&record, "sponsor")), "{} has no sponsor", record.key);
            assert!(badges.insert(record.key));
        }
        for record in ["machines", "agents"].iter().flat_map(|s| records(&organisation, s)) {
            assert!(managers.contains_key(&text(&record, "owner")), "{} has no owner", record.key);
            assert!(!text(&record, "purpose").is_empty() && record.end.is_some());
        }
    }
}

#[test]
fn names_are_those_of_people() {
    let organisation = Organisation::generate(1);
    let all: Vec<NormalRecord> = ["hr", "vendors"].iter().flat_map(|s| records(&organisation, s)).collect();
    let names: Vec<&str> = all.iter().map(|r| &*r.keys["name"]).collect();
    let some = |fits: &dyn Fn(&str) -> bool| names.iter().filter(|n| fits(n)).count();
    assert!(some(&|n| !n.is_ascii()) > 150);
    assert!(some(&|n| n.contains('\'')) > 10, "apostrophes");
    assert!(some(&|n| n.split(' ').count() > 2) > 10, "particles and second names");
    assert!(some(&|n| !n.contains(' ')) >= 1, "people with one name");
    let scripts = [('α', 'ω'), ('а', 'я'), ('一', '龯'), ('가', '힣'), ('க', 'ஹ'), ('ء', 'ي')];
    for (from, to) in scripts {
        assert!(some(&|n| n.chars().any(|c| (from..=to).contains(&c))) > 0, "no name has letters of {from}");
    }
    let different: BTreeSet<&&str> = names.iter().collect();
    assert_eq!(names.len() - different.len(), 1, "two people share a name, and only two");
}

#[test]
fn the_feeds_are_where_the_configuration_looks() {
    let organisation = Organisation::generate(1);
    let setup = loaded(&organisation).setup;
    let written: BTreeSet<String> = organisation.feeds().into_iter().map(|(path, _)| path).collect();
    let read: BTreeSet<String> = setup.sources.values().map(|s| s.path.to_string()).collect();
    assert_eq!(written, read);
    assert!(written.contains(HR_FEED) && written.contains(VENDORS_FEED));
}
