//! `tenure case --overdue`: open cases that are past their deadline.

use super::acting::moment;
use crate::cli::{Case, Cli};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use serde_json::json;
use std::collections::BTreeMap;
use tenure_app::describe::instant_words;
use tenure_app::{Listed, called};
use tenure_model::IdentityId;

pub(crate) async fn overdue(cli: &Cli, args: &Case) -> Result<Exit, Failure> {
    let app = wire::stored(cli).await?;
    let moment = moment(cli, &app).await?;
    let query = app.query(&moment).await?;
    let (Listed { rows: late, next }, all) = query.overdue(&args.paging.page()).await?;
    let ids: Vec<IdentityId> = late.iter().map(|(case, _)| case.identity).collect();
    let subjects = query.subjects(&ids).await?;
    let names: BTreeMap<IdentityId, String> =
        subjects.iter().map(|s| (s.identity.id, called(&s.title, &s.identity))).collect();
    let mut shown = Vec::new();
    for (case, what) in &late {
        let name = names.get(&case.identity).cloned().unwrap_or_default();
        let from = case.clocks.runs_from();
        if cli.json {
            shown.push(json!({
                "id": case.id.to_string(), "person": name, "label": case.label.as_str(),
                "runs_from": from.to_string(), "overdue": tenure_words::overdue(*what),
            }));
        } else {
            let since = instant_words(from);
            out::line(&format!(
                "{} {name}: {}, running since {since}",
                case.label,
                tenure_words::overdue(*what)
            ));
        }
    }
    if cli.json {
        out::json(&json!({ "overdue": shown, "all": all, "next": next.as_deref() }));
    } else if all == 0 {
        out::line("no case is overdue");
    } else {
        super::list::goes_on(next.as_deref());
    }
    Ok(if all == 0 { Exit::Done } else { Exit::Attention })
}
