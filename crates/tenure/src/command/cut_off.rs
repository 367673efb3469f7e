//! `tenure cutoff`: ends everything at once, sticky, ahead of all queues.

use super::acting::moment;
use crate::cli::{Cli, CutOff};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use serde_json::json;
use tenure_app::describe::step_words;

pub(crate) async fn cut_off(cli: &Cli, args: &CutOff) -> Result<Exit, Failure> {
    let app = wire::app(&cli.folder).await?;
    let moment = moment(cli, &app).await?;
    let decision = match (&args.reason, args.lift) {
        (_, true) => app.lift(&args.person, &moment).await?,
        (Some(reason), false) => app.cut_off(&args.person, reason, &moment).await?,
        (None, false) => {
            return Err(Failure::new(
                "A002",
                "a cut-off needs a reason",
                "say it with --reason \"…\": only reviewers see it",
            ));
        }
    };
    let work = app.work(&moment, None, &|_, _| ()).await?;
    super::publish(cli, &app).await?;
    let facts = app.store.facts(&[decision.id]).await?;
    let open: Vec<String> = facts
        .iter()
        .filter(|f| f.state.is_open())
        .map(|f| format!("{}: {}", f.account, f.obligation))
        .collect();
    if cli.json {
        out::json(&json!({
            "person": decision.id.to_string(),
            "steps": decision.plan.steps.iter().map(step_words).collect::<Vec<_>>(),
            "open": open,
        }));
    } else {
        let what = if args.lift { "the cut-off is lifted for" } else { "cut off:" };
        out::line(&format!("{what} {}", decision.title));
        decision.plan.steps.iter().for_each(|s| out::line(&format!("  {}", step_words(s))));
        if open.is_empty() {
            out::line("everything was read back and is as decided");
        }
        open.iter().for_each(|o| out::line(&format!("  still open: {o}")));
    }
    Ok(if open.is_empty() && work.needs_person == 0 { Exit::Done } else { Exit::Open })
}
