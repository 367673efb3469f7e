//! `tenure release`: what brakes hold, and letting it go.

use super::acting::moment;
use super::run::labels_line;
use crate::cli::{Cli, Release};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use serde_json::json;
use std::collections::BTreeSet;
use tenure_app::App;
use tenure_model::HeldChangeId;
use tenure_store::HeldChangeRow;

pub(crate) async fn release(cli: &Cli, args: &Release) -> Result<Exit, Failure> {
    let app = wire::app(&cli.folder).await?;
    let Some(id) = &args.id else { return list(cli, &app).await };
    let Some(id) = HeldChangeId::parse(id) else {
        return Err(Failure::new(
            "A001",
            format!("`{id}` is not the id of a held change"),
            "`tenure release` lists them",
        ));
    };
    if args.list {
        let held = app.store.held_change(id).await?;
        show_people(cli, held.as_ref());
        return Ok(Exit::Done);
    }
    let moment = moment(cli, &app).await?;
    let mut only = BTreeSet::new();
    for person in &args.only {
        only.insert(app.person(person).await?.identity.id);
    }
    let report = app.release(id, (!only.is_empty()).then_some(&only), &moment).await?;
    let work = app.work(&moment, None, &|_, _| ()).await?;
    super::publish(cli, &app).await?;
    if cli.json {
        out::json(&json!({ "released": report.people, "tasks": work.done }));
    } else {
        out::line(&format!("released: {} people", report.people));
        out::line(&labels_line(&report.labels));
    }
    Ok(if work.needs_person + work.waiting > 0 { Exit::Open } else { Exit::Done })
}

async fn list(cli: &Cli, app: &App) -> Result<Exit, Failure> {
    let held = app.store.held_changes().await?;
    if cli.json {
        out::json(&held.iter().map(as_json).collect());
    } else if held.is_empty() {
        out::line("no brake holds anything");
    }
    for h in held.iter().filter(|_| !cli.json) {
        out::line(&format!(
            "{}  {}: {} people, since {}, owner {}",
            h.id,
            h.scope,
            h.people.len(),
            h.since,
            h.owner
        ));
        out::line(&format!("  {}; decide before {}", h.reason, h.deadline));
    }
    Ok(if held.is_empty() { Exit::Done } else { Exit::Held })
}

fn show_people(cli: &Cli, held: Option<&HeldChangeRow>) {
    let Some(held) = held else { return out::line("no such held change") };
    if cli.json {
        return out::json(&as_json(held));
    }
    held.people.iter().for_each(|(id, loses)| out::line(&format!("{id}  {loses}")));
}

fn as_json(held: &HeldChangeRow) -> serde_json::Value {
    json!({
        "id": held.id.to_string(), "scope": &*held.scope, "reason": &*held.reason, "owner": &*held.owner,
        "since": held.since.to_string(), "deadline": held.deadline.to_string(),
        "people": held.people.iter().map(|(id, what)| json!({ "id": id.to_string(), "loses": &**what })).collect::<Vec<_>>(),
    })
}
