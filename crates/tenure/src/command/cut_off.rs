//! `tenure cutoff`: ends everything at once, sticky, ahead of all queues.

use super::acting::moment;
use crate::cli::{Cli, CutOff};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use serde_json::json;
use tenure_app::describe::step_words;
use tenure_model::{Task, TaskState};

/// Most tasks of one person that are looked at.
const TASKS_MAX: u32 = 100;

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
    app.work(&moment, None, &|_, _| ()).await?;
    super::publish(cli, &app).await?;
    let facts = app.store.facts(&[decision.id]).await?;
    let open: Vec<String> = facts.iter().filter(|f| f.state.is_open()).map(ToString::to_string).collect();
    let tasks = app.store.tasks(Some(decision.id), TASKS_MAX).await?;
    let waits = |t: &&Task| matches!(t.state, TaskState::NeedsPerson { .. });
    let by_hand: Vec<String> =
        tasks.iter().filter(waits).map(|t| format!("{} (task {})", t.account, t.id)).collect();
    if cli.json {
        out::json(&json!({
            "person": decision.id.to_string(),
            "steps": decision.plan.steps.iter().map(step_words).collect::<Vec<_>>(),
            "open": open,
            "by_hand": by_hand,
        }));
    } else {
        let what = if args.lift { "the cut-off is lifted for" } else { "cut off:" };
        out::line(&format!("{what} {}", decision.title));
        decision.plan.steps.iter().for_each(|s| out::line(&format!("  {}", step_words(s))));
        open.iter().for_each(|o| out::line(&format!("  still open: {o}")));
        by_hand.iter().for_each(|t| out::line(&format!("  to be done by hand: {t}")));
        if !open.is_empty() || !by_hand.is_empty() {
            out::line(&format!("`tenure case '{}'` shows it", args.person));
        } else if !facts.is_empty() {
            out::line("everything was read back and is as decided");
        } else if !args.lift {
            out::line("there was no access to end");
        }
    }
    Ok(if open.is_empty() && by_hand.is_empty() { Exit::Done } else { Exit::Open })
}
