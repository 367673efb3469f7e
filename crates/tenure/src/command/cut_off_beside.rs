//! `tenure cutoff` while another process has the database: the order is accepted at once, that process carries it out, and this
//! one waits for the outcome as long as there is progress.

use super::acting::moment;
use super::cut_off;
use crate::cli::{Cli, CutOff};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use serde_json::json;
use std::time::Duration;
use tenure_app::describe::fact_line;
use tenure_app::{App, AppError, CutOffAsked, NewCutOff, OrderedBeside, Query, Refused};
use tenure_model::{Fact, FactState, IdentityId, TaskState};
use tokio::time::Instant;

/// How long the outcome is waited for.
const WAIT_MAX: Duration = Duration::from_secs(60);
/// How long it waits for the other process to take the order: that process looks for one each second.
const TAKE_MAX: Duration = Duration::from_secs(15);
/// How long it waits without progress; then what is open is left to the other process, which goes on with it.
const STILL_MAX: Duration = Duration::from_secs(4);
/// How often it is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// Most tasks of one identity that are looked at.
const TASKS_MAX: u32 = 100;

/// Whether an order can be kept outside although the database could not be opened.
pub(super) fn is_for(failure: &Failure, args: &CutOff) -> bool {
    matches!(failure.code, wire::IN_USE | "L001" | "L002" | wire::FAILED)
        && !args.lift
        && (args.reason.is_some() || args.confirm)
}

pub(super) async fn cut_off(cli: &Cli, args: &CutOff, failure: Failure) -> Result<Exit, Failure> {
    let app = wire::beside(cli).await?;
    let moment = moment(cli, &app).await?;
    // Before the order: a person who cuts themselves off can still read the outcome.
    let query = app.query(&moment).await?;
    let asked = asked(&app, args).await?;
    let new = if args.confirm { NewCutOff::default() } else { cut_off::ordered(args)? };
    let ordered = match app.cut_off_journal().order_beside(&asked, &new, &moment).await {
        Ok(ordered) => ordered,
        // It cannot be kept outside: it is carried out here as soon as the other process is done with the database.
        Err(error @ AppError::Outside(_)) if failure.code == wire::IN_USE => {
            return when_free(cli, args, error.into()).await;
        }
        // It may have been done already, before the database failed.
        Err(_) if failure.code == wire::FAILED => return Err(failure),
        Err(error) => return Err(error.into()),
    };
    if failure.code != wire::IN_USE {
        crate::exit::tell(&failure);
        out::line("the cut-off is accepted; it is carried out as soon as the database can be opened");
        return Ok(Exit::Open);
    }
    if !cli.json {
        out::note("accepted; the process that has the database carries it out");
    }
    wait(cli, args, &app, &query, &ordered).await
}

async fn asked(app: &App, args: &CutOff) -> Result<CutOffAsked, Failure> {
    Ok(match (&args.person, &args.account, args.order()) {
        (Some(person), ..) if args.confirm => {
            CutOffAsked::Confirmed(cut_off::confirmed(app, person).await?.into())
        }
        (Some(person), ..) => CutOffAsked::Person(cut_off::confirmed(app, person).await?.into()),
        (_, Some(account), _) => {
            let (system, name) = cut_off::account_name(account)?;
            CutOffAsked::Account(system, name.into())
        }
        (.., Some((kind, value))) => CutOffAsked::Key(kind.as_str().into(), value.as_str().into()),
        (None, None, None) => {
            return Err(Failure::new(
                "A001",
                "no identity is named",
                "give a person, --account, --key or --name",
            ));
        }
    })
}

