//! `tenure check`: reads and checks the configuration folder; changes nothing.

use crate::cli::Cli;
use crate::exit::{Exit, Failure};
use crate::{folder, out};
use serde_json::json;

pub(crate) fn check(cli: &Cli) -> Result<Exit, Failure> {
    let files = folder::read(&cli.folder)?;
    let loaded = folder::load(&files)?;
    let setup = &loaded.setup;
    let policy = &setup.policy;
    if cli.json {
        out::json(&json!({
            "hash": setup.hash.to_string(),
            "sources": setup.sources.keys().map(ToString::to_string).collect::<Vec<_>>(),
            "systems": setup.systems.keys().map(ToString::to_string).collect::<Vec<_>>(),
            "baselines": policy.baselines.len(),
            "approvals": policy.approvals.len(),
            "separations": policy.separations.len(),
            "warnings": loaded.warnings.iter().map(tenure_policy::Diagnostic::line_form).collect::<Vec<_>>(),
        }));
        return Ok(Exit::Done);
    }
    let hash: String = setup.hash.to_string().chars().take(12).collect();
    out::line(&format!(
        "{} files, set-up {hash}: {} sources, {} systems, {} baseline rules, {} approval rules, {} separations; {} warnings",
        files.len(),
        setup.sources.len(),
        setup.systems.len(),
        policy.baselines.len(),
        policy.approvals.len(),
        policy.separations.len(),
        loaded.warnings.len(),
    ));
    Ok(Exit::Done)
}
