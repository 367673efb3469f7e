//! `tenure findings`: open findings, their owners and deadlines, and findings that are acknowledged for a time.

use super::acting::moment;
use crate::cli::{Cli, Findings, FindingsCommand};
use crate::exit::{Exit, Failure};
use crate::{hints, out, wire};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use tenure_app::describe::instant_words;
use tenure_app::{App, DecisionContext, FindingsFilter, OpenFinding, Page, Query, called};
use tenure_model::{FindingId, IdentityId};
use tenure_store::codec::parameters_json;

/// Acknowledged findings that are counted beside open ones.
const LISTED: u32 = 100;

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
        Failure::new(
            "A001",
            format!("`{text}` is not the id of a finding"),
            "give it whole, or its last 8 digits; `tenure findings` lists open findings",
        )
    };
    app.query(moment).await?.finding_id(text).await?.ok_or_else(unknown)
}

async fn list(cli: &Cli, args: &Findings) -> Result<Exit, Failure> {
    let app = wire::stored(cli).await?;
    let moment = moment(cli, &app).await?;
    let query = app.query(&moment).await?;
    let of = match (args.mine, &moment.actor) {
        (false, _) => None,
        (true, Some(actor)) => Some(actor.id),
        (true, None) => {
            return Err(Failure::new(
                "A002",
                format!("the login {} is mapped to no identity that is known", crate::login::login()),
                "[actors] in tenure.toml says which identity a login is",
            ));
        }
    };
    let about = match &args.about {
        Some(person) => Some(app.people().person(person).await?.identity.id),
        None => None,
    };
    let filter = FindingsFilter {
        about,
        system: args.system.clone(),
        kinds: args.kind.into_iter().collect(),
        of,
        acknowledged: Some(args.acknowledged),
    };
    let page = query.findings(&filter, &args.paging.page()).await?;
    let names = names(&query, &page.rows).await?;
    let none = match (args.mine, args.acknowledged) {
        (_, true) => "no finding is acknowledged",
        (true, _) => "no finding is yours to resolve",
        (false, _) => "no finding is open",
    };
    let lines = |f: &OpenFinding| entry(f, &names);
    super::list::show(cli, "findings", none, &page, (lines, |f: &OpenFinding| as_json(f, &names)));
    if !cli.json && !args.acknowledged {
        tell_acknowledged(&query, &filter, page.rows.is_empty()).await?;
    }
    Ok(if args.acknowledged || page.rows.is_empty() { Exit::Done } else { Exit::Attention })
}

/// What to do with open findings, and whether there are acknowledged ones.
async fn tell_acknowledged(
    query: &Query<'_>,
    filter: &FindingsFilter,
    none_open: bool,
) -> Result<(), Failure> {
    if !none_open {
        out::line("help: resolve the cause, or `tenure findings acknowledge ID --reason WHY --until DATE`");
    }
    let said = FindingsFilter { acknowledged: Some(true), ..filter.clone() };
    let some = query.findings(&said, &Page { limit: LISTED, after: None }).await?;
    let more = if some.next.is_some() { "more than " } else { "" };
    if !some.rows.is_empty() {
        out::line(&format!("{more}{} acknowledged: `tenure findings --acknowledged`", some.rows.len()));
    }
    Ok(())
}

async fn names(query: &Query<'_>, all: &[OpenFinding]) -> Result<BTreeMap<IdentityId, String>, Failure> {
    let by = |f: &OpenFinding| f.acknowledged.as_ref().map(|a| a.by);
    let ids: BTreeSet<IdentityId> = all.iter().flat_map(|f| [f.identity, by(f)]).flatten().collect();
    let subjects = query.subjects(&ids.into_iter().collect::<Vec<_>>()).await?;
    Ok(subjects.iter().map(|s| (s.identity.id, called(&s.title, &s.identity))).collect())
}

/// One line of a finding, as passes show it too.
pub(crate) fn line(found: &OpenFinding) -> String {
    let about = tenure_words::about(&found.finding);
    format!("{} {about}: {}", found.finding.kind().as_str(), what(found))
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

fn entry(found: &OpenFinding, names: &BTreeMap<IdentityId, String>) -> Vec<String> {
    let whom = found.identity.and_then(|id| names.get(&id)).map(|n| format!(" of {n}")).unwrap_or_default();
    let system = found.system.as_ref().map(|s| format!(" in {s}")).unwrap_or_default();
    let mut lines = vec![
        format!("{}{whom}{system}", line(found)),
        format!("  since {}, id {}", instant_words(found.since), found.id.short()),
    ];
    if found.is_firm {
        lines.push("  it cannot be acknowledged: resolve it".to_owned());
    }
    lines.extend(found.acknowledged.as_ref().map(|a| {
        let by = names.get(&a.by).cloned().unwrap_or_else(|| a.by.short());
        format!("  acknowledged by {by} until {}: {}", instant_words(a.until), a.reason)
    }));
    lines.extend(hints::of_found(&found.finding).map(|h| format!("  help: {h}")));
    lines
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
