//! `tenure case --done`, `--attest` and `--again`: what a person did in a system, and what the system shows of it.

use crate::cli::{Case as Args, Cli};
use crate::exit::{Exit, Failure};
use crate::out;
use serde_json::json;
use tenure_app::{App, Query};
use tenure_engine::account_name;
use tenure_model::{
    Account, AccountState, Holding, Name as _, Observed, Task, TaskId, TaskKind, TaskState, Value,
};
use tenure_store::{IdsOf, StoredSubject};

/// Records manual work, or attests it.
pub(super) async fn by_hand(cli: &Cli, args: &Args, app: &App, task: &str) -> Result<Exit, Failure> {
    let moment = super::acting::moment(cli, app).await?;
    let id = app.ids().found(IdsOf::Tasks, task).await?;
    let Some(id) = id.map(TaskId::from_bytes) else {
        return Err(Failure::new(
            "A001",
            format!("`{task}` is not the id of a task"),
            "give it whole, or its last 8 digits; `tenure tasks` lists open tasks",
        ));
    };
    let query = app.query(&moment).await?;
    let before = query.task(id).await?;
    if args.again.is_some() {
        app.work().try_again(id, &moment).await?;
    } else if args.attest.is_some() {
        app.work().attest(id, args.seen.as_deref().unwrap_or_default(), &moment).await?;
    } else {
        app.work().manual_done(id, &moment).await?;
    }
    app.work().work(&moment, None, &|_, _| ()).await?;
    super::publish(cli, app).await?;
    let left = match &before {
        Some(task) => left(&query, task).await?,
        None => None,
    };
    let (word, said) = match &left {
        _ if args.attest.is_some() => {
            ("attested", "attested: the case closes with reservations once nothing else is open".to_owned())
        }
        None if args.again.is_some() => ("done", "done: it succeeded this time".to_owned()),
        Some(t) if args.again.is_some() => again_words(t),
        None => ("confirmed", "done, and confirmed by a later read of the system".to_owned()),
        Some(t) => done_words(app, t),
    };
    let next = left.as_ref().map_or(id, |t| t.id);
    if cli.json {
        out::json(&json!({ "task": next.to_string(), "state": word }));
    } else {
        out::line(&said);
    }
    Ok(if matches!(word, "claimed" | "open" | "contradicted") { Exit::Open } else { Exit::Done })
}

/// What is still open of the work on the task's account.
async fn left(query: &Query<'_>, task: &Task) -> Result<Option<Task>, Failure> {
    let open = query.tasks(task.identity, u32::MAX).await?;
    Ok(open.into_iter().find(|t| t.account == task.account))
}

/// The state of work that a person says is done.
fn done_words(app: &App, task: &Task) -> (&'static str, String) {
    let system = task.account.system.as_str();
    let reads = app.systems.get(&task.account.system).is_some_and(|w| w.capabilities.read);
    match &task.state {
        TaskState::NeedsPerson { why } if reads && task.kind == TaskKind::Manual => {
            ("contradicted", format!("noted, and {system} shows otherwise: {why} (task {})", task.id.short()))
        }
        TaskState::NeedsPerson { why } if task.kind == TaskKind::Confirm => {
            ("contradicted", format!("noted, and {system} does not show it: {why}"))
        }
        _ if task.kind == TaskKind::Confirm => (
            "claimed",
            format!("noted: it is confirmed as soon as {system} shows it (`tenure run` reads it again)"),
        ),
        _ => (
            "claimed",
            format!(
                "noted: another person attests it with `tenure case --attest {} --seen \"what was seen\"`",
                task.id.short()
            ),
        ),
    }
}

fn again_words(task: &Task) -> (&'static str, String) {
    let why = match &task.state {
        TaskState::NeedsPerson { why } => format!("it still needs a person: {why}"),
        TaskState::Held { why } => format!("the brake holds it: {why}"),
        _ => "it is scheduled for retry: `tenure run` continues it".to_owned(),
    };
    ("open", why)
}

/// What the owner of a system is to do, and how they say that it is done.
pub(super) fn words(app: &App, task: &Task, subject: Option<&StoredSubject>, owner: &str) -> Vec<String> {
    let Some(account) = subject.and_then(|s| s.accounts.iter().find(|a| a.key == task.account)) else {
        return Vec::new();
    };
    let declared = app.context.setup.systems.get(&task.account.system);
    let name = declared
        .zip(subject)
        .and_then(|(system, s)| account_name(system, &s.identity, account))
        .map(|name| format!(" `{name}`"))
        .unwrap_or_default();
    let of = |holding: Holding, word: &str| {
        let held = subject.into_iter().flat_map(|s| &s.grants);
        let grants: Vec<&str> = held
            .filter(|g| g.account == task.account && g.holding == holding)
            .map(|g| g.entitlement.as_str())
            .collect();
        (!grants.is_empty()).then(|| format!("{word} {}", grants.join(", ")))
    };
    let mut words: Vec<String> = of(Holding::Ending, "remove").into_iter().collect();
    words.push(account_work(account, &name));
    words.extend(of(Holding::Ordered, "grant"));
    let other = account.observed.other_name();
    words.extend(other.map(|old| format!("rename it from `{old}` to{name}, and create no other")));
    let mut lines = vec![format!("{}; assigned to {owner}", words.join("; "))];
    lines.extend(values(account));
    lines.push(format!("when it is done: tenure case --done {}", task.id.short()));
    lines
}

/// What is to be done with the account itself, as far as it is known what is there.
fn account_work(account: &Account, name: &str) -> String {
    let (done, other) = match account.target.state {
        AccountState::Absent => return format!("delete the account{name}"),
        AccountState::Enabled => ("enabled", "enable"),
        AccountState::Disabled => ("disabled", "disable"),
    };
    match &account.observed {
        Observed::Absent { .. } => format!("create the account{name}, {done}"),
        Observed::Unknown if account.target.state == AccountState::Enabled => {
            format!("create the account{name} if it is missing, and enable it")
        }
        Observed::Unknown => format!("disable the account{name} if it exists"),
        Observed::Present { enabled, .. } if *enabled == (account.target.state == AccountState::Enabled) => {
            format!("keep the account{name} {done}")
        }
        Observed::Present { .. } => format!("{other} the account{name}"),
    }
}

/// Every value that is to be written on an account; nothing where it is to be gone.
fn values(account: &Account) -> Option<String> {
    let shown = |value: &Value| if value.is_blank() { "nothing".to_owned() } else { format!("`{value}`") };
    let all: Vec<String> =
        account.target.attributes.iter().map(|(name, value)| format!("{name} = {}", shown(value))).collect();
    let is_there = account.target.state != AccountState::Absent;
    (is_there && !all.is_empty()).then(|| format!("with these values: {}", all.join(", ")))
}
