//! `tenure identity`: services, agents and shared accounts, stated by command, and their owners.

use super::acting::moment;
use crate::cli::{Cli, Identity, IdentityCommand, Stated};
use crate::exit::{Exit, Failure};
use crate::{out, wire, worded};
use jiff::civil::Date;
use serde_json::{Value, json};
use std::sync::Arc;
use tenure_app::describe::{gate_words, step_words};
use tenure_app::{Custodian, Custody, CustodyChange, Decision, NewCustody};
use tenure_model::{IdentityKind, Phase, Step};

pub(crate) async fn identity(cli: &Cli, args: &Identity) -> Result<Exit, Failure> {
    match &args.command {
        IdentityCommand::Add { kind, name, stated } => add(cli, kind, name, stated).await,
        IdentityCommand::Change { name, stated } => change(cli, name, stated).await,
        IdentityCommand::End { name, on } => end(cli, name, *on).await,
        IdentityCommand::Show { name } => show(cli, name).await,
        IdentityCommand::List { all } => list(cli, *all).await,
    }
}

async fn add(cli: &Cli, kind: &str, name: &str, stated: &Stated) -> Result<Exit, Failure> {
    let kind = IdentityKind::parse(kind).ok_or_else(|| Failure::internal("a kind that is none"))?;
    let new = NewCustody { kind, name: Arc::from(name), stated: change_of(stated) };
    let app = wire::app(cli).await?;
    let moment = moment(cli, &app).await?;
    let decision = app.custody().add_custody(&new, &moment).await?;
    done(cli, &app, &moment, &decision).await
}

async fn change(cli: &Cli, name: &str, stated: &Stated) -> Result<Exit, Failure> {
    let app = wire::app(cli).await?;
    let moment = moment(cli, &app).await?;
    let decision = app.custody().change_custody(name, &change_of(stated), &moment).await?;
    done(cli, &app, &moment, &decision).await
}

async fn end(cli: &Cli, name: &str, on: Option<Date>) -> Result<Exit, Failure> {
    let app = wire::app(cli).await?;
    let moment = moment(cli, &app).await?;
    let decision = app.custody().end_custody(name, on, &moment).await?;
    done(cli, &app, &moment, &decision).await
}

fn change_of(stated: &Stated) -> CustodyChange {
    let text = |t: &Option<String>| t.as_deref().map(Arc::from);
    CustodyChange {
        owner: text(&stated.owner),
        deputy: text(&stated.deputy),
        purpose: text(&stated.purpose),
        until: stated.until,
        attributes: stated.set.iter().map(|(a, v)| (Arc::from(&**a), Arc::from(&**v))).collect(),
    }
}

/// Does the work and shows what is there now.
async fn done(
    cli: &Cli,
    app: &tenure_app::App,
    moment: &tenure_app::DecisionContext,
    decision: &Decision,
) -> Result<Exit, Failure> {
    let work = app.work().work(moment, None, &|_, _| ()).await?;
    super::publish(cli, app).await?;
    let custody = app.custody().custody(&decision.id.to_string(), moment).await?;
    let step = |s: &Step| match gate_words(&s.gate) {
        open if open.is_empty() => step_words(s),
        gate => format!("{} ({gate})", step_words(s)),
    };
    let steps: Vec<String> = decision.plan.steps.iter().map(step).collect();
    let waits = decision.plan.steps.iter().any(|s| !gate_words(&s.gate).is_empty());
    if cli.json {
        let mut json = as_json(&custody);
        if let Value::Object(fields) = &mut json {
            fields.insert("steps".to_owned(), json!(steps));
            fields.insert("findings".to_owned(), worded::findings_json(&decision.settlement));
        }
        out::json(&json);
    } else {
        in_words(&custody).iter().for_each(|l| out::line(l));
        steps.iter().for_each(|s| out::line(&format!("  {s}")));
        for finding in &decision.settlement.findings {
            out::line(&format!("  finding: {}", worded::line(finding)));
        }
    }
    Ok(if work.held > 0 {
        Exit::Held
    } else if waits || work.needs_person + work.waiting > 0 {
        Exit::Open
    } else {
        Exit::Done
    })
}

