//! Broken configurations and the error that each gets: the sample with one thing wrong at a time.

use crate::cases::{CONDITIONS, Case, LINTS, POLICY, SETTINGS, SOURCES, SYSTEMS};
use crate::folder::{broken, rendered, sample};
use std::collections::BTreeSet;
use std::fmt::Write;
use tenure_policy::{Diagnostic, load, load_settings};

fn table(cases: &[Case]) -> String {
    let mut all = String::new();
    for (name, path, from, to) in cases {
        let found = rendered(&broken(path, from, to));
        assert!(!found.is_empty(), "nothing was found for: {name}");
        writeln!(all, "=== {name}\n{found}\n").unwrap();
    }
    all
}

#[test]
fn a_watch_says_of_whom() {
    let unnamed = "[[watch]]\nname = \"all people\"\n\n[[handover]]";
    let found = rendered(&broken("policy/access.toml", "[[handover]]", unnamed));
    assert!(found.contains("the key `when` is missing"), "{found}");
}

#[test]
fn one_entitlement_has_one_writing() {
    for other in ["Admin", " admin", "ａｄｍｉｎ", "ad\u{200b}min", "ADMIN "] {
        let two = format!(
            "[[entitlement]]\nname = \"admin\"\n\n[[entitlement]]\nname = \"{other}\"\n\n[[entitlement]]"
        );
        let found = rendered(&broken("systems/erp.toml", "[[entitlement]]", &two));
        assert!(
            found.contains("is `admin` in another writing") || found.contains("cannot be a name"),
            "{other}: {found}"
        );
    }
    let two = "[[entitlement]]\nname = \"admin\"\n\n[[entitlement]]\nname = \"admins\"\n\n[[entitlement]]";
    assert!(!rendered(&broken("systems/erp.toml", "[[entitlement]]", two)).contains("another writing"));
}

#[test]
fn bad_settings() {
    insta::assert_snapshot!(table(SETTINGS));
}

/// The errors of `tenure.toml`, one line each.
fn of_settings(found: &[Diagnostic]) -> Vec<String> {
    found.iter().filter(|d| &*d.file == "tenure.toml").map(Diagnostic::line_form).collect()
}

#[test]
fn tenure_toml_alone_gets_the_errors_that_it_gets_in_its_folder() {
    let mut wrong = 0;
    for (name, path, from, to) in SETTINGS.iter().filter(|(_, path, ..)| *path == "tenure.toml") {
        let files = broken(path, from, to);
        let text = &files.iter().find(|(p, _)| p == path).unwrap().1;
        let whole = of_settings(&load(&files).err().unwrap_or_default());
        let alone = of_settings(&load_settings(text).err().unwrap_or_default());
        assert_eq!(alone, whole, "{name}");
        wrong += usize::from(!alone.is_empty());
    }
    assert!(wrong > 5, "only {wrong} cases are about tenure.toml");
}

#[test]
fn tenure_toml_alone_does_not_care_about_other_files() {
    let settings = |files: &[(String, String)]| {
        let text = &files.iter().find(|(path, _)| path == "tenure.toml").unwrap().1;
        load_settings(text).unwrap()
    };
    let whole = load(&sample()).unwrap().setup.settings;
    assert_eq!(format!("{:?}", settings(&sample())), format!("{whole:?}"));
}

#[test]
fn bad_sources() {
    insta::assert_snapshot!(table(SOURCES));
}

#[test]
fn bad_systems() {
    insta::assert_snapshot!(table(SYSTEMS));
}

#[test]
fn bad_policies() {
    insta::assert_snapshot!(table(POLICY));
}

#[test]
fn bad_conditions() {
    insta::assert_snapshot!(table(CONDITIONS));
}

#[test]
fn doubtful_set_ups() {
    insta::assert_snapshot!(table(LINTS));
}

/// Folders that are wrong as a whole.
fn folders() -> Vec<(&'static str, Vec<(String, String)>)> {
    let with = |path: &str, text: String| {
        let mut files = sample();
        files.push((path.to_owned(), text));
        files
    };
    let rule = "[[baseline]]\nname = \"x\"\ngrant = [\"git:developer\"]\n";
    let long = format!("department == \"{}\"", "x".repeat(3_000));
    let deep = format!("{}department == \"x\"{}", "(".repeat(40), ")".repeat(40));
    let chain = format!("level == {}", vec!["1"; 420].join("+"));
    vec![
        ("no files", Vec::new()),
        ("no tenure.toml", sample().into_iter().filter(|(path, _)| path != "tenure.toml").collect()),
        ("a folder in the singular", with("system/vpn.toml", "edition = 1\n".to_owned())),
        ("a system with capitals", with("systems/VPN.toml", "edition = 1\n".to_owned())),
        ("a source with the name of commands", with("sources/command.toml", "edition = 1\n".to_owned())),
        ("a file of more than 1 MiB", with("policy/large.toml", "#".repeat((1 << 20) + 1))),
        ("more than 10,000 rules", with("policy/many.toml", format!("edition = 1\n{}", rule.repeat(10_001)))),
        ("more than 2,000 files", (0..2_001).map(|n| (format!("policy/{n}.toml"), String::new())).collect()),
        (
            "a condition that is too long",
            broken("policy/access.toml", "department == \"Engineering\"", &long),
        ),
        (
            "a condition that nests too deep",
            broken("policy/access.toml", "department == \"Engineering\"", &deep),
        ),
        (
            "a condition with too many operators",
            broken("policy/access.toml", "department == \"Engineering\"", &chain),
        ),
    ]
}

#[test]
fn bad_folders() {
    let mut all = String::new();
    for (name, files) in folders() {
        // The texts of the large ones are not useful.
        let found = load(&files).map(|_| ()).unwrap_err();
        assert!(!found.is_empty(), "nothing was found for: {name}");
        let lines: Vec<String> = found
            .iter()
            .take(3)
            .map(|d| format!("{}\n  {}", d.line_form(), d.help.clone().unwrap_or_default()))
            .collect();
        writeln!(all, "=== {name}\n{}\n", lines.join("\n")).unwrap();
    }
    insta::assert_snapshot!(all);
}

/// Every documented code is also produced, and no other.
#[test]
fn every_code_is_shown() {
    let tables = [SETTINGS, SOURCES, SYSTEMS, POLICY, CONDITIONS, LINTS];
    let broken_ones = tables.into_iter().flatten().map(|(_, path, from, to)| broken(path, from, to));
    let mut seen = BTreeSet::new();
    for files in broken_ones.chain(folders().into_iter().map(|(_, files)| files)) {
        match load(&files) {
            Ok(loaded) => seen.extend(loaded.warnings.iter().map(|d| d.code)),
            Err(found) => seen.extend(found.iter().map(|d| d.code)),
        }
    }
    let explained: BTreeSet<_> = tenure_policy::codes().iter().map(|(code, _, _)| *code).collect();
    let missing: Vec<_> = explained.difference(&seen).map(|c| c.as_str()).collect();
    assert_eq!(missing, Vec::<&str>::new());
    assert!(seen.is_subset(&explained));
}
