//! Lists: who is here, who holds what and why, what is outside policy, what is reviewed, what could not be read; a page at a time.

use super::acme::{Acme, OUTSIDER, OWNERS, TUESDAY, WEDNESDAY};
use serde_json::Value;

const ENGINEERS: &str = "1010,Bo,Dahl,employee,Engineering,1002,2026-01-05,\n\
                         1011,Kari,Lie,employee,Engineering,1002,2026-01-06,\n\
                         1012,Siv,Aas,employee,Law,1001,2026-01-06,2026-01-13\n";
const RIGHT: &str = "directory:engineering";

/// Engineers by a rule, one with a yes of her manager, and one person outside policy.
fn begun() -> Acme {
    let acme = Acme::begun();
    acme.feed(&[OWNERS, OUTSIDER, ENGINEERS]);
    acme.tenure(&["run", "--now", TUESDAY]).ends(4);
    let id = acme.json(&["approvals", "--now", TUESDAY]).0["approvals"][0]["id"].as_str().unwrap().to_owned();
    acme.tenure_as("1002", &["approve", &id[id.len() - 8..], "--now", TUESDAY]).ends(4);
    let exception =
        ["exception", "add", RIGHT, "--for", "1002", "--reason", "an audit", "--instead", "a log"];
    acme.tenure(&[&exception[..], &["--until", "2026-02-10", "--now", TUESDAY]].concat()).ends(4);
    acme
}

fn names(list: &Value, key: &str) -> Vec<String> {
    let rows = list[key].as_array().unwrap().iter();
    rows.map(|row| row["person"].as_str().or(row["person"]["person"].as_str()).unwrap().to_owned()).collect()
}

#[test]
fn holders_say_since_when_why_who_agreed_and_until_when() {
    let acme = begun();
    let (list, code) = acme.json(&["holders", RIGHT, "--now", WEDNESDAY]);
    assert_eq!(
        (names(&list, "holders"), code),
        (["Bo Dahl", "Kari Lie", "Ola Müller", "Þórður Jónsson"].map(str::to_owned).to_vec(), Some(0))
    );
    let because = |n: usize| &list["holders"][n]["holds"][0]["because"][0];
    assert_eq!(list["holders"][0]["holds"].as_array().unwrap().len(), 1, "only what was asked for");
    assert_eq!(because(0)["approvers"].as_array().unwrap().len(), 0);
    assert_eq!(
        (&because(0)["owner"], &because(0)["since"]),
        (&"group:security".into(), &"2026-01-04T23:00:00Z".into())
    );
    assert_eq!((&because(3)["approvers"][0], &because(3)["since"]), (&"Ola Müller".into(), &TUESDAY.into()));
    acme.tenure(&["holders", RIGHT, "--now", WEDNESDAY])
        .ends(0)
        .says("Bo Dahl (1010), Engineering, active, id ")
        .says("account `bdahl` in directory: ")
        .says("directory:engineering (not confirmed yet): since 2026-01-04T23:00:00Z, baseline \"engineers\", no approval asked, owner group:security, no end date")
        .says("baseline \"engineers\", approved by Ola Müller, owner group:security, no end date")
        .says("(an audit), signed by Astrid Berg, owner Astrid Berg, until 2026-02-10T");
    // A system lists all that each account holds, and a leaver until it is confirmed that the account is unusable.
    let (system, _) = acme.json(&["holders", "directory", "--now", WEDNESDAY]);
    assert_eq!(system["holders"].as_array().unwrap().len(), 6, "{system:#}");
    acme.tenure(&["holders", "directory:nothing"]).fails(1, "A001").says("`tenure entitlements` lists");
    acme.tenure(&["holders", "nowhere"]).fails(1, "A001").says("system `nowhere` is not known");
}

