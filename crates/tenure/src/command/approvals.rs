//! `tenure approvals`, `approve`, `deny`: what people are asked, and their answers.

use super::acting::moment;
use crate::cli::{Approvals, Cli, Vote};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_app::Query;
use tenure_app::describe::{asked_for_words, instant_words, rename_json};
use tenure_model::{ApprovalId, ApprovalRequest, ApprovalState, IdentityId};

/// Most requests that are listed.
const LISTED_MAX: u32 = 10_000;
/// Requests that are shown to people.
const LISTED: usize = 100;

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
    let mut requests = query.approvals(None, LISTED_MAX).await?;
    requests.retain(|r| mine.is_none_or(|me| r.put_to().contains(&me)));
    let names = names(&query, &requests).await?;
    let name = |id: &IdentityId| names.get(id).map_or_else(|| id.to_string(), ToString::to_string);
    if cli.json {
        out::json(&requests.iter().map(|r| as_json(r, &name)).collect());
    } else if requests.is_empty() {
        out::line(if args.mine { "nothing is put to you" } else { "nobody is asked anything" });
    } else {
        out::list_of_several(requests.iter().map(|r| in_words(r, &name)), LISTED);
        out::line("answer with `tenure approve ID` or `tenure deny ID`");
    }
    if !cli.json {
        delegators.iter().for_each(|who| {
            out::line(&format!("{who} asks you to answer in their place: `tenure delegate --accept PERSON`"));
        });
    }
    Ok(if requests.is_empty() && delegators.is_empty() { Exit::Done } else { Exit::Open })
}

pub(crate) async fn vote(cli: &Cli, args: &Vote, approved: bool) -> Result<Exit, Failure> {
    let app = wire::app(cli).await?;
    let moment = moment(cli, &app).await?;
    let Some(id) = ApprovalId::parse(&args.id) else {
        return Err(Failure::new(
            "A001",
            format!("`{}` is not the id of a request", args.id),
            "`tenure approvals` lists them",
        ));
    };
    let request =
        app.votes().vote(id, approved, args.comment.as_deref().unwrap_or_default(), &moment).await?;
    let work = app.work().work(&moment, None, &|_, _| ()).await?;
    super::publish(cli, &app).await?;
    let names = names(&app.query(&moment).await?, std::slice::from_ref(&request)).await?;
    let name = |id: &IdentityId| names.get(id).map_or_else(|| id.to_string(), ToString::to_string);
    if cli.json {
        out::json(&as_json(&request, &name));
    } else {
        let word = match request.state {
            ApprovalState::Approved { .. } if !request.renames.is_empty() => "approved: the new names hold",
            ApprovalState::Denied { .. } if !request.renames.is_empty() => "denied: the names stay",
            ApprovalState::Approved { .. } => "approved: access begins",
            ApprovalState::Denied { .. } => "denied: nothing is granted",
            _ => "noted: others are asked too",
        };
        out::line(&format!("{} for {}", word, name(&request.identity)));
    }
    Ok(if work.needs_person + work.waiting > 0 { Exit::Open } else { Exit::Done })
}

/// Two lines: what is asked about which identity; which approvers are asked, and until when.
fn in_words(r: &ApprovalRequest, name: &dyn Fn(&IdentityId) -> String) -> String {
    let asked: Vec<String> = r
        .seats
        .iter()
        .map(|s| s.holders.iter().chain(&s.delegates).map(name).collect::<Vec<_>>().join(" or "))
        .filter(|l| !l.is_empty())
        .collect();
    let asked = asked.join(if r.all { " and " } else { " or " });
    let asked = if asked.is_empty() { "nobody: who could answer is not known here" } else { &*asked };
    let since = instant_words(r.asked_at);
    format!(
        "{}  {}: {} ({})\n  rule `{}` asks {asked}, since {since}{}",
        r.id,
        name(&r.identity),
        asked_for_words(r),
        r.change,
        r.rule,
        deadline(r)
    )
}

fn deadline(request: &ApprovalRequest) -> String {
    match &request.state {
        ApprovalState::Pending { deadline } if *deadline < ApprovalRequest::UNTIMED => {
            format!(", before {}", instant_words(*deadline))
        }
        _ => String::new(),
    }
}

async fn names(
    query: &Query<'_>,
    requests: &[ApprovalRequest],
) -> Result<BTreeMap<IdentityId, Arc<str>>, Failure> {
    let ids: Vec<IdentityId> =
        requests.iter().flat_map(|r| r.put_to().into_iter().chain([r.identity])).collect();
    Ok(query.names(&ids).await?)
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
