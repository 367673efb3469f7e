//! `tenure explain`: why an identity has, had, or cannot get access.

use super::acting::moment;
use crate::cli::{Cli, Explain};
use crate::exit::{Exit, Failure};
use crate::{hints, out, wire, worded};
use tenure_model::{EntitlementName, Name};

pub(crate) async fn explain(cli: &Cli, args: &Explain) -> Result<Exit, Failure> {
    let app = wire::read_with_evidence(cli).await?;
    let moment = moment(cli, &app).await?;
    let entitlement = args.entitlement.as_deref().map(EntitlementName::new).transpose().map_err(|e| {
        Failure::new(
            "A001",
            format!("`{}`: {e}", args.entitlement.as_deref().unwrap_or_default()),
            "for example git:developer",
        )
    })?;
    let entitlement = entitlement.as_ref();
    let explanation = match args.at {
        Some(at) => app.explain().explain_at(&args.person, entitlement, at, &moment).await?,
        None => app.explain().explain(&args.person, entitlement, &moment).await?,
    };
    if cli.json {
        let mut json = explanation.json;
        json["findings"] = explanation.findings.iter().map(worded::as_json).collect();
        out::json(&json);
    } else {
        explanation.lines.iter().for_each(|l| out::line(l));
        let findings = explanation.findings.iter();
        findings.for_each(|f| out::line(&format!("finding: {}", worded::line(f))));
        explanation
            .advice
            .iter()
            .for_each(|advice| out::line(&format!("help: {}", hints::of_advice(*advice))));
    }
    Ok(Exit::Done)
}
