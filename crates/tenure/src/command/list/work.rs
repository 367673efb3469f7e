//! `tenure tasks` and `accounts`: work that is not done, and accounts that are linked to no identity.

use super::show;
use crate::cli::{Accounts, Cli, Tasks};
use crate::exit::{Exit, Failure};
use crate::out;
use jiff::Timestamp;
use serde_json::{Value, json};
use tenure_app::describe::instant_words;
use tenure_app::{App, Query, TaskShown, UnlinkedShown};
use tenure_model::{Name as _, Task, TaskKind, TaskState};
use tenure_store::{TaskFilter, UnlinkedFilter};

pub(super) async fn tasks(cli: &Cli, app: &App, query: &Query<'_>, args: &Tasks) -> Result<Exit, Failure> {
    let identity = match &args.person {
        Some(person) => Some(app.people().person(person).await?.identity.id),
        None => None,
    };
    let filter = TaskFilter { identity, system: args.system.clone(), needs_person: args.manual };
    let page = query.tasks_listed(&filter, &args.paging.page()).await?;
    let none = if args.manual { "no manual task is open" } else { "no task is open" };
    show(cli, "tasks", none, &page, (task, task_json));
    Ok(if page.rows.is_empty() { Exit::Done } else { Exit::Open })
}

fn task(shown: &TaskShown) -> Vec<String> {
    let TaskShown { task, who, assigned_to } = shown;
    let who = who.as_ref().map_or_else(|| format!("identity {}", task.identity.short()), |who| who.line());
    let mut lines = vec![format!("{}  {}: {who}", task.id.short(), task_work(task))];
    lines.push(format!("  {}", state(task, assigned_to.as_deref())));
    lines
}

/// The work of a task, and where: `manual work in badge`.
pub(crate) fn task_work(task: &Task) -> String {
    let what = match task.kind {
        TaskKind::Converge => "work in",
        TaskKind::Confirm => "read back",
        TaskKind::Manual => "manual work in",
    };
    format!("{what} {}", task.account)
}

/// When a task is tried, how often it was, and why that failed.
pub(crate) fn scheduled(task: &Task, at: Timestamp) -> String {
    let at = instant_words(at);
    if task.attempts == 0 {
        return format!("scheduled for {at}");
    }
    let last = task.failed.as_ref().map_or(String::new(), |why| format!("; last error: {why}"));
    format!("scheduled for retry at {at}, after {}{last}", out::count(task.attempts, "attempt"))
}

/// What a task waits for.
fn state(task: &Task, assigned_to: Option<&str>) -> String {
    match &task.state {
        TaskState::NeedsPerson { why } => match assigned_to {
            Some(owner) => format!("assigned to {owner}: {why}"),
            None => format!("needs a person: {why}"),
        },
        TaskState::Held { why } => format!("held by the brake: {why}"),
        TaskState::Leased { owner, until } => format!("in work by {owner} until {}", instant_words(*until)),
        TaskState::Done => "done".to_owned(),
        TaskState::Ready { not_before } => scheduled(task, *not_before),
    }
}

fn task_json(shown: &TaskShown) -> Value {
    let TaskShown { task, who, assigned_to } = shown;
    let (name, why) = match &task.state {
        TaskState::Ready { .. } => ("ready", None),
        TaskState::Leased { .. } => ("leased", None),
        TaskState::Held { why } => ("held", Some(&**why)),
        TaskState::NeedsPerson { why } => ("needs_person", Some(&**why)),
        TaskState::Done => ("done", None),
    };
    let not_before = match task.state {
        TaskState::Ready { not_before } => Some(not_before.to_string()),
        _ => None,
    };
    json!({
        "id": task.id.to_string(), "identity": task.identity.to_string(), "person": who.as_ref().map(|who| who.json()),
        "system": task.account.system.as_str(), "account": task.account.to_string(), "kind": task.kind.as_str(),
        "state": name, "why": why, "not_before": not_before, "attempts": task.attempts,
        "failed": task.failed.as_deref(), "assigned_to": assigned_to,
    })
}

pub(super) async fn accounts(cli: &Cli, query: &Query<'_>, args: &Accounts) -> Result<Exit, Failure> {
    let with_candidates = match (args.orphans, args.asked) {
        (true, _) => Some(false),
        (_, true) => Some(true),
        _ => None,
    };
    let filter = UnlinkedFilter { system: args.system.clone(), class: args.class, with_candidates };
    let page = query.unlinked(&filter, &args.paging.page()).await?;
    show(
        cli,
        "accounts",
        "every account is linked to an identity, as far as systems were scanned",
        &page,
        (account, account_json),
    );
    Ok(Exit::Done)
}

fn account(shown: &UnlinkedShown) -> Vec<String> {
    let a = &shown.account;
    let usable = if a.enabled { "enabled" } else { "disabled" };
    let said = if a.said.is_some() { ", declared by its owner" } else { "" };
    let mut lines = vec![format!(
        "{}:{}: {} of class {}{said}, {usable}, owner {}, read {}",
        a.system,
        a.name,
        shown.state(),
        a.class.as_str(),
        a.owner,
        instant_words(a.seen)
    )];
    let holds: Vec<&str> = a.entitlements.iter().map(|e| e.as_str()).collect();
    if !holds.is_empty() {
        lines.push(format!("  holds {}", holds.join(", ")));
    }
    lines.extend(shown.candidates.iter().map(|(who, fit)| format!("  {fit:3} % {}", who.line())));
    lines
}

fn account_json(shown: &UnlinkedShown) -> Value {
    let a = &shown.account;
    json!({
        "system": a.system.as_str(), "external_id": &*a.external_id, "name": &*a.name, "kind": a.kind.as_str(),
        "state": shown.state(), "class": a.class.as_str(), "enabled": a.enabled, "owner": &*a.owner,
        "read": a.seen.to_string(), "declared_at": a.said.map(|(at, _)| at.to_string()),
        "entitlements": a.entitlements.iter().map(|e| e.as_str()).collect::<Vec<_>>(),
        "candidates": shown.candidates.iter().map(|(who, fit)| {
            let mut json = who.json();
            json["percent"] = json!(fit);
            json
        }).collect::<Vec<_>>(),
    })
}
