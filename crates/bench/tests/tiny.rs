//! The benchmark runs on a tiny organisation and prints each row. Times decide nothing.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

use serde_json::Value;
use std::process::Command;

/// The rows, in the order in which an organisation meets them.
const ROWS: [&str; 11] = [
    "apply",
    "run, first feed",
    "run, first tasks",
    "run, nothing to do",
    "run, 1 % changes",
    "explain PERSON",
    "people",
    "people TEXT",
    "holders ENTITLEMENT",
    "ledger verify",
    "plan, policy edit",
];

/// The program stands beside the benchmark: `cargo build --workspace --bins`, and every run of all tests, puts it there.
fn bench(arguments: &[&str]) -> (bool, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tenure-bench")).args(arguments).output().unwrap();
    let said = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.success(), said(output.stdout), said(output.stderr))
}

#[test]
fn each_command_has_its_row() {
    let (done, stdout, stderr) = bench(&["--size", "200", "--json"]);
    assert!(done, "{stderr}");
    let all: Value = serde_json::from_str(&stdout).unwrap();
    let figures = all["figures"].as_array().unwrap();
    let names: Vec<&str> = figures.iter().map(|f| f["command"].as_str().unwrap()).collect();
    assert_eq!(names, ROWS);
    for figure in figures {
        for key in ["seconds", "processor_seconds", "peak_mib", "limit_seconds", "ratio"] {
            assert!(figure[key].as_f64().unwrap() > 0.0, "{key} of {figure:#}");
        }
        assert_eq!(figure["people"], 200);
    }
    let note = |row: usize| figures[row]["note"].as_str().unwrap();
    assert!(note(1).starts_with("200 people to "), "{}", note(1));
    assert!(!note(2).starts_with("0 tasks"), "{}", note(2));
    assert!(all["program_mib"].as_f64().unwrap() > 1.0);
}

#[test]
fn a_command_that_fails_stops_the_benchmark() {
    let (done, stdout, stderr) = bench(&["--size", "20", "--program", "/bin/false"]);
    assert!(!done && stdout.is_empty(), "{stdout}");
    assert!(stderr.contains("ends with 1"), "{stderr}");
    let (done, _, stderr) = bench(&["--program", "/nowhere/tenure"]);
    assert!(!done && stderr.contains("/nowhere/tenure is not there"), "{stderr}");
}
