//! The lists: filtered, in a fixed order, a page at a time. The last line of a page says how to go on.

mod access;
mod history;
mod holders;
mod work;

pub(crate) use work::{scheduled, task_work};

use super::acting::moment;
use crate::cli::{Cli, List, People, Quarantine};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use serde_json::{Value, json};
use tenure_app::{IdentityShown, InQuarantine, Listed, PeopleFilter, Query};
use tenure_model::Name as _;

pub(crate) async fn list(cli: &Cli, list: &List) -> Result<Exit, Failure> {
    if let List::History(args) = list {
        return history::history(cli, args).await;
    }
    let app = wire::stored(cli).await?;
    let moment = moment(cli, &app).await?;
    let query = app.query(&moment).await?;
    match list {
        List::People(args) => people(cli, &query, args).await,
        List::Holders(args) => holders::holders(cli, &query, args).await,
        List::Entitlements(args) => access::entitlements(cli, &query, args).await,
        List::Exceptions(args) => access::exceptions(cli, &query, args).await,
        List::Reviews(args) => access::reviews(cli, &query, args).await,
        List::Quarantine(args) => quarantine(cli, &query, args).await,
        List::Tasks(args) => work::tasks(cli, &app, &query, args).await,
        List::Accounts(args) => work::accounts(cli, &query, args).await,
        List::History(args) => history::history(cli, args).await,
    }
}

/// Shows a page: a JSON object with the rows and the next place, or an entry of lines for each row and how to go on.
pub(super) fn show<T>(
    cli: &Cli,
    name: &str,
    none: &str,
    page: &Listed<T>,
    (lines, as_json): (impl Fn(&T) -> Vec<String>, impl Fn(&T) -> Value),
) {
    if cli.json {
        let rows: Vec<Value> = page.rows.iter().map(as_json).collect();
        out::json(&json!({ name: rows, "next": page.next.as_deref() }));
        return;
    }
    if page.rows.is_empty() && page.next.is_none() {
        out::line(none);
    }
    page.rows.iter().flat_map(lines).for_each(|line| out::line(&line));
    goes_on(page.next.as_deref());
}

/// How a list goes on, if it does.
pub(super) fn goes_on(next: Option<&str>) {
    if let Some(next) = next {
        out::line(&format!("… there are more: the same with --after {}", quoted(next)));
    }
}

/// A place as a shell takes it.
fn quoted(place: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:".contains(c);
    match place.chars().all(is_plain) {
        true => place.to_owned(),
        false => format!("'{}'", place.replace('\'', "'\\''")),
    }
}

async fn people(cli: &Cli, query: &Query<'_>, args: &People) -> Result<Exit, Failure> {
    let filter = PeopleFilter {
        text: args.text.as_deref().map(Into::into),
        phase: args.phase,
        kind: args.kind,
        source: args.source.clone(),
        system: args.system.clone(),
    };
    let page = query.people(&filter, &args.paging.page()).await?;
    show(
        cli,
        "people",
        "no identity is found",
        &page,
        (|p: &IdentityShown| vec![p.line()], IdentityShown::json),
    );
    Ok(Exit::Done)
}

async fn quarantine(cli: &Cli, query: &Query<'_>, args: &Quarantine) -> Result<Exit, Failure> {
    let page = query.quarantine(args.source.as_ref(), &args.paging.page()).await?;
    let lines = |q: &InQuarantine| vec![format!("{}:{} {}", q.row.source, q.row.key, q.words())];
    let as_json = |q: &InQuarantine| {
        json!({
            "source": q.row.source.as_str(), "row": &*q.row.key, "code": &*q.row.code, "place": &*q.row.place,
            "value": &*q.row.value, "reason": &*q.row.reason, "since": q.row.since.to_string(), "owner": &*q.owner,
            "deadline": q.deadline.to_string(), "escalated_to": q.escalated.as_deref(), "may_hide_an_end": q.row.urgent,
        })
    };
    show(cli, "quarantine", "no row is in quarantine", &page, (lines, as_json));
    Ok(if page.rows.is_empty() { Exit::Done } else { Exit::Attention })
}
