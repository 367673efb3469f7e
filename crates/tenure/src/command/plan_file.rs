//! A plan as a file: the configuration that is active, the proposed one, and every step, so that `apply` does what was read and no more.

use crate::exit::Failure;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;
use tenure_app::Changes;
use tenure_app::describe::{gate_words, step_words};
use tenure_connect::{Links, read_regular};

/// The version of the file's form.
const VERSION: u64 = 1;
/// Added steps that a refusal names.
const NAMED: usize = 5;
/// What helps where a plan is not what would be done.
const AGAIN: &str = "read the new plan: `tenure plan --out FILE`, then apply that";
/// Largest file that is read.
const BYTES_MAX: u64 = 512 * 1024 * 1024;

/// A plan that was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlanFile {
    /// The hash of the configuration that was active; `None` where none was.
    pub(super) base: Option<String>,
    /// The hash of the proposed one.
    pub(super) set_up: String,
    /// Whether the feeds are part of it.
    pub(super) feeds: bool,
    /// The steps, each with its gate.
    pub(super) steps: BTreeSet<PlannedStep>,
}

/// One step of one identity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PlannedStep {
    identity: String,
    person: String,
    account: String,
    step: String,
    gate: String,
}

impl PlanFile {
    /// The plan of changes that are foreseen.
    pub(super) fn of(base: Option<String>, set_up: &str, feeds: bool, changes: &Changes) -> Self {
        let steps = changes.iter().flat_map(|(id, change)| {
            change.steps.iter().map(move |step| PlannedStep {
                identity: id.to_string(),
                person: change.title.to_string(),
                account: step.account.to_string(),
                step: step_words(step),
                gate: gate_words(&step.gate),
            })
        });
        Self { base, set_up: set_up.to_owned(), feeds, steps: steps.collect() }
    }

    /// Writes it, over an older plan at most: any other file, a key for example, stays as it is. The file names people, and is readable
    /// for its owner alone.
    ///
    /// # Errors
    /// When it cannot be written, or the path holds something else.
    pub(super) fn write(&self, path: &Path) -> Result<(), Failure> {
        let steps = self.steps.iter().map(|s| {
            json!({
                "identity": s.identity, "person": s.person, "account": s.account, "step": s.step, "gate": s.gate,
            })
        });
        let file = json!({
            "plan": VERSION, "base": self.base, "set_up": self.set_up, "feeds": self.feeds,
            "steps": steps.collect::<Vec<_>>(),
        });
        if path.symlink_metadata().is_ok() && Self::read(path).is_err() {
            let what =
                format!("{} is there already and is not a plan: it is not overwritten", path.display());
            return Err(Failure::new("C011", what, "name a new file"));
        }
        let failed = Failure::unwritable(path);
        let beside = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut new = tempfile::NamedTempFile::new_in(beside).map_err(failed)?;
        new.write_all(format!("{file:#}\n").as_bytes()).map_err(failed)?;
        new.persist(path).map(drop).map_err(|e| failed(e.error))
    }

    /// Reads one.
    ///
    /// # Errors
    /// When there is none, or it is no plan.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let wrong = |why: &str| {
            let what = format!("{} is not a plan: {why}", path.display());
            Failure::invalid("C016", what, "write one with `tenure plan --out FILE`")
        };
        let read = read_regular(Path::new("."), path, Links::Follow, BYTES_MAX);
        let bytes = read.map_err(|e| wrong(&e.to_string()))?.bytes;
        let file: Value = serde_json::from_slice(&bytes).map_err(|e| wrong(&e.to_string()))?;
        if file["plan"].as_u64() != Some(VERSION) {
            return Err(wrong("it says another version, or none"));
        }
        let field = |value: &Value, name: &str| {
            value[name].as_str().map(str::to_owned).ok_or_else(|| wrong(&format!("`{name}` is missing")))
        };
        let steps = file["steps"].as_array().ok_or_else(|| wrong("`steps` is missing"))?.iter();
        let steps = steps.map(|step| {
            Ok(PlannedStep {
                identity: field(step, "identity")?,
                person: field(step, "person")?,
                account: field(step, "account")?,
                step: field(step, "step")?,
                gate: field(step, "gate")?,
            })
        });
        Ok(Self {
            base: file["base"].as_str().map(str::to_owned),
            set_up: field(&file, "set_up")?,
            feeds: file["feeds"].as_bool().ok_or_else(|| wrong("`feeds` is missing"))?,
            steps: steps.collect::<Result<_, Failure>>()?,
        })
    }

    /// Refuses another configuration than the one that was planned.
    ///
    /// # Errors
    /// When it is another one.
    pub(super) fn is_of(&self, set_up: &str) -> Result<(), Failure> {
        if self.set_up == set_up {
            return Ok(());
        }
        let (planned, found) = (short(&self.set_up), short(set_up));
        let what = format!("the plan is of configuration {planned}, and the folder holds {found}");
        Err(Failure::new("A003", what, AGAIN))
    }

    /// Refuses what would be done now where it is not what was planned: other configurations, or more steps. Fewer are fine.
    ///
    /// # Errors
    /// What is different.
    pub(super) fn permits(&self, now: &Self) -> Result<(), Failure> {
        if self.base != now.base {
            let hash = |hash: &Option<String>| hash.as_deref().map_or("none", short).to_owned();
            let what = format!(
                "another configuration became active since the plan was made: {}, the plan is over {}",
                hash(&now.base),
                hash(&self.base)
            );
            return Err(Failure::new("A003", what, AGAIN));
        }
        self.is_of(&now.set_up)?;
        let added: Vec<&PlannedStep> = now.steps.difference(&self.steps).collect();
        if added.is_empty() {
            return Ok(());
        }
        let named: Vec<String> =
            added.iter().take(NAMED).map(|s| format!("{}: {}", s.person, s.step)).collect();
        let more = match added.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let what = format!("steps were added since the plan was made: {}{more}", named.join("; "));
        Err(Failure::new("A003", what, AGAIN))
    }
}

