//! `tenure case`: cases with their clocks, facts and open work.

use crate::cli::{Case as Args, Cli};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use serde_json::json;
use std::collections::BTreeMap;
use tenure_app::{App, called};
use tenure_model::{
    Case, CaseLabel, CaseState, Fact, FactState, IdentityId, Task, TaskId, TaskKind, TaskState,
};
use tenure_store::CaseFilter;

/// Most tasks that are shown of one person.
const TASKS_MAX: u32 = 100;

pub(crate) async fn case(cli: &Cli, args: &Args) -> Result<Exit, Failure> {
    let app = wire::app(&cli.folder).await?;
    if let Some(task) = args.done.as_ref().or(args.attest.as_ref()) {
        return by_hand(cli, args, &app, task).await;
    }
    let mut filter = CaseFilter { open: !args.all, limit: args.limit, ..CaseFilter::default() };
    if let Some(person) = &args.person {
        filter.identity = Some(app.person(person).await?.identity.id);
        filter.open = false;
    }
    if let Some(label) = &args.label {
        filter.label = Some(CaseLabel::parse(label).ok_or_else(|| {
            let known: Vec<&str> = CaseLabel::ALL.iter().map(|l| l.as_str()).collect();
            Failure::new("A001", format!("`{label}` is no label"), format!("one of {}", known.join(", ")))
        })?);
    }
    let cases = app.store.cases(&filter).await?;
    let ids: Vec<IdentityId> = cases.iter().map(|c| c.identity).collect();
    let names: BTreeMap<IdentityId, String> = app
        .store
        .subjects(&ids)
        .await?
        .into_iter()
        .map(|s| (s.identity.id, called(&s.title, &s.identity)))
        .collect();
    let mut facts: BTreeMap<IdentityId, Vec<Fact>> = BTreeMap::new();
    for fact in app.store.facts(&ids).await? {
        facts.entry(fact.identity).or_default().push(fact);
    }
    let open = cases.iter().any(|c| c.state == CaseState::Open);
    let mut shown = Vec::new();
    for case in &cases {
        let name = names.get(&case.identity).cloned().unwrap_or_default();
        let facts: Vec<&Fact> =
            facts.get(&case.identity).into_iter().flatten().filter(|f| f.case == case.id).collect();
        let tasks = if case.state == CaseState::Open {
            app.store.tasks(Some(case.identity), TASKS_MAX).await?
        } else {
            Vec::new()
        };
        if cli.json {
            shown.push(as_json(case, &name, &facts, &tasks));
        } else {
            show(case, &name, &facts, &tasks);
        }
    }
    if cli.json {
        out::json(&json!({ "cases": shown, "facts": counts(&app).await? }));
    } else if cases.is_empty() {
        out::line("no case is open");
    }
    Ok(if open { Exit::Open } else { Exit::Done })
}

/// Records manual work, or vouches for it.
async fn by_hand(cli: &Cli, args: &Args, app: &App, task: &str) -> Result<Exit, Failure> {
    let moment = super::acting::moment(cli, app).await?;
    let Some(id) = TaskId::parse(task) else {
        return Err(Failure::new(
            "A001",
            format!("`{task}` is not the id of a task"),
            "`tenure case` lists open work",
        ));
    };
    if args.attest.is_some() {
        app.attest(id, args.seen.as_deref().unwrap_or("as decided"), &moment).await?;
        out::line("attested: the case closes with reservations once nothing else is open");
    } else {
        let task = app.manual_done(id, &moment).await?;
        let read = task.kind == TaskKind::Confirm;
        out::line(if read {
            "noted: the export is read to confirm it"
        } else {
            "noted: somebody else attests it with --attest"
        });
    }
    app.work(&moment, None, &|_, _| ()).await?;
    super::publish(cli, app).await?;
    Ok(Exit::Done)
}

async fn counts(app: &App) -> Result<serde_json::Value, Failure> {
    let counts = app.store.fact_counts().await?;
    Ok(counts
        .into_iter()
        .map(|(state, n)| (state.to_string(), json!(n)))
        .collect::<serde_json::Map<_, _>>()
        .into())
}

fn show(case: &Case, name: &str, facts: &[&Fact], tasks: &[Task]) {
    let paint = out::Paint::stdout();
    let c = &case.clocks;
    let confirmed = c.confirmed_at.map_or("not yet".to_owned(), |t| t.to_string());
    out::line(&format!("{} {}  {}", paint.bold(case.label.as_str()), name, paint.dim(case.state.as_str())));
    out::line(&format!(
        "  effective {}, known {}, decided {}, confirmed {confirmed}",
        c.effective_at, c.known_at, c.decided_at
    ));
    for fact in facts {
        out::line(&format!("  {}: {} is {}", fact.account, fact.obligation, words(&fact.state)));
    }
    for task in tasks {
        let why = match &task.state {
            TaskState::Held { why } => format!("held by the brake: {why}"),
            TaskState::NeedsPerson { why } => format!("needs a person: {why}"),
            TaskState::Ready { not_before } => format!("ready from {not_before}, {} attempts", task.attempts),
            TaskState::Leased { owner, .. } => format!("with {owner}"),
            TaskState::Done => continue,
        };
        out::line(&format!("  {} {} {} {why}", task.id, task.account, task.kind.as_str()));
    }
}

fn words(state: &FactState) -> String {
    match state {
        FactState::Claimed(o) | FactState::Confirmed(o) => {
            format!("{} ({}, {}: {})", state.as_str(), o.by, o.at, o.seen)
        }
        FactState::Attested { observation: o, .. } => format!("attested ({}: {})", o.at, o.seen),
        FactState::Expiring { until, why } => format!("expiring at {until} ({why})"),
        FactState::Accepted { reason, until, .. } => format!("accepted until {until} ({reason})"),
        FactState::Unknown => "unknown".to_owned(),
    }
}

fn as_json(case: &Case, name: &str, facts: &[&Fact], tasks: &[Task]) -> serde_json::Value {
    let c = &case.clocks;
    json!({
        "id": case.id.to_string(), "person": name, "identity": case.identity.to_string(), "label": case.label.as_str(),
        "state": case.state.as_str(),
        "effective_at": c.effective_at.to_string(), "known_at": c.known_at.to_string(),
        "decided_at": c.decided_at.to_string(), "confirmed_at": c.confirmed_at.map(|t| t.to_string()),
        "facts": facts.iter().map(|f| json!({
            "account": f.account.to_string(), "obligation": f.obligation.to_string(), "state": f.state.as_str(),
        })).collect::<Vec<_>>(),
        "tasks": tasks.iter().map(|t| json!({
            "id": t.id.to_string(), "account": t.account.to_string(), "kind": t.kind.as_str(), "attempts": t.attempts,
            "needs_person": if let TaskState::NeedsPerson { why } = &t.state { Some(&**why) } else { None },
        })).collect::<Vec<_>>(),
    })
}
