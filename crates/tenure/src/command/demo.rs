//! `tenure demo`: ten days of a sample organisation against SCIM services in this process.

use crate::cli::Demo;
use crate::exit::{Exit, Failure};
use crate::{folder, machine, out, wire};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tenure_app::{App, CutOffDone, DecisionContext, FeedReport, Labels, NewCutOff, Progress, RunReport};
use tenure_demo::scim_peer::{PeerOptions, ScimPeer};
use tenure_demo::{Action, Day, Endpoint, Endpoints, Organisation, Run, script};
use tenure_ledger::seal::KeyEncryptionKey;
use tenure_model::{Name, SourceName};

/// The systems that the demo runs itself.
const PEERS: [&str; 4] = ["directory", "git", "vpn", "erp"];

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
    if folder.join("tenure.toml").exists() {
        return Err(Failure::new(
            "C010",
            format!("{} has an organisation already", folder.display()),
            "choose another folder",
        ));
    }
    if fs::read_dir(&folder).is_ok_and(|mut there| there.next().is_some()) {
        return Err(Failure::new(
            "C010",
            format!("{} is not empty, and a demo writes keys and a configuration", folder.display()),
            "choose a folder that is not there yet",
        ));
    }
    let clock = machine::machine();
    let started = clock.clock.now();
    let peers = peers(&folder, &clock).await?;
    let days = script(args.seed);
    write_all(&folder, &Organisation::generate(args.seed).write_configuration(&endpoints(&peers)))?;
    let app = open(&folder, days.first()).await?;
    for day in &days {
        show_day(&app, &folder, day).await?;
    }
    super::publish_to(&folder, &app).await?;
    let took = clock.clock.now().duration_since(started).as_secs_f64();
    closing(&app, &folder, args.keep.is_some(), took).await?;
    for (_, peer) in peers {
        peer.stop().await;
    }
    Ok(Exit::Done)
}

async fn peers(folder: &Path, clock: &tenure_app::Machine) -> Result<Vec<(&'static str, ScimPeer)>, Failure> {
    let mut peers = Vec::new();
    for name in PEERS {
        let token: String = clock.random::<16>().iter().map(|b| format!("{b:02x}")).collect();
        write(folder, &format!("keys/{name}.token"), &token)?;
        let clock = clock.clock.clone();
        let options = PeerOptions::new(name, &token, Arc::new(move || clock.now()));
        let peer = ScimPeer::start(options).await.map_err(|e| {
            Failure::internal(format!("the demo's SCIM service `{name}` does not start: {e}"))
        })?;
        for group in Organisation::groups().get(name).into_iter().flatten() {
            peer.state()
                .add_group(group)
                .map_err(|e| Failure::internal(format!("{name}: group {group}: {e:?}")))?;
        }
        peers.push((name, peer));
    }
    write(folder, "keys/key-encryption.key", &KeyEncryptionKey::from_bytes(clock.random()).to_base64())?;
    Ok(peers)
}

