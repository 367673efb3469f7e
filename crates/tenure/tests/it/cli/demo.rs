//! `tenure demo` to its end: each day comes out as the script says, and nothing is left behind.

use super::acme::{Acme, Ran};
use super::readme;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;
use tenure_demo::{Expected, script};

const SEED: u64 = 1;

/// What the program told of one run.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    labels: BTreeMap<String, usize>,
    quarantined: usize,
    asked: usize,
    held: BTreeMap<String, usize>,
}

impl From<&Expected> for Told {
    fn from(expected: &Expected) -> Self {
        let labels = expected.cases.iter().filter(|(_, records)| !records.is_empty());
        Self {
            labels: labels.map(|(label, records)| (label.as_str().to_owned(), records.len())).collect(),
            quarantined: expected.quarantined,
            asked: expected.asked,
            held: expected.held.iter().map(|(source, n)| ((*source).to_owned(), *n)).collect(),
        }
    }
}

/// `3 leaver, 1 joiner`, or `none`; access that changed without a label is no case.
fn labels(text: &str) -> BTreeMap<String, usize> {
    let pair =
        |part: &str| part.trim().split_once(' ').map(|(n, label)| (label.to_owned(), n.parse().unwrap()));
    text.split(',')
        .filter_map(pair)
        .filter(|(label, _)| !label.starts_with("of ") && !label.contains(" of "))
        .collect()
}

/// Reads what the demo printed, run by run.
fn told(text: &str) -> Vec<Told> {
    let mut runs: Vec<Told> = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("-> changes: ") {
            let labels = labels(rest.split(';').next().unwrap());
            runs.push(Told { labels, quarantined: 0, asked: 0, held: BTreeMap::new() });
            continue;
        }
        let (Some(run), Some((source, rest))) = (runs.last_mut(), line.split_once(' ')) else { continue };
        if rest.starts_with("quarantine: ") {
            run.quarantined += 1;
        } else if let Some(rest) = rest.strip_prefix("brake: ") {
            run.held.insert(source.to_owned(), rest.split(' ').next().unwrap().parse().unwrap());
        } else if let Some((n, _)) = rest.split_once(" correlation question") {
            run.asked = n.parse().unwrap();
        }
    }
    runs
}

/// Processes of a process group that are still there.
fn processes_of(group: u32) -> Vec<String> {
    let stat = |entry: fs::DirEntry| fs::read_to_string(entry.path().join("stat")).ok();
    let stats = fs::read_dir("/proc").unwrap().filter_map(Result::ok).filter_map(stat);
    // The name in brackets may hold spaces; after it come state, parent and group.
    let of_group = |stat: &String| {
        stat.rsplit(')').next().unwrap().split_whitespace().nth(2) == Some(&group.to_string())
    };
    stats.filter(of_group).collect()
}

#[test]
fn ten_days_come_out_as_the_script_says_and_leave_nothing() {
    let home = Acme::nothing();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenure"));
    command.args(["demo", "--seed", &SEED.to_string()]).env("TMPDIR", home.path("")).process_group(0);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    let group = child.id();
    let ran = Ran::new(child.wait_with_output().unwrap(), &home.path("")).ends(0);
    assert!(ran.stderr.is_empty(), "{}", ran.shown());

    let expected: Vec<Told> =
        script(SEED).iter().flat_map(|d| &d.runs).map(|r| Told::from(&r.expected)).collect();
    let told = told(&ran.stdout);
    assert_eq!(told.len(), expected.len(), "{}", ran.shown());
    for (number, (told, expected)) in told.iter().zip(&expected).enumerate() {
        assert_eq!(told, expected, "run {number} of\n{}", ran.stdout);
    }
    let end = ran.stdout.lines().find(|l| l.starts_with("ten days in")).unwrap();
    let removals = end.split("removals: ").nth(1).unwrap().split(';').next().unwrap();
    assert!(
        removals.ends_with(" confirmed") && !removals.contains(','),
        "every removal was read back: {end}"
    );
    assert!(end.contains("the ledger verifies: "), "{end}");
    println!("{end}");
    // The days that the README shows.
    let days = readme::blocks("text").into_iter().find(|b| b.starts_with("day ")).unwrap();
    readme::shows(&ran.stdout, &days.lines().collect::<Vec<_>>());

    assert_eq!(processes_of(group), Vec::<String>::new());
    assert_eq!(fs::read_dir(home.path("")).unwrap().count(), 0, "the temporary folder is gone");
}

