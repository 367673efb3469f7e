//! `tenure run`: one pass, told in a few lines.

use crate::cli::{Cli, Run};
use crate::exit::{Exit, Failure, State, States, states};
use crate::{out, wire};
use indicatif::ProgressBar;
use jiff::Timestamp;
use serde_json::json;
use std::sync::Arc;
use tenure_app::{
    App, Born, DecisionContext, FeedReport, FirstQuarantined, InQuarantine, Labels, Progress, Refused,
    Register, RunReport,
};
use tenure_model::SourceName;
use tenure_store::WaitingCounts;

/// Quarantined rows that are listed of one feed.
const LISTED: usize = 20;

/// Findings that a pass tells.
const FOUND_LISTED: usize = 5;

/// One bar for the whole pass: it says what it counts.
struct Bar(ProgressBar);

impl Progress for Bar {
    fn feed(&self, source: &SourceName, rows: u64, of: u64) {
        self.0.set_message(format!("reading {source}"));
        self.0.set_length(of);
        self.0.set_position(rows);
    }
    fn queue(&self, done: u64, waiting: u64) {
        self.0.set_message("working the queue");
        self.0.set_length(done + waiting);
        self.0.set_position(done);
    }
}

/// What waits for a person's answer, whichever pass it comes from.
struct Open {
    approvals: u64,
    questions: u64,
    held: u64,
    /// The hash of a configuration that waits for a second person.
    configuration: Option<Arc<str>>,
}

async fn open(app: &App, moment: &DecisionContext) -> Result<Open, Failure> {
    let WaitingCounts { approvals, questions, held_changes } =
        app.query(moment).await?.waiting_counts().await?;
    let configuration = app.configuration().waiting_configuration().await?.map(|w| w.hash);
    Ok(Open { approvals, questions, held: held_changes, configuration })
}

pub(crate) async fn run(cli: &Cli, args: &Run) -> Result<Exit, Failure> {
    let app = wire::app(cli).await?;
    let mut moment = super::acting::moment(cli, &app).await?;
    if args.clock_ok {
        moment = app.clock().confirm_clock(&moment).await?;
    }
    let until = args.patience.and_then(|p| app.machine.clock.now().checked_add(p).ok());
    let bar = Bar(out::bar("deciding what is due"));
    let report = app.passes().run(&moment, until, &bar).await?;
    bar.0.finish_and_clear();
    // What the pass did is told also where its head cannot be written outside.
    let published = super::publish(cli, &app).await;
    let open = open(&app, &moment).await?;
    let overdue = app.work().overdue(moment.now, None, 0).await?.all;
    if cli.json {
        let mut json = report_json(&report, &open);
        json["overdue"] = json!(overdue);
        json["database"] = json!(app.born().as_str());
        json["clock_doubt"] = json!(report.clock_doubt.map(|from| from.to_string()));
        out::json(&json);
    } else {
        show(&app, &report, &open);
        if overdue > 0 {
            let red = out::Paint::stdout().red("past their deadline:");
            out::line(&format!("{red} {}: `tenure case --overdue`", out::count(overdue, "case")));
        }
        show_clock(&app, &report, moment.now);
    }
    published?;
    if report.feeds.iter().any(|f| f.refused.is_some()) {
        return Ok(Exit::Invalid);
    }
    Ok(Exit::of(&left(&report, &open, overdue), &cli.fail_on))
}

/// What the pass left decides the exit code.
fn left(report: &RunReport, open: &Open, overdue: u64) -> States {
    let held = report.work.held > 0 || open.held > 0 || report.feeds.iter().any(|f| f.held.is_some());
    let attention = overdue > 0 || report.clock_doubt.is_some() || report.findings.open > 0;
    let waits = report.work.needs_person + report.work.waiting > 0
        || open.approvals > 0
        || open.questions > 0
        || open.configuration.is_some()
        || !report.unscanned.is_empty()
        || report.feeds.iter().any(|f| f.asked > 0);
    states([(State::Held, held), (State::Attention, attention), (State::Open, waits)])
}

