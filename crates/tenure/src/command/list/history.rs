//! `tenure history`: the entries of the ledger about an identity, as sentences, the newest first.

use super::super::acting::moment;
use super::super::ledger::words;
use super::show;
use crate::cli::{Cli, History};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use serde_json::json;
use tenure_app::HistoryEntry;

pub(super) async fn history(cli: &Cli, args: &History) -> Result<Exit, Failure> {
    let app = wire::read_with_evidence(cli).await?;
    let moment = moment(cli, &app).await?;
    let (who, mut page) = app.explain().history(&args.person, &args.paging.page(), &moment).await?;
    for entry in &mut page.rows {
        if let Some(said) = &mut entry.said {
            app.cut_off().without_reasons(said, &moment).await?;
        }
    }
    if !cli.json {
        out::line(&format!("entries of the ledger about {who}, the newest first:"));
    }
    let line = |e: &HistoryEntry| vec![words(e.index, e.at, &e.kind, e.said.as_ref())];
    let as_json = |e: &HistoryEntry| {
        json!({
            "entry": e.index, "at": e.at.to_string(), "kind": &*e.kind, "says": e.said, "replay": e.with_now,
            "words": words(e.index, e.at, &e.kind, e.said.as_ref()),
        })
    };
    show(cli, "history", "the ledger has no entry about this identity", &page, (line, as_json));
    Ok(Exit::Done)
}
