//! `tenure run`: one pass, told in a few lines.

use crate::cli::{Cli, Run};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use indicatif::ProgressBar;
use serde_json::json;
use tenure_app::{FeedReport, Labels, Progress, RunReport};
use tenure_model::SourceName;

struct Bars {
    feed: ProgressBar,
    queue: ProgressBar,
}

impl Progress for Bars {
    fn feed(&self, _source: &SourceName, rows: u64, of: u64) {
        self.feed.set_length(of);
        self.feed.set_position(rows);
    }
    fn queue(&self, done: u64, waiting: u64) {
        self.queue.set_length(done + waiting);
        self.queue.set_position(done);
    }
}

pub(crate) async fn run(cli: &Cli, args: &Run) -> Result<Exit, Failure> {
    let app = wire::app(&cli.folder).await?;
    let moment = app.moment(cli.now).await?;
    let until = args.patience.and_then(|p| app.machine.clock.now().checked_add(p).ok());
    let bars = Bars { feed: out::bar("taking feeds"), queue: out::bar("working the queue") };
    let report = app.run(&moment, until, &bars).await?;
    bars.feed.finish_and_clear();
    bars.queue.finish_and_clear();
    super::publish(cli, &app).await?;
    if cli.json {
        out::json(&report_json(&report));
    } else {
        show(&report);
    }
    Ok(exit(&report))
}

/// What is open decides the exit code.
pub(crate) fn exit(report: &RunReport) -> Exit {
    if report.feeds.iter().any(|f| f.refused.is_some()) {
        Exit::Invalid
    } else if report.work.held > 0 || report.feeds.iter().any(|f| f.held.is_some()) {
        Exit::Held
    } else if report.work.needs_person + report.work.waiting > 0
        || report.feeds.iter().any(|f| f.asked > 0 || !f.quarantined.is_empty())
    {
        Exit::Open
    } else {
        Exit::Done
    }
}

fn show(report: &RunReport) {
    for feed in &report.feeds {
        show_feed(feed);
    }
    out::line(&labels_line(&report.labels));
    let work = &report.work;
    out::line(&format!(
        "queue: {} tasks done in {} attempts, {} cases closed; {} wait for a person, {} for their time",
        work.done, work.attempts, work.closed, work.needs_person, work.waiting
    ));
    show_held(work.held);
}

/// How many tasks brakes of systems put away, and what to do.
pub(crate) fn show_held(held: u64) {
    if held > 0 {
        let red = out::Paint::stdout().red("held by the brake of their system:");
        out::line(&format!("{red} {held} tasks; `tenure release` lists whom they are about"));
    }
}

fn show_feed(feed: &FeedReport) {
    let paint = out::Paint::stdout();
    let name = feed.source.as_ref().map(ToString::to_string).unwrap_or_default();
    if let Some(why) = &feed.refused {
        return out::line(&format!("{name}: {} {why}", paint.red("refused, nothing changed:")));
    }
    if feed.same {
        out::line(&format!("{name}: the same {} rows as last time", feed.rows));
    } else {
        out::line(&format!(
            "{name}: {} rows, {} new, {} changed, {} missing, {} to be asked, {} in quarantine",
            feed.rows,
            feed.new,
            feed.changed - feed.new,
            feed.missing,
            feed.asked,
            feed.quarantined.len()
        ));
    }
    for row in &feed.quarantined {
        out::line(&format!(
            "  {} {} {:?} {}",
            paint.yellow("quarantined:"),
            row.place,
            row.value,
            row.reason
        ));
    }
    if let Some((id, why)) = &feed.held {
        out::line(&format!("  {} {why}", paint.red("held by the brake:")));
        out::line(&format!(
            "  look at it with `tenure release {id} --list`, release it with `tenure release {id}`"
        ));
    }
}

/// The labels of changes on one line.
pub(crate) fn labels_line(labels: &Labels) -> String {
    if labels.is_empty() {
        return "changes: none".to_owned();
    }
    let all: Vec<String> = labels.iter().map(|(label, n)| format!("{n} {label}")).collect();
    format!("changes: {}", all.join(", "))
}

fn report_json(report: &RunReport) -> serde_json::Value {
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
    let labels: serde_json::Map<String, serde_json::Value> =
        report.labels.iter().map(|(l, n)| (l.to_string(), json!(n))).collect();
    json!({
        "feeds": feeds,
        "labels": labels,
        "queue": {
            "attempts": report.work.attempts, "done": report.work.done, "closed": report.work.closed,
            "held": report.work.held, "needs_person": report.work.needs_person, "waiting": report.work.waiting,
        },
    })
}
