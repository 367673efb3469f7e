//! `tenure release`: what brakes hold, and its release.

use super::acting::moment;
use super::run::labels_line;
use crate::cli::{Cli, Release};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use tenure_app::describe::instant_words;
use tenure_app::{HeldPerson, IdentityShown, Page, Query, called};
use tenure_model::{HeldChangeId, IdentityId};
use tenure_store::{HeldChangeRow, IdsOf};

/// People of one held change that the list of held changes names; `--list` shows all.
const LISTED: usize = 100;
/// People of one held change that are shown before a release.
const PREVIEWED: usize = 20;

pub(crate) async fn release(cli: &Cli, args: &Release) -> Result<Exit, Failure> {
    let app = wire::app(cli).await?;
    let moment = moment(cli, &app).await?;
    let query = app.query(&moment).await?;
    let Some(id) = &args.id else { return list(cli, &query, &args.paging.page()).await };
    let found = app.ids().found(IdsOf::HeldChanges, id).await?;
    let Some(id) = found.map(HeldChangeId::from_bytes) else {
        return Err(Failure::new(
            "A001",
            format!("`{id}` is not the id of a held change"),
            "give it whole, or its last 8 digits; `tenure release` lists held changes",
        ));
    };
    if args.list {
        let Some(held) = query.held_change(id).await? else {
            return Err(Failure::new(
                "A001",
                format!("held change `{id}` is not known"),
                "`tenure release` lists held changes",
            ));
        };
        show_people(cli, &query, &held, &args.paging.page()).await?;
        return Ok(Exit::Done);
    }
    let mut only = BTreeSet::new();
    for person in &args.only {
        only.insert(app.people().keyed(person).await?.identity.id);
    }
    let preview = preview(&query, id, &only).await?;
    super::consent::required(cli, &app, (args.yes, "release it"), &preview)?;
    let report = app.brakes().release(id, (!only.is_empty()).then_some(&only), &moment).await?;
    let work = app.work().work(&moment, None, &|_, _| ()).await?;
    super::publish(cli, &app).await?;
    let still = app.brakes().held_about(&report.people).await?;
    if cli.json {
        let still: Vec<_> = still.iter().map(as_json).collect();
        out::json(&json!({ "released": report.people.len(), "tasks": work.done, "still_held": still }));
    } else {
        out::line(&format!("released: {}", out::count(report.people.len(), "person")));
        out::line(&labels_line(&report.labels, 0, work.done));
        for h in &still {
            out::line(&format!(
                "still held by the brake of {}: {} or the escalation group must release it: tenure release {}",
                h.scope,
                h.owner,
                h.id.short()
            ));
        }
    }
    if !still.is_empty() {
        return Ok(Exit::Held);
    }
    Ok(if work.needs_person + work.waiting > 0 { Exit::Open } else { Exit::Done })
}

/// What a release lets happen: a line for each identity, with what it loses.
async fn preview(
    query: &Query<'_>,
    id: HeldChangeId,
    only: &BTreeSet<IdentityId>,
) -> Result<Vec<String>, Failure> {
    let Some(held) = query.held_change(id).await? else { return Ok(Vec::new()) };
    let mut people = held.people;
    people.retain(|(id, _)| only.is_empty() || only.contains(id));
    let shown: Vec<IdentityId> = people.iter().take(PREVIEWED).map(|(id, _)| *id).collect();
    let names: BTreeMap<IdentityId, String> = query
        .subjects(&shown)
        .await?
        .iter()
        .map(|s| (s.identity.id, called(&s.title, &s.identity)))
        .collect();
    let mut lines = vec![format!(
        "this releases the held change of {} for {}:",
        held.scope,
        out::count(people.len(), "person")
    )];
    lines.extend(people.iter().take(PREVIEWED).map(|(id, loses)| {
        format!("  {}: {loses}", names.get(id).map_or_else(|| id.short(), ToString::to_string))
    }));
    if people.len() > PREVIEWED {
        lines.push(format!("  … and {} more: --list shows them", people.len() - PREVIEWED));
    }
    Ok(lines)
}

async fn list(cli: &Cli, query: &Query<'_>, page: &Page) -> Result<Exit, Failure> {
    let held = query.held_changes(page).await?;
    let lines = |h: &HeldChangeRow| {
        let (id, people) = (h.id.short(), out::count(h.people.len(), "person"));
        vec![
            format!("{id}  {}: {people}, since {}, owner {}", h.scope, instant_words(h.since), h.owner),
            format!("  {}; decide before {}", h.reason, instant_words(h.deadline)),
            format!("  affected identities: tenure release {id} --list"),
        ]
    };
    super::list::show(cli, "held", "no brake holds anything", &held, (lines, as_json));
    Ok(if held.rows.is_empty() { Exit::Done } else { Exit::Held })
}

async fn show_people(cli: &Cli, query: &Query<'_>, held: &HeldChangeRow, page: &Page) -> Result<(), Failure> {
    let page = query.people_of(held, page).await?;
    if cli.json {
        let mut json = as_json(held);
        let person = |p: &HeldPerson| json!({ "id": p.id.to_string(), "person": p.who.as_ref().map(IdentityShown::json), "loses": &*p.loses });
        json["people"] = page.rows.iter().map(person).collect();
        json["next"] = json!(page.next.as_deref());
        out::json(&json);
        return Ok(());
    }
    let line = |p: &HeldPerson| {
        let who = p.who.as_ref().map_or_else(|| format!("identity {}", p.id.short()), IdentityShown::line);
        vec![format!("{who}: {}", p.loses)]
    };
    super::list::show(
        cli,
        "people",
        "it affects no identity any more",
        &page,
        (line, |_: &HeldPerson| json!(null)),
    );
    Ok(())
}

fn as_json(held: &HeldChangeRow) -> serde_json::Value {
    json!({
        "id": held.id.to_string(), "scope": &*held.scope, "reason": &*held.reason, "owner": &*held.owner,
        "since": held.since.to_string(), "deadline": held.deadline.to_string(),
        "count": held.people.len(),
        "people": held.people.iter().take(LISTED).map(|(id, what)| json!({ "id": id.to_string(), "loses": &**what })).collect::<Vec<_>>(),
    })
}
