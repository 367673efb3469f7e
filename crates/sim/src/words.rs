//! Steps in words: what people and systems do, and what must be so afterwards.

use crate::book::{Event, Step};
use crate::expect::PERSON;
use crate::rows::Row;
use crate::see::LETS_IN;
use crate::verbs::Act;
use toml::Value;

/// What happens in a step, besides what its author says.
pub(crate) fn happens(step: &Step) -> Vec<String> {
    let mut lines = Vec::new();
    let files: Vec<String> = step.set_up.keys().map(|f| format!("`{f}`")).collect();
    if !files.is_empty() {
        let by = step.set_up_by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        let refused = step.set_up_refused.as_ref().map(|why| format!(" Refused: \"{why}\"."));
        lines.push(format!(
            "The configuration changes{by}: {}.{}",
            files.join(", "),
            refused.unwrap_or_default()
        ));
    }
    lines.extend(
        step.set_up_waits.iter().map(|what| format!("It widens `{what}` and waits for a second person.")),
    );
    if let Some(by) = &step.set_up_confirmed_by {
        let refused = step.set_up_confirm_refused.as_ref().map(|why| format!(" Refused: \"{why}\"."));
        lines.push(format!("{by} confirms the configuration that waits.{}", refused.unwrap_or_default()));
    }
    lines.extend(step.system.iter().map(event));
    lines.extend(step.acts.iter().map(act));
    let sources: Vec<&str> = step.feed.keys().map(String::as_str).collect();
    if !sources.is_empty() {
        lines.push(format!("New feed: {}.", sources.join(", ")));
    }
    for (source, rows) in &step.rows {
        lines.extend(rows.iter().map(|(key, row)| match row {
            Row::Gone(_) => format!("{source}: the row {key} is gone."),
            Row::Cells(cells) => {
                let blank = |v: &String| if v.is_empty() { "blank".to_owned() } else { v.clone() };
                let cells: Vec<String> = cells.iter().map(|(c, v)| format!("{c} {}", blank(v))).collect();
                format!("{source}: {key}: {}.", cells.join(", "))
            }
        }));
    }
    if !step.run {
        lines.push("No pass runs.".to_owned());
    }
    let by = step.adopt_by.as_deref().unwrap_or("who answers for it");
    lines.extend(step.adopt.iter().map(|s| format!("{s} is adopted by {by}.")));
    lines.extend(step.scan.iter().map(|s| format!("{s} is scanned.")));
    if step.plan {
        lines.push(
            "It was planned first, and what happened is what the plan said, person for person.".to_owned(),
        );
    }
    lines.extend(step.population.as_ref().map(|(from, before)| {
        format!("The population from {from} to {before} is exported, and checked with the public key and the files alone.")
    }));
    lines.extend(step.scan_refused.iter().map(|why| format!("The scan is refused: \"{why}\".")));
    lines
}