async fn show(cli: &Cli, name: &str) -> Result<Exit, Failure> {
    let app = wire::stored(cli).await?;
    let moment = moment(cli, &app).await?;
    let custody = app.custody().custody(name, &moment).await?;
    if cli.json {
        out::json(&as_json(&custody));
    } else {
        in_words(&custody).iter().for_each(|l| out::line(l));
        out::line(&format!("`tenure explain '{}'` shows what it has, and why", custody.title));
    }
    Ok(Exit::Done)
}

async fn list(cli: &Cli, all: bool) -> Result<Exit, Failure> {
    let app = wire::stored(cli).await?;
    let moment = moment(cli, &app).await?;
    let spinner = out::spinner("looking through all identities");
    let mut custodies = app.custody().custodies(&moment).await?;
    spinner.finish_and_clear();
    custodies.retain(|c| all || c.phase != Phase::Departed);
    if cli.json {
        out::json(&custodies.iter().map(as_json).collect());
    } else if custodies.is_empty() {
        out::line("no service, agent or shared account is known: `tenure identity add` declares one");
    } else {
        custodies.iter().for_each(|c| out::line(&in_line(c)));
    }
    Ok(Exit::Done)
}

/// What one is, in a few lines.
fn in_words(custody: &Custody) -> Vec<String> {
    let cut = if custody.cut_off { " and cut off" } else { "" };
    let mut lines = vec![
        format!("{} ({}) is {}{cut}", custody.title, custody.kind.as_str(), custody.phase.as_str()),
        format!("  owner: {}", owner(custody)),
    ];
    lines.extend(custody.deputy.as_ref().map(|d| format!("  deputy: {}", answerer(custody, d))));
    lines.extend(custody.purpose.as_ref().map(|p| format!("  purpose: {p}")));
    lines.push(format!("  until: {}", until(custody)));
    lines.push(format!("  stated by: {}", custody.record));
    lines
}

fn in_line(custody: &Custody) -> String {
    let cut = if custody.cut_off { ", cut off" } else { "" };
    let owner = owner(custody);
    format!(
        "{} ({}, {}{cut}): {owner}; until {}; {}",
        custody.title,
        custody.kind.as_str(),
        custody.phase.as_str(),
        until(custody),
        custody.purpose.as_deref().unwrap_or("no purpose stated"),
    )
}

fn until(custody: &Custody) -> String {
    match (&custody.until, &custody.zone) {
        (Some(end), Some(zone)) => format!("{end} ({})", zone.name),
        (Some(end), None) => end.to_string(),
        (None, _) => "no end".to_owned(),
    }
}

fn owner(custody: &Custody) -> String {
    custody.owner.as_ref().map_or_else(|| "no owner".to_owned(), |o| answerer(custody, o))
}

/// An identity that has ended no longer refers to its owner: then only the key is known.
fn answerer(custody: &Custody, custodian: &Custodian) -> String {
    if custody.phase == Phase::Departed { custodian.key.to_string() } else { called(custodian) }
}

fn called(custodian: &Custodian) -> String {
    match (&custodian.title, custodian.stands) {
        (Some(title), true) => format!("{title} ({})", custodian.key),
        (Some(title), false) => format!("{title} ({}), who has left or is cut off", custodian.key),
        (None, _) => format!("{}, who is not known to any source", custodian.key),
    }
}

fn as_json(custody: &Custody) -> Value {
    let custodian = |c: &Custodian| json!({ "key": &*c.key, "name": c.title.as_deref(), "stands": c.stands });
    json!({
        "id": custody.id.to_string(), "name": &*custody.title, "kind": custody.kind.as_str(),
        "phase": custody.phase.as_str(), "cut_off": custody.cut_off,
        "owner": custody.owner.as_ref().map(custodian), "deputy": custody.deputy.as_ref().map(custodian),
        "purpose": custody.purpose.as_deref(), "until": custody.until.map(|e| e.to_string()),
        "zone": custody.zone.as_ref().map(|z| &*z.name), "record": &*custody.record,
    })
}
