//! What is found stays told, with an owner and a deadline, until it is dealt with; and who may let it stand, for how long.

use super::acme::{Acme, HEADER, MONDAY, OUTSIDER, OWNERS, TUESDAY, WEDNESDAY};
use rusqlite::Connection;
use serde_json::Value;

const BO: &str = "1004,Bo,Berg,employee,IT,1001,2024-01-05,";
const LATER: &str = "2026-01-21T09:00:00Z";

/// Bo owns the directory and leaves on Tuesday.
fn left() -> Acme {
    let acme = Acme::new();
    acme.edit("systems/directory.toml", "owner        = \"1002\"", "owner        = \"1004\"");
    acme.feed(&[OWNERS, BO, "\n"]);
    acme.applied(TUESDAY);
    acme.tenure(&["run", "--now", TUESDAY]).ends(4).says_no("no-owner");
    acme.feed(&[OWNERS, BO, "2026-01-13\n"]);
    acme
}

/// The findings of a kind.
fn of_kind(acme: &Acme, kind: &str, now: &str) -> Vec<Value> {
    let (all, _) = acme.json(&["findings", "--kind", kind, "--now", now]);
    all["findings"].as_array().unwrap().clone()
}

fn id(of: &Value) -> String {
    of["id"].as_str().unwrap().to_owned()
}

#[test]
fn an_owner_who_left_is_told_by_each_pass_until_a_successor_is_named() {
    let acme = left();
    let told = acme.tenure(&["run", "--now", WEDNESDAY]).ends(7);
    told.says("no-owner system directory: its owner `1004` has left").says("owner group:security, due");
    acme.tenure(&["run", "--now", WEDNESDAY]).ends(7).says("no-owner system directory");
    acme.tenure(&["doctor", "--now", WEDNESDAY]).ends(7).says("wrong finding no-owner system directory");
    let found = of_kind(&acme, "no-owner", WEDNESDAY);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(
        (&found[0]["since"], &found[0]["deadline"]),
        (&Value::from(WEDNESDAY), &Value::from("2026-01-17T09:00:00Z"))
    );
    // Programs rest on the code and the parameters, and not on the sentence.
    assert_eq!(found[0]["code"], "owner-vacant");
    assert_eq!(
        (&found[0]["parameters"]["name"], &found[0]["parameters"]["why"]),
        (&"1004".into(), &"gone".into())
    );
    // Bo's own removal is work by hand in his own system: it is not put to him.
    acme.tenure(&["case", "1004", "--now", WEDNESDAY])
        .says("assigned to group:security")
        .says("name a successor");
    acme.edit("systems/directory.toml", "owner        = \"1004\"", "owner        = \"1001\"");
    acme.applied(WEDNESDAY);
    assert_eq!(of_kind(&acme, "no-owner", WEDNESDAY), [Value::Null; 0]);
    acme.tenure(&["run", "--now", WEDNESDAY]).says_no("no-owner");
}

#[test]
fn an_acknowledged_finding_is_listed_and_not_open_until_its_time_is_over() {
    let acme = left();
    acme.tenure(&["run", "--now", WEDNESDAY]).ends(7);
    let finding = id(&of_kind(&acme, "no-owner", WEDNESDAY)[0]);
    let say = |by: &str, reason: &str, until: &str| {
        let words = ["findings", "acknowledge", &finding, "--reason", reason, "--until", until];
        acme.tenure_as(by, &[&words[..], &["--now", WEDNESDAY]].concat())
    };
    say("1004", "I come back", "2026-01-20").fails(1, "A002").says("has left or is cut off");
    say("1002", " ", "2026-01-20").fails(1, "A002").says("reason");
    say("1002", "later", "2026-01-13").fails(1, "A003").says("is past");
    say("1002", "later", "2026-02-14").fails(1, "A003").says("at most 30 days");
    say("1002", "the successor begins on the 20th", "2026-01-20").ends(0).says("acknowledged until");
    assert_eq!(of_kind(&acme, "no-owner", WEDNESDAY), [Value::Null; 0]);
    acme.tenure(&["findings", "--now", WEDNESDAY]).says("1 acknowledged: `tenure findings --acknowledged`");
    let (said, _) = acme.json(&["findings", "--acknowledged", "--now", WEDNESDAY]);
    let found = &said["findings"];
    assert_eq!(found[0]["acknowledged"]["until"], "2026-01-21T00:00:00Z", "{found:#?}");
    assert_eq!(found[0]["acknowledged"]["person"], "Ola Müller (1002)");
    acme.tenure(&["findings", "--acknowledged", "--now", WEDNESDAY])
        .ends(0)
        .says("acknowledged by Ola Müller (1002) until")
        .says("the successor begins on the 20th");
    acme.tenure(&["run", "--now", WEDNESDAY]).says("1 acknowledged").says_no("no-owner system directory");
    acme.tenure(&["doctor", "--now", WEDNESDAY]).says_no("no-owner").says("ok    evidence: ");
    // Its time is over.
    acme.tenure(&["run", "--now", LATER]).ends(7).says("no-owner system directory").says_no("acknowledged");
    // Behind Tenure it cannot be made longer.
    let database = Connection::open(acme.path("state/tenure.db")).unwrap();
    database.execute_batch("UPDATE acknowledgement SET until = until + 86400000000").unwrap();
    acme.tenure(&["doctor", "--now", LATER]).ends(7).says("the stored value is not the one of entry");
}