/// What a person does, as a sentence.
pub(crate) fn act(act: &Act) -> String {
    let by = act.by.as_deref().unwrap_or("A person whom Tenure does not know");
    let rule = act.rule.as_ref().map(|r| format!(" of `{r}`")).unwrap_or_default();
    let system = act.system.as_ref().map(|s| format!(" in {s}")).unwrap_or_default();
    let class = act.class.as_deref().unwrap_or_default();
    let until = act.until.as_ref().map(|u| format!(" until {u}")).unwrap_or_default();
    let person = act.person.as_deref().unwrap_or("a person");
    let known = [
        act.cut_off.as_ref().map(|p| format!("cuts {p} off")),
        act.cut_off_account
            .as_ref()
            .map(|a| format!("cuts off the account {a}, which belongs to no identity")),
        act.cut_off_key.as_ref().map(|k| format!("cuts off in advance who appears with {k}")),
        act.keep_cut_off.as_ref().map(|p| format!("says that {p} stays cut off until {}", review(act))),
        act.confirm.as_ref().map(|p| format!("says yes, as the second person, to the cut-off of {p}")),
        act.lift_order.as_ref().map(|o| format!("lifts the order to cut off {o}")),
        act.reads.as_ref().map(|p| read(act, p)),
        act.lift.as_ref().map(|p| format!("lifts the cut-off of {p}")),
        act.hold.as_ref().map(|p| format!("sets a {class} hold on {p}{until}")),
        act.erase.as_ref().map(|p| format!("erases {p}")),
        act.lift_hold.as_ref().map(|p| format!("lifts the {class} hold on {p}")),
        act.approve.as_ref().map(|p| format!("says yes to what is asked{rule} about {p}")),
        act.deny.as_ref().map(|p| format!("says no to what is asked{rule} about {p}")),
        act.release.as_ref().map(|scope| match act.only.is_empty() {
            true => format!("releases what is held of {scope}"),
            false => format!("releases what is held of {scope}, for {} only", act.only.join(", ")),
        }),
        act.acknowledge.as_ref().map(|f| format!("acknowledges the finding \"{f}\"{until}")),
        act.dismiss.as_ref().map(|f| format!("dismisses the finding \"{f}\"")),
        act.same.as_ref().map(|r| format!("says that {r} is {person}")),
        act.same_by.as_ref().map(|k| format!("says that every record in question is whom its {k} names")),
        act.new.as_ref().map(|r| format!("says that {r} is a new identity")),
        act.merge.as_ref().map(|p| format!("merges {p} into {}", act.into.as_deref().unwrap_or("a person"))),
        act.split.as_ref().map(|r| format!("parts {r} from {person}")),
        act.done.as_ref().map(|p| format!("says that the manual work about {p}{system} is done")),
        act.attest.as_ref().map(|p| format!("vouches for the manual work about {p}{system}")),
        act.accept.as_ref().map(|p| {
            let (fact, until) =
                (act.fact.as_deref().unwrap_or_default(), act.until.as_deref().unwrap_or_default());
            format!("accepts the risk of `{fact}` about {p} until {until}")
        }),
        act.enable.as_ref().map(|s| format!("lets the account of {person} in {s} be usable again")),
        act.keep_disabled.as_ref().map(|s| format!("leaves the account of {person} in {s} unusable")),
        act.claim.as_ref().map(|a| format!("says that the account {a} is that of {person}")),
        act.disclaim.as_ref().map(|a| format!("says that the account {a} belongs to no identity")),
        act.again.as_ref().map(|p| format!("has the work about {p}{system} tried again")),
        act.custody.as_ref().map(|name| stated(name, act)),
        access(act, person),
        act.end.as_ref().map(|name| format!("ends {name}")),
        act.activate.as_ref().map(|to| format!("uses the code that was sent to {to}")),
        act.renew.as_ref().map(|p| format!("has a new link sent for {p}")),
    ];
    let what = known.into_iter().flatten().next().unwrap_or_else(|| "does something".to_owned());
    let why = act.reason.as_ref().map(|r| format!(": {}", r.trim_end_matches('.'))).unwrap_or_default();
    match &act.refused {
        Some(refused) => format!("{by} {what}{why}. Refused: \"{refused}\"."),
        None => format!("{by} {what}{why}."),
    }
}

