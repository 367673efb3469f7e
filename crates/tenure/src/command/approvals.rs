//! `tenure approvals`, `approve`, `deny`: what people are asked, and their answers.

use super::acting::moment;
use crate::cli::{Approvals, Cli, Vote};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_app::App;
use tenure_model::{ApprovalId, ApprovalRequest, ApprovalState, IdentityId};

/// Most requests that are listed.
const LISTED_MAX: u32 = 1_000;

pub(crate) async fn approvals(cli: &Cli, args: &Approvals) -> Result<Exit, Failure> {
    let app = wire::app(&cli.folder).await?;
    let moment = moment(cli, &app).await?;
    let mine = moment.actor.as_ref().map(|a| a.id).filter(|_| args.mine);
    let mut requests = app.store.approvals(None, LISTED_MAX).await?;
    requests.retain(|r| mine.is_none_or(|me| r.approvers.iter().flatten().any(|a| *a == me)));
    let names = names(&app, &requests).await?;
    let name = |id: &IdentityId| names.get(id).map_or_else(|| id.to_string(), ToString::to_string);
    if cli.json {
        out::json(&requests.iter().map(|r| as_json(r, &name)).collect());
    } else if requests.is_empty() {
        out::line("nobody is asked anything");
    } else {
        for r in &requests {
            let grants: Vec<String> = r.grants.iter().map(ToString::to_string).collect();
            out::line(&format!("{}  {}: {} ({})", r.id, name(&r.identity), grants.join(", "), r.change));
            let asked: Vec<String> =
                r.approvers.iter().map(|l| l.iter().map(&name).collect::<Vec<_>>().join(" or ")).collect();
            let join = if r.all { " and " } else { " or " };
            out::line(&format!("  rule `{}` asks {}{}", r.rule, asked.join(join), deadline(r)));
        }
    }
    Ok(if requests.is_empty() { Exit::Done } else { Exit::Open })
}

pub(crate) async fn vote(cli: &Cli, args: &Vote, approved: bool) -> Result<Exit, Failure> {
    let app = wire::app(&cli.folder).await?;
    let moment = moment(cli, &app).await?;
    let Some(id) = ApprovalId::parse(&args.id) else {
        return Err(Failure::new(
            "A001",
            format!("`{}` is not the id of a request", args.id),
            "`tenure approvals` lists them",
        ));
    };
    let request = app.vote(id, approved, args.comment.as_deref().unwrap_or_default(), &moment).await?;
    let work = app.work(&moment, None, &|_, _| ()).await?;
    super::publish(cli, &app).await?;
    let names = names(&app, std::slice::from_ref(&request)).await?;
    let name = |id: &IdentityId| names.get(id).map_or_else(|| id.to_string(), ToString::to_string);
    if cli.json {
        out::json(&as_json(&request, &name));
    } else {
        let word = match request.state {
            ApprovalState::Approved { .. } => "approved: access begins",
            ApprovalState::Denied { .. } => "denied: nothing is granted",
            _ => "noted: others are asked too",
        };
        out::line(&format!("{} for {}", word, name(&request.identity)));
    }
    Ok(if work.needs_person + work.waiting > 0 { Exit::Open } else { Exit::Done })
}

fn deadline(request: &ApprovalRequest) -> String {
    match &request.state {
        ApprovalState::Pending { deadline } => format!(", before {deadline}"),
        _ => String::new(),
    }
}

async fn names(app: &App, requests: &[ApprovalRequest]) -> Result<BTreeMap<IdentityId, Arc<str>>, Failure> {
    let ids: Vec<IdentityId> =
        requests.iter().flat_map(|r| r.approvers.iter().flatten().copied().chain([r.identity])).collect();
    Ok(app.store.subjects(&ids).await?.into_iter().map(|s| (s.identity.id, s.title)).collect())
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
        "asked": r.approvers.iter().map(|l| l.iter().map(name).collect::<Vec<_>>()).collect::<Vec<_>>(),
        "all": r.all, "stage": r.stage, "state": state, "deadline": until,
    })
}
