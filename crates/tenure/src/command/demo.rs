//! `tenure demo`: ten days of a sample organisation against SCIM services in this process.

mod world;

pub(crate) use world::{Services, World};

use crate::cli::{Cli, Demo};
use crate::exit::{Exit, Failure};
use crate::{machine, out};
use clap::Parser as _;
use jiff::Timestamp;
use std::fs;
use std::path::{Path, PathBuf};
use tenure_app::{FeedReport, Labels, Progress, RunReport};
use tenure_demo::{Action, Day};
use tenure_model::SourceName;

struct Quiet;

impl Progress for Quiet {
    fn feed(&self, _source: &SourceName, _rows: u64, _of: u64) {}
    fn queue(&self, _done: u64, _waiting: u64) {}
}

pub(crate) async fn demo(args: &Demo) -> Result<Exit, Failure> {
    let temporary =
        tempfile::tempdir().map_err(|e| Failure::internal(format!("no temporary folder: {e}")))?;
    let folder = args.keep.clone().unwrap_or_else(|| temporary.path().join("organisation"));
    // Dropped, the replay closes its database, and then the temporary folder goes.
    tokio::select! {
        done = replay(args, folder) => done,
        Ok(()) = tokio::signal::ctrl_c() => {
            out::note("interrupted: nothing is left running");
            Ok(Exit::Failed)
        }
    }
}

async fn replay(args: &Demo, folder: PathBuf) -> Result<Exit, Failure> {
    free(&folder)?;
    let clock = machine::machine().clock;
    let started = clock.now();
    let world = World::begin(&folder, args.seed).await?;
    introduce(world.days.len());
    for day in &world.days {
        show_day(&world, day).await?;
    }
    super::publish_to(&folder, &world.app).await?;
    let took = clock.now().duration_since(started).as_secs_f64();
    let end = closing(&world, took).await?;
    let services = world.close();
    show_examples(&folder, &end).await?;
    look_further(&folder, args, &end);
    services.stop().await;
    Ok(Exit::Done)
}

/// Refuses a folder in which there is something.
fn free(folder: &Path) -> Result<(), Failure> {
    if folder.join("tenure.toml").exists() {
        return Err(Failure::new(
            "C010",
            format!("{} has an organisation already", folder.display()),
            "choose another folder",
        ));
    }
    if fs::read_dir(folder).is_ok_and(|mut there| there.next().is_some()) {
        return Err(Failure::new(
            "C010",
            format!("{} is not empty, and a demo writes keys and a configuration", folder.display()),
            "choose a folder that is not there yet",
        ));
    }
    Ok(())
}

/// Says what one will see, before it is shown.
fn introduce(days: usize) {
    out::line(&format!(
        "{days} working days of a sample organisation, in about half a minute. You will see:"
    ));
    for sight in [
        "people join, move and leave because HR and procurement say so, each at the hour of their own site",
        "approvals, a record that may be a known person, and a row that cannot be read: each is asked, never guessed",
        "two feeds that would end the access of many people at once: the brake (a limit on mass change) holds them",
        "a cut-off: all access of one person ends at once",
        "at the end: why this person has no access, and a proof of it that is verified without the database",
    ] {
        out::line(&format!("  - {sight}"));
    }
    out::line("Each system is read back after it was written. Nothing leaves this computer.");
    out::line("");
}

async fn show_day(world: &World, day: &Day) -> Result<(), Failure> {
    let paint = out::Paint::stdout();
    world.morning(day)?;
    out::line(&paint.bold(&format!("day {:2}  {}  {}", day.number, day.date, day.title)));
    for sentence in &day.story {
        out::line(&format!("        {sentence}"));
    }
    for run in &day.runs {
        if !run.note.is_empty() {
            out::line(&paint.dim(&format!("        {} ({})", run.note, run.now)));
        }
        let (report, labels) = world.pass(run, |_| true).await?;
        tell(&report, &labels, paint);
    }
    Ok(())
}

fn tell(report: &RunReport, earlier: &Labels, paint: out::Paint) {
    let mut labels = report.labels.clone();
    for (label, n) in earlier {
        *labels.entry(*label).or_default() += n;
    }
    let work = &report.work;
    out::line(&format!(
        "     -> {}; {} done and read back, {} closed, {} open",
        super::run::labels_line(&labels, report.access_alone, work.done),
        out::count(work.done, "task"),
        out::count(work.closed, "case"),
        out::count(work.needs_person, "manual task")
    ));
    for feed in &report.feeds {
        tell_feed(feed, paint);
    }
}

fn tell_feed(feed: &FeedReport, paint: out::Paint) {
    let name = feed.source.as_ref().map(ToString::to_string).unwrap_or_default();
    for row in &feed.quarantined {
        out::line(
            &paint
                .yellow(&format!("        {name} quarantine: {} {:?} {}", row.place, row.value, row.reason)),
        );
    }
    if feed.asked > 0 {
        out::line(&paint.yellow(&format!("        {name}: {}", super::run::asks(feed.asked))));
    }
    if let Some((_, why)) = &feed.held {
        out::line(
            &paint.red(&format!(
                "        {name} brake: {why}: no access is removed until the change is released"
            )),
        );
    }
    if let Some(why) = &feed.refused {
        out::line(&paint.red(&format!("        {name} refused: {}", tenure_words::refused(why))));
    }
}

