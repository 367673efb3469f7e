//! `tenure approvals`, `approve`, `deny`: what people are asked, and their answers.

use super::acting::moment;
use crate::cli::{Approvals, Cli, Vote};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_app::describe::{asked_for_words, instant_words, rename_json};
use tenure_app::{Card, Listed, Query};
use tenure_model::{ApprovalId, ApprovalRequest, ApprovalState, Holding, IdentityId, Name as _};
use tenure_store::{ApprovalFilter, IdsOf, StoredSubject};
use tenure_words as words;

pub(crate) async fn approvals(cli: &Cli, args: &Approvals) -> Result<Exit, Failure> {
    let app = wire::stored(cli).await?;
    let moment = moment(cli, &app).await?;
    let mine = match (&moment.actor, args.mine) {
        (_, false) => None,
        (Some(actor), true) => Some(actor.id),
        (None, true) => {
            return Err(Failure::new(
                "A002",
                format!(
                    "the login {} is mapped to a person whom no source has reported yet",
                    crate::login::login()
                ),
                "`tenure run` takes the feeds; [actors] in tenure.toml says which person a login is",
            ));
        }
    };
    let delegators = if args.mine { app.delegations().asked_to_stand_in(&moment).await? } else { Vec::new() };
    let query = app.query(&moment).await?;
    let mut filter = ApprovalFilter { by: mine, about: None };
    if let Some(person) = &args.by {
        filter.by = Some(app.people().person(person).await?.identity.id);
    }
    if let Some(person) = &args.about {
        filter.about = Some(app.people().person(person).await?.identity.id);
    }
    let Listed { rows: requests, next } = query.approvals_listed(&filter, &args.paging.page()).await?;
    let names = names(&query, &requests).await?;
    let name = |id: &IdentityId| names.get(id).map_or_else(|| id.short(), ToString::to_string);
    let cards = app.cards().of(&requests, &moment).await?;
    let is_none = requests.is_empty();
    let page = Listed { rows: requests.into_iter().zip(cards).collect(), next };
    let none = match (args.mine, &args.by) {
        (true, _) => "no request waits for your answer".to_owned(),
        (false, Some(person)) => format!("no request waits for the answer of {person}"),
        (false, None) => "no request for approval is open".to_owned(),
    };
    let lines = |(r, card): &(ApprovalRequest, Card)| in_words(r, card);
    let json = |(r, card): &(ApprovalRequest, Card)| with_card(as_json(r, &name), card);
    super::list::show(cli, "approvals", &none, &page, (lines, json));
    if !cli.json {
        delegators.iter().for_each(|who| {
            out::line(&format!("{who} asks you to answer in their place: `tenure delegate --accept PERSON`"));
        });
    }
    Ok(if is_none && delegators.is_empty() { Exit::Done } else { Exit::Open })
}

pub(crate) async fn vote(cli: &Cli, args: &Vote, approved: bool) -> Result<Exit, Failure> {
    let app = wire::app(cli).await?;
    let moment = moment(cli, &app).await?;
    let id = app.ids().found(IdsOf::Approvals, &args.id).await?;
    let Some(id) = id.map(ApprovalId::from_bytes) else {
        return Err(Failure::new(
            "A001",
            format!("`{}` is not the id of a request", args.id),
            "give it whole, or its last 8 digits; `tenure approvals` lists open requests",
        ));
    };
    let request =
        app.votes().vote(id, approved, args.comment.as_deref().unwrap_or_default(), &moment).await?;
    let work = app.work().work(&moment, None, &|_, _| ()).await?;
    super::publish(cli, &app).await?;
    let query = app.query(&moment).await?;
    let names = names(&query, std::slice::from_ref(&request)).await?;
    let name = |id: &IdentityId| names.get(id).map_or_else(|| id.short(), ToString::to_string);
    if cli.json {
        out::json(&as_json(&request, &name));
    } else {
        let subject = query.subjects(&[request.identity]).await?.pop();
        follows(&request, subject.as_ref(), &name).iter().for_each(|line| out::line(line));
    }
    Ok(if work.needs_person + work.waiting > 0 { Exit::Open } else { Exit::Done })
}

/// What follows from an answer: a line, and one for each entitlement with how far it is.
fn follows(
    request: &ApprovalRequest,
    subject: Option<&StoredSubject>,
    name: &dyn Fn(&IdentityId) -> String,
) -> Vec<String> {
    let who = name(&request.identity);
    let renames = !request.renames.is_empty();
    let mut lines = vec![match request.state {
        ApprovalState::Approved { .. } if renames => format!("approved: {who} gets the new names"),
        ApprovalState::Denied { .. } if renames => format!("denied: {who} keeps the present names"),
        ApprovalState::Approved { .. } => format!("approved: access granted to {who}"),
        ApprovalState::Denied { .. } => format!("denied: nothing is granted for {who}"),
        _ => format!("noted: the request about {who} needs more answers"),
    }];
    if !matches!(request.state, ApprovalState::Approved { .. } | ApprovalState::Denied { .. }) {
        for seat in tenure_engine::unfilled(request) {
            let people: Vec<String> = seat.holders.iter().chain(&seat.delegates).map(name).collect();
            lines.push(format!("  still missing: {} ({})", seat.name, people.join(" or ")));
        }
        return lines;
    }
    for entitlement in &request.grants {
        let held = subject.into_iter().flat_map(|s| &s.grants).find(|g| g.entitlement == *entitlement);
        let state = match held.map(|g| g.holding) {
            Some(Holding::Held) => "held, confirmed by a read",
            Some(Holding::Ordered) => "granted, not confirmed yet",
            Some(Holding::Ending) => "being removed, not confirmed yet",
            Some(Holding::Ended) | None => "not held",
        };
        lines.push(format!("  {entitlement}: {state}"));
    }
    lines
}