/// The first characters of a hash.
pub(super) fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

/// Gains, losses and changes of each system.
pub(super) fn totals(changes: &Changes) -> BTreeMap<String, [u64; 3]> {
    let mut totals: BTreeMap<String, [u64; 3]> = BTreeMap::new();
    for step in changes.values().flat_map(|c| &c.steps) {
        let of = totals.entry(step.account.system.to_string()).or_default();
        let place = match sign(&step.kind) {
            GAIN => 0,
            LOSS => 1,
            _ => 2,
        };
        of[place] += 1;
    }
    totals
}

/// Access begins.
pub(super) const GAIN: char = '+';
/// Access ends.
pub(super) const LOSS: char = '−';
/// Neither.
pub(super) const CHANGE: char = '~';

/// The sign of a step: what it does to access.
pub(super) fn sign(kind: &tenure_model::StepKind) -> char {
    use tenure_model::StepKind as S;
    match kind {
        S::Create | S::Grant(_) | S::Enable | S::Activate => GAIN,
        S::Disable | S::EndSessions | S::Revoke(_) | S::Delete => LOSS,
        S::Rename(_) | S::Update(_) | S::Reset => CHANGE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn plan(steps: &[&str]) -> PlanFile {
        let step = |s: &&str| PlannedStep {
            identity: "1".to_owned(),
            person: "Ada".to_owned(),
            account: "git".to_owned(),
            step: (*s).to_owned(),
            gate: String::new(),
        };
        let steps = steps.iter().map(step).collect();
        PlanFile { base: Some("a".to_owned()), set_up: "b".to_owned(), feeds: true, steps }
    }

    #[test]
    fn fewer_steps_are_fine_and_more_are_not() {
        let planned = plan(&["grant git:dev", "revoke git:old"]);
        assert!(planned.permits(&plan(&["grant git:dev"])).is_ok());
        let more = planned.permits(&plan(&["grant git:dev", "grant git:admin"]));
        assert!(more.is_err_and(|e| e.what.contains("Ada: grant git:admin")));
        let gated = PlanFile { base: None, ..plan(&[]) };
        assert!(planned.permits(&gated).is_err());
        assert!(planned.permits(&PlanFile { set_up: "c".to_owned(), ..plan(&[]) }).is_err());
    }

    #[test]
    fn a_plan_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        let planned = plan(&["grant git:dev"]);
        planned.write(&path).unwrap();
        assert_eq!(PlanFile::read(&path).unwrap(), planned);
        assert!(planned.is_of("b").is_ok() && planned.is_of("c").is_err());
        planned.write(&path).unwrap();
        fs::write(&path, "{}").unwrap();
        assert!(PlanFile::read(&path).is_err_and(|e| e.code == "C016"));
    }

    #[test]
    fn nothing_but_a_plan_is_overwritten_and_a_pipe_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let (key, link, pipe) =
            (folder.path().join("key"), folder.path().join("link"), folder.path().join("pipe"));
        fs::write(&key, "a key").unwrap();
        std::os::unix::fs::symlink(&key, &link).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
        for path in [&key, &link, &pipe] {
            assert!(plan(&[]).write(path).is_err_and(|e| e.code == "C011"), "{}", path.display());
            assert!(PlanFile::read(path).is_err_and(|e| e.code == "C016"), "{}", path.display());
        }
        assert_eq!(fs::read_to_string(&key).unwrap(), "a key");
    }
}