fn show(app: &App, report: &RunReport, open: &Open) {
    for feed in &report.feeds {
        show_feed(feed, &report.quarantine);
    }
    let setup = &app.context.setup;
    report.quarantine.counts.keys().filter(|s| !setup.sources.contains_key(*s)).for_each(|source| {
        show_quarantine(source, &report.quarantine);
    });
    out::line(&labels_line(&report.labels, report.access_alone, report.work.done));
    let work = &report.work;
    out::line(&format!(
        "queue: {} done in {}, {} closed; {} open, {} scheduled for retry",
        out::count(work.done, "task"),
        out::count(work.attempts, "attempt"),
        out::count(work.closed, "case"),
        out::count(work.needs_person, "manual task"),
        work.waiting
    ));
    show_held(work.held);
    show_findings(&report.findings);
    for (system, n) in &report.unscanned {
        out::line(&format!(
            "{system}: {} due, and no manual task is assigned before its first complete scan; help: `tenure scan {system}`, \
             then `tenure adopt {system}`",
            out::count(*n, "account")
        ));
    }
    let waiting = [
        (work.needs_person > 0, "`tenure tasks --manual` lists manual tasks".to_owned()),
        (open.approvals > 0, format!("{}: `tenure approvals`", requests(open.approvals))),
        (open.questions > 0, format!("{}: `tenure correlate`", asks(open.questions))),
        (open.held > 0, format!("{} by a brake: `tenure release`", holds(open.held))),
    ];
    waiting.iter().filter(|(is, _)| *is).for_each(|(_, what)| out::line(what));
    if let Some(hash) = &open.configuration {
        let hash = hash.get(..12).unwrap_or(hash);
        out::line(&format!("a configuration waits for a second person: `tenure apply --confirm {hash}`"));
    }
}

/// What the time of this pass was, where that is not the clock's, or may be wrong.
fn show_clock(app: &App, report: &RunReport, now: Timestamp) {
    if app.born() == Born::Replay {
        out::line(REPLAY);
    }
    if let Some(from) = report.clock_doubt {
        let yellow = out::Paint::stdout().yellow("the clock jumped:");
        out::line(&format!(
            "{yellow} from {from} to {now}; deletions, erasures and lapses of approvals wait"
        ));
        out::line(
            "  when the time is right: `tenure run --clock-ok`; else fix the clock, then `tenure ledger reopen --clock`",
        );
    }
}

/// What outputs of a replay say of themselves.
pub(crate) const REPLAY: &str =
    "replay database: times and actors are stated by commands, not taken from the clock and the login";

/// How many findings are open, and the first of them; rows in quarantine are told with their feed.
fn show_findings(register: &Register) {
    let stand = match register.acknowledged {
        0 => String::new(),
        n => format!(", {n} acknowledged"),
    };
    if register.open > 0 || !stand.is_empty() {
        let yellow = out::Paint::stdout().yellow("findings:");
        out::line(&format!("{yellow} {} open{stand}: `tenure findings`", register.open));
    }
    let shown = register.first_found.iter().take(FOUND_LISTED);
    shown.for_each(|f| out::line(&format!("  {}", super::findings::line(f))));
    let listed = u64::try_from(register.first_found.len().min(FOUND_LISTED)).unwrap_or(u64::MAX);
    let left = register.open.saturating_sub(register.quarantined).saturating_sub(listed);
    if left > 0 {
        out::line(&format!("  and {left} more"));
    }
}

/// How many tasks the brakes of systems hold, and what to do.
pub(crate) fn show_held(held: u64) {
    if held > 0 {
        let red = out::Paint::stdout().red("held by the brake of their system:");
        out::line(&format!(
            "{red} {}; `tenure release` lists the identities that are affected",
            out::count(held, "task")
        ));
    }
}

/// What of a source is in quarantine, and what waits for it.
fn show_quarantine(source: &SourceName, all: &FirstQuarantined) {
    let paint = out::Paint::stdout();
    let rows: Vec<&InQuarantine> = all.first.iter().filter(|q| q.row.source == *source).collect();
    let shown = rows.iter().take(LISTED);
    shown.for_each(|q| out::line(&format!("  {} {}", paint.yellow("quarantined:"), q.words())));
    let listed = u64::try_from(rows.len().min(LISTED)).unwrap_or(u64::MAX);
    let more = all.counts.get(source).map_or(0, |n| n.saturating_sub(listed));
    if more > 0 {
        out::line(&format!("  … and {more} more: `tenure quarantine --source {source}`"));
    }
    if rows.iter().any(|q| q.is_nameless()) {
        out::line("  as long as a row has no readable key, no record of this source counts as missing");
    }
}

