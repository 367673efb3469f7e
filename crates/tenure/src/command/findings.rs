//! `tenure findings`: open findings, their owners and deadlines, and findings that are acknowledged for a time.

use super::acting::moment;
use crate::cli::{Cli, Findings, FindingsCommand};
use crate::exit::{Exit, Failure};
use crate::{hints, out, wire};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_app::describe::instant_words;
use tenure_app::{App, DecisionContext, OpenFinding, Query, Register, called};
use tenure_model::{FindingId, IdentityId};
use tenure_store::codec::parameters_json;

/// Findings that are shown to people.
const LISTED: usize = 200;

pub(crate) async fn findings(cli: &Cli, args: &Findings) -> Result<Exit, Failure> {
    match &args.command {
        None => list(cli, args).await,
        Some(FindingsCommand::Dismiss { id, reason }) => {
            let app = wire::app(cli).await?;
            let moment = moment(cli, &app).await?;
            let found = app.findings().dismiss(finding_id(&app, &moment, id).await?, reason, &moment).await?;
            super::publish(cli, &app).await?;
            if cli.json {
                out::json(&as_json(&found, &BTreeMap::new()));
            } else {
                out::line(&format!("dismissed: {}", found.finding.about));
            }
            Ok(Exit::Done)
        }
        Some(FindingsCommand::Acknowledge { id, reason, until }) => {
            let app = wire::app(cli).await?;
            let moment = moment(cli, &app).await?;
            let id = finding_id(&app, &moment, id).await?;
            let found = app.findings().acknowledge(id, reason, *until, &moment).await?;
            super::publish(cli, &app).await?;
            let names = BTreeMap::new();
            if cli.json {
                out::json(&as_json(&found, &names));
            } else {
                let what = &found.finding;
                out::line(&format!(
                    "acknowledged until {}: {} {}",
                    instant_words(*until),
                    what.kind().as_str(),
                    what.about
                ));
            }
            Ok(Exit::Done)
        }
    }
}

async fn finding_id(app: &App, moment: &DecisionContext, text: &str) -> Result<FindingId, Failure> {
    let unknown = || {
        Failure::new("A001", format!("`{text}` is not the id of a finding"), "`tenure findings` lists them")
    };
    app.query(moment).await?.finding_id(text).await?.ok_or_else(unknown)
}

async fn list(cli: &Cli, args: &Findings) -> Result<Exit, Failure> {
    let mine = args.mine;
    let app = wire::stored(cli).await?;
    let moment = moment(cli, &app).await?;
    let query = app.query(&moment).await?;
    let mut all = query.findings().await?;
    if mine {
        let me = moment.actor.as_ref().map(|a| a.id).ok_or_else(|| {
            Failure::new(
                "A002",
                format!("the login {} is mapped to no identity that is known", crate::login::login()),
                "[actors] in tenure.toml says which identity a login is",
            )
        })?;
        keep_mine(&query, me, &mut all).await?;
    }
    if let Some(person) = &args.about {
        let id = app.people().person(person).await?.identity.id;
        all.findings.retain(|f| f.identity == Some(id));
    }
    all.findings.retain(|f| {
        args.kind.is_none_or(|kind| f.finding.kind() == kind)
            && args.system.as_ref().is_none_or(|system| f.system.as_ref() == Some(system))
    });
    if all.findings.is_empty() {
        query.has(None, args.system.as_ref())?;
    }
    let names = names(&query, &all).await?;
    let open = all.open().count();
    if cli.json {
        out::json(&all.findings.iter().map(|f| as_json(f, &names)).collect());
    } else if all.findings.is_empty() {
        out::line(if mine { "no finding is yours to resolve" } else { "no finding is open" });
    } else {
        out::list_of_several(all.findings.iter().map(|f| entry(f, &names)), LISTED);
        out::line(&format!(
            "{open} open, {} acknowledged; deal with the cause, or `tenure findings acknowledge ID --reason WHY --until DATE`",
            all.acknowledged()
        ));
        if all.left > 0 {
            out::line(&format!("and {} more, which are listed once some of these are dealt with", all.left));
        }
    }
    Ok(if open == 0 { Exit::Done } else { Exit::Attention })
}