#[test]
fn a_list_goes_on_where_its_last_line_says() {
    let acme = begun();
    let all = names(&acme.json(&["people"]).0, "people");
    assert_eq!(all.len(), 6);
    let mut read: Vec<String> = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let mut arguments = vec!["people", "--limit", "2"];
        arguments.extend(after.iter().flat_map(|place| ["--after", place]));
        let (page, code) = acme.json(&arguments);
        assert_eq!(code, Some(0));
        read.extend(names(&page, "people"));
        let Some(next) = page["next"].as_str().map(str::to_owned) else { break };
        assert!(
            acme.tenure(&arguments)
                .stdout
                .ends_with(&format!("… there are more: the same with --after {next}\n"))
        );
        after = Some(next);
    }
    assert_eq!(read, all, "each once, in one order");
    acme.tenure(&["people", "--after", "01a20647-caec-7d60-8625-4a90f900fe91"])
        .fails(1, "A001")
        .says("place in the list");
    acme.tenure(&["people", "--limit", "0"]).ends(2);
    acme.tenure(&["holders", "directory", "--limit", "1"])
        .ends(0)
        .says("there are more: the same with --after ");
    let (first, _) = acme.json(&["entitlements", "--limit", "1"]);
    assert_eq!(
        (&first["entitlements"][0]["entitlement"], &first["next"]),
        (&"directory:account".into(), &"directory:account".into())
    );
    let (second, _) = acme.json(&["entitlements", "--limit", "1", "--after", "directory:account"]);
    assert_eq!((&second["entitlements"][0]["entitlement"], &second["next"]), (&RIGHT.into(), &Value::Null));
}

#[test]
fn people_are_listed_by_name_phase_kind_source_and_system() {
    let acme = begun();
    acme.tenure(&["run", "--now", WEDNESDAY]).ends(4);
    let list = |arguments: &[&str]| names(&acme.json(&[&["people"][..], arguments].concat()).0, "people");
    assert_eq!(list(&["dahl bo"]), ["Bo Dahl"]);
    assert_eq!(list(&["thordur"]), ["Þórður Jónsson"]);
    assert_eq!(list(&["--phase", "departed"]), ["Siv Aas"]);
    assert_eq!(list(&["--kind", "service"]), [""; 0]);
    assert_eq!(list(&["--source", "hr", "--phase", "active"]).len(), 5);
    assert_eq!(list(&["--system", "directory"]).len(), 6);
    acme.tenure(&["people", "--phase", "gone"]).ends(2).says("one of erased, departed");
    acme.tenure(&["people", "not a name"]).ends(0).says("no identity is found");
}

#[test]
fn entitlements_exceptions_and_quarantine_name_their_owners() {
    let acme = begun();
    acme.tenure(&["entitlements", "--now", WEDNESDAY])
        .ends(0)
        .says("directory:engineering: 4 holders, risk 20, owner 1001")
        .says("directory:account: ");
    acme.tenure(&["entitlements", "--risk", "10"]).says_no("directory:account");
    acme.tenure(&["entitlements", "--owner", "1002"])
        .says_no("directory:engineering")
        .says("directory:account");
    acme.tenure(&["entitlements", "--unmanaged"]).says("no entitlement is found");
    acme.tenure(&["exceptions", "--now", WEDNESDAY])
        .ends(0)
        .says("until 2026-02-10T")
        .says("directory:engineering: Ola Müller (1002), IT, active, id ")
        .says("owner Astrid Berg, instead: a log; reason: an audit");
    let exception =
        ["exception", "add", "directory:account", "--for", "1010", "--reason", "r", "--instead", "c"];
    acme.tenure_as("1002", &[&exception[..], &["--until", "2026-01-30", "--now", WEDNESDAY]].concat());
    let (list, _) = acme.json(&["exceptions", "--limit", "1", "--now", WEDNESDAY]);
    assert_eq!(list["exceptions"][0]["person"]["person"], "Bo Dahl", "what ends soonest comes first");
    let (list, _) = acme.json(&["exceptions", "--after", list["next"].as_str().unwrap(), "--now", WEDNESDAY]);
    assert_eq!(names(&list, "exceptions"), ["Ola Müller"]);
    acme.tenure(&["exceptions", "--now", "2026-02-20T09:00:00Z"]).says("no exception is in force");

    acme.tenure(&["quarantine"]).ends(0).says("no row is in quarantine");
    acme.feed(&[OWNERS, OUTSIDER, ENGINEERS, "1020,Tor,Vik,employee,Law,1001,2026-13-01,\n"]);
    acme.tenure(&["run", "--now", WEDNESDAY]).ends(7);
    acme.tenure(&["quarantine", "--now", WEDNESDAY])
        .ends(7)
        .says("hr:1020 ")
        .says("owner group:security, due ");
    let (list, _) = acme.json(&["quarantine", "--source", "hr", "--now", WEDNESDAY]);
    assert_eq!(list["quarantine"][0]["row"], "1020");
    acme.tenure(&["findings", "--kind", "quarantined", "--now", WEDNESDAY]).ends(7).says("hr:1020");
    acme.tenure(&["findings", "--kind", "orphan", "--now", WEDNESDAY]).ends(0).says_no("hr:1020");
}

