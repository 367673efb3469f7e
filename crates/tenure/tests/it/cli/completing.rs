//! Completion, asked as a shell asks: from the data that the actor may read, without a word on standard error, and with nothing changed.

use super::acme::{Acme, MONDAY, OUTSIDER, OWNERS, TUESDAY};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::SystemTime;

/// The program gives up after 0.9 s, which a machine that is busy with other tests may need to start it; an answer that is not in time is an
/// empty one. How often it is asked for.
const ASKED_MAX: usize = 4;

/// The candidates for the last word of a line that bash parts as it does.
fn candidates(acme: &Acme, line: &[&str]) -> Vec<String> {
    let words = [&["tenure"][..], line].concat();
    let mut answers = (0..ASKED_MAX).map(|_| asked(acme, &words));
    answers.find(|answer| !answer.is_empty()).unwrap_or_default()
}

fn asked(acme: &Acme, words: &[&str]) -> Vec<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenure"));
    command.current_dir(acme.path("")).env("COMPLETE", "bash").stdin(Stdio::null());
    command.env("_CLAP_COMPLETE_INDEX", (words.len() - 1).to_string()).env("_CLAP_IFS", "\n");
    let output = command.arg("--").args(words).output().unwrap();
    assert_eq!((output.status.code(), &*String::from_utf8_lossy(&output.stderr)), (Some(0), ""), "{words:?}");
    let all = String::from_utf8(output.stdout).unwrap();
    all.lines().filter(|word| !word.starts_with('-')).map(str::to_owned).collect()
}

/// An organisation with a request, manual tasks and a finding.
fn busy() -> Acme {
    let acme = Acme::begun();
    acme.feed(&[OWNERS, OUTSIDER, "1005,Ida,Dahl,employee,IT,1001,2026-02-30,\n"]);
    acme.tenure(&["run", "--now", TUESDAY]).ends(7);
    acme
}

#[test]
fn names_of_the_configuration_are_offered_as_bash_parts_them() {
    let acme = busy();
    assert_eq!(candidates(&acme, &["holders", "dir"]), ["directory"]);
    assert_eq!(candidates(&acme, &["people", "--system", ""]), ["directory"]);
    assert_eq!(candidates(&acme, &["people", "--source", "h"]), ["hr"]);
    assert_eq!(
        candidates(&acme, &["people", "--system", "=", "d"]),
        ["directory"],
        "only what follows the last part"
    );
    assert_eq!(candidates(&acme, &["holders", "directory", ":", "en"]), ["engineering"]);
    assert_eq!(candidates(&acme, &["holders", "directory", ":"]), ["account", "engineering"]);
    assert_eq!(
        candidates(&acme, &["request", "add", "di"]),
        ["directory:"],
        "an entitlement is still to follow"
    );
    assert_eq!(candidates(&acme, &["explain", "1002", "directory", ":", "engineering"]), ["engineering"]);
    assert_eq!(candidates(&acme, &["plan", "--feed", "h"]), ["hr="]);
    assert_eq!(candidates(&acme, &["plan", "--feed", "hr", "=", "feeds/h"]), ["feeds/hr.csv"]);
    assert_eq!(candidates(&acme, &["findings", "--kind", "quaran"]), ["quarantined"]);
    std::fs::create_dir(acme.path("run")).unwrap();
    assert_eq!(candidates(&acme, &["-C", "run", "holders", "dir"]), [""; 0], "a folder, not the command");
    assert_eq!(candidates(&acme, &["-C", ".", "holders", "dir"]), ["directory"]);
    assert_eq!(candidates(&acme, &["ord"]), [""; 0]);
    assert_eq!(candidates(&acme, &["hol"]), ["hold", "holders"]);
}