async fn keep_mine(query: &Query<'_>, me: IdentityId, all: &mut Register) -> Result<(), Failure> {
    let owners = all.findings.iter().map(|f| f.owner.clone());
    let groups = all.findings.iter().filter_map(|f| f.escalated.clone());
    let names: BTreeSet<Arc<str>> = owners.chain(groups).collect();
    let mine = query.names_meaning(me, &names).await?;
    let is_mine =
        |f: &OpenFinding| mine.contains(&f.owner) || f.escalated.as_ref().is_some_and(|g| mine.contains(g));
    all.findings.retain(is_mine);
    Ok(())
}

async fn names(query: &Query<'_>, all: &Register) -> Result<BTreeMap<IdentityId, String>, Failure> {
    let by = |f: &OpenFinding| f.acknowledged.as_ref().map(|a| a.by);
    let ids: BTreeSet<IdentityId> = all.findings.iter().flat_map(|f| [f.identity, by(f)]).flatten().collect();
    let subjects = query.subjects(&ids.into_iter().collect::<Vec<_>>()).await?;
    Ok(subjects.iter().map(|s| (s.identity.id, called(&s.title, &s.identity))).collect())
}

/// One line of a finding, as passes show it too.
pub(crate) fn line(found: &OpenFinding) -> String {
    format!("{} {}: {}", found.finding.kind().as_str(), found.finding.about, what(found))
}

/// What is found, who owns it and until when.
pub(crate) fn what(found: &OpenFinding) -> String {
    let escalated = match &found.escalated {
        Some(group) => format!(", escalated to {group}"),
        None => String::new(),
    };
    format!(
        "{} (owner {}{escalated}, due {})",
        tenure_words::finding(&found.finding),
        found.owner,
        instant_words(found.deadline)
    )
}

fn entry(found: &OpenFinding, names: &BTreeMap<IdentityId, String>) -> String {
    let whom = found.identity.and_then(|id| names.get(&id)).map(|n| format!(" of {n}")).unwrap_or_default();
    let system = found.system.as_ref().map(|s| format!(" in {s}")).unwrap_or_default();
    let stands = found.acknowledged.as_ref().map(|a| {
        let by = names.get(&a.by).cloned().unwrap_or_else(|| a.by.to_string());
        format!("\n  acknowledged by {by} until {}: {}", instant_words(a.until), a.reason)
    });
    let firm = if found.is_firm { "\n  it is never acknowledged: deal with it" } else { "" };
    let help = hints::of_finding(found.finding.kind()).map(|h| format!("\n  help: {h}")).unwrap_or_default();
    format!(
        "{}{whom}{system}\n  since {}, id {}{firm}{}{help}",
        line(found),
        instant_words(found.since),
        found.id,
        stands.unwrap_or_default()
    )
}

/// A finding as JSON.
pub(crate) fn as_json(found: &OpenFinding, names: &BTreeMap<IdentityId, String>) -> serde_json::Value {
    json!({
        "id": found.id.to_string(), "kind": found.finding.kind().as_str(), "about": &*found.finding.about,
        "code": found.finding.detail.code(), "parameters": parameters_json(found.finding.detail.parameters()),
        "text": tenure_words::finding(&found.finding),
        "owner": &*found.owner, "escalated_to": found.escalated.as_deref(),
        "identity": found.identity.map(|id| id.to_string()),
        "person": found.identity.and_then(|id| names.get(&id)),
        "system": found.system.as_ref().map(ToString::to_string),
        "since": found.since.to_string(), "deadline": found.deadline.to_string(),
        "may_be_acknowledged": !found.is_firm,
        "acknowledged": found.acknowledged.as_ref().map(|a| json!({
            "by": a.by.to_string(), "person": names.get(&a.by), "at": a.at.to_string(), "until": a.until.to_string(),
            "reason": &*a.reason,
        })),
    })
}
