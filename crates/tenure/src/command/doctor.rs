//! `tenure doctor`: asks everything that Tenure depends on, and says what is wrong and what to do.

use crate::cli::Cli;
use crate::exit::{Exit, Failure, State, States};
use crate::{folder, out, wire};
use serde_json::json;
use tenure_app::describe::instant_words;
use tenure_app::{App, Born, OpenFinding, Query};
use tenure_model::FindingKind;

/// How long a system may take to answer.
const CONNECTION_MAX: std::time::Duration = std::time::Duration::from_secs(20);

/// Findings that are listed.
const LISTED: usize = 20;

/// Checks that are no matter of attention when they are wrong.
const QUEUE: &str = "queue";
const BRAKES: &str = "brakes";
const WAITING: &str = "configuration";

/// What was asked, and what it says or what is wrong with it.
pub(super) type Check = (String, Result<String, String>);

pub(crate) async fn doctor(cli: &Cli) -> Result<Exit, Failure> {
    let app = wire::examined(cli).await?;
    let mut checks = set_up(cli, &app)?;
    checks.push(("database".to_owned(), Ok(format!("{}, made {}", app.born().as_str(), made(&app)))));
    checks.extend(configuration(&app).await?);
    checks.extend(systems(&app).await);
    let query = app.query(&super::acting::moment(cli, &app).await?).await?;
    checks.push(clock(&app, &query).await?);
    for (name, source) in &app.context.setup.sources {
        let last = query.feed_runs(name, 1).await?.pop();
        let now = query.now();
        let result = match (last, source.every) {
            (None, _) => Err("has never reported: `tenure run` takes its feed".to_owned()),
            (Some(run), Some(every)) if now.duration_since(run.at) > every => {
                Err(format!("is overdue: it last reported at {}", instant_words(run.at)))
            }
            (Some(run), _) => {
                Ok(format!("last reported at {}, {}", instant_words(run.at), out::count(run.rows, "row")))
            }
        };
        checks.push((format!("source {name}"), result));
    }
    let tasks = query.task_counts().await?;
    let waiting = format!("{} ready, {} open", tasks.ready, out::count(tasks.needs_person, "manual task"));
    checks.push((
        QUEUE.to_owned(),
        if tasks.needs_person == 0 {
            Ok(waiting)
        } else {
            Err(format!("{waiting}: `tenure tasks --manual` lists them"))
        },
    ));
    let held = query.waiting_counts().await?.held_changes;
    checks.push(deadlines(&app, &query).await?);
    checks.push((
        BRAKES.to_owned(),
        if held == 0 {
            Ok("hold nothing".to_owned())
        } else {
            Err(format!("hold {}: `tenure release` lists them", out::count(held, "change")))
        },
    ));
    checks.extend(findings(&query).await?);
    let outside = wire::outside(&cli.folder, &app.context.setup.settings)?;
    let ledger = match app.proved(outside.as_deref()).await {
        Ok(outside) => app.proof().verify_ledger(outside, &|_, _| ()).await,
        Err(e) => Err(e),
    };
    checks.push((
        "ledger".to_owned(),
        ledger
            .map(|l| format!("{} verified", out::count(l.entries, "entry")))
            .map_err(|e| Failure::from(e).what),
    ));
    checks.extend(cut_offs(cli, &app));
    checks.extend(super::room::checks(cli, &app.context.setup.settings));
    checks.extend(examined(&app).await?);
    Ok(show(cli, &checks))
}

/// Whether a case is past its deadline.
async fn deadlines(app: &App, query: &Query<'_>) -> Result<Check, Failure> {
    let late = app.work().overdue(query.now(), None, 0).await?.all;
    let says = match late {
        0 => Ok("all are met".to_owned()),
        late => Err(format!("past for {}: `tenure case --overdue` lists them", out::count(late, "case"))),
    };
    Ok(("deadlines".to_owned(), says))
}

/// The file of cut-offs is there since the ledger began.
fn cut_offs(cli: &Cli, app: &App) -> Option<Check> {
    let checkpoints = cli.folder.join(&*app.context.setup.settings.checkpoints);
    let is_missing = crate::outside::lacks_cut_offs(&checkpoints);
    let text =
        "is missing: cut-offs that the database does not know are lost with it; put it back from a backup";
    is_missing.then(|| {
        (format!("cut-offs outside, {}", checkpoints.join("cut-offs").display()), Err(text.to_owned()))
    })
}

/// Each connection is tried at the same time as all others: one that hangs delays the answer by its own time-out only.
async fn systems(app: &App) -> Vec<Check> {
    let tried = app.systems.iter().flat_map(|(name, wired)| {
        [("writer", &wired.writer), ("reader", &wired.reader)].map(|(which, connection)| async move {
            let answer = tokio::time::timeout(CONNECTION_MAX, connection.test()).await;
            let result = match answer {
                Ok(Ok(health)) => Ok(health.product.to_string()),
                Ok(Err(e)) => Err(e.to_string()),
                Err(_) => Err(format!("does not answer within {} s", CONNECTION_MAX.as_secs())),
            };
            (format!("system {name}, {which}"), result)
        })
    });
    futures::future::join_all(tried).await
}

/// The database beside its own evidence: one check, or one line for each difference.
async fn examined(app: &App) -> Result<Vec<Check>, Failure> {
    let found = app.proof().examine().await?;
    let what = "evidence";
    if found.wrong.is_empty() {
        let text = format!(
            "{} opened, {} compared with what is stored",
            out::count(found.opened, "entry"),
            out::count(found.compared, "decision")
        );
        return Ok(vec![(what.to_owned(), Ok(text))]);
    }
    Ok(found.wrong.into_iter().map(|wrong| (what.to_owned(), Err(wrong))).collect())
}

