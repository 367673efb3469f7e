//! `tenure case`: cases with their clocks, facts and open work.

use super::case_next::{Around, Needs, Open};
use crate::cli::{Case as Args, Cli};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use tenure_app::describe::{fact_line, instant_words};
use tenure_app::{App, Listed, Query, called};
use tenure_model::{
    ApprovalRequest, Case, CaseLabel, CaseState, Fact, IdentityId, Task, TaskKind, TaskState,
};
use tenure_store::{CaseFilter, StoredSubject};

/// Most tasks that are shown of one person.
const TASKS_MAX: u32 = 100;

pub(crate) async fn case(cli: &Cli, args: &Args) -> Result<Exit, Failure> {
    if let Some(task) = args.done.as_ref().or(args.attest.as_ref()).or(args.again.as_ref()) {
        let app = wire::app(cli).await?;
        return super::case_by_hand::by_hand(cli, args, &app, task).await;
    }
    if args.overdue {
        return super::overdue::overdue(cli, args).await;
    }
    if args.accept.is_some() {
        return super::accept::accept(cli, args).await;
    }
    list(cli, args).await
}

async fn list(cli: &Cli, args: &Args) -> Result<Exit, Failure> {
    let app = wire::stored(cli).await?;
    let mut filter = CaseFilter { open: !args.all, ..CaseFilter::default() };
    if let Some(person) = &args.person {
        filter.identity = Some(app.people().person(person).await?.identity.id);
        filter.open = false;
    }
    if let Some(label) = &args.label {
        filter.label = Some(CaseLabel::parse(label).ok_or_else(|| {
            let known: Vec<&str> = CaseLabel::ALL.iter().map(|l| l.as_str()).collect();
            Failure::new(
                "A001",
                format!("`{label}` is not a label of cases"),
                format!("one of {}", known.join(", ")),
            )
        })?);
    }
    let moment = super::acting::moment(cli, &app).await?;
    let query = app.query(&moment).await?;
    let Listed { rows: cases, next } = query.cases(&filter, &args.paging.page()).await?;
    // Each identity once, although it may have several cases: else its facts would be listed several times.
    let ids: Vec<IdentityId> =
        cases.iter().map(|c| c.identity).collect::<BTreeSet<_>>().into_iter().collect();
    let subjects: BTreeMap<IdentityId, StoredSubject> =
        query.subjects(&ids).await?.into_iter().map(|s| (s.identity.id, s)).collect();
    let mut facts: BTreeMap<IdentityId, Vec<Fact>> = BTreeMap::new();
    for fact in query.facts(&ids).await? {
        facts.entry(fact.identity).or_default().push(fact);
    }
    let open = cases.iter().any(|c| c.state == CaseState::Open);
    let mut shown = Vec::new();
    for case in &cases {
        let subject = subjects.get(&case.identity);
        let name = subject.map(|s| called(&s.title, &s.identity)).unwrap_or_default();
        let facts: Vec<&Fact> =
            facts.get(&case.identity).into_iter().flatten().filter(|f| f.case == case.id).collect();
        let tasks = if case.state == CaseState::Open {
            query.tasks(case.identity, TASKS_MAX).await?
        } else {
            Vec::new()
        };
        let around = around(&query, case, &tasks).await?;
        let open = Open { case, facts: &facts, tasks: &tasks, around: &around, now: moment.now };
        let is_open = case.state == CaseState::Open;
        let needs = is_open.then(|| open.needs(&app));
        if cli.json {
            shown.push(as_json(case, &name, &facts, &tasks, needs.as_ref()));
        } else {
            show(&app, &name, subject, &open, needs.as_ref());
        }
    }
    if cli.json {
        out::json(&json!({ "cases": shown, "next": next.as_deref(), "facts": counts(&query).await? }));
    } else if cases.is_empty() {
        out::line(if filter.open { "no case is open" } else { "there is no such case" });
    } else {
        super::list::goes_on(next.as_deref());
    }
    Ok(if open { Exit::Open } else { Exit::Done })
}