/// A card: everything that is needed to answer, and the commands that answer.
fn in_words(r: &ApprovalRequest, card: &Card) -> Vec<String> {
    let paint = out::Paint::stdout();
    let asked = format!("{} ({})", asked_for_words(r), r.change);
    let mut lines =
        vec![format!("{}  {}: {asked}", r.id.short(), paint.bold(&words::card_subject(&card.who)))];
    let mut row = |name: &str, text: &str| {
        if !text.is_empty() {
            lines.push(format!("  {name:<10} {text}"));
        }
    };
    for access in &card.access {
        let risk = access.risk.map_or("not declared by any system".to_owned(), |risk| format!("risk {risk}"));
        row(
            "access",
            &format!("{} in {}, {risk}", access.entitlement.local(), access.entitlement.system_str()),
        );
        access.why.iter().for_each(|why| row("why", &words::why_asked(why)));
        access.conflicts.iter().for_each(|conflict| row("conflict", &words::conflict(conflict)));
        access.peers.iter().for_each(|p| row("peers", &words::peers(p)));
    }
    if card.access.iter().all(|a| a.conflicts.is_empty()) && !card.access.is_empty() {
        row("conflict", "none with a separation rule");
    }
    row("asked by", &words::asked_by(&card.asked_by));
    row("rule", &format!("`{}`, asked {}", r.rule, instant_words(r.asked_at)));
    row("answers", &worded(&card.answers, words::answer).join("; "));
    let missing = worded(&card.missing, words::missing_answer);
    row("missing", &missing.join(if r.all { " and " } else { " or " }));
    match card.deadline {
        Some(deadline) => {
            let silence = words::silence(&card.silence);
            row("deadline", &format!("{}; without an answer {silence}", instant_words(deadline)));
        }
        None => row("deadline", "does not run: no approver is available"),
    }
    row("answer", &format!("tenure approve {} --comment \"why\"", r.id.short()));
    row("", &format!("tenure deny {} --comment \"why\"", r.id.short()));
    lines
}

fn worded<T>(all: &[T], word: impl Fn(&T) -> String) -> Vec<String> {
    all.iter().map(word).collect()
}

async fn names(
    query: &Query<'_>,
    requests: &[ApprovalRequest],
) -> Result<BTreeMap<IdentityId, Arc<str>>, Failure> {
    let ids: Vec<IdentityId> =
        requests.iter().flat_map(|r| r.put_to().into_iter().chain([r.identity])).collect();
    Ok(query.names(&ids).await?)
}

/// The JSON form of a request, with its card.
fn with_card(mut json: serde_json::Value, card: &Card) -> serde_json::Value {
    let access = card.access.iter().map(|a| {
        json!({
            "entitlement": a.entitlement.as_str(), "system": a.entitlement.system_str(), "risk": a.risk,
            "why": worded(&a.why, words::why_asked), "conflicts": worded(&a.conflicts, words::conflict),
            "peers": a.peers.iter().map(|p| json!({
                "attribute": p.attribute.as_str(), "value": p.value.to_string(), "hold": p.hold, "of": p.of,
            })).collect::<Vec<_>>(),
        })
    });
    json["access"] = access.collect();
    json["asked_by"] = json!(words::asked_by(&card.asked_by));
    json["answers"] = json!(worded(&card.answers, words::answer));
    json["missing"] = json!(worded(&card.missing, words::missing_answer));
    json["without_an_answer"] = json!(words::silence(&card.silence));
    json
}

fn as_json(r: &ApprovalRequest, name: &dyn Fn(&IdentityId) -> String) -> serde_json::Value {
    let (state, until) = match &r.state {
        ApprovalState::Pending { deadline } => ("pending", Some(deadline.to_string())),
        ApprovalState::Approved { .. } => ("approved", None),
        ApprovalState::Denied { .. } => ("denied", None),
        ApprovalState::Expired { .. } => ("expired", None),
        ApprovalState::Moot { .. } => ("moot", None),
    };
    json!({
        "id": r.id.to_string(), "person": name(&r.identity), "rule": r.rule.to_string(), "change": r.change.as_str(),
        "grants": r.grants.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "renames": r.renames.iter().map(rename_json).collect::<Vec<_>>(),
        "asked": r.seats.iter().map(|s| s.holders.iter().chain(&s.delegates).map(name).collect::<Vec<_>>()).collect::<Vec<_>>(),
        "on": r.on.map(|on| on.to_string()),
        "all": r.all, "stage": r.stage, "state": state, "asked_at": r.asked_at.to_string(), "deadline": until,
    })
}