fn endpoints(peers: &[(&'static str, ScimPeer)]) -> Endpoints {
    let of = |name: &str| {
        let url = peers.iter().find(|(n, _)| *n == name).map(|(_, p)| p.url()).unwrap_or_default();
        Endpoint { url, token: format!("file:keys/{name}.token") }
    };
    Endpoints {
        directory: of("directory"),
        git: of("git"),
        vpn: of("vpn"),
        erp: of("erp"),
        key: "file:keys/key-encryption.key".to_owned(),
        operator: crate::login::login().key(),
    }
}

async fn open(folder: &Path, first: Option<&Day>) -> Result<App, Failure> {
    let files = folder::read(folder)?;
    let loaded = folder::load(&files)?;
    let base = wire::replay(folder, &loaded.setup.settings).await?;
    let stored = files.iter().map(|(p, t)| (Arc::from(p.as_str()), Arc::from(t.as_str()))).collect();
    let (store, vault, machine) = (base.store.clone(), base.vault.clone(), base.machine.clone());
    let app = wire::whole(base, loaded.setup)?;
    let now = first.and_then(|d| d.runs.first()).map(|r| r.now);
    let moment = app.clock().moment(now).await?;
    tenure_app::activate(&*store, &vault, &machine, &app.context.setup, stored, "demo", &moment).await?;
    Ok(app)
}

async fn show_day(app: &App, folder: &Path, day: &Day) -> Result<(), Failure> {
    let paint = out::Paint::stdout();
    write_all(folder, &day.feeds)?;
    out::line(&paint.bold(&format!("day {:2}  {}  {}", day.number, day.date, day.title)));
    for sentence in &day.story {
        out::line(&format!("        {sentence}"));
    }
    for run in &day.runs {
        if !run.note.is_empty() {
            out::line(&paint.dim(&format!("        {} ({})", run.note, run.now)));
        }
        let mut labels = Labels::new();
        for action in &run.actions {
            act(app, run, action, &mut labels).await?;
        }
        let moment = app.clock().moment(Some(run.now)).await?;
        let report = app.passes().run(&moment, None, &Quiet).await?;
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
        "     -> {}; {} done and read back, {} closed, {} for a person",
        super::run::labels_line(&labels, report.access_alone, work.done),
        out::count(work.done, "task"),
        out::count(work.closed, "case"),
        super::run::waits(work.needs_person)
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
        out::line(&paint.red(&format!("        {name} refused: {why}")));
    }
}

/// What a person of the story does.
async fn act(app: &App, run: &Run, action: &Action, labels: &mut Labels) -> Result<(), Failure> {
    let as_person = async |who: &str| -> Result<DecisionContext, Failure> {
        let mut moment = app.clock().moment(Some(run.now)).await?;
        moment.actor = Some(app.people().stand_in(who, None).await?);
        Ok(moment)
    };
    match action {
        Action::Approve { by, about, rule } => {
            let moment = as_person(by).await?;
            let about = app.people().person(about).await?.identity.id;
            for request in app.query(&moment).await?.approvals(Some(about), 100).await? {
                if request.rule.as_str() == *rule {
                    app.votes().vote(request.id, true, "known and needed", &moment).await?;
                }
            }
        }
        Action::SamePerson { by, record, person } => {
            let moment = as_person(by).await?;
            let whose = app.people().person(person).await?.identity.id;
            for question in app.query(&moment).await?.correlations().await? {
                if format!("{}:{}", question.source, question.key) == *record {
                    let decision = app.correlation().resolve(question.id, Some(whose), &moment).await?;
                    decision.label.into_iter().for_each(|l| *labels.entry(l).or_default() += 1);
                }
            }
        }
        Action::Release { by, source } => {
            let moment = as_person(by).await?;
            for held in app.query(&moment).await?.held_changes().await? {
                if *held.scope == format!("source {source}") {
                    let report = app.brakes().release(held.id, None, &moment).await?;
                    report.labels.iter().for_each(|(l, n)| *labels.entry(*l).or_default() += n);
                }
            }
        }
        Action::CutOff { by, person, reason } => {
            let done = app.cut_off().cut_off(person, &NewCutOff::of(reason), &as_person(by).await?).await?;
            let label = if let CutOffDone::Done(decision) = done { decision.label } else { None };
            label.into_iter().for_each(|l| *labels.entry(l).or_default() += 1);
        }
    }
    Ok(())
}

async fn closing(app: &App, folder: &Path, kept: bool, took: f64) -> Result<(), Failure> {
    let query = app.query(&app.clock().moment(None).await?).await?;
    let facts = query.fact_counts().await?;
    let facts: Vec<String> = facts.iter().map(|(state, n)| format!("{n} {state}")).collect();
    let ledger = app.proof().verify_ledger(None, &|_, _| ()).await?;
    out::line("");
    out::line(&format!(
        "ten days in {took:.1} s: {}; removals: {}; the ledger verifies: {}",
        out::count(query.identity_count().await?, "identity"),
        facts.join(", "),
        out::count(ledger.entries, "entry")
    ));
    if kept {
        let folder = folder.display();
        out::line("look further:");
        out::line(&format!("  tenure -C {folder} case                  what is open, and why"));
        out::line(&format!("  tenure -C {folder} explain NAME          why an identity has its access"));
        out::line(&format!("  tenure -C {folder} approvals             what people are asked"));
        out::line(&format!("  tenure -C {folder} ledger export proofs  evidence that an auditor can verify"));
        out::line(
            "(its SCIM services end with the demo: `run` and `scan` will say that they cannot be reached)",
        );
    } else {
        out::line(
            "nothing is left running; `tenure demo --keep FOLDER` leaves the organisation to look at with",
        );
        out::line("`tenure -C FOLDER case`, `explain NAME`, `approvals`, `plan` and `ledger export`");
    }
    Ok(())
}

fn write_all(folder: &Path, files: &[(String, String)]) -> Result<(), Failure> {
    files.iter().try_for_each(|(path, text)| write(folder, path, text))
}

fn write(folder: &Path, path: &str, text: &str) -> Result<(), Failure> {
    let path = folder.join(path);
    let failed = |e: std::io::Error| {
        Failure::new(
            "C011",
            format!("{} cannot be written: {e}", path.display()),
            "check the folder's permissions",
        )
    };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    fs::write(&path, text).map_err(failed)
}
