//! One organisation for one test: a configuration folder, a slapd, and the built program to run on them.

use super::data::{Month, responders};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tenure_testkit::peer::{Slapd, or_skip, slapd};

/// Before the first month.
const FIRST_DAY: &str = "2009-12-01T05:00:00Z";

/// A folder with an active configuration and an empty directory.
pub(super) struct Site {
    pub(super) directory: Slapd,
    folder: TempDir,
}

/// One run of the program.
pub(super) struct Ran {
    pub(super) code: Option<i32>,
    pub(super) took: Duration,
    stdout: String,
    stderr: String,
}

impl Site {
    /// Makes one; `None` after saying SKIPPED where slapd is not installed.
    pub(super) fn new(months: &[Month]) -> Option<Self> {
        let directory = or_skip(slapd())?;
        let site = Self { directory, folder: TempDir::with_prefix("tenure-cert-").unwrap() };
        site.copy("", months);
        for part in ["sources", "systems", "policy"] {
            site.copy(part, months);
        }
        fs::create_dir(site.path("feeds")).unwrap();
        fs::create_dir(site.path("keys")).unwrap();
        fs::write(site.path("keys/directory.password"), &site.directory.service_password).unwrap();
        // 32 bytes in base64. A public key-encryption key protects nothing, and here nothing needs protection.
        fs::write(site.path("keys/key-encryption.key"), format!("{}=", "A".repeat(43))).unwrap();
        for secret in ["keys/directory.password", "keys/key-encryption.key"] {
            fs::set_permissions(site.path(secret), fs::Permissions::from_mode(0o600)).unwrap();
        }
        let made = site.tenure(&["init", "--replay"]);
        assert_eq!(made.code, Some(0), "{}", made.said());
        let applied = site.tenure(&["apply", "--yes", "--now", FIRST_DAY]);
        assert_eq!(applied.code, Some(0), "{}", applied.said());
        Some(site)
    }

    /// Copies the configuration files of this test's folder, with the directory and two people filled in.
    fn copy(&self, part: &str, months: &[Month]) {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cert").join(part);
        fs::create_dir_all(self.path(part)).unwrap();
        let [first, second] = responders(months);
        for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
            if entry.path().extension().is_some_and(|e| e == "toml") {
                let text = fs::read_to_string(entry.path()).unwrap();
                let text = text
                    .replace("{url}", &self.directory.url)
                    .replace("{bind_dn}", &self.directory.service_dn)
                    .replace("{base}", &self.directory.base_dn)
                    .replace("{first responder}", &first)
                    .replace("{second responder}", &second);
                fs::write(self.path(part).join(entry.file_name()), text).unwrap();
            }
        }
    }

    fn path(&self, within: &str) -> PathBuf {
        self.folder.path().join(within)
    }

    /// What the personnel system exports next.
    pub(super) fn export(&self, text: &str) {
        fs::write(self.path("feeds/hr.csv"), text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenure"));
        command.arg("-C").arg(self.folder.path()).args(arguments);
        command
    }

    /// Runs the program to its end.
    pub(super) fn tenure(&self, arguments: &[&str]) -> Ran {
        let start = machine_now();
        let Output { status, stdout, stderr } = self.command(arguments).output().unwrap();
        Ran {
            code: status.code(),
            took: machine_now() - start,
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }

    /// One pass at an instant.
    pub(super) fn run(&self, now: &str) -> Ran {
        self.tenure(&["run", "--json", "--now", now])
    }

    /// Begins a pass; its output is not read.
    pub(super) fn begin_run(&self, now: &str) -> Child {
        self.command(&["run", "--json", "--now", now])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// One pass over a month's file, which must leave nothing open.
    pub(super) fn take(&self, month: &Month) -> Ran {
        self.export(&month.text);
        let ran = self.run(&month.hours_after(0));
        assert!(ran.is_done(), "{}: {}", month.name, ran.said());
        ran
    }
}

impl Ran {
    /// Whether a pass left nothing to do: at most findings of the configuration's `[[watch]]` rules are open.
    pub(super) fn is_done(&self) -> bool {
        let nothing_waits = || {
            let json = self.json();
            let findings = json["findings"]["first"].as_array().unwrap();
            let all = |of: &Value, keys: [&str; 3]| keys.iter().all(|key| of[key] == 0);
            findings.iter().all(|f| f["kind"] == "watched")
                && all(&json["open"], ["approvals", "questions", "held"])
                && all(&json["queue"], ["held", "needs_person", "waiting"])
        };
        self.code == Some(0) || (self.code == Some(7) && nothing_waits())
    }

    pub(super) fn said(&self) -> String {
        format!("exit code {:?}\n{}{}", self.code, self.stdout, self.stderr)
    }

    pub(super) fn json(&self) -> Value {
        let envelope: Result<Value, _> = serde_json::from_str(&self.stdout);
        envelope.unwrap_or_else(|e| panic!("no JSON ({e}): {}", self.said()))["data"].take()
    }

    /// How many changes of this run have a label.
    pub(super) fn labelled(&self, label: &str) -> usize {
        let json = self.json();
        json["labels"].get(label).map_or(0, |n| usize::try_from(n.as_u64().unwrap()).unwrap())
    }

    /// All labels of this run.
    pub(super) fn labels(&self) -> Vec<String> {
        self.json()["labels"].as_object().unwrap().keys().cloned().collect()
    }
}

#[expect(clippy::disallowed_methods, reason = "tests measure and print how long the program took")]
pub(super) fn machine_now() -> Instant {
    Instant::now()
}
