//! The examples of each command, run by this program on the sample organisation: what `docs/cli.md` shows, and what a test checks.

mod prepared;
mod settled;

use crate::cli::{EXAMPLES, Example, words};
use crate::exit::{Exit, Failure};
use prepared::Prepared;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// An example that was run.
pub(crate) struct Played {
    /// The path of its command.
    pub(crate) command: &'static str,
    pub(crate) example: Example,
    pub(crate) code: i32,
    /// What it printed, with everything that another run would print differently replaced.
    pub(crate) output: String,
    /// What it printed on standard output, as it was.
    pub(crate) data: String,
}

/// Runs every example, each on what the one before it left.
pub(crate) async fn play(is_json: bool) -> Result<Vec<Played>, Failure> {
    let prepared = Prepared::new().await?;
    let (folder, now) = (prepared.folder(), prepared.now.clone());
    // The services answer meanwhile, in this process.
    let played = tokio::task::spawn_blocking(move || {
        let site = Site { folder: &folder, now: &now, is_json };
        // The organisation itself is what `demo` leaves: a test of its own runs it.
        let all = EXAMPLES.iter().filter(|(path, _)| *path != "demo");
        let all = all.flat_map(|(path, all)| all.iter().map(move |e| (*path, *e)));
        all.map(|(command, example)| site.play(command, example)).collect::<Result<Vec<_>, _>>()
    });
    let played = played.await.map_err(|e| Failure::internal(e.to_string()))?;
    prepared.end().await;
    played
}

struct Site<'a> {
    folder: &'a Path,
    now: &'a str,
    is_json: bool,
}

impl Site<'_> {
    fn play(&self, command: &'static str, example: Example) -> Result<Played, Failure> {
        let words = self.filled(example)?;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let json: &[&str] = if self.is_json && !words.contains(&"--json") { &["--json"] } else { &[] };
        let ran = self.tenure(&[&words, json].concat(), example.by)?;
        let code = ran.status.code().unwrap_or(-1);
        if code == Exit::Usage as i32 || code < 0 {
            let said = String::from_utf8_lossy(&ran.stderr);
            return Err(Failure::internal(format!(
                "the example `tenure {}` is not accepted: {said}",
                example.line
            )));
        }
        let data = String::from_utf8_lossy(&ran.stdout).into_owned();
        let all = format!("{data}{}", String::from_utf8_lossy(&ran.stderr));
        Ok(Played { command, example, code, output: settled::settled(&all, self.folder), data })
    }

    fn tenure(&self, words: &[&str], by: Option<&str>) -> Result<Output, Failure> {
        let failed = |e: std::io::Error| Failure::internal(format!("`tenure {}`: {e}", words.join(" ")));
        let program = std::env::current_exe().map_err(failed)?;
        let mut command = Command::new(program);
        command.current_dir(self.folder).args(words).args(["--now", self.now]);
        command.args(by.iter().flat_map(|by| ["--as", by]));
        command.env_remove("CLICOLOR_FORCE").output().map_err(failed)
    }

    /// The words of an example, with an id of the organisation for each word that stands for one.
    fn filled(&self, example: Example) -> Result<Vec<String>, Failure> {
        words(example.line).into_iter().map(|word| Ok(self.id(&word, example.by)?.unwrap_or(word))).collect()
    }

    fn id(&self, word: &str, by: Option<&str>) -> Result<Option<String>, Failure> {
        let (list, within, member): (&[&str], &str, &str) = match word {
            "APPROVAL" => (&["approvals", "--mine"], "", "id"),
            "TASK" => (&["case"], "tasks", "id"),
            "QUESTION" => (&["correlate"], "", "id"),
            "HELD" => (&["release"], "", "id"),
            "FINDING" => (&["findings"], "", "id"),
            "CONFIGURATION" => (&["apply"], "", "set_up"),
            "KEY" => (&["ledger", "key"], "", "key"),
            _ => return Ok(None),
        };
        // Who confirms a configuration is not its author.
        let by = by.filter(|_| word != "CONFIGURATION");
        let ran = self.tenure(&[list, &["--json"]].concat(), by)?;
        let json: Value =
            serde_json::from_slice(&ran.stdout).map_err(|e| Failure::internal(e.to_string()))?;
        let found = json.get("data").and_then(|data| first(data, within, member));
        let missing = || {
            Failure::internal(format!(
                "the sample organisation has nothing for {word}: `{}` lists none",
                list.join(" ")
            ))
        };
        found.map(Some).ok_or_else(missing)
    }
}

/// The first text of a member, anywhere in a value, or anywhere below another member.
fn first(value: &Value, within: &str, member: &str) -> Option<String> {
    match value {
        Value::Array(all) => all.iter().find_map(|v| first(v, within, member)),
        Value::Object(all) => {
            let own = all.get(member).and_then(Value::as_str).filter(|_| within.is_empty());
            own.map(str::to_owned).or_else(|| {
                all.iter().find_map(|(name, v)| first(v, if name == within { "" } else { within }, member))
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::first;
    use serde_json::json;

    #[test]
    fn an_id_is_found_where_it_is_asked_for() {
        let data = json!({ "cases": [{ "id": "a", "tasks": [] }, { "id": "b", "tasks": [{ "id": "c" }] }] });
        assert_eq!(first(&data, "tasks", "id").as_deref(), Some("c"));
        assert_eq!(first(&data, "", "id").as_deref(), Some("a"));
        assert_eq!(first(&json!([]), "", "id"), None);
    }
}