/// Carries it out here when the other process releases the database, within a bounded time.
async fn when_free(cli: &Cli, args: &CutOff, kept: Failure) -> Result<Exit, Failure> {
    crate::exit::tell(&kept);
    out::note(&format!(
        "another process uses the database: waiting for it, {} s at most",
        WAIT_MAX.as_secs()
    ));
    let end = Instant::now() + WAIT_MAX;
    loop {
        match wire::app_for_cut_off(cli).await {
            Ok(own) => return cut_off::here(cli, args, &own).await,
            Err(failure) if failure.code == wire::IN_USE && Instant::now() < end => {}
            Err(failure) => return Err(failure),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// The state of the order so far.
enum Outcome {
    Waits,
    Refused(Refused),
    /// It is in force; how many facts are open, and whether work is still under way.
    InForce {
        open: usize,
        works: bool,
    },
}

impl Outcome {
    /// It is in force, and nothing is known of the identity that it names.
    const NOTED: Self = Self::InForce { open: 0, works: false };
}

/// How the waiting goes on.
struct Waiting {
    begun: Instant,
    /// What was open last, and since when it is that.
    open: Option<(usize, Instant)>,
}

impl Waiting {
    /// Whether nothing more is to be expected soon.
    fn is_over(&mut self, outcome: &Outcome) -> bool {
        let now = Instant::now();
        let is_still = match *outcome {
            Outcome::InForce { open, .. } => {
                let same = self.open.filter(|(last, _)| *last == open);
                let (_, since) = *self.open.insert(same.unwrap_or((open, now)));
                now.duration_since(since) >= STILL_MAX
            }
            _ => now.duration_since(self.begun) >= TAKE_MAX,
        };
        is_still || now.duration_since(self.begun) >= WAIT_MAX
    }
}

async fn wait(
    cli: &Cli,
    args: &CutOff,
    app: &App,
    query: &Query<'_>,
    ordered: &OrderedBeside,
) -> Result<Exit, Failure> {
    let mut waiting = Waiting { begun: Instant::now(), open: None };
    loop {
        let outcome = outcome(app, query, ordered).await?;
        match &outcome {
            Outcome::Refused(why) => return Err(refused(why)),
            Outcome::InForce { works: false, .. } => return tell(cli, query, ordered).await,
            _ => {}
        }
        // The other process may have ended, or died: then this one carries it out.
        match wire::app_for_cut_off(cli).await {
            Ok(own) => return take_over(cli, &own, ordered).await,
            Err(failure) if failure.code == wire::IN_USE => {}
            Err(failure) => return Err(failure),
        }
        if waiting.is_over(&outcome) {
            if let Outcome::InForce { .. } = outcome {
                out::note("the process that has the database continues the open work");
                return tell(cli, query, ordered).await;
            }
            return Ok(accepted(cli, args));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn refused(why: &Refused) -> Failure {
    let help = "ask a person who is permitted to; `tenure explain` shows the access";
    let detail = match why {
        Refused::Refusal(detail) => Some(Box::new(detail.to_json())),
        Refused::Quoted(_) => None,
    };
    Failure { detail, ..Failure::new("A002", tenure_words::refused(why), help) }
}

/// Carries out what was ordered, because the process that had it has ended.
async fn take_over(cli: &Cli, own: &App, ordered: &OrderedBeside) -> Result<Exit, Failure> {
    let moment = moment(cli, own).await?;
    let query = own.query(&moment.automatic()).await?;
    let work = async {
        match ordered.about {
            Some(id) => own.work().work_for(id, &moment).await.map(drop),
            // The account or identity that it names is looked for at the same time.
            None => Ok(()),
        }
    };
    own.work().attended(&moment, None, work).await?;
    super::publish(cli, own).await?;
    if let Outcome::Refused(why) = outcome(own, &query, ordered).await? {
        return Err(refused(&why));
    }
    tell(cli, &query, ordered).await
}

fn accepted(cli: &Cli, args: &CutOff) -> Exit {
    let says = "the cut-off is accepted, and is carried out by the process that has the database, or by the next one";
    match cli.json {
        true => out::json(&json!({ "accepted": true, "in_force": false, "says": says })),
        false => out::line(&format!(
            "{says}: `tenure case '{}'` shows what is open",
            args.person.as_deref().unwrap_or("")
        )),
    }
    Exit::Open
}

async fn outcome(app: &App, query: &Query<'_>, ordered: &OrderedBeside) -> Result<Outcome, Failure> {
    if let Some(why) = app.cut_off_journal().refused_beside(&ordered.line).await? {
        return Ok(Outcome::Refused(why));
    }
    let Some(id) = ordered.about else {
        let taken = app.cut_off_journal().is_taken(&ordered.line).await?;
        return Ok(if taken { Outcome::NOTED } else { Outcome::Waits });
    };
    if !is_cut_off(query, id).await? {
        // An order that waits for a second person is accepted, and not in force.
        let taken = app.cut_off_journal().is_taken(&ordered.line).await?;
        return Ok(if taken { Outcome::NOTED } else { Outcome::Waits });
    }
    let tasks = query.tasks(id, TASKS_MAX).await?;
    let open = query.facts(&[id]).await?.iter().filter(|f: &&Fact| f.state.is_open()).count();
    let now = app.machine.clock.now();
    let soon = |t: &tenure_model::Task| match &t.state {
        TaskState::Ready { not_before } => {
            not_before.duration_since(now) <= jiff::SignedDuration::from_secs(5)
        }
        TaskState::Leased { .. } => true,
        _ => false,
    };
    Ok(Outcome::InForce { open, works: tasks.iter().any(soon) })
}

async fn is_cut_off(query: &Query<'_>, id: IdentityId) -> Result<bool, Failure> {
    Ok(query.subjects(&[id]).await?.iter().any(|s| s.identity.is_cut_off()))
}

/// What the cut-off did, as far as it can be read.
async fn tell(cli: &Cli, query: &Query<'_>, ordered: &OrderedBeside) -> Result<Exit, Failure> {
    let Some(id) = ordered.about else {
        out::line("ordered: an identity that appears with this key or name is cut off at once");
        return Ok(Exit::Done);
    };
    let Some(subject) = query.subjects(&[id]).await?.pop() else { return Ok(Exit::Open) };
    if !subject.identity.is_cut_off() {
        out::line(&format!(
            "this would leave no other member of the escalation group: a second person confirms it with `tenure cutoff '{}' --confirm`",
            id.short()
        ));
        return Ok(Exit::Open);
    }
    let facts = query.facts(&[id]).await?;
    // Programs get the obligation as it is stored.
    let said = |f: &Fact| if cli.json { f.to_string() } else { fact_line(f) };
    let open: Vec<String> = facts.iter().filter(|f| f.state.is_open()).map(said).collect();
    let seen = facts.iter().filter(|f| matches!(f.state, FactState::Confirmed(_))).count();
    if cli.json {
        out::json(&json!({ "person": id.to_string(), "open": open, "confirmed": seen }));
    } else {
        out::line(&format!("cut off: {}", subject.title));
        open.iter().for_each(|o| out::line(&format!("  still open: {o}")));
        match open.is_empty() {
            true if seen > 0 => out::line("everything was read back and is as decided"),
            true => out::line("there was no access to end"),
            false => out::line(&format!("`tenure case '{}'` shows what is open", subject.title)),
        }
    }
    Ok(if open.is_empty() { Exit::Done } else { Exit::Open })
}
