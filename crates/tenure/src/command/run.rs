//! `tenure run`: one pass, told in a few lines.

use crate::cli::{Cli, Run};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use indicatif::ProgressBar;
use serde_json::json;
use tenure_app::{App, FeedReport, InQuarantine, Labels, Progress, RunReport};
use tenure_model::SourceName;

/// Quarantined rows that are listed of one feed.
const LISTED: usize = 20;

/// One bar for the whole pass: it says what it counts.
struct Bar(ProgressBar);

impl Progress for Bar {
    fn feed(&self, source: &SourceName, rows: u64, of: u64) {
        self.0.set_message(format!("taking {source}"));
        self.0.set_length(of);
        self.0.set_position(rows);
    }
    fn queue(&self, done: u64, waiting: u64) {
        self.0.set_message("working the queue");
        self.0.set_length(done + waiting);
        self.0.set_position(done);
    }
}

/// What waits for somebody, whichever pass it comes from.
struct Open {
    approvals: usize,
    questions: u64,
    held: usize,
    damaged: usize,
}

/// Most requests that are counted.
const COUNTED_MAX: u32 = 10_000;

async fn open(app: &App) -> Result<Open, Failure> {
    Ok(Open {
        approvals: app.store.approvals(None, COUNTED_MAX).await?.len(),
        questions: u64::try_from(app.store.correlations().await?.len()).unwrap_or(u64::MAX),
        held: app.store.held_changes().await?.len(),
        damaged: app.damaged().await?.len(),
    })
}

pub(crate) async fn run(cli: &Cli, args: &Run) -> Result<Exit, Failure> {
    let app = wire::app(cli).await?;
    let moment = app.moment(cli.now).await?;
    let until = args.patience.and_then(|p| app.machine.clock.now().checked_add(p).ok());
    let bar = Bar(out::bar("settling what is due"));
    let report = app.run(&moment, until, &bar).await?;
    bar.0.finish_and_clear();
    super::publish(cli, &app).await?;
    let open = open(&app).await?;
    if cli.json {
        out::json(&report_json(&report, &open));
    } else {
        show(&app, &report, &open);
    }
    Ok(exit(&report, &open))
}

/// What is open decides the exit code.
fn exit(report: &RunReport, open: &Open) -> Exit {
    if report.feeds.iter().any(|f| f.refused.is_some()) {
        Exit::Invalid
    } else if report.work.held > 0 || open.held > 0 || report.feeds.iter().any(|f| f.held.is_some()) {
        Exit::Held
    } else if report.work.needs_person + report.work.waiting > 0
        || open.approvals > 0
        || open.questions > 0
        || open.damaged > 0
        || !report.quarantine.is_empty()
        || !report.unscanned.is_empty()
        || report.feeds.iter().any(|f| f.asked > 0)
    {
        Exit::Open
    } else {
        Exit::Done
    }
}

fn show(app: &App, report: &RunReport, open: &Open) {
    for feed in &report.feeds {
        let of = |q: &&InQuarantine| feed.source.as_ref() == Some(&q.row.source);
        show_feed(feed, &report.quarantine.iter().filter(of).collect::<Vec<_>>());
    }
    let setup = &app.context.setup;
    let left = |q: &&InQuarantine| !setup.sources.contains_key(&q.row.source);
    show_quarantine(&report.quarantine.iter().filter(left).collect::<Vec<_>>());
    out::line(&labels_line(&report.labels));
    let work = &report.work;
    out::line(&format!(
        "queue: {} done in {}, {} closed; {} for a person, {} for their time",
        out::count(work.done, "task"),
        out::count(work.attempts, "attempt"),
        out::count(work.closed, "case"),
        waits(work.needs_person),
        work.waiting
    ));
    show_held(work.held);
    for (system, n) in &report.unscanned {
        out::line(&format!(
            "{system}: {} to be made: asked of nobody before its first complete scan: `tenure scan {system}`, then `tenure adopt {system}`",
            out::count(*n, "account")
        ));
    }
    let waiting = [
        (work.needs_person > 0, "`tenure case` shows what waits for a person".to_owned()),
        (open.approvals > 0, format!("{}: `tenure approvals`", requests(open.approvals))),
        (open.questions > 0, format!("{}: `tenure correlate`", asks(open.questions))),
        (open.held > 0, format!("{} by a brake: `tenure release`", holds(open.held))),
    ];
    waiting.iter().filter(|(is, _)| *is).for_each(|(_, what)| out::line(what));
}

