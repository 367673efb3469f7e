//! What an entry of the ledger says, as a sentence for people.

use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use tenure_app::describe::instant_words;
use tenure_ledger::verify::Packed;

/// Most characters of what an entry of an unknown kind says.
const SHOWN_MAX: usize = 300;

/// One entry: its number, when, what happened to what, and who did it.
pub(super) fn sentence(packed: &Packed) -> String {
    words(packed.index, packed.at(), &packed.entry.kind.to_string(), payload(packed).as_ref())
}

/// The same of an entry with what it says; `None` where the personal part is not there.
pub(crate) fn words(index: u64, at: Timestamp, kind: &str, said: Option<&Value>) -> String {
    let at = instant_words(at);
    let Some(said) = said else {
        return format!("{index}  {at}  {kind}: the personal part is not there");
    };
    let what = match kind {
        "case.decided" => decided(said),
        "case.closed" => format!("the {} case is {}", text(&said["change"]), text(&said["state"])),
        "task.claimed" => format!("{}: {}, as the system said", account(said), list(&said["did"])),
        "task.confirmed" => format!("{}: read back: {}", account(said), text(&said["seen"])),
        "task.contradicted" if said["wrong"].as_array().is_some_and(Vec::is_empty) => format!(
            "{}: read back; an account that it refers to is not there yet; seen: {}",
            account(said),
            text(&said["seen"])
        ),
        "task.contradicted" => format!(
            "{}: read back and not as decided: {}; seen: {}",
            account(said),
            list(&said["wrong"]),
            text(&said["seen"])
        ),
        "task.failed" => format!("{}: failed: {}", account(said), text(&said["failed"])),
        "manual.claimed" => format!("{}: reported as done by hand", account(said)),
        "manual.attested" => format!("{}: attested", account(said)),
        "feed.taken" => format!(
            "source {} reported: {} rows, {} changed, {} missing, {} in quarantine",
            text(&said["source"]),
            said["rows"],
            said["changed"],
            said["missing"],
            said["quarantined"]
        ),
        "setup.activated" => format!("configuration {} became active", short(&text(&said["set_up"]))),
        _ => other(kind, said),
    };
    format!("{index}  {at}  {what}{}", by(said))
}

/// What was done to accounts and when it was read back, a line for each account that lost access.
pub(super) fn summary(entries: &[Packed]) -> Vec<String> {
    let mut accounts: BTreeMap<String, Removal> = BTreeMap::new();
    for packed in entries {
        let Some(said) = payload(packed) else { continue };
        let at = instant_words(packed.at());
        match packed.entry.kind.as_str() {
            "task.claimed" => accounts.entry(account(&said)).or_default().claimed(&said, &at, packed.index),
            "task.confirmed" => {
                if let Some(removal) = accounts.get_mut(&account(&said)) {
                    removal.confirmed(&said, &at, packed.index);
                }
            }
            _ => {}
        }
    }
    accounts.into_iter().filter_map(|(account, removal)| removal.line(&account)).collect()
}

/// What is known of an account whose access was taken away.
#[derive(Default)]
struct Removal {
    disabled: Option<(String, u64)>,
    revoked: Vec<String>,
    read_back: Option<(String, u64, String)>,
}

