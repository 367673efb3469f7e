//! How people are named on the command line: by keys for what ends, by names in any form for reading, and never by chance.

use super::acme::{Acme, MONDAY, OWNERS, Ran, TUESDAY};

/// Namesakes, and names in several scripts.
const PEOPLE: &str = "1004,Astrid,Berg,contractor,Engineering,1002,2026-01-05,\n\
                      1005,Åse,Bergström,employee,Engineering,1002,2026-01-05,\n\
                      1006,Мария,Петрова,employee,Law,1001,2026-01-05,\n\
                      1007,小明,王,employee,Law,1001,2026-01-05,\n\
                      1008,Jürgen,Groß,employee,Law,1001,2026-01-05,\n\
                      1009,Sean,O'Brien,employee,Law,1001,2026-01-05,\n";

/// The two owners and these people, with a site for each department's people.
fn begun() -> Acme {
    let acme = Acme::new();
    acme.edit(
        "sources/hr.toml",
        "manager     = \"manager\"",
        "manager     = \"manager\"\nsite = { cel = '\"Oslo\"' }",
    );
    acme.edit(
        "policy/people.toml",
        "family_name = \"text\"",
        "family_name = \"text\"\nsite        = \"text\"",
    );
    acme.feed(&[OWNERS, PEOPLE]);
    acme.applied(MONDAY);
    acme.tenure(&["run", "--now", MONDAY]).ends(4);
    acme
}

fn id_of(acme: &Acme, number: &str) -> String {
    acme.json(&["explain", number]).0["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_name_is_found_in_any_order_script_and_spelling() {
    let acme = begun();
    for (text, number) in [
        ("Berg, Åse", "1005"),
        ("ase bergstrom", "1005"),
        ("BERGSTRÖM Åse", "1005"),
        ("strom", "no"),
        ("ström", "1005"),
        ("Petrova Mariya", "1006"),
        ("мария", "1006"),
        ("Wang Xiaoming", "1007"),
        ("Xiao Ming", "1007"),
        ("王小明", "1007"),
        ("Gross Juergen", "1008"),
        ("jurgen", "1008"),
        ("OBrien", "1009"),
        ("O’Brien, Sean", "1009"),
        ("1008", "1008"),
        ("jgross", "1008"),
    ] {
        let ran = acme.tenure(&["explain", text, "--now", MONDAY]);
        match number {
            "no" => drop(ran.fails(1, "A001")),
            number => drop(ran.ends(0).says(&format!("engagement hr:{number} "))),
        }
    }
}

/// The lines of a refusal that list identities.
fn listed(ran: &Ran) -> Vec<&str> {
    ran.stderr.lines().filter(|l| l.starts_with("  ") && !l.contains("help: ")).collect()
}

#[test]
fn what_fits_several_is_told_apart_and_never_taken() {
    let acme = begun();
    let (first, second) = (id_of(&acme, "1001"), id_of(&acme, "1004"));
    let end = |id: &str| id[id.len() - 8..].to_owned();
    let ran = acme.tenure(&["explain", "Berg Astrid", "--now", MONDAY]).fails(1, "A008");
    assert!(ran.stderr.contains("\"Berg Astrid\" matches 2 identities:"), "{}", ran.shown());
    let mut expected = vec![
        format!("  Astrid Berg (1001), Security, Oslo, active, id {}", end(&first)),
        format!("  Astrid Berg (1004), Engineering, Oslo, active, id {}", end(&second)),
    ];
    expected.sort();
    let mut lines = listed(&ran);
    lines.sort_unstable();
    assert_eq!(lines, expected);
    // A part of a name fits three, every number fits a part of itself, and one that is whole wins.
    let ran = acme.tenure(&["case", "berg", "--now", MONDAY]).fails(1, "A008");
    assert_eq!(listed(&ran).len(), 3, "{}", ran.shown());
    let ran = acme.tenure(&["explain", "100", "--now", MONDAY]).fails(1, "A008");
    assert_eq!(listed(&ran).len(), 8, "{}", ran.shown());
    acme.tenure(&["explain", "1001", "--now", MONDAY]).ends(0);
    acme.tenure(&["explain", &end(&second), "--now", MONDAY]).ends(0).says("hr:1004 ");
    acme.tenure(&["explain", &second.to_uppercase()[..24], "--now", MONDAY]).ends(0).says("hr:1004 ");
    acme.tenure(&["explain", &end(&second)[1..], "--now", MONDAY]).fails(1, "A001");
    // The first digits of an id are the time: people of one feed share them.
    acme.tenure(&["explain", &second[..8], "--now", MONDAY]).fails(1, "A008").says("matches 8 identities");
}

#[test]
fn what_ends_or_erases_takes_a_key_and_no_name() {
    let acme = begun();
    let before = acme.json(&["case", "--all"]).0;
    for arguments in [
        &["cutoff", "Jürgen Groß", "--reason", "x"][..],
        &["cutoff", "gross", "--reason", "x"],
        &["cutoff", "Jürgen Groß", "--lift"],
        &["erase", "Jürgen Groß", "--reason", "x"],
        &["correlate", "--merge", "Jürgen Groß", "1009"],
        &["correlate", "--merge", "1009", "Groß"],
        &["correlate", "--split", "Jürgen", "hr:1008"],
    ] {
        let ran = acme.tenure(&[arguments, &["--now", TUESDAY]].concat()).fails(2, "A007");
        assert_eq!(listed(&ran).len(), 1, "{}", ran.shown());
        assert!(ran.stderr.contains("Jürgen Groß (1008), Law, Oslo, active, id "), "{}", ran.shown());
    }
    assert_eq!(acme.json(&["case", "--all"]).0, before, "nothing was done");
    acme.tenure(&["cutoff", "Astrid Berg", "--reason", "x"]).fails(2, "A007").says("matches 2 identities");
    // A user name and the end of an id are keys.
    let id = id_of(&acme, "1008");
    acme.tenure(&["cutoff", &id[id.len() - 8..], "--reason", "x", "--now", TUESDAY]).ends(4);
    acme.tenure(&["cutoff", "obrien", "--reason", "x", "--now", TUESDAY]).fails(2, "A007");
    acme.tenure(&["cutoff", "sobrien", "--reason", "x", "--now", TUESDAY]).ends(4);
    acme.tenure(&["cutoff", "--now", TUESDAY]).says("Jürgen Groß").says("Sean O'Brien").says_no("Petrova");
}
