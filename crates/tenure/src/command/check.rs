//! `tenure check`: reads and checks the configuration folder; changes nothing.

use crate::cli::Cli;
use crate::exit::{Exit, Failure};
use crate::{folder, out};
use serde_json::json;
use tenure_policy::{Diagnostic, Severity};

pub(crate) fn check(cli: &Cli) -> Result<Exit, Failure> {
    let files = folder::read(&cli.folder)?;
    if cli.json
        && let Err(found) = tenure_policy::load(&files)
    {
        out::json(
            &json!({ "errors": lines(&found, Severity::Error), "warnings": lines(&found, Severity::Warning) }),
        );
        return Ok(Exit::Invalid);
    }
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
            "errors": [],
            "warnings": lines(&loaded.warnings, Severity::Warning),
        }));
        return Ok(Exit::Done);
    }
    let hash: String = setup.hash.to_string().chars().take(12).collect();
    out::line(&format!(
        "{}, set-up {hash}: {}, {}, {}, {}, {}; {}",
        out::count(files.len(), "file"),
        out::count(setup.sources.len(), "source"),
        out::count(setup.systems.len(), "system"),
        out::count(policy.baselines.len(), "baseline rule"),
        out::count(policy.approvals.len(), "approval rule"),
        out::count(policy.separations.len(), "separation"),
        out::count(loaded.warnings.len(), "warning"),
    ));
    Ok(Exit::Done)
}

fn lines(found: &[Diagnostic], severity: Severity) -> Vec<String> {
    found.iter().filter(|d| d.severity == severity).map(Diagnostic::line_form).collect()
}