/// What is stated of a non-human identity.
fn stated(name: &str, act: &Act) -> String {
    let parts = [
        act.owner.as_ref().map(|p| format!("owner {p}")),
        act.deputy.as_ref().map(|p| format!("deputy {p}")),
        act.purpose.as_ref().map(|p| format!("purpose \"{p}\"")),
        act.until.as_ref().map(|d| format!("until {d}")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    match &act.kind {
        Some(kind) => format!("states a new {kind} identity {name}: {}", parts.join(", ")),
        None => format!("states of {name}: {}", parts.join(", ")),
    }
}

fn review(act: &Act) -> String {
    act.review.map(|r| r.to_string()).unwrap_or_default()
}

fn read(act: &Act, person: &str) -> String {
    let quoted = |all: &[String]| all.iter().map(|t| format!("\"{t}\"")).collect::<Vec<_>>().join(", ");
    let mut text = format!("reads about {person}");
    if !act.says.is_empty() {
        text += &format!(", and is told {}", quoted(&act.says));
    }
    if !act.hides.is_empty() {
        text += &format!(", and nothing of {}", quoted(&act.hides));
    }
    text
}

/// An individual decision about access and values.
fn access(act: &Act, person: &str) -> Option<String> {
    let until = act.until.as_ref().map(|day| format!(", until {day}")).unwrap_or_default();
    let instead = act.instead.as_ref().map(|i| format!(", instead: {i}")).unwrap_or_default();
    let hours = act.hours.unwrap_or(1);
    let known = [
        act.request.as_ref().map(|e| format!("asks for {e} for {person}{until}")),
        act.extend.as_ref().map(|e| format!("asks for a later end of {e} for {person}{until}")),
        act.end.as_ref().filter(|_| act.person.is_some()).map(|e| format!("ends {e} of {person}")),
        act.keep.as_ref().map(|e| format!("says that {person} still needs {e}{until}")),
        act.emergency.as_ref().map(|e| format!("gives {e} to {person} in an emergency, for {hours} hours")),
        act.seen.as_ref().map(|e| format!("looked at what {person} did with {e} in an emergency")),
        act.exception.as_ref().map(|e| format!("signs an exception: {e} for {person}{until}{instead}")),
        act.accept_delegation.as_ref().map(|from| format!("accepts to answer in the place of {from}")),
        act.delegate.as_ref().map(|to| match act.until.is_some() {
            true => format!("lets {to} answer in their place{until}"),
            false => format!("answers for themselves again, not {to}"),
        }),
        act.set_value.as_ref().map(|v| match v.contains('=') {
            true => format!("sets {v} of {person} by hand{until}"),
            false => format!("takes {v} of {person}, set by hand, back"),
        }),
    ];
    known.into_iter().flatten().next()
}

fn event(event: &Event) -> String {
    let by_hand = |verb: &str, name: &String| {
        let mut parts = Vec::new();
        parts.extend(event.enabled.map(|yes| if yes { "usable".to_owned() } else { "unusable".to_owned() }));
        parts.extend(event.hold.iter().map(|e| format!("with {e}")));
        parts.extend(event.drop.iter().map(|e| format!("without {e}")));
        parts.extend(event.sessions.map(|n| format!("{n} open sessions")));
        parts.extend(event.credentials.iter().map(|c| format!("a {c} that works")));
        parts.extend(event.token_until.map(|t| format!("a token that dies at {t}")));
        parts.extend(event.unset.iter().map(|k| format!("without a value in {k}")));
        parts.extend(event.set.iter().map(|(k, v)| format!("{k} = {v}")));
        let how = if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) };
        format!("an administrator {verb} the account {name} by hand{how}")
    };
    let known = [
        event.down.map(|down| if down { "cannot be reached" } else { "can be reached again" }.to_owned()),
        event.lie.as_ref().map(|o| format!("says yes to `{o}` and does nothing")),
        event.fail.as_ref().map(|o| format!("refuses `{o}`")),
        event.mend.then(|| "behaves again".to_owned()),
        event.lag_seconds.map(|s| format!("shows a write only after {s} seconds")),
        event.limit_scan.map(|n| format!("breaks a scan off after {n} accounts: that is its limit")),
        event.truncate_scan.map(|n| format!("shows {n} accounts when it is scanned, of more that it counts")),
        event
            .hide_scan
            .map(|n| format!("shows {n} accounts when it is scanned, and says that these are all")),
        event.nest.as_ref().map(|inner| {
            let outer = event.into.as_deref().unwrap_or("another");
            match &event.out_of {
                Some(outer) => format!("an administrator takes the group {inner} out of {outer}"),
                None => format!("an administrator puts the group {inner} into {outer}"),
            }
        }),
        event.add.as_ref().map(|name| by_hand("makes", name)),
        event.remove.as_ref().map(|name| by_hand("deletes", name)),
        event.edit.as_ref().map(|name| by_hand("edits", name)),
        event.rotate.as_ref().map(|name| by_hand("makes a new password of", name)),
    ];
    let known: Vec<String> = known.into_iter().flatten().collect();
    let what = if known.is_empty() { "something happens".to_owned() } else { known.join("; ") };
    format!("{}: {what}.", event.system)
}

/// What must be so after a step, a line for each thing.
pub(crate) fn must_be_so(expect: &toml::Table) -> Vec<String> {
    let mut lines = Vec::new();
    for (key, value) in expect {
        match (key.as_str(), value) {
            ("people", Value::Table(people)) => {
                for (name, person) in people {
                    lines.push(self::person(name, person));
                }
            }
            ("systems", Value::Table(systems)) => {
                for (name, system) in systems {
                    lines.push(self::system(name, system));
                }
            }
            (key, value) => lines.push(whole(key, value)),
        }
    }
    lines
}