#[test]
fn people_are_offered_by_number_and_user_name_and_by_nothing_else() {
    let acme = busy();
    assert_eq!(candidates(&acme, &["explain", "100"]), ["1001", "1002", "1003"]);
    assert_eq!(candidates(&acme, &["explain", "omu"]), ["omuller", "omuller@example.com"][..1]);
    assert_eq!(candidates(&acme, &["request", "end", "directory:engineering", "--for", "1003"]), ["1003"]);
    assert_eq!(
        candidates(&acme, &["correlate", "--merge", "1001", "1002"]),
        ["1002"],
        "each value of an option"
    );
    // No name of a person is searched, and bash gets no text beside a word.
    assert_eq!(candidates(&acme, &["explain", "Ola"]), [""; 0]);
    assert!(!candidates(&acme, &["explain", "1"]).concat().contains("Ola"));
}

#[test]
fn short_ids_of_what_is_open_are_offered_where_a_command_takes_them() {
    let acme = busy();
    let short = |id: &str| id[id.len() - 8..].to_owned();
    let listed = |list: &[&str], key: &str| -> Vec<String> {
        let (json, _) = acme.json(&[list, &["--now", TUESDAY]].concat());
        json[key].as_array().unwrap().iter().map(|row| short(row["id"].as_str().unwrap())).collect()
    };
    let approvals = listed(&["approvals"], "approvals");
    assert!(!approvals.is_empty());
    assert_eq!(candidates(&acme, &["approve", ""]), approvals);
    assert_eq!(candidates(&acme, &["deny", &approvals[0][..3]]), approvals);
    let tasks = listed(&["tasks", "--manual"], "tasks");
    assert!(!tasks.is_empty());
    assert_eq!(candidates(&acme, &["case", "--done", ""]), tasks);
    let findings = listed(&["findings"], "findings");
    assert!(!findings.is_empty());
    assert_eq!(candidates(&acme, &["findings", "acknowledge", ""]), findings);
    assert_eq!(candidates(&acme, &["release", ""]), listed(&["release"], "held"));
    assert_eq!(candidates(&acme, &["correlate", ""]), listed(&["correlate"], "questions"));
    // What is offered is what the command takes.
    acme.tenure_as("1002", &["approve", &approvals[0], "--now", TUESDAY]).ends(4);
    assert_eq!(candidates(&acme, &["approve", ""]), [""; 0]);
}

#[test]
fn an_actor_who_may_not_read_is_offered_nothing() {
    let acme = busy();
    assert_eq!(candidates(&acme, &["holders", "--as", "1002", "dir"]), ["directory"]);
    acme.tenure(&["cutoff", "1002", "--reason", "a key was found", "--now", TUESDAY]).ends(4);
    assert_eq!(candidates(&acme, &["holders", "--as", "1002", "dir"]), [""; 0], "cut off");
    assert_eq!(candidates(&acme, &["explain", "--as", "1002", "100"]), [""; 0]);
    assert_eq!(candidates(&acme, &["approve", "--as", "unknown", ""]), [""; 0]);
    assert_eq!(candidates(&acme, &["findings", "--as", "1002", "acknowledge", ""]), [""; 0]);
    // A login that the active configuration maps to no person reads nothing either.
    acme.edit("tenure.toml", "\"1001\"", "\"9999\"");
    acme.tenure(&["apply", "--yes", "--settle", "--now", TUESDAY]);
    let open = candidates(&acme, &["holders", "dir"]);
    assert_eq!(open.is_empty(), acme.tenure(&["people"]).code != Some(0), "as the command itself");
}

#[test]
fn without_a_database_a_folder_or_a_readable_configuration_there_is_nothing_and_nothing_is_made() {
    let nothing = Acme::nothing();
    assert_eq!(candidates(&nothing, &["holders", "d"]), [""; 0]);
    assert_eq!(std::fs::read_dir(nothing.path("")).unwrap().count(), 0);
    nothing.tenure(&["init", "--organisation", "Acme"]).ends(0);
    let before = files(&nothing.path(""));
    assert_eq!(candidates(&nothing, &["holders", "d"]), [""; 0]);
    assert_eq!(files(&nothing.path("")), before, "no database is made");
    nothing.edit("tenure.toml", "[storage]", "[storage");
    assert_eq!(candidates(&nothing, &["holders", "d"]), [""; 0]);
    assert_eq!(candidates(&nothing, &["-C", "nowhere", "holders", "d"]), [""; 0]);
    assert_eq!(candidates(&nothing, &["-C", "pol"]), ["policy/"], "folders need no database");
}