#[test]
fn what_is_kept_can_be_looked_at_afterwards() {
    let home = Acme::nothing();
    let kept = home.path("kept");
    let tenure = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenure"));
        Ran::new(command.args(arguments).output().unwrap(), &kept)
    };
    let folder = kept.to_str().unwrap();
    let shown = tenure(&["demo", "--seed", "2", "--keep", folder]).ends(0);
    let shown = shown.says("You will see:").says("$ tenure explain ").says("complete to entry ");
    // What it says at the end can be pasted.
    let hints: Vec<&str> = shown.stdout.lines().filter_map(|l| l.strip_prefix("    tenure ")).collect();
    assert!(hints.len() >= 5 && hints.iter().any(|h| h.contains(" approve ")), "{}", shown.stdout);
    for hint in hints {
        let shell =
            Command::new("sh").arg("-c").arg(format!("{} {hint}", env!("CARGO_BIN_EXE_tenure"))).output();
        let ran = Ran::new(shell.unwrap(), &kept);
        assert!(matches!(ran.code, Some(0 | 4)), "tenure {hint}: {}", ran.shown());
    }
    tenure(&["demo", "--keep", folder]).fails(1, "C010");
    tenure(&["-C", folder, "ledger", "verify"]).ends(0).says("the ledger verifies");
    tenure(&["-C", folder, "check"]).ends(0);
    tenure(&["-C", folder, "case"]).ends(4).says("tenure case --done");
    tenure(&["-C", folder, "plan", "--no-feeds", "--now", "2026-06-12T11:00:00Z"])
        .ends(0)
        .says("no identity would change");
    let proofs = home.path("proofs");
    tenure(&["-C", folder, "ledger", "export", proofs.to_str().unwrap()]).ends(0);
}

/// What a demo of a seed leaves: the published head of its ledger, and what it told but for the folder's path and the time taken.
fn left_by(seed: &str, home: &Acme, folder: &str) -> (String, String) {
    let kept = home.path(folder);
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenure"));
    command.args(["demo", "--seed", seed, "--keep"]).arg(&kept);
    let ran = Ran::new(command.output().unwrap(), &kept).ends(0);
    let timed = ran.stdout.lines().find(|l| l.starts_with("ten days in")).unwrap();
    let (took, _) = timed.split_once(':').unwrap();
    let told = ran.stdout.replace(took, "ten days").replace(kept.to_str().unwrap(), "FOLDER");
    (fs::read_to_string(kept.join("checkpoints/checkpoint")).unwrap(), told)
}

#[test]
fn equal_seeds_give_equal_ledgers() {
    let home = Acme::nothing();
    // No other test takes these seeds: the ports of their services follow from them.
    // Equal seeds one after another, because they take the same ports; another one beside them.
    let (one, two, (other, _)) = std::thread::scope(|scope| {
        let other = scope.spawn(|| left_by("1202", &home, "three"));
        let (one, two) = (left_by("1201", &home, "one"), left_by("1201", &home, "two"));
        (one, two, other.join().unwrap())
    });
    let (head, told) = one;
    assert_eq!(told, two.1);
    assert_eq!(
        head, two.0,
        "the head has the origin, the number of entries, their root hash, and its signature"
    );
    assert_ne!(head.lines().nth(2), other.lines().nth(2));
}