/// How many tasks brakes of systems put away, and what to do.
pub(crate) fn show_held(held: u64) {
    if held > 0 {
        let red = out::Paint::stdout().red("held by the brake of their system:");
        out::line(&format!("{red} {}; `tenure release` lists whom it is about", out::count(held, "task")));
    }
}

/// What is in quarantine, and what waits for it.
fn show_quarantine(rows: &[&InQuarantine]) {
    let paint = out::Paint::stdout();
    out::list(rows.iter().map(|q| format!("  {} {}", paint.yellow("quarantined:"), q.words())), LISTED);
    if rows.iter().any(|q| q.is_nameless()) {
        out::line("  as long as a row has no readable key, no record of this source counts as missing");
    }
}

fn show_feed(feed: &FeedReport, quarantine: &[&InQuarantine]) {
    let paint = out::Paint::stdout();
    let name = feed.source.as_ref().map(ToString::to_string).unwrap_or_default();
    if let Some(why) = &feed.refused {
        out::line(&format!("{name}: {} {why}", paint.red("refused, nothing changed:")));
        return show_quarantine(quarantine);
    }
    let bad = |n: usize| if n > 0 { format!(", {n} in quarantine") } else { String::new() };
    if feed.same {
        let rows = out::count(feed.rows, "row");
        out::line(&format!("{name}: the same {rows} as last time{}", bad(quarantine.len())));
    } else {
        let counts = [
            (feed.new, "new"),
            (feed.changed.saturating_sub(feed.new), "changed"),
            (feed.missing, "missing"),
            (feed.asked, "to be asked"),
            (u64::try_from(feed.quarantined.len()).unwrap_or(u64::MAX), "in quarantine"),
        ];
        let counts: Vec<String> =
            counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!(", {n} {what}")).collect();
        let counts = if counts.is_empty() { ", nothing new".to_owned() } else { counts.concat() };
        out::line(&format!("{name}: {}{counts}", out::count(feed.rows, "row")));
    }
    show_quarantine(quarantine);
    if let Some((id, why)) = &feed.held {
        out::line(&format!("  {} {why}", paint.red("held by the brake:")));
        out::line(&format!(
            "  look at it with `tenure release {id} --list`, release it with `tenure release {id}`"
        ));
    }
}

pub(crate) fn waits<N: std::fmt::Display + PartialEq + From<u8>>(n: N) -> String {
    if n == N::from(1) { format!("{n} waits") } else { format!("{n} wait") }
}

pub(crate) fn asks(n: u64) -> String {
    if n == 1 { "1 record asks whose it is".to_owned() } else { format!("{n} records ask whose they are") }
}

fn requests(n: usize) -> String {
    if n == 1 {
        "1 request waits for an answer".to_owned()
    } else {
        format!("{n} requests wait for an answer")
    }
}

fn holds(n: usize) -> String {
    if n == 1 { format!("{n} change is held") } else { format!("{n} changes are held") }
}

/// The labels of changes as JSON.
pub(crate) fn labels_json(labels: &Labels) -> serde_json::Value {
    labels.iter().map(|(l, n)| (l.to_string(), json!(n))).collect::<serde_json::Map<_, _>>().into()
}

/// The labels of changes on one line.
pub(crate) fn labels_line(labels: &Labels) -> String {
    if labels.is_empty() {
        return "changes: none".to_owned();
    }
    let all: Vec<String> = labels.iter().map(|(label, n)| format!("{n} {label}")).collect();
    format!("changes: {}", all.join(", "))
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
                "refused": f.refused.as_deref(),
                "held": f.held.as_ref().map(|(id, why)| json!({ "id": id.to_string(), "reason": &**why })),
                "quarantined": f.quarantined.iter().map(|q| json!({
                    "key": &*q.key, "place": &*q.place, "value": &*q.value, "reason": &*q.reason,
                })).collect::<Vec<_>>(),
            })
        })
        .collect();
    let quarantine: Vec<_> = report
        .quarantine
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
    json!({
        "feeds": feeds,
        "quarantine": quarantine,
        "labels": labels_json(&report.labels),
        "open": { "approvals": open.approvals, "questions": open.questions, "held": open.held },
        "unscanned": report.unscanned.iter().map(|(s, n)| (s.to_string(), json!(n))).collect::<serde_json::Map<_, _>>(),
        "queue": {
            "attempts": report.work.attempts, "done": report.work.done, "closed": report.work.closed,
            "held": report.work.held, "needs_person": report.work.needs_person, "waiting": report.work.waiting,
        },
    })
}
