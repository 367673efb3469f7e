//! `tenure erase`: erases for good the data of an identity that left.

use super::acting::moment;
use crate::cli::{Cli, Erase};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use serde_json::json;
use tenure_app::describe::instant_words;
use tenure_app::{App, DecisionContext, called};

pub(crate) async fn erase(cli: &Cli, args: &Erase) -> Result<Exit, Failure> {
    let app = wire::app(cli).await?;
    let moment = moment(cli, &app).await?;
    let Some(person) = &args.person else { return list(cli, &app, &moment).await };
    let about = app.people().person(person).await?;
    let mut preview =
        vec!["the data of this identity is erased for good; its names are never issued again:".to_owned()];
    preview.extend(super::preview::identity(&app, &about));
    preview.extend(super::preview::holds(&about, &moment));
    super::consent::required(cli, &app, (args.yes, "erase it"), &preview)?;
    let erasure = app.retention().erase(person, args.reason.as_deref(), &moment).await?;
    super::publish(cli, &app).await?;
    if cli.json {
        out::json(
            &json!({ "id": erasure.id.to_string(), "records": erasure.records, "names": erasure.names }),
        );
    } else {
        out::line(&format!("erased: {}", erasure.id.short()));
        out::line(&format!(
            "  {} of sources, the key and every opening are gone; {} never issued again",
            out::count(erasure.records, "record"),
            match erasure.names {
                1 => "1 name is".to_owned(),
                names => format!("{names} names are"),
            }
        ));
        out::line(
            "  copies of the database made before are not touched: delete them as your plan for copies says",
        );
    }
    Ok(Exit::Done)
}

async fn list(cli: &Cli, app: &App, moment: &DecisionContext) -> Result<Exit, Failure> {
    let all = app.retention().erasable(moment.now).await?;
    if cli.json {
        let all = all.iter().map(|e| {
            json!({ "id": e.subject.identity.id.to_string(), "since": e.since.to_string(), "held": e.held })
        });
        out::json(&all.collect());
    } else if all.is_empty() {
        out::line("no identity is past the retention period ([retention] of the policy)");
    } else {
        for e in &all {
            let held = if e.held { ", held" } else { "" };
            let who = called(&e.subject.title, &e.subject.identity);
            out::line(&format!("{who}: since {}{held}", instant_words(e.since)));
        }
    }
    Ok(Exit::Done)
}
