//! `tenure hold`: stops deletion and erasure.

use super::acting::moment;
use crate::cli::{Cli, Hold, HoldCommand};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use serde_json::json;
use tenure_app::describe::{hold_words, step_words};
use tenure_app::{App, Decision, DecisionContext, called};

pub(crate) async fn hold(cli: &Cli, args: &Hold) -> Result<Exit, Failure> {
    let app = wire::app(cli).await?;
    let moment = moment(cli, &app).await?;
    let ((what, then), decision) = match &args.command {
        HoldCommand::List => return list(cli, &app, &moment).await,
        HoldCommand::Set { person, class, reason, until } => (
            (format!("{} hold set for", class.as_str()), ": accounts and data are kept while it is in force"),
            app.retention().set_hold(person, *class, reason, *until, &moment).await?,
        ),
        HoldCommand::Lift { person, class } => (
            (format!("{} hold lifted for", class.as_str()), ""),
            app.retention().lift_hold(person, *class, &moment).await?,
        ),
    };
    app.work().work(&moment, None, &|_, _| ()).await?;
    super::publish(cli, &app).await?;
    show(cli, (&what, then), &decision);
    Ok(Exit::Done)
}

fn show(cli: &Cli, (what, then): (&str, &str), decision: &Decision) {
    let steps: Vec<String> = decision.plan.steps.iter().map(step_words).collect();
    if cli.json {
        out::json(&json!({ "person": decision.id.to_string(), "steps": steps }));
        return;
    }
    out::line(&format!("{what} {}{then}", decision.title));
    steps.iter().for_each(|s| out::line(&format!("  {s}")));
}

async fn list(cli: &Cli, app: &App, moment: &DecisionContext) -> Result<Exit, Failure> {
    let held = app.retention().held_people(moment.now).await?;
    let holds: Vec<_> = held
        .iter()
        .flat_map(|s| s.identity.decisions.holds.iter().filter(|h| h.is_on(moment.now)).map(move |h| (s, h)))
        .collect();
    if cli.json {
        let all = holds.iter().map(|(s, h)| {
            json!({
                "id": s.identity.id.to_string(), "class": h.class.as_str(), "since": h.from.to_string(),
                "until": h.until.map(|u| u.to_string()), "reason": &*h.reason,
            })
        });
        out::json(&all.collect());
    } else if holds.is_empty() {
        out::line("no hold is in force");
    } else {
        holds
            .iter()
            .for_each(|(s, h)| out::line(&format!("{}: {}", called(&s.title, &s.identity), hold_words(h))));
    }
    Ok(Exit::Done)
}