/// What the last part of the demo is about.
struct End {
    /// The last instant of the story.
    now: Timestamp,
    /// The worker number of the person who was cut off.
    person: String,
    /// The key that verifies the ledger.
    key: String,
    /// A request that is open, and the worker number of an approver.
    request: Option<(String, String)>,
}

async fn closing(world: &World, took: f64) -> Result<End, Failure> {
    let app = &world.app;
    let now = world.days.iter().flat_map(|d| &d.runs).map(|r| r.now).max().unwrap_or_default();
    let query = app.query(&app.clock().moment(Some(now)).await?).await?;
    let facts = query.fact_counts().await?;
    let word = |state: &str| if state == "unknown" { "not confirmed".to_owned() } else { state.to_owned() };
    let facts: Vec<String> = facts.iter().map(|(state, n)| format!("{n} {}", word(state))).collect();
    let ledger = app.proof().verify_ledger(None, &|_, _| ()).await?;
    out::line("");
    out::line(&format!(
        "ten days in {took:.1} s: {}; removals: {}; the ledger verifies: {}",
        out::count(query.identity_count().await?, "identity"),
        facts.join(", "),
        out::count(ledger.entries, "entry")
    ));
    let actions = world.days.iter().flat_map(|d| &d.runs).flat_map(|r| &r.actions);
    let mut cut_off = actions.filter_map(|a| match a {
        Action::CutOff { person, .. } => Some(person.clone()),
        _ => None,
    });
    let mut request = None;
    if let Some(open) = query.approvals(None, 1).await?.pop() {
        let approvers: Vec<_> = open.put_to().into_iter().collect();
        let approver = query.subjects(&approvers).await?.into_iter().next();
        let number = approver.and_then(|a| a.identity.engagements.last().map(|e| e.key.to_string()));
        request = number.map(|number| (open.id.short(), number));
    }
    Ok(End { now, person: cut_off.next().unwrap_or_default(), key: app.public_key(), request })
}

/// Runs a command of this program in the folder of the demo, and shows it as it is typed.
async fn shown(folder: &Path, now: Timestamp, words: &[&str]) -> Result<(), Failure> {
    let (folder, now) = (folder.display().to_string(), now.to_string());
    out::line("");
    out::line(&out::Paint::stdout().bold(&format!("$ {}", typed(words))));
    let line = [&["tenure", "-C", &folder, "--now", &now], words].concat();
    let cli = Cli::try_parse_from(line).map_err(|e| Failure::internal(e.to_string()))?;
    Box::pin(super::dispatch(cli)).await.map(drop)
}

/// One explanation, and one proof that needs the public key alone.
async fn show_examples(folder: &Path, end: &End) -> Result<(), Failure> {
    shown(folder, end.now, &["explain", &end.person]).await?;
    let pack = folder.join("pack").display().to_string();
    shown(folder, end.now, &["ledger", "pack", &pack, "--person", &end.person]).await?;
    shown(folder, end.now, &["ledger", "check", "--pack", &pack, "--key", &end.key]).await
}

/// A command line as a shell takes it.
fn typed(words: &[&str]) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@".contains(c);
    let word = |w: &&str| {
        if w.chars().all(is_plain) { (*w).to_owned() } else { format!("'{}'", w.replace('\'', "'\\''")) }
    };
    ["tenure"].iter().chain(words).map(word).collect::<Vec<_>>().join(" ")
}

fn look_further(folder: &Path, args: &Demo, end: &End) {
    out::line("");
    if args.keep.is_none() {
        out::line("nothing is left running; `tenure demo --keep FOLDER` leaves the organisation to look at");
        return;
    }
    let (folder, now) = (folder.display().to_string(), end.now.to_string());
    let proofs = std::path::Path::new(&folder).join("proofs").display().to_string();
    let who = end.request.as_ref().map_or(&end.person, |(_, by)| by);
    let at = ["-C", &folder, "--now", &now];
    out::line("look further (these commands can be pasted):");
    let mut all: Vec<(&str, Vec<&str>)> = vec![
        ("what is open, and why", vec!["case"]),
        ("why a person has this access", vec!["explain", who]),
        ("what is left to approve", vec!["approvals"]),
    ];
    if let Some((id, by)) = &end.request {
        all.push((
            "approve it as the sponsor",
            vec!["--as", by, "approve", id, "--comment", "needed and known"],
        ));
    }
    all.push(("evidence that verifies without Tenure", vec!["ledger", "export", &proofs]));
    for (what, words) in all {
        out::line(&format!("  {what}:"));
        out::line(&format!("    {}", typed(&[&at[..], &words].concat())));
    }
    out::line(
        "(its SCIM services end with the demo: what is decided from now on is tried, and retried later)",
    );
}