/// One line for each finding that is open, the earliest deadline first.
async fn findings(query: &Query<'_>) -> Result<Vec<Check>, Failure> {
    let all = query.register().await?;
    let stand = all.acknowledged;
    if all.open == 0 {
        let text = if stand == 0 { "none".to_owned() } else { format!("none open, {stand} acknowledged") };
        let quarantine = ("quarantine".to_owned(), Ok("holds no row".to_owned()));
        return Ok(vec![("findings".to_owned(), Ok(text)), quarantine]);
    }
    let shown = || all.first.iter().take(LISTED);
    let mut checks: Vec<Check> = shown().map(|f| (place(f), Err(super::findings::what(f)))).collect();
    let left = all.open.saturating_sub(u64::try_from(shown().count()).unwrap_or(u64::MAX));
    if left > 0 {
        checks.push(("findings".to_owned(), Err(format!("{left} more: `tenure findings` lists them"))));
    }
    if all.quarantined == 0 {
        checks.push(("quarantine".to_owned(), Ok("holds no row".to_owned())));
    }
    Ok(checks)
}

fn made(app: &App) -> &'static str {
    match app.born() {
        Born::Live => "for real use: its time is the clock's",
        Born::Replay => "by `tenure init --replay`: its times and actors are stated by commands",
    }
}

/// A configuration that waits for a second person, and one that a person alone confirmed.
async fn configuration(app: &App) -> Result<Vec<Check>, Failure> {
    let waiting = app.configuration().waiting_configuration().await?.map(|w| {
        let hash = w.hash.get(..12).unwrap_or(&w.hash).to_owned();
        let text = format!(
            "{hash} waits since {} for a second person: `tenure apply --confirm {hash}`; it widens {}",
            instant_words(w.at),
            w.widens.join("; ")
        );
        (WAITING.to_owned(), Err(text))
    });
    let alone = app.configuration().configuration_exception().await?.map(|(hash, until)| {
        let hash = hash.get(..12).unwrap_or(&hash).to_owned();
        let text = format!(
            "{hash} was confirmed by one person alone, as an exception until {}",
            instant_words(until)
        );
        ("configuration of one person".to_owned(), Err(text))
    });
    Ok(waiting.into_iter().chain(alone).collect())
}

/// Whether the clock jumped, or business time ran ahead of it.
async fn clock(app: &App, query: &Query<'_>) -> Result<Check, Failure> {
    let (last, machine) = (query.business_time().await?, app.machine.clock.now());
    let ahead = last.filter(|last| app.born() == Born::Live && *last > machine);
    let says = match (app.clock().moment(None).await?.clock_doubt, ahead) {
        (Some(from), _) => Err(format!("jumped from {from}: `tenure run --clock-ok` when it is right")),
        (None, Some(last)) => {
            Err(format!("is behind business time, {last}: fix it, or `tenure ledger reopen --clock`"))
        }
        (None, None) => Ok("did not jump".to_owned()),
    };
    Ok(("clock".to_owned(), says))
}

/// What of the organisation a finding is about.
fn place(found: &OpenFinding) -> String {
    match found.finding.kind() {
        FindingKind::Quarantined => format!("quarantine {}", found.finding.about),
        FindingKind::Damage => "damage".to_owned(),
        kind => format!("finding {} {}", kind.as_str(), tenure_words::about(&found.finding)),
    }
}

/// Compares the folder's configuration with the active one.
fn set_up(cli: &Cli, app: &App) -> Result<Vec<Check>, Failure> {
    let mut checks = Vec::new();
    let files = folder::read(&cli.folder)?;
    match tenure_policy::load(&files) {
        Ok(loaded) => {
            let text = format!(
                "{}, {}",
                out::count(files.len(), "file"),
                out::count(loaded.warnings.len(), "warning")
            );
            checks.push(("configuration".to_owned(), Ok(text)));
            checks.push(("active configuration".to_owned(), if app.context.setup.hash == loaded.setup.hash {
                Ok("is this folder's".to_owned())
            } else {
                Err("differs from this folder: `tenure plan` shows the difference, `tenure apply` makes it active".to_owned())
            }));
        }
        Err(_) => {
            let text =
                "has errors: `tenure check` shows them; the active configuration is not touched by them";
            checks.push(("configuration".to_owned(), Err(text.to_owned())));
        }
    }
    Ok(checks)
}

fn show(cli: &Cli, checks: &[Check]) -> Exit {
    if cli.json {
        out::json(
            &checks
                .iter()
                .map(|(what, result)| {
                    json!({
                        "check": what, "ok": result.is_ok(),
                        "says": match result { Ok(text) | Err(text) => text },
                    })
                })
                .collect(),
        );
    } else {
        let paint = out::Paint::stdout();
        for (what, result) in checks {
            match result {
                Ok(text) => out::line(&format!("{} {what}: {text}", paint.green("ok   "))),
                Err(text) => {
                    let mark = match state(what) {
                        State::Open => paint.yellow("open "),
                        State::Held => paint.yellow("held "),
                        State::Attention => paint.red("wrong"),
                    };
                    out::line(&format!("{mark} {what}: {text}"));
                }
            }
        }
    }
    let mut left: States = checks.iter().filter(|(_, r)| r.is_err()).map(|(what, _)| state(what)).collect();
    // A held change has an owner and waits safely; damage that it would hide does not.
    if left.contains(&State::Attention) {
        left.remove(&State::Held);
    }
    Exit::of(&left, &cli.fail_on)
}

/// What a check that is wrong means: what waits for a person within its deadline is open, everything else needs attention.
fn state(check: &str) -> State {
    match check {
        QUEUE | WAITING => State::Open,
        BRAKES => State::Held,
        _ => State::Attention,
    }
}
