//! `tenure cutoff`: suspends all access of an identity at once, sticky, ahead of all queues.

use super::acting::moment;
use crate::cli::{Cli, CutOff};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use serde_json::{Value, json};
use tenure_app::describe::{fact_line, instant_words, step_words};
use tenure_app::{
    App, CutOffDone, CutOffListed, Decision, DecisionContext, LiftDone, Listed, NewCutOff, Page, Query,
};
use tenure_model::{CutOffOrder, CutOffTarget, Fact, Name, SystemName, Task, TaskState};
use tenure_store::StoredSubject;

/// Most tasks of one person that are looked at.
const TASKS_MAX: u32 = 100;
/// After this time it says what is still open, and goes on.
const TOLD_AFTER: std::time::Duration = std::time::Duration::from_secs(4);

pub(crate) async fn cut_off(cli: &Cli, args: &CutOff) -> Result<Exit, Failure> {
    if args.is_list() {
        let app = wire::stored(cli).await?;
        let moment = moment(cli, &app).await?;
        return list(cli, &app, &args.paging.page(), &moment).await;
    }
    asked_first(cli, args).await?;
    let done = match wire::app_for_cut_off(cli).await {
        Ok(app) => here(cli, args, &app).await,
        Err(failure) => Err(failure),
    };
    match done {
        // Another process has the database, it fails, or it is not the one that was signed outside: the order is kept outside.
        Err(failure) if super::cut_off_beside::is_for(&failure, args) => {
            let code = failure.code;
            let beside = super::cut_off_beside::cut_off(cli, args, failure).await;
            match beside {
                Err(failure) if failure.code == code || failure.code == wire::FAILED => {
                    Err(super::cut_off_failed::told(cli, args, failure).await)
                }
                other => other,
            }
        }
        done => done,
    }
}

/// Shows a person at a terminal what is cut off, and asks, before the database is opened to write: no other process waits for the
/// answer. An order from a script is never asked about, and neither is one about what cannot be read now.
async fn asked_first(cli: &Cli, args: &CutOff) -> Result<(), Failure> {
    let is_order = args.reason.is_some() && !args.lift && !args.confirm;
    let Some(person) = args.person.as_deref().filter(|_| is_order && !args.yes) else { return Ok(()) };
    if !super::consent::is_possible(cli) {
        return Ok(());
    }
    let Ok(app) = wire::stored(cli).await else { return Ok(()) };
    let Ok(about) = app.people().person(person).await else { return Ok(()) };
    super::preview::cut_off(&app, &about, args.review).iter().for_each(|line| out::note(line));
    super::consent::confirmed("cut it off")
}

/// Carries a cut-off out in this process.
pub(super) async fn here(cli: &Cli, args: &CutOff, app: &App) -> Result<Exit, Failure> {
    let moment = moment(cli, app).await?;
    // Before the order: a person who cuts themselves off can still read the outcome.
    let query = app.query(&moment).await?;
    let done = match (&args.person, &args.account, args.order()) {
        (Some(person), ..) => of_person(app, args, person, &moment).await?,
        (_, Some(account), _) if args.lift => lift_order(app, account, &moment).await?,
        (_, Some(account), _) => {
            let (system, name) = account_name(account)?;
            app.cut_off_orders().cut_off_account(&system, name, &ordered(args)?, &moment).await?
        }
        (.., Some((kind, value))) if args.lift => {
            lift_order(app, &format!("{kind}={value}"), &moment).await?
        }
        (.., Some((kind, value))) => {
            app.cut_off_orders().cut_off_key(&kind, &value, &ordered(args)?, &moment).await?;
            CutOffDone::Waits
        }
        (None, None, None) => return list(cli, app, &args.paging.page(), &moment).await,
    };
    if let CutOffDone::Done(decision) = &done {
        // The work of its own identity, for a bounded time; other work is left to the next pass.
        worked(cli, app, &query, decision, &moment).await?;
    }
    // It is in force also where the ledger's head cannot be written outside: the next command writes it.
    let published = super::publish(cli, app).await.inspect_err(crate::exit::tell).is_ok();
    let exit = match done {
        CutOffDone::Done(decision) => tell(cli, args, &query, &decision).await?,
        CutOffDone::Waits => waits(cli, args),
    };
    Ok(if published { exit } else { Exit::Open })
}