#[test]
fn reviews_say_what_happens_without_one() {
    let acme = begun();
    acme.tenure(&["reviews", "--now", WEDNESDAY]).ends(0).says("no review is due");
    let emergency =
        ["request", "emergency", RIGHT, "--for", "1012", "--lasts", "2h", "--reason", "a breakdown"];
    acme.tenure(&[&emergency[..], &["--now", TUESDAY]].concat());
    acme.tenure(&["reviews", "--now", TUESDAY])
        .ends(4)
        .says("emergency directory:engineering: Siv Aas (1012), Law, ")
        .says("without a review it stays open");
    let (list, _) = acme.json(&["reviews", "--now", TUESDAY]);
    assert_eq!(names(&list, "reviews"), ["Siv Aas"]);
}

/// An empty list would say that there is nothing.
#[test]
fn a_filter_names_what_is_there() {
    let acme = Acme::begun();
    for (list, what) in [
        (&["quarantine", "--source", "hrr"][..], "source `hrr` is not known"),
        (&["people", "--source", "hrr"], "source `hrr` is not known"),
        (&["people", "--system", "directry"], "system `directry` is not known"),
        (&["entitlements", "--system", "directry"], "system `directry` is not known"),
        (&["findings", "--system", "directry"], "system `directry` is not known"),
        (&["holders", "directry"], "system `directry` is not known"),
    ] {
        acme.tenure(list).fails(1, "A001").says(what).says("help: ");
    }
    acme.tenure(&["quarantine", "--source", "hr"]).ends(0);
}

/// All rows of a list, read a few at a time, and whether the last line of each page said how to go on.
fn paged(acme: &Acme, arguments: &[&str], name: &str, limit: &str) -> Vec<Value> {
    let (mut rows, mut after): (Vec<Value>, Option<String>) = (Vec::new(), None);
    loop {
        let mut page = [arguments, &["--limit", limit]].concat();
        page.extend(after.iter().flat_map(|place| ["--after", place]));
        let (list, _) = acme.json(&page);
        let some = list[name].as_array().unwrap();
        assert!(some.len() <= limit.parse().unwrap(), "over the limit: {list:#}");
        rows.extend(some.iter().cloned());
        let Some(next) = list["next"].as_str().map(str::to_owned) else { return rows };
        assert!(acme.tenure(&page).says("… there are more: the same with --after ").stdout.contains(&next));
        after = Some(next);
    }
}

/// The same rows, whatever the limit.
fn whole(acme: &Acme, arguments: &[&str], name: &str) -> Vec<Value> {
    let all = paged(acme, arguments, name, "1000");
    assert_eq!(paged(acme, arguments, name, "1"), all, "each once, in one order");
    assert_eq!(paged(acme, arguments, name, "2"), all, "each once, in one order");
    all
}

