//! `tenure correlate`: which identities do these records belong to? Questions, answers, merges and splits.

use super::acting::moment;
use crate::cli::{Cli, Correlate};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_app::describe::instant_words;
use tenure_app::{App, DecisionContext, Page, Query, record_name};
use tenure_model::{CorrelationId, IdentityId};
use tenure_store::codec::parameters_json;
use tenure_store::{CorrelationRow, IdsOf, StoredSubject};

pub(crate) async fn correlate(cli: &Cli, args: &Correlate) -> Result<Exit, Failure> {
    let app = wire::app(cli).await?;
    let moment = moment(cli, &app).await?;
    if let Some(kind) = &args.by {
        return by(cli, &app, kind, args.all.then_some(&moment)).await;
    }
    let decision = match (&args.id, &*args.merge, &*args.split) {
        (Some(id), ..) => {
            let found = app.ids().found(IdsOf::Correlations, id).await?;
            let Some(id) = found.map(CorrelationId::from_bytes) else {
                return Err(Failure::new(
                    "A001",
                    format!("`{id}` is not the id of a question"),
                    "give it whole, or its last 8 digits; `tenure correlate` lists open questions",
                ));
            };
            let whose = match &args.link {
                Some(person) => Some(app.people().keyed(person).await?.identity.id),
                None if args.new => None,
                None => {
                    return Err(Failure::new(
                        "A002",
                        "the question is not answered: the identity of the record is missing",
                        "give --link PERSON, or --new for a new identity",
                    ));
                }
            };
            app.correlation().resolve(id, whose, &moment).await?
        }
        (None, [from, into], _) => {
            merged_knowingly(cli, args.yes, &app, (from, into)).await?;
            app.correlation().merge(from, into, &moment).await?
        }
        (None, _, [person, record]) => {
            let (source, key) = record_name(record)?;
            app.correlation().split(person, &source, &key, &moment).await?
        }
        (None, ..) => return list(cli, &app.query(&moment).await?, &args.paging.page()).await,
    };
    let work = app.work().work(&moment, None, &|_, _| ()).await?;
    super::publish(cli, &app).await?;
    if cli.json {
        out::json(&json!({ "identity": decision.id.to_string(), "person": &*decision.title }));
    } else {
        let what = match (&args.id, &*args.merge) {
            (Some(_), _) if args.new => "answered: the record belongs to a new identity,",
            (Some(_), _) => "answered: the record belongs to",
            (None, [_, _]) => "merged: the records, accounts and decisions of both now belong to",
            (None, _) => "split off: the record no longer belongs to",
        };
        out::line(&format!("{what} {}, id {}", decision.title, decision.id.short()));
    }
    Ok(if work.needs_person + work.waiting > 0 { Exit::Open } else { Exit::Done })
}

/// Shows what a merge joins, and asks.
async fn merged_knowingly(
    cli: &Cli,
    yes: bool,
    app: &App,
    (from, into): (&str, &str),
) -> Result<(), Failure> {
    let (from, into) = (app.people().person(from).await?, app.people().person(into).await?);
    let mut preview = vec!["this identity, with its records, accounts and decisions:".to_owned()];
    preview.extend(super::preview::identity(app, &from));
    preview.push("becomes part of this one, which stays:".to_owned());
    preview.extend(super::preview::identity(app, &into));
    super::consent::required(cli, app, (yes, "merge them"), &preview)
}

/// Lists what a kind of key answers, or answers it.
async fn by(cli: &Cli, app: &App, kind: &str, answer: Option<&DecisionContext>) -> Result<Exit, Failure> {
    let named = app.correlation().named_by(kind).await?;
    let line =
        |(q, p): &(CorrelationRow, StoredSubject)| format!("{}:{} belongs to {}", q.source, q.key, p.title);
    let lines: Vec<String> = named.iter().map(line).collect();
    let answered = match answer {
        Some(moment) => app.correlation().resolve_by(kind, moment).await?,
        None => 0,
    };
    if let Some(moment) = answer {
        app.work().work(moment, None, &|_, _| ()).await?;
        super::publish(cli, app).await?;
    }
    if cli.json {
        out::json(&json!({ "named": lines, "answered": answered }));
        return Ok(Exit::Done);
    }
    lines.iter().for_each(|line| out::line(line));
    match answer {
        Some(_) => out::line(&format!("{answered} of {} answered", out::count(lines.len(), "question"))),
        None if lines.is_empty() => out::line(&format!("the key `{kind}` answers no open question")),
        None => out::line(&format!("{}: --all answers them", out::count(lines.len(), "question"))),
    }
    Ok(Exit::Done)
}

async fn list(cli: &Cli, query: &Query<'_>, page: &Page) -> Result<Exit, Failure> {
    let questions = query.questions(page).await?;
    let ids: Vec<IdentityId> =
        questions.rows.iter().flat_map(|q| q.candidates.iter().map(|(id, _)| *id)).collect();
    let names: BTreeMap<IdentityId, Arc<str>> = query.names(&ids).await?;
    let lines = |q: &CorrelationRow| {
        let since = instant_words(q.since);
        let reason = tenure_words::question(&q.reason);
        let asks = format!("{}  {}:{}: asked {since}: {reason}", q.id.short(), q.source, q.key);
        let candidates = q.candidates.iter().map(|(id, percent)| {
            let name = names.get(id).map_or("an identity that cannot be read", |n| n);
            format!("  {percent:3} % {name}, id {}", id.short())
        });
        [asks].into_iter().chain(candidates).collect::<Vec<_>>()
    };
    let none = "no correlation question is open";
    super::list::show(cli, "questions", none, &questions, (lines, |q: &CorrelationRow| as_json(q, &names)));
    if !questions.rows.is_empty() && !cli.json {
        out::line("answer with `tenure correlate ID --link PERSON` or `tenure correlate ID --new`");
    }
    Ok(if questions.rows.is_empty() { Exit::Done } else { Exit::Open })
}

fn as_json(q: &CorrelationRow, names: &BTreeMap<IdentityId, Arc<str>>) -> serde_json::Value {
    json!({
        "id": q.id.to_string(), "record": format!("{}:{}", q.source, q.key),
        "code": q.reason.code(), "parameters": parameters_json(q.reason.parameters()),
        "reason": tenure_words::question(&q.reason), "since": q.since.to_string(),
        "candidates": q.candidates.iter().map(|(id, percent)| json!({
            "id": id.to_string(), "person": names.get(id).map(|n| &**n), "percent": percent,
        })).collect::<Vec<_>>(),
    })
}
