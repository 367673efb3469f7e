//! The one form of `--json`: an envelope around the data of a command, its exit code and its error.

use crate::exit::{Exit, Failure};
use crate::out;
use serde_json::{Value, json};
use std::sync::{Mutex, PoisonError};

/// The version of the envelope. It rises when a member is removed or means something else; members may be added at any time.
const VERSION: u32 = 1;

/// Where the page of an error code is, from the root of the project.
const PAGES: &str = "docs/errors";

/// What a command has said so far.
#[derive(Debug, Default)]
struct Report {
    /// Its data: one value for each time that it printed some.
    data: Vec<Value>,
    /// What it said in words.
    text: Vec<String>,
    /// Failures that did not end it.
    notices: Vec<Value>,
}

static REPORT: Mutex<Option<Report>> = Mutex::new(None);

fn with<T>(act: impl FnOnce(&mut Report) -> T) -> Option<T> {
    REPORT.lock().unwrap_or_else(PoisonError::into_inner).as_mut().map(act)
}

/// From here on, what the command says is kept for its envelope.
pub(crate) fn begin() {
    *REPORT.lock().unwrap_or_else(PoisonError::into_inner) = Some(Report::default());
}

/// Keeps data; `false` where no envelope was begun.
pub(crate) fn data(value: &Value) -> bool {
    with(|report| report.data.push(value.clone())).is_some()
}

/// Keeps a line of words; `false` where no envelope was begun.
pub(crate) fn text(line: &str) -> bool {
    with(|report| report.text.push(line.to_owned())).is_some()
}

/// Keeps a failure that does not end the command.
pub(crate) fn notice(failure: &Failure) {
    with(|report| report.notices.push(error(failure)));
}

/// Prints the envelope, where one was begun.
pub(crate) fn end(command: &str, exit: Exit, failure: Option<&Failure>) {
    let Some(report) = REPORT.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
    let Report { mut data, text, notices } = report;
    let data = match data.len() {
        // Without data of its own, what a command says in words is its data.
        0 if text.is_empty() => Value::Null,
        0 => json!({ "text": text }),
        1 => data.remove(0),
        _ => Value::Array(data),
    };
    out::json(&json!({
        "tenure": VERSION,
        "command": command,
        "exit": exit as u8,
        "data": data,
        "error": failure.map(error),
        "notices": notices,
    }));
}

fn error(failure: &Failure) -> Value {
    json!({
        "code": failure.code,
        "message": failure.what,
        "help": failure.help,
        "page": format!("{PAGES}/{}.md", failure.code),
        "detail": failure.detail,
    })
}