#[test]
fn another_cause_is_another_finding() {
    let acme = left();
    acme.tenure(&["run", "--now", WEDNESDAY]).ends(7);
    let finding = id(&of_kind(&acme, "no-owner", WEDNESDAY)[0]);
    let words = ["findings", "acknowledge", &finding, "--reason", "later", "--until", "2026-01-20"];
    acme.tenure(&[&words[..], &["--now", WEDNESDAY]].concat()).ends(0);
    acme.tenure(&["run", "--now", WEDNESDAY]).says_no("no-owner system directory");
    // The successor has a number that no source knows.
    acme.edit("systems/directory.toml", "owner        = \"1004\"", "owner        = \"1099\"");
    acme.applied(WEDNESDAY);
    acme.tenure(&["run", "--now", WEDNESDAY]).ends(7).says("its owner `1099` is not known to any source");
}

#[test]
fn what_hides_an_end_and_a_short_escalation_group_are_never_acknowledged() {
    let acme = Acme::begun();
    let bad = "1004,Bo,Berg,employee,IT,1001,2026-01-05,46083\n";
    acme.write("feeds/hr.csv", &format!("{HEADER}{OWNERS}{bad}"));
    acme.tenure(&["run", "--now", TUESDAY]).ends(7);
    acme.tenure(&["cutoff", "1002", "--reason", "phished", "--now", TUESDAY]).ends(4);
    acme.tenure(&["run", "--now", TUESDAY]).ends(7).says("last-resort group:security");
    for kind in ["quarantined", "last-resort"] {
        let found = of_kind(&acme, kind, TUESDAY);
        assert_eq!(found[0]["may_be_acknowledged"], false, "{found:#?}");
        let words = ["findings", "acknowledge", &id(&found[0]), "--reason", "later", "--until", "2026-01-20"];
        acme.tenure(&[&words[..], &["--now", TUESDAY]].concat())
            .fails(1, "A003")
            .says("cannot be acknowledged: resolve it");
    }
}

#[test]
fn a_finding_about_an_identity_is_not_for_that_identity() {
    let acme = Acme::begun();
    // Astrid is of the escalation group, and her manager is not known.
    let astrid = "1001,Astrid,Berg,employee,Security,1099,2024-01-08,\n";
    let ola = "1002,Ola,Müller,employee,IT,1001,2024-02-01,\n";
    acme.feed(&[astrid, ola]);
    acme.tenure(&["run", "--now", TUESDAY]).ends(7);
    let finding = id(&of_kind(&acme, "unresolved-reference", TUESDAY)[0]);
    let words = ["findings", "acknowledge", &finding, "--reason", "later", "--until", "2026-01-20"];
    let words = [&words[..], &["--now", TUESDAY]].concat();
    acme.tenure(&words).fails(1, "A002").says("it is about their own identity");
    acme.tenure_as("1002", &words).ends(0);
    let mine = acme.tenure(&["findings", "--about", "1001", "--now", TUESDAY]);
    mine.ends(0).says("no finding is open").says("1 acknowledged: `tenure findings --acknowledged`");
}

#[test]
fn who_gave_access_in_an_emergency_is_not_asked_to_review_it_and_does_not_acknowledge_it() {
    let acme = Acme::begun();
    let at = |now: &'static str| ["--now", now];
    let emergency =
        ["request", "emergency", "directory:engineering", "--for", "1002", "--lasts", "4h", "--reason", "x"];
    acme.tenure(&[&emergency[..], &at(TUESDAY)].concat()).ends(4);
    // Astrid (1001) owns the entitlement and gave it, Ola (1002) owns the system and has it: the escalation group is asked.
    let found = of_kind(&acme, "review", TUESDAY);
    assert_eq!((found.len(), &found[0]["owner"]), (1, &Value::from("group:security")), "{found:#?}");
    let finding = id(&found[0]);
    let say = ["findings", "acknowledge", &finding, "--reason", "fine", "--until", "2026-01-20"];
    for (by, why) in [("1001", "they are its requester"), ("1002", "it is about their own")] {
        acme.tenure_as(by, &[&say[..], &at(TUESDAY)].concat()).fails(1, "A002").says(why);
    }
    assert_eq!(of_kind(&acme, "review", TUESDAY).len(), 1);
}

#[test]
fn the_owner_of_a_rule_is_known_although_only_the_rule_names_them() {
    let acme = Acme::new();
    let watch = "\n[[watch]]\nname = \"engineers from outside\"\nowner = \"1004\"\n\
                 when = 'department == \"Engineering\" && engagement.type != \"employee\"'\n";
    let rules = std::fs::read_to_string(acme.path("policy/access.toml")).unwrap();
    acme.write("policy/access.toml", &format!("{rules}{watch}"));
    acme.feed(&[OWNERS, OUTSIDER, "1004,Sara,Lind,employee,IT,1001,2024-02-01,\n"]);
    acme.applied(MONDAY);
    acme.tenure(&["run", "--now", MONDAY]).says("watched engineers from outside").says_no("no-owner");
    acme.tenure_as("1004", &["findings", "--mine", "--now", MONDAY]).says("(owner 1004, due");
}
