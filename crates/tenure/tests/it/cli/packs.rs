//! `ledger pack`: what happened to an identity, proved to an auditor who has the public key and the folder alone.

use super::acme::{Acme, TUESDAY};
use std::fs;
use std::path::Path;
use tenure_testkit::{need, peer};

/// Ola Müller's account was made by hand, another person attested it, and then Ola is cut off.
fn cut_off() -> (Acme, String) {
    let acme = Acme::begun();
    let task = acme.task_of("1002");
    acme.tenure_as("1002", &["case", "--done", &task, "--now", TUESDAY]).ends(4);
    acme.tenure(&["case", "--attest", &task, "--seen", "I looked", "--now", TUESDAY]).ends(0);
    acme.tenure(&["cutoff", "1002", "--reason", "a test", "--now", TUESDAY]).ends(4);
    let key = acme.tenure(&["ledger", "key"]).ends(0).stdout.trim().to_owned();
    acme.tenure(&["run", "--now", TUESDAY]);
    (acme, key)
}

/// The lines of a pack without the head.
fn entries(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("pack.jsonl")).unwrap();
    text.lines().skip(1).map(str::to_owned).collect()
}

/// The pack with other lines.
fn with_entries(folder: &Path, lines: &[String]) {
    let text = fs::read_to_string(folder.join("pack.jsonl")).unwrap();
    let head = text.lines().next().unwrap();
    fs::write(folder.join("pack.jsonl"), format!("{head}\n{}\n", lines.join("\n"))).unwrap();
}

#[test]
fn an_auditor_verifies_it_with_the_key_alone() {
    let (acme, key) = cut_off();
    let folder = acme.path("ola");
    let of = folder.display().to_string();
    let packed = acme.tenure(&["ledger", "pack", &of, "--person", "1002", "--now", TUESDAY]).ends(0);
    let packed = packed
        .says("entries about one identity of Ola Müller, each proved to be in the signed log of")
        .says("joiner decided for Ola Müller (active), in force from 2024-01-31T23:00:00Z: create directory")
        .says("account in directory: reported as done by hand; in the name of Ola Müller (stated, not authenticated)")
        .says("account in directory: attested; by Astrid Berg")
        .says("cut-off decided for Ola Müller (active)")
        .says("it contains personal data");
    let elsewhere = Acme::nothing();
    let check = |code| elsewhere.tenure(&["ledger", "check", "--pack", &of, "--key", &key]).ends(code);
    let checked = check(0);
    let (written, said) = (packed.stdout, checked.stdout);
    assert!(
        written.starts_with(said.trim_end()),
        "the sentences are those that were printed:\n{written}\n{said}"
    );
    assert!(fs::read_to_string(folder.join("report.md")).unwrap().contains("tenure ledger check --pack"));
    // Twice into one folder would mix two.
    acme.tenure(&["ledger", "pack", &of, "--person", "1002", "--now", TUESDAY]).fails(3, "L003");

    // The first, a middle and the last entry.
    let all = entries(&folder);
    assert!(all.len() > 3, "{all:?}");
    with_entries(&folder, &all[1..]);
    check(3).says("is not in the pack");
    let middle = [&all[..1], &all[2..]].concat();
    with_entries(&folder, &middle);
    check(3).says("is not in the pack: entry ");
    with_entries(&folder, &all[..all.len() - 1]);
    // What is left out at the end of an open chain no pack can show: it claims no more than it has.
    check(0).says("complete to entry ").says("whether there are later entries, no pack shows");
    // An entry of another identity, and what another entry stands for.
    let other = acme.path("astrid");
    let other_of = other.display().to_string();
    acme.tenure(&["ledger", "pack", &other_of, "--person", "1001", "--now", TUESDAY]).ends(0);
    with_entries(&folder, &[all.clone(), entries(&other)[..1].to_vec()].concat());
    check(3).says("error L005");
    let opening = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["opening"].clone();
    let mut swapped: serde_json::Value = serde_json::from_str(&all[0]).unwrap();
    swapped["opening"] = opening(&all[1]);
    with_entries(&folder, &[vec![swapped.to_string()], all[1..].to_vec()].concat());
    check(3).says("error L005");
    with_entries(&folder, &all);
    check(0);
    // Another key.
    let another = Acme::begun();
    let another = another.tenure(&["ledger", "key"]).ends(0).stdout.trim().to_owned();
    elsewhere.tenure(&["ledger", "check", "--pack", &of, "--key", &another]).fails(3, "L005");
}

#[test]
fn a_case_and_a_period_are_complete() {
    let (acme, key) = cut_off();
    let (cases, _) = acme.json(&["case", "1002", "--all"]);
    let case = cases["cases"][0]["id"].as_str().unwrap().to_owned();
    let pack = |folder: &str, what: &[&str]| {
        let folder = acme.path(folder).display().to_string();
        acme.tenure(&[&["ledger", "pack", &folder], what, &["--now", TUESDAY]].concat()).ends(0);
        folder
    };
    let check =
        |folder: &str, code| acme.tenure(&["ledger", "check", "--pack", folder, "--key", &key]).ends(code);
    let of = pack("case", &["--case", &case]);
    check(&of, 0).says("complete");

    let none = acme.path("none").display().to_string();
    acme.tenure(&["ledger", "pack", &none, "--from", "2026-01-13T00:00:00Z", "--to", TUESDAY])
        .fails(1, "A001")
        .says("the signed part of the ledger has no entry about it");
    let of = pack("week", &["--from", "2026-01-12T00:00:00Z"]);
    check(&of, 0).says("complete: every entry of the log from ");
    let folder = acme.path("week");
    let all = entries(&folder);
    with_entries(&folder, &[&all[..2], &all[3..]].concat());
    check(&of, 3).says("is not in the pack");
    with_entries(&folder, &all[..all.len() - 1]);
    check(&of, 3).says("must show where it begins and ends");

    acme.tenure(&["ledger", "pack", &of, "--case", "x", "--now", TUESDAY]).fails(1, "A001");
    // Never among what Tenure itself rests on.
    let own = acme.path("state/checkpoints/ola").display().to_string();
    acme.tenure(&["ledger", "pack", &own, "--person", "1002", "--now", TUESDAY]).fails(3, "L007");
    acme.tenure(&["ledger", "pack", &of]).ends(2).says("--person");
}

#[test]
fn a_verifier_of_another_maker_agrees() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cli/verify_pack.py");
    let (acme, key) = cut_off();
    let folder = acme.path("ola");
    let of = folder.display().to_string();
    acme.tenure(&["ledger", "pack", &of, "--person", "1002", "--now", TUESDAY]).ends(0);
    let file = folder.join("pack.jsonl").display().to_string();
    let (code, said) = need!(peer::python(&script, &[&file, &key]));
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("entries verify: ") && said.contains("complete to entry "), "{said}");
    let all = entries(&folder);
    with_entries(&folder, &all[1..]);
    let (code, said) = need!(peer::python(&script, &[&file, &key]));
    assert_eq!((code, said.contains("was left out")), (1, true), "{said}");
    // One character of what the first entry stands for.
    let mut first: serde_json::Value = serde_json::from_str(&all[0]).unwrap();
    let mut opening: Vec<char> = first["opening"].as_str().unwrap().chars().collect();
    opening[60] = if opening[60] == 'A' { 'B' } else { 'A' };
    first["opening"] = opening.into_iter().collect::<String>().into();
    let changed = [vec![first.to_string()], all[1..].to_vec()].concat();
    with_entries(&folder, &changed);
    let (code, said) = need!(peer::python(&script, &[&file, &key]));
    assert_eq!(code, 1, "{said}");
}
