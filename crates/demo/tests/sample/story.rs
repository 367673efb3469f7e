//! What the story promises about single people, seen in what they can use.

use crate::configuration::loaded;
use crate::replay::{actor, live};
use std::collections::{BTreeMap, BTreeSet};
use tenure_demo::{Action, Day, Organisation, script};
use tenure_model::CaseLabel::{
    Absence, Conversion, CutOff, Extension, Joiner, Leaver, Mover, Rehire, Rescinded, Return,
};
use tenure_model::{CaseLabel, FindingKind};

const SEED: u64 = 1;

/// The keys of the identities to which a run gives this label.
fn labelled(days: &[Day], day: usize, run: usize, label: CaseLabel) -> Vec<String> {
    let records = &days[day - 1].runs[run].expected.cases[&label];
    records.iter().map(|r| r.split_once(':').unwrap().1.to_owned()).collect()
}

/// Usable systems of an identity after each run.
fn course(key: &str) -> BTreeMap<(u8, usize), BTreeSet<String>> {
    let mut course = BTreeMap::new();
    live(SEED, |day, run, _, world| {
        if world.whose(key).is_some() {
            course.insert((day.number, run), world.usable(key));
        }
    });
    course
}

#[test]
fn the_days_have_what_was_promised() {
    let days = script(SEED);
    assert_eq!(days.len(), 10);
    for label in [Joiner, Mover, Leaver, Conversion, Rescinded, Absence, Return, Rehire, CutOff, Extension] {
        assert!(days.iter().any(|d| d.count(label) > 0), "no {label:?}");
    }
    assert!(days.iter().any(|d| d.runs.iter().any(|r| r.expected.held.contains_key("hr"))));
    let instants: Vec<_> = days.iter().flat_map(|d| &d.runs).map(|r| r.now).collect();
    assert!(instants.is_sorted_by(|a, b| a < b), "time never goes back");
    for day in &days {
        assert!(
            !day.story.is_empty()
                && day.story.iter().all(|line| !line.contains("  ") && !line.starts_with(' '))
        );
        assert_eq!(day.runs[0].now.to_zoned(jiff::tz::TimeZone::UTC).date(), day.date);
        assert_eq!(day.feeds.len(), 4);
    }
    let told = |d: &Day| format!("{} {} {}\n  {}\n", d.number, d.date, d.title, d.story.join("\n  "));
    insta::assert_snapshot!(days.iter().map(told).collect::<String>());
}

#[test]
fn a_last_day_in_tokyo_ends_in_tokyo() {
    let days = script(SEED);
    let tokyo = course(&labelled(&days, 4, 1, Leaver)[0]);
    assert!(!tokyo[&(4, 0)].is_empty());
    assert!(tokyo[&(4, 1)].is_empty());
    let new_york = labelled(&days, 5, 0, Leaver).into_iter().map(|k| course(&k));
    for course in new_york {
        assert!(!course[&(4, 1)].is_empty() && course[&(5, 0)].is_empty());
    }
}

#[test]
fn a_contractor_waits_for_the_sponsor() {
    let about = actor(&script(SEED), |a| match a {
        Action::Approve { about, .. } if about.starts_with('V') => Some(about.clone()),
        _ => None,
    });
    let course = course(&about);
    assert!(course[&(2, 0)].is_empty());
    assert!(course[&(2, 1)].contains("directory") && course[&(2, 1)].contains("git"));
}

#[test]
fn a_mover_keeps_the_old_projects_for_five_days_and_never_both_sides_of_a_payment() {
    let days = script(SEED);
    let controller = actor(&days, |a| match a {
        Action::Approve { about, .. } if !about.starts_with('V') => Some(about.clone()),
        _ => None,
    });
    let mut held = BTreeMap::new();
    let mut kept = BTreeMap::new();
    let movers = labelled(&days, 3, 0, Mover);
    live(SEED, |day, run, _, world| {
        held.insert((day.number, run), world.holds(&controller));
        let teams = |k: &String| world.holds(k).iter().filter(|e| e.starts_with("directory:team/")).count();
        kept.insert((day.number, run), movers.iter().map(teams).sum::<usize>());
    });
    let has = |at: (u8, usize), what: &str| held[&at].contains(what);
    assert!(has((2, 0), "erp:payment-create") && !has((3, 0), "erp:payment-create"));
    assert!(!has((3, 0), "erp:payment-release") && has((3, 1), "erp:payment-release"));
    assert_eq!([kept[&(2, 0)], kept[&(3, 0)], kept[&(5, 0)], kept[&(6, 0)]], [5, 9, 9, 5]);
}