fn show_feed(feed: &FeedReport, quarantine: &FirstQuarantined) {
    let paint = out::Paint::stdout();
    let name = feed.source.as_ref().map(ToString::to_string).unwrap_or_default();
    if let Some(why) = &feed.refused {
        let why = tenure_words::refused(why);
        out::line(&format!("{name}: {} {why}", paint.red("refused, nothing changed:")));
        feed.source.iter().for_each(|source| show_quarantine(source, quarantine));
        return;
    }
    let bad = |n: u64| if n > 0 { format!(", {n} in quarantine") } else { String::new() };
    if feed.same {
        let rows = out::count(feed.rows, "row");
        out::line(&format!(
            "{name}: the same {rows} as last time{}",
            bad(feed.source.as_ref().and_then(|s| quarantine.counts.get(s)).copied().unwrap_or_default())
        ));
    } else {
        let counts = [
            (feed.new, "new"),
            (feed.changed.saturating_sub(feed.new), "changed"),
            (feed.missing, "missing"),
            (feed.asked, "with an open correlation question"),
            (u64::try_from(feed.quarantined.len()).unwrap_or(u64::MAX), "in quarantine"),
        ];
        let counts: Vec<String> =
            counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!(", {n} {what}")).collect();
        let counts = if counts.is_empty() { ", nothing new".to_owned() } else { counts.concat() };
        out::line(&format!("{name}: {}{counts}", out::count(feed.rows, "row")));
    }
    feed.source.iter().for_each(|source| show_quarantine(source, quarantine));
    if let Some((id, why)) = &feed.held {
        let id = id.short();
        out::line(&format!("  {} {why}", paint.red("held by the brake:")));
        out::line(&format!("  review it: `tenure release {id} --list`; release it: `tenure release {id}`"));
    }
}

pub(crate) fn asks(n: u64) -> String {
    format!("{} open", out::count(n, "correlation question"))
}

fn requests(n: u64) -> String {
    if n == 1 {
        "1 request waits for an answer".to_owned()
    } else {
        format!("{n} requests wait for an answer")
    }
}

fn holds(n: u64) -> String {
    if n == 1 { format!("{n} change is held") } else { format!("{n} changes are held") }
}

/// The labels of changes as JSON.
pub(crate) fn labels_json(labels: &Labels) -> serde_json::Value {
    labels.iter().map(|(l, n)| (l.to_string(), json!(n))).collect::<serde_json::Map<_, _>>().into()
}

/// The labels of changes on one line. What was decided before and is only done now is no new change, but not nothing either.
pub(crate) fn labels_line(labels: &Labels, access_alone: u64, done: u64) -> String {
    let mut all: Vec<String> = labels.iter().map(|(label, n)| format!("{n} {label}")).collect();
    if access_alone > 0 {
        all.push(format!("{access_alone} of access only"));
    }
    match all.is_empty() {
        true if done > 0 => {
            format!("changes: {} of earlier decisions", out::count(done, "task"))
        }
        true => "changes: none".to_owned(),
        false => format!("changes: {}", all.join(", ")),
    }
}

fn report_json(report: &RunReport, open: &Open) -> serde_json::Value {
    let feeds: Vec<_> = report
        .feeds
        .iter()
        .map(|f| {
            json!({
                "source": f.source.as_ref().map(ToString::to_string),
                "rows": f.rows, "new": f.new, "changed": f.changed, "missing": f.missing, "asked": f.asked,
                "same": f.same,
                "refused": f.refused.as_ref().map(tenure_words::refused),
                "refusal": f.refused.as_ref().map(Refused::to_json),
                "held": f.held.as_ref().map(|(id, why)| json!({ "id": id.to_string(), "reason": &**why })),
                "quarantined": f.quarantined.iter().map(|q| json!({
                    "key": &*q.key, "place": &*q.place, "value": &*q.value, "reason": &*q.reason,
                })).collect::<Vec<_>>(),
            })
        })
        .collect();
    let quarantine: Vec<_> = report
        .quarantine
        .first
        .iter()
        .map(|q| {
            json!({
                "source": q.row.source.to_string(), "code": &*q.row.code, "key": &*q.row.key, "place": &*q.row.place,
                "value": &*q.row.value, "reason": &*q.row.reason, "since": q.row.since.to_string(),
                "urgent": q.row.urgent, "owner": &*q.owner, "deadline": q.deadline.to_string(),
                "escalated_to": q.escalated.as_deref(),
            })
        })
        .collect();
    let names = std::collections::BTreeMap::new();
    json!({
        "feeds": feeds,
        "quarantine": quarantine,
        "quarantined": report.quarantine.counts.iter().map(|(s, n)| (s.to_string(), json!(n))).collect::<serde_json::Map<_, _>>(),
        "findings": {
            "open": report.findings.open, "acknowledged": report.findings.acknowledged,
            "first": report.findings.first.iter().take(FOUND_LISTED).map(|f| super::findings::as_json(f, &names)).collect::<Vec<_>>(),
        },
        "labels": labels_json(&report.labels),
        "access_alone": report.access_alone,
        "open": { "approvals": open.approvals, "questions": open.questions, "held": open.held,
            "configuration": open.configuration },
        "unscanned": report.unscanned.iter().map(|(s, n)| (s.to_string(), json!(n))).collect::<serde_json::Map<_, _>>(),
        "queue": {
            "attempts": report.work.attempts, "done": report.work.done, "closed": report.work.closed,
            "held": report.work.held, "needs_person": report.work.needs_person, "waiting": report.work.waiting,
        },
    })
}
