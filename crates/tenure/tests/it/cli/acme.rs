//! A small organisation in a folder of its own, the program to run on it, and what the program said.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// Characters of an id as it is printed.
const ID_CHARS: usize = 36;
/// Characters of its short form.
const SHORT_CHARS: usize = 8;
/// What a short id follows, where one is printed.
const BEFORE_IDS: [&str; 9] = [
    " id ",
    "(id ",
    "task ",
    "request ",
    "held change ",
    "tenure approve ",
    "tenure deny ",
    "tenure release ",
    " --done ",
];

/// The first day of these tests: after all people in the feed of `tenure init` began.
pub(super) const MONDAY: &str = "2026-01-12T09:00:00Z";
pub(super) const TUESDAY: &str = "2026-01-13T09:00:00Z";
pub(super) const WEDNESDAY: &str = "2026-01-14T09:00:00Z";

pub(super) const HEADER: &str = "number,given_name,family_name,type,department,manager,start,last_day\n";
/// The owners of everything.
pub(super) const OWNERS: &str = "1001,Astrid,Berg,employee,Security,,2024-01-08,\n\
                                 1002,Ola,Müller,employee,IT,1001,2024-02-01,\n";
/// Comes from outside: a rule asks the manager.
pub(super) const OUTSIDER: &str = "1003,Þórður,Jónsson,contractor,Engineering,1002,2026-01-05,\n";

/// A configuration folder.
pub(super) struct Acme {
    folder: TempDir,
}

/// One run of the program.
pub(super) struct Ran {
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
    folder: String,
}

impl Acme {
    /// An empty folder.
    pub(super) fn nothing() -> Self {
        Self { folder: TempDir::with_prefix("tenure-cli-").unwrap() }
    }

    /// What `tenure init` makes.
    pub(super) fn new() -> Self {
        let acme = Self::nothing();
        // Who runs the tests is Astrid Berg (1001); the other people are named by `--as`.
        acme.tenure(&["init", "--organisation", "Acme", "--replay"]).ends(0);
        acme
    }

    /// The same, active, with the two owners known and their accounts asked for.
    pub(super) fn begun() -> Self {
        let acme = Self::new();
        acme.feed(&[OWNERS]);
        acme.tenure(&["apply", "--yes", "--now", MONDAY]).ends(0);
        acme.tenure(&["run", "--now", MONDAY]).ends(4);
        acme
    }

    pub(super) fn path(&self, within: &str) -> PathBuf {
        self.folder.path().join(within)
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        fs::write(self.path(path), text).unwrap();
    }

    pub(super) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(path)).unwrap();
        assert!(text.contains(from), "{path} has no {from:?}");
        self.write(path, &text.replacen(from, to, 1));
    }

    /// What the personnel system exports next.
    pub(super) fn feed(&self, rows: &[&str]) {
        self.write("feeds/hr.csv", &format!("{HEADER}{}", rows.concat()));
    }

    /// Makes a policy file that does not load.
    pub(super) fn break_policy(&self) {
        self.edit("policy/access.toml", "department == \"Engineering\"", "departmnt == \"Engineering\"");
    }

    /// The program as it would be called in this folder.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenure"));
        command.arg("-C").arg(self.folder.path()).args(arguments).env_remove("NO_COLOR");
        command
    }

    /// Runs the program as who runs the tests.
    pub(super) fn tenure(&self, arguments: &[&str]) -> Ran {
        Ran::new(self.command(arguments).output().unwrap(), self.folder.path())
    }

    /// Runs the program as another person.
    pub(super) fn tenure_as(&self, person: &str, arguments: &[&str]) -> Ran {
        self.tenure(&[arguments, &["--as", person]].concat())
    }

    /// Makes the folder's configuration active: where it waits for a second person, Ola Müller (1002) confirms it.
    pub(super) fn applied(&self, at: &str) {
        let (proposed, code) = self.json(&["apply", "--yes", "--now", at]);
        if proposed["waits"] == true {
            let hash = proposed["set_up"].as_str().unwrap();
            self.tenure_as("1002", &["apply", "--confirm", hash, "--now", at]).ends(0);
        } else {
            assert_eq!(code, Some(0), "{proposed:#}");
        }
    }

    /// The data that a command prints with `--json`, and its exit code.
    pub(super) fn json(&self, arguments: &[&str]) -> (Value, Option<i32>) {
        let ran = self.tenure(&[arguments, &["--json"]].concat());
        (ran.data(), ran.code)
    }

    /// The id of the one open manual task of an identity.
    pub(super) fn task_of(&self, person: &str) -> String {
        let (cases, _) = self.json(&["case", person]);
        let tasks: Vec<&Value> =
            cases["cases"].as_array().unwrap().iter().flat_map(|c| c["tasks"].as_array().unwrap()).collect();
        assert_eq!(tasks.len(), 1, "{cases:#}");
        tasks[0]["id"].as_str().unwrap().to_owned()
    }
}