#[test]
fn a_conversion_never_interrupts() {
    let days = script(SEED);
    let badge = actor(&days, |a| match a {
        Action::SamePerson { person, .. } => Some(person.clone()),
        _ => None,
    });
    for (at, usable) in course(&badge) {
        assert!(usable.contains("directory") && usable.contains("git"), "{at:?}: {usable:?}");
    }
}

#[test]
fn somebody_away_keeps_the_directory_only() {
    let days = script(SEED);
    let course = course(&labelled(&days, 5, 0, Absence)[0]);
    assert!(course[&(4, 1)].contains("git"));
    assert_eq!(course[&(5, 0)], BTreeSet::from(["directory".to_owned()]));
    assert!(course[&(8, 0)].contains("git"));
}

#[test]
fn an_agent_without_an_owner_is_off_until_it_has_one() {
    let days = script(SEED);
    let [with_deputy, without] = ["agent-dependency", "agent-refactor"];
    assert!(days[7].runs[0].expected.cases[&CaseLabel::Correction].contains("agents:agent-refactor"));
    live(SEED, |day, _, _, world| {
        let (orphaned, findings) = ((5..8).contains(&day.number), world.findings(without));
        assert_eq!(world.usable(without).is_empty(), orphaned, "day {}", day.number);
        assert_eq!(findings.contains(&FindingKind::NoOwner), orphaned);
        assert!(!world.usable(with_deputy).is_empty());
        assert_eq!(world.findings(with_deputy).contains(&FindingKind::DepartedReference), orphaned);
    });
}

#[test]
fn what_ends_stays_ended() {
    let days = script(SEED);
    let suspect = course(&labelled(&days, 9, 1, CutOff)[0]);
    assert!(!suspect[&(9, 0)].is_empty() && suspect[&(9, 1)].is_empty() && suspect[&(10, 0)].is_empty());
    let service = course(&labelled(&days, 10, 0, Leaver)[0]);
    assert!(!service[&(9, 1)].is_empty() && service[&(10, 0)].is_empty());
    let rehired = course(&labelled(&days, 9, 0, Rehire)[0]);
    assert!(rehired[&(8, 1)].is_empty() && !rehired[&(9, 0)].is_empty());
}

#[test]
fn a_local_rule_and_an_exception_are_told_as_they_are() {
    let setup = loaded(&Organisation::generate(SEED)).setup;
    let auditor = &*setup.policy.exceptions[0].person;
    let mut reports = BTreeMap::new();
    let mut in_paris = Vec::new();
    live(SEED, |day, run, _, world| {
        reports.insert((day.number, run), world.holds(auditor).contains("erp:reports"));
        let stopped = |e: &&tenure_model::Engagement| {
            e.last_day.is_some_and(|d| d.date < day.date) && e.end > e.last_day
        };
        let engagements = world.known.values().flat_map(|k| &k.subject.identity.engagements);
        in_paris = engagements.filter(stopped).map(|e| e.key.to_string()).collect();
        assert!(in_paris.iter().all(|key| world.usable(key).contains("directory")), "day {}", day.number);
    });
    assert_eq!(in_paris.len(), 1);
    assert!(reports[&(1, 0)] && reports[&(8, 1)] && !reports[&(9, 0)]);
}

#[test]
fn nobody_has_findings_that_the_story_does_not_tell() {
    let world = live(SEED, |_, _, _, _| {});
    let about = world.known.values().filter(|k| !k.findings.is_empty());
    let told: Vec<_> = about.map(|k| (&k.subject.identity.engagements[0].keys, &k.findings)).collect();
    assert!(told.is_empty(), "{told:?}");
}