#[test]
fn work_is_listed_a_page_at_a_time() {
    let acme = begun();
    acme.feed(&[
        OWNERS,
        OUTSIDER,
        ENGINEERS,
        "1020,Tor,Vik,employee,Law,1001,2026-13-01,\n",
        "1021,Liv,Ås,employee,Law,1001,x,\n",
    ]);
    acme.tenure(&["run", "--now", WEDNESDAY]).ends(7);
    let at = |arguments: &[&'static str]| [arguments, &["--now", WEDNESDAY]].concat();

    let tasks = whole(&acme, &at(&["tasks", "--manual"]), "tasks");
    assert!(tasks.len() > 3 && tasks.iter().all(|t| t["assigned_to"].is_string()), "{tasks:#?}");
    let (counted, _) = acme.json(&at(&["run"]));
    assert_eq!(counted["queue"]["needs_person"].as_u64(), u64::try_from(tasks.len()).ok());
    acme.tenure(&at(&["tasks", "1012", "--manual"])).ends(4).says("Siv Aas (1012)").says("assigned to 1002");
    acme.tenure(&at(&["tasks", "--system", "directry"]))
        .fails(1, "A001")
        .says("system `directry` is not known");

    let cases = whole(&acme, &at(&["case", "--all"]), "cases");
    assert!(cases.len() > 3, "{cases:#?}");
    let findings = whole(&acme, &at(&["findings"]), "findings");
    let about: Vec<&str> = findings.iter().filter_map(|f| f["about"].as_str()).collect();
    assert!(about.contains(&"hr:1020") && about.contains(&"hr:1021"), "{about:?}");
    let deadlines: Vec<&str> = findings.iter().filter_map(|f| f["deadline"].as_str()).collect();
    assert!(deadlines.is_sorted(), "the earliest deadline first: {deadlines:?}");
    whole(&acme, &at(&["quarantine"]), "quarantine");
    acme.tenure(&at(&["findings", "--after", "no place"])).fails(1, "A001").says("place in the list");
    acme.tenure(&at(&["case", "--after", "no place"])).fails(1, "A001").says("place in the list");
}

#[test]
fn requests_are_listed_by_approver() {
    let acme = Acme::begun();
    let second = "1030,Tor,Vik,contractor,Engineering,1001,2026-01-05,\n";
    acme.feed(&[OWNERS, OUTSIDER, second]);
    acme.tenure(&["run", "--now", TUESDAY]).ends(4);
    let of = |arguments: &[&str]| {
        let (list, _) = acme.json(&[&["approvals", "--now", TUESDAY], arguments].concat());
        names(&list, "approvals")
    };
    assert_eq!(of(&[]), ["Tor Vik", "Þórður Jónsson"], "of one deadline by name");
    assert_eq!(of(&["--by", "1002"]), ["Þórður Jónsson"]);
    assert_eq!(of(&["--by", "1001"]), ["Tor Vik"]);
    assert_eq!(of(&["--by", "1001", "--about", "1003"]), [""; 0]);
    assert_eq!(whole(&acme, &["approvals", "--now", TUESDAY], "approvals").len(), 2);
    acme.tenure(&["approvals", "--by", "1030", "--now", TUESDAY])
        .ends(0)
        .says("no request waits for the answer of 1030");
    let (list, _) = acme.json(&["approvals", "--by", "1002", "--now", TUESDAY]);
    let id = list["approvals"][0]["id"].as_str().unwrap();
    acme.tenure_as("1002", &["approve", &id[id.len() - 8..], "--now", TUESDAY]).ends(4);
    acme.tenure(&["approvals", "--by", "1002", "--now", TUESDAY]).ends(0);
}

#[test]
fn the_history_of_an_identity_is_told_from_the_newest_entry_back() {
    let acme = begun();
    let entries = whole(&acme, &["history", "1003", "--now", WEDNESDAY], "history");
    let numbers: Vec<u64> = entries.iter().filter_map(|e| e["entry"].as_u64()).collect();
    assert!(numbers.len() > 1 && numbers.is_sorted_by(|a, b| a > b), "{numbers:?}");
    acme.tenure(&["history", "1003", "--now", WEDNESDAY])
        .ends(0)
        .says("entries of the ledger about Þórður Jónsson, the newest first:")
        .says("joiner decided for Þórður Jónsson");
    acme.tenure(&["history", "1003", "--after", "0", "--now", WEDNESDAY])
        .fails(1, "A001")
        .says("place in the list");
}