/// Works what a cut-off made due, and says what is open while a system keeps it waiting.
async fn worked(
    cli: &Cli,
    app: &App,
    query: &Query<'_>,
    decision: &Decision,
    moment: &DecisionContext,
) -> Result<(), Failure> {
    let worker = app.work();
    let work = worker.attended(moment, None, worker.work_for(decision.id, moment));
    let mut work = std::pin::pin!(work);
    let quiet = tokio::time::timeout(TOLD_AFTER, &mut work).await;
    if quiet.is_err() && !cli.json {
        let facts = query.facts(&[decision.id]).await?;
        out::note(&format!("{} is cut off; a system that does not answer is waited for:", decision.title));
        facts
            .iter()
            .filter(|f| f.state.is_open())
            .for_each(|f| out::note(&format!("  still open: {}", fact_line(f))));
    }
    match quiet {
        Ok(done) => done?,
        Err(_) => work.await?,
    };
    Ok(())
}

async fn of_person(
    app: &App,
    args: &CutOff,
    person: &str,
    moment: &DecisionContext,
) -> Result<CutOffDone, Failure> {
    let exact = confirmed(app, person).await?;
    let person = exact.as_str();
    let decision = if args.lift {
        match app.cut_off().lift(person, moment).await? {
            LiftDone::Done(decision) => *decision,
            LiftDone::Waits => return Ok(CutOffDone::Waits),
        }
    } else if args.confirm {
        app.cut_off().confirm_cut_off(person, moment).await?
    } else if let (None, Some(review)) = (&args.reason, args.review) {
        app.cut_off().review_cut_off(person, review, moment).await?
    } else {
        return Ok(app.cut_off().cut_off(person, &ordered(args)?, moment).await?);
    };
    Ok(CutOffDone::Done(Box::new(decision)))
}

/// The id of the identity that a key or an id names: each is its own confirmation. A name, or a part of one, is refused with what it
/// matches.
pub(super) async fn confirmed(app: &App, text: &str) -> Result<String, Failure> {
    Ok(app.people().keyed(text).await?.identity.id.to_string())
}

async fn lift_order(app: &App, target: &str, moment: &DecisionContext) -> Result<CutOffDone, Failure> {
    app.cut_off_orders().lift_order(target, moment).await?;
    Ok(CutOffDone::Waits)
}

pub(super) fn ordered(args: &CutOff) -> Result<NewCutOff, Failure> {
    let Some(reason) = &args.reason else {
        return Err(Failure::new(
            "A002",
            "the reason of the cut-off is missing",
            "add --reason \"…\": only reviewers see it",
        ));
    };
    Ok(NewCutOff { class: args.class, review: args.review, ..NewCutOff::of(reason) })
}

pub(super) fn account_name(text: &str) -> Result<(SystemName, &str), Failure> {
    let wrong = || {
        Failure::new(
            "A001",
            format!("`{text}` does not have the form SYSTEM:NAME"),
            "for example directory:ghost",
        )
    };
    let (system, name) = text.split_once(':').filter(|(_, name)| !name.is_empty()).ok_or_else(wrong)?;
    Ok((SystemName::new(system).map_err(|_| wrong())?, name))
}

pub(super) fn waits(cli: &Cli, args: &CutOff) -> Exit {
    let said = match (&args.person, args.lift) {
        (Some(person), true) => format!(
            "no identity that may lift it has been available for 24 hours: a second one confirms it with `tenure cutoff '{person}' --lift`"
        ),
        (Some(person), _) => format!(
            "this would leave no other member of the escalation group: a second person confirms it with `tenure cutoff '{person}' --confirm`"
        ),
        (None, true) => {
            "the order is lifted; an identity that it cut off stays cut off until that is lifted, too"
                .to_owned()
        }
        (None, false) => {
            "ordered: an identity that appears with this key or name is cut off at once".to_owned()
        }
    };
    if cli.json {
        out::json(&json!({ "waits": !args.lift, "says": said }));
    } else {
        out::line(&said);
    }
    if args.person.is_some() { Exit::Open } else { Exit::Done }
}

async fn list(cli: &Cli, app: &App, page: &Page, moment: &DecisionContext) -> Result<Exit, Failure> {
    let query = app.query(moment).await?;
    let Listed { rows, next } = query.cut_offs(page).await?;
    let mut shown = Vec::new();
    let is_empty = rows.is_empty();
    for row in rows {
        match row {
            CutOffListed::Identity(subject) => shown.extend(cut_off_identity(cli, &subject)),
            CutOffListed::Order(order) => {
                shown.extend(cut_off_order(cli, app, &query, &order, moment).await?)
            }
        }
    }
    if cli.json {
        out::json(&json!({ "orders": shown, "next": next.as_deref() }));
    } else if is_empty && page.after.is_none() {
        out::line(
            "no identity is cut off, and no order waits; to cut one off: tenure cutoff PERSON --reason \"…\"",
        );
    } else {
        super::list::goes_on(next.as_deref());
    }
    Ok(Exit::Done)
}