/// The files below a folder, each with its size and the instant of its last change.
fn files(folder: &Path) -> BTreeMap<String, (u64, SystemTime)> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, found) = (entry.path(), entry.metadata().unwrap());
        if found.is_dir() {
            all.extend(files(&path));
        } else {
            all.insert(path.display().to_string(), (found.len(), found.modified().unwrap()));
        }
    }
    all
}

#[test]
fn nothing_is_written_and_a_command_beside_it_is_not_kept_waiting() {
    let acme = busy();
    // The log of the database is copied into it when its last reader closes: that is done before.
    candidates(&acme, &["holders", "d"]);
    let before = files(&acme.path(""));
    for line in
        [&["approve", ""][..], &["explain", ""], &["case", "--done", ""], &["holders", "directory", ":"]]
    {
        candidates(&acme, line);
    }
    assert_eq!(files(&acme.path("")), before);
    acme.tenure(&["run", "--now", TUESDAY]).ends(7);
}

#[test]
fn a_command_is_a_command_although_the_shells_variable_is_set() {
    let acme = Acme::begun();
    let ran = acme
        .command(&["cutoff", "1002", "--reason", "a test", "--now", MONDAY])
        .env("COMPLETE", "bash")
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&ran.stdout).contains("cut off: Ola Müller"));
    let ran = acme.command(&["people"]).env("COMPLETE", "1").output().unwrap();
    assert!(String::from_utf8_lossy(&ran.stdout).contains("Ola Müller"));
}

/// The script that `completions` prints, in a real bash.
#[test]
fn bash_completes_by_the_script() {
    let acme = busy();
    let script = acme.tenure(&["completions", "bash"]).ends(0).stdout;
    let program = Path::new(env!("CARGO_BIN_EXE_tenure"));
    // As bash would call the function: `tenure holders directory:en`, with the cursor at the end.
    let call = "COMP_WORDS=(tenure holders directory : en); COMP_CWORD=4; _tenure_complete tenure en :; echo \"${COMPREPLY[@]}\"\n\
                COMP_WORDS=(tenure holders directory :); COMP_CWORD=3; _tenure_complete tenure '' directory; echo \"${COMPREPLY[@]}\"\n";
    let path = format!("{}:/usr/bin:/bin", program.parent().unwrap().display());
    let in_bash = || {
        let mut bash = Command::new("bash");
        bash.current_dir(acme.path("")).env("PATH", &path);
        let mut bash =
            bash.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        bash.stdin.take().unwrap().write_all(format!("{script}\n{call}").as_bytes()).unwrap();
        let output = bash.wait_with_output().unwrap();
        assert_eq!(&*String::from_utf8_lossy(&output.stderr), "");
        String::from_utf8(output.stdout).unwrap()
    };
    let mut answers = (0..ASKED_MAX).map(|_| in_bash());
    // An answer that is not in time is an empty line.
    let answer = answers.find(|answer| answer.lines().all(|line| !line.is_empty()));
    assert_eq!(answer.as_deref(), Some("engineering\naccount engineering\n"));
    for shell in ["zsh", "fish"] {
        acme.tenure(&["completions", shell]).ends(0).says("COMPLETE").says("tenure");
    }
}

#[test]
fn a_file_whose_name_a_shell_would_execute_is_not_offered() {
    let acme = busy();
    std::fs::write(acme.path("feeds/plain.csv"), "").unwrap();
    for name in ["p$(touch PWNED).csv", "p`touch PWNED`.csv", "p;x.csv", "p x.csv", "p*.csv"] {
        std::fs::write(acme.path(&format!("feeds/{name}")), "").unwrap();
    }
    assert_eq!(candidates(&acme, &["plan", "--feed", "hr", "=", "feeds/p"]), ["feeds/plain.csv"]);
    assert_eq!(candidates(&acme, &["people", "--as", "100"]).first().map(String::as_str), Some("1001"));
}
