//! `tenure case PERSON --accept FACT`: the owner of a system signs a residual risk.

use super::acting::moment;
use crate::cli::{Case, Cli};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use serde_json::json;
use tenure_app::describe::{fact_words, instant_words};

pub(crate) async fn accept(cli: &Cli, args: &Case) -> Result<Exit, Failure> {
    let (Some(fact), Some(person), Some(until)) = (&args.accept, &args.person, args.until) else {
        let how = "give the person, --reason and --until";
        return Err(Failure::new(
            "A001",
            "the person, the reason or the end of the accepted risk is missing",
            how,
        ));
    };
    let app = wire::app(cli).await?;
    let moment = moment(cli, &app).await?;
    let reason = args.reason.as_deref().unwrap_or_default();
    let accepted = app.work().accept(person, fact, reason, until, &moment).await?;
    super::publish(cli, &app).await?;
    if cli.json {
        out::json(&json!({ "fact": accepted.to_string(), "until": until.to_string() }));
    } else {
        out::line(&format!(
            "{}: not confirmed; its risk is accepted until {}, and then it is open again",
            fact_words(&accepted),
            instant_words(until)
        ));
    }
    Ok(Exit::Done)
}