/// The unanswered requests about an open case's identity, and to whom manual work is assigned.
async fn around(query: &Query<'_>, case: &Case, tasks: &[Task]) -> Result<Around, Failure> {
    let mut around = Around::default();
    for task in tasks.iter().filter(|t| t.kind == TaskKind::Manual) {
        let system = &task.account.system;
        around.assigned.insert(system.clone(), query.assigned_to(system, case.identity).await?);
    }
    if case.state == CaseState::Open {
        around.requests = query.approvals(Some(case.identity), TASKS_MAX).await?;
        let approvers: Vec<IdentityId> = around.requests.iter().flat_map(ApprovalRequest::put_to).collect();
        around.names = query.names(&approvers).await?;
    }
    Ok(around)
}

async fn counts(query: &Query<'_>) -> Result<serde_json::Value, Failure> {
    let counts = query.fact_counts().await?;
    Ok(counts
        .into_iter()
        .map(|(state, n)| (state.to_string(), json!(n)))
        .collect::<serde_json::Map<_, _>>()
        .into())
}

fn show(app: &App, name: &str, subject: Option<&StoredSubject>, open: &Open<'_>, needs: Option<&Needs>) {
    let Open { case, facts, tasks, around, .. } = open;
    let paint = out::Paint::stdout();
    let c = &case.clocks;
    let confirmed = c.confirmed_at.map_or("not yet".to_owned(), instant_words);
    out::line(&format!("{} {}  {}", paint.bold(case.label.as_str()), name, paint.dim(case.state.as_str())));
    out::line(&format!(
        "  effective {}, known {}, decided {}, confirmed {confirmed}",
        instant_words(c.effective_at),
        instant_words(c.known_at),
        instant_words(c.decided_at)
    ));
    needs.iter().flat_map(|n| n.lines(paint)).for_each(|line| out::line(&line));
    for fact in *facts {
        out::line(&format!("  {}", fact_line(fact)));
    }
    for task in *tasks {
        let why = match &task.state {
            TaskState::Held { why } => format!("held by the brake: {why}"),
            TaskState::NeedsPerson { why } => format!("needs a person: {why}"),
            TaskState::Ready { not_before } => super::list::scheduled(task, *not_before),
            TaskState::Leased { owner, .. } => format!("in work by {owner}"),
            TaskState::Done => continue,
        };
        out::line(&format!("  task {}: {}: {why}", task.id.short(), super::list::task_work(task)));
        if task.kind == TaskKind::Manual {
            let owner = around.assigned.get(&task.account.system).map_or("its owner", |o| &**o);
            super::case_by_hand::words(app, task, subject, owner)
                .iter()
                .for_each(|l| out::line(&format!("    {l}")));
        }
    }
}

fn as_json(
    case: &Case,
    name: &str,
    facts: &[&Fact],
    tasks: &[Task],
    needs: Option<&Needs>,
) -> serde_json::Value {
    let c = &case.clocks;
    json!({
        "id": case.id.to_string(), "person": name, "identity": case.identity.to_string(), "label": case.label.as_str(),
        "state": case.state.as_str(), "needs": needs.map(Needs::json),
        "effective_at": c.effective_at.to_string(), "known_at": c.known_at.to_string(),
        "decided_at": c.decided_at.to_string(), "confirmed_at": c.confirmed_at.map(|t| t.to_string()),
        "facts": facts.iter().map(|f| json!({
            "account": f.account.as_ref().map(ToString::to_string), "obligation": f.obligation.to_string(), "state": f.state.as_str(),
        })).collect::<Vec<_>>(),
        "tasks": tasks.iter().map(|t| json!({
            "id": t.id.to_string(), "account": t.account.to_string(), "kind": t.kind.as_str(), "attempts": t.attempts,
            "failed": t.failed.as_deref(),
            "needs_person": if let TaskState::NeedsPerson { why } = &t.state { Some(&**why) } else { None },
        })).collect::<Vec<_>>(),
    })
}