/// An identity that is cut off: written as a line, or returned for programs.
fn cut_off_identity(cli: &Cli, subject: &StoredSubject) -> Option<Value> {
    let cut = subject.identity.decisions.cut_off.as_ref()?;
    let name = tenure_app::called(&subject.title, &subject.identity);
    if cli.json {
        return Some(json!({
            "about": name, "since": cut.at.to_string(), "review": cut.review.to_string(),
            "waits_for_a_second_person": false,
        }));
    }
    let (since, review) = (instant_words(cut.at), instant_words(cut.review));
    out::line(&format!("{name}: cut off since {since}, to be reviewed by {review}"));
    None
}

/// The same for an order.
async fn cut_off_order(
    cli: &Cli,
    app: &App,
    query: &Query<'_>,
    order: &CutOffOrder,
    moment: &DecisionContext,
) -> Result<Option<Value>, Failure> {
    let cut = app.cut_off().shown_order(order, moment).await?;
    let (about, waits) = match &order.target {
        CutOffTarget::Person(id) => {
            let known = query.subjects(&[*id]).await?.pop();
            (known.map_or_else(|| id.short(), |s| s.title.to_string()), true)
        }
        other => (other.to_string(), false),
    };
    let why = cut.why.map(|(class, reason)| format!("{reason} ({})", class.as_str()));
    if cli.json {
        return Ok(Some(json!({
            "about": about, "since": cut.since.to_string(), "review": cut.review.to_string(),
            "waits_for_a_second_person": waits, "why": why,
        })));
    }
    let state = if waits { "waits for a second person" } else { "cut off as soon as it appears" };
    out::line(&format!("{about}: {state}, ordered {}", instant_words(cut.since)));
    why.iter().for_each(|why| out::line(&format!("  why: {why}")));
    Ok(None)
}

/// What a cut-off or its lifting did, and what is still open.
async fn tell(cli: &Cli, args: &CutOff, query: &Query<'_>, decision: &Decision) -> Result<Exit, Failure> {
    let facts = query.facts(&[decision.id]).await?;
    // Programs get the obligation as it is stored.
    let said = |f: &Fact| if cli.json { f.to_string() } else { fact_line(f) };
    let open: Vec<String> = facts.iter().filter(|f| f.state.is_open()).map(said).collect();
    let tasks = query.tasks(decision.id, TASKS_MAX).await?;
    let waits = |t: &&Task| matches!(t.state, TaskState::NeedsPerson { .. });
    // Programs get the whole id.
    let id = |t: &Task| if cli.json { t.id.to_string() } else { t.id.short() };
    let shown = |t: &Task| format!("{} (task {})", t.account, id(t));
    let by_hand: Vec<String> = tasks.iter().filter(waits).map(shown).collect();
    let left: Vec<String> = tasks.iter().filter(|t| !waits(t)).map(shown).collect();
    let is_open = !open.is_empty() || !by_hand.is_empty() || !left.is_empty();
    if cli.json {
        out::json(&json!({
            "person": decision.id.to_string(),
            "steps": decision.plan.steps.iter().map(step_words).collect::<Vec<_>>(),
            "open": open,
            "by_hand": by_hand,
        }));
    } else {
        let what = if args.lift { "the cut-off is lifted for" } else { "cut off:" };
        out::line(&format!("{what} {}", decision.title));
        decision.plan.steps.iter().for_each(|s| out::line(&format!("  {}", step_words(s))));
        open.iter().for_each(|o| out::line(&format!("  still open: {o}")));
        by_hand.iter().for_each(|t| out::line(&format!("  to be done by hand: {t}")));
        left.iter().for_each(|t| out::line(&format!("  continues with the next pass: {t}")));
        if is_open {
            out::line(&format!(
                "`tenure case '{}'` shows what is open",
                args.person.as_deref().unwrap_or(&decision.title)
            ));
        } else if !facts.is_empty() {
            out::line("everything was read back and is as decided");
        } else if !args.lift {
            out::line("there was no access to end");
        }
    }
    Ok(if is_open { Exit::Open } else { Exit::Done })
}