impl Ran {
    pub(super) fn new(output: Output, folder: &Path) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            folder: folder.display().to_string(),
        }
    }

    /// What it printed within the envelope of `--json`.
    pub(super) fn data(&self) -> Value {
        let envelope: Result<Value, _> = serde_json::from_str(&self.stdout);
        envelope.unwrap_or_else(|e| panic!("no JSON ({e}): {}", self.shown()))["data"].take()
    }

    /// It ended with this code.
    #[track_caller]
    pub(super) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.shown());
        self
    }

    /// It says this, on either stream.
    pub(super) fn says(self, text: &str) -> Self {
        assert!(self.stdout.contains(text) || self.stderr.contains(text), "no {text:?} in\n{}", self.shown());
        self
    }

    /// It does not say this.
    pub(super) fn says_no(self, text: &str) -> Self {
        assert!(!self.stdout.contains(text) && !self.stderr.contains(text), "{text:?} in\n{}", self.shown());
        self
    }

    /// It failed with this code of an error, and says what to do.
    pub(super) fn fails(self, code: i32, error: &str) -> Self {
        let failed = self.ends(code).says(&format!("error {error}"));
        assert!(failed.stdout.is_empty(), "a failure is no data: {}", failed.shown());
        failed
    }

    /// Everything that it said, for snapshots: ids and the folder's place are left out.
    pub(super) fn shown(&self) -> String {
        let mut text = format!("exit code {}\n{}", self.code.unwrap_or(-1), self.stdout);
        if !self.stderr.is_empty() {
            text.push_str("--- standard error\n");
            text.push_str(&self.stderr);
        }
        without_hash(&without_ids(&text.replace(&self.folder, "acme")))
    }
}

/// Every id as `<id>`.
pub(super) fn without_ids(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_named = shown.ends_with('\n') || BEFORE_IDS.iter().any(|word| shown.ends_with(word));
        let short = is_named && rest.get(..SHORT_CHARS).is_some_and(is_hexadecimal);
        if rest.get(..ID_CHARS).is_some_and(is_id) {
            shown.push_str("<id>");
            rest = &rest[ID_CHARS..];
        } else if short {
            shown.push_str("<id>");
            rest = &rest[SHORT_CHARS..];
        } else {
            shown.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    shown
}

/// The hash of a configuration is another one for each login that `init` maps.
pub(super) fn without_hash(text: &str) -> String {
    let mut parts = text.split("configuration ");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let hash = part.get(..12).is_some_and(|h| h.chars().all(|c| c.is_ascii_hexdigit()));
        shown.push_str("configuration ");
        shown.push_str(if hash { "<hash>" } else { "" });
        shown.push_str(if hash { &part[12..] } else { part });
    }
    shown
}

fn is_hexadecimal(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_hexdigit())
}

fn is_id(text: &str) -> bool {
    text.char_indices()
        .all(|(at, c)| if [8, 13, 18, 23].contains(&at) { c == '-' } else { c.is_ascii_hexdigit() })
}