fn whole(key: &str, value: &Value) -> String {
    let (none, some) = match key {
        "labels" => ("no change is labelled", "changes"),
        "held" => ("no brake holds anything", "held"),
        "sent" => ("no message leaves", "sent"),
        "owed" => ("nothing is owed that only people can do", "owed"),
        "asked" => ("no person is asked whose a record is", "asked whose it is"),
        "approvals" => ("no person is asked for approval", "asked for approval"),
        "quarantine" => ("no row is in quarantine", "in quarantine"),
        "refused" => ("no feed is refused", "refused feeds"),
        "findings" => ("no finding about a system or a feed", "findings"),
        "acknowledged" => ("no finding is acknowledged", "acknowledged"),
        "cut_off_orders" => ("no order to cut off is in force", "ordered to be cut off"),
        "unlinked" => ("each account belongs to an identity", "accounts of no identity"),
        "ledger" => ("", "the ledger"),
        "named_in_ledger" => ("no person can be read in the ledger", "named in the ledger"),
        "unevidenced" => ("nothing changed without an entry in the ledger", "changed without an entry"),
        "queue" => ("", "the queue"),
        "plan" => ("the plan said that no identity changes", "the plan said"),
        "population" => ("", "the population of the period"),
        other => ("", other),
    };
    match is_none(value) && !none.is_empty() {
        true => none.to_owned(),
        false => format!("{some}: {}", shown(value)),
    }
}

fn person(name: &str, person: &Value) -> String {
    if person.as_str() == Some("nothing") {
        return format!("no identity is {name}");
    }
    let mut parts: Vec<(&String, &Value)> = person.as_table().into_iter().flatten().collect();
    parts.sort_by_key(|(key, _)| PERSON.iter().position(|known| known == key));
    let lines: Vec<String> = parts.into_iter().map(|(k, v)| of_person(k, v)).collect();
    format!("{name} {}", lines.join("; "))
}

fn of_person(key: &str, value: &Value) -> String {
    let (none, some) = match (key, value) {
        ("phase", Value::String(phase)) => return format!("is {phase}"),
        ("cut_off", Value::Boolean(yes)) => {
            return if *yes { "is cut off" } else { "is not cut off" }.to_owned();
        }
        ("accounts", _) => ("has no account", "accounts:"),
        ("grants", _) => ("holds nothing", "holds"),
        ("attributes", _) => ("no attribute", "attributes:"),
        ("names", _) => ("no name", "names:"),
        ("facts", _) => ("no fact", "facts:"),
        ("cases", _) => ("no case", "cases:"),
        ("clocks", _) => ("no clock", "clocks:"),
        ("tasks", _) => ("no task", "tasks:"),
        ("findings", _) => ("no finding", "findings:"),
        ("next", _) => ("", "changes next at"),
        (other, _) => ("", other),
    };
    match is_none(value) && !none.is_empty() {
        true => none.to_owned(),
        false => format!("{some} {}", shown(value)),
    }
}

fn system(name: &str, system: &Value) -> String {
    let mut parts = Vec::new();
    // What can be used comes first, what is held last.
    for (key, value) in system.as_table().into_iter().flatten().rev() {
        match (key.as_str(), value) {
            ("holds", Value::Table(holds)) => {
                let who = |v: &Value| if is_none(v) { "no account".to_owned() } else { shown(v) };
                parts.extend(holds.iter().map(|(what, v)| format!("{what} is held by {}", who(v))));
            }
            (LETS_IN, Value::Table(tried)) => parts.extend(tried.iter().map(|(tried, works)| {
                let (name, password) = tried.split_once(' ').unwrap_or((tried, ""));
                let how = if works.as_bool() == Some(true) { "opens" } else { "does not open" };
                format!("the password `{password}` {how} {name}")
            })),
            ("usable_count", value) => parts.push(format!("{} accounts can be used", shown(value))),
            ("attributes", Value::Table(all)) => {
                parts.extend(all.iter().map(|(what, v)| match shown(v).as_str() {
                    "nothing" => format!("{what} is not written"),
                    value => format!("{what} is {value}"),
                }))
            }
            (key, value) if is_none(value) => parts.push(format!("no account is {key}")),
            (key, value) => parts.push(format!("{key}: {}", shown(value))),
        }
    }
    format!("in {name}: {}", parts.join("; "))
}

fn is_none(value: &Value) -> bool {
    match value {
        Value::Array(all) => all.is_empty(),
        Value::Table(all) => all.is_empty(),
        _ => false,
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Table(all) => {
            all.iter().map(|(k, v)| format!("{k} {}", shown(v))).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}