impl Removal {
    fn claimed(&mut self, said: &Value, at: &str, index: u64) {
        let did: Vec<&str> = said["did"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        // Access that is given again is no removal any more.
        if did.iter().any(|d| d.starts_with("enabled") || d.starts_with("granted")) {
            *self = Self::default();
        }
        let ends = |d: &&&str| d.starts_with("disabled") || d.starts_with("deleted");
        if did.iter().find(ends).is_some() {
            (self.disabled, self.read_back) = (Some((at.to_owned(), index)), None);
        }
        for revoked in did.iter().filter_map(|d| d.strip_prefix("revoked ")) {
            self.revoked.push(revoked.to_owned());
            self.read_back = None;
        }
    }

    fn confirmed(&mut self, said: &Value, at: &str, index: u64) {
        self.read_back = Some((at.to_owned(), index, text(&said["seen"])));
    }

    fn line(&self, account: &str) -> Option<String> {
        if self.disabled.is_none() && self.revoked.is_empty() {
            return None;
        }
        let mut line = format!("{account}:");
        if let Some((at, index)) = &self.disabled {
            line.push_str(&format!(" disabled at {at} (entry {index});"));
        }
        if !self.revoked.is_empty() {
            line.push_str(&format!(" removed: {};", self.revoked.join(", ")));
        }
        match &self.read_back {
            Some((at, index, seen)) => line.push_str(&format!(" read back at {at} (entry {index}): {seen}")),
            None => line.push_str(" not read back"),
        }
        Some(line)
    }
}

/// The identities that the entries name.
pub(super) fn whom(entries: &[Packed]) -> Option<String> {
    let mut names = entries.iter().filter_map(payload).filter_map(|p| p["name"].as_str().map(str::to_owned));
    let name = names.next_back()?;
    let of_one = entries.iter().filter_map(|e| e.identity).collect::<std::collections::BTreeSet<_>>();
    (of_one.len() == 1).then_some(name)
}

/// What the case is called.
pub(super) fn label(entries: &[Packed]) -> Option<String> {
    entries.iter().rev().filter_map(payload).find_map(|p| p["change"].as_str().map(str::to_owned))
}

fn payload(packed: &Packed) -> Option<Value> {
    serde_json::from_slice(packed.payload.as_deref()?).ok()
}

fn decided(said: &Value) -> String {
    let steps: Vec<String> = said["steps"].as_array().into_iter().flatten().map(step).collect();
    let what =
        said["change"].as_str().map_or("evaluated again".to_owned(), |label| format!("{label} decided"));
    let steps = if steps.is_empty() { "nothing to do".to_owned() } else { steps.join("; ") };
    let effective = text(&said["effective_at"]);
    format!(
        "{what} for {} ({}), in force from {effective}: {steps}",
        text(&said["name"]),
        text(&said["phase"])
    )
}

fn step(step: &Value) -> String {
    let because: Vec<String> = step["because"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|b| format!("{} {}", text(&b["kind"]), text(&b["reference"])))
        .collect();
    let mut said = text(&step["step"]);
    let notes = because.into_iter().chain(step["note"].as_str().map(str::to_owned));
    let notes: Vec<String> = notes.chain(step["gate"].as_str().map(str::to_owned)).collect();
    if !notes.is_empty() {
        said.push_str(&format!(" ({})", notes.join(", ")));
    }
    said
}

/// The account with its name and system: `lzak in directory`.
fn account(said: &Value) -> String {
    let about = &said["about"];
    let key = about["account"].as_str().or(said["account"].as_str()).unwrap_or("an account");
    match about["name"].as_str() {
        Some(name) => format!("account `{name}` in {key}"),
        None => format!("account in {key}"),
    }
}

fn by(said: &Value) -> String {
    let person = |p: &Value| Some(format!("{} ({})", p["name"].as_str()?, text(&p["method"])));
    let actor = person(&said["actor"]).map(|p| format!("; by {p}"));
    let named = person(&said["as"]).map(|p| format!("; in the name of {p}"));
    actor.into_iter().chain(named).collect()
}

/// What a kind without a sentence of its own says: its fields as they are.
fn other(kind: &str, said: &Value) -> String {
    let hidden = ["v", "about", "actor", "as"];
    let fields = said.as_object().into_iter().flatten().filter(|(name, _)| !hidden.contains(&name.as_str()));
    let fields: Vec<String> = fields
        .map(|(name, value)| match value.as_str() {
            Some(text) => format!("{name} {text}"),
            None => format!("{name} {value}"),
        })
        .collect();
    let mut text = format!("{kind}: {}", fields.join(", "));
    if let Some((cut, _)) = text.char_indices().nth(SHOWN_MAX) {
        text.truncate(cut);
        text.push('…');
    }
    text
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned)
}

fn list(value: &Value) -> String {
    let all: Vec<&str> = value.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join(", ") }
}

fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}
