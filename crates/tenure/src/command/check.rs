//! `tenure check`: reads and checks the configuration folder; changes nothing.

use crate::cli::{Check, Cli};
use crate::exit::{self, Exit, Failure};
use crate::{connections, folder, out};
use serde_json::json;
use tenure_policy::{Diagnostic, Severity};

pub(crate) async fn check(cli: &Cli, args: &Check) -> Result<Exit, Failure> {
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
    let wrong = connections::unconnectable(setup, &cli.folder);
    if !wrong.is_empty() {
        if cli.json {
            let errors: Vec<&str> = wrong.iter().map(|f| f.what.as_str()).collect();
            out::json(&json!({ "errors": errors, "warnings": lines(&loaded.warnings, Severity::Warning) }));
        } else {
            wrong.iter().for_each(exit::tell);
        }
        return Ok(Exit::Invalid);
    }
    if args.connect {
        super::acting::permitted(cli, tenure_app::Operation::Connect).await?;
    }
    let tried = if args.connect { connections::tried(setup, &cli.folder).await } else { Vec::new() };
    let is_reached = tried.iter().all(|(_, answer)| answer.is_ok());
    let exit = if is_reached { Exit::Done } else { Exit::Failed };
    if cli.json {
        out::json(&json!({
            "hash": setup.hash.to_string(),
            "sources": setup.sources.keys().map(ToString::to_string).collect::<Vec<_>>(),
            "systems": setup.systems.keys().map(ToString::to_string).collect::<Vec<_>>(),
            "baselines": policy.baselines.len(),
            "approvals": policy.approvals.len(),
            "separations": policy.separations.len(),
            "errors": [],
            "connections": tried.iter().map(|(name, answer)| json!({
                "system": name.to_string(), "is_reached": answer.is_ok(),
                "answer": answer.as_ref().map_or_else(String::clone, ToString::to_string),
            })).collect::<Vec<_>>(),
            "warnings": lines(&loaded.warnings, Severity::Warning),
        }));
        return Ok(exit);
    }
    for (name, answer) in &tried {
        match answer {
            Ok(product) => out::line(&format!("system {name}: {product}")),
            Err(why) => out::line(&format!("system {name} cannot be reached: {why}")),
        }
    }
    let hash: String = setup.hash.to_string().chars().take(12).collect();
    out::line(&format!(
        "{}, configuration {hash}: {}, {}, {}, {}, {}; {}",
        out::count(files.len(), "file"),
        out::count(setup.sources.len(), "source"),
        out::count(setup.systems.len(), "system"),
        out::count(policy.baselines.len(), "baseline rule"),
        out::count(policy.approvals.len(), "approval rule"),
        out::count(policy.separations.len(), "separation"),
        out::count(loaded.warnings.len(), "warning"),
    ));
    Ok(exit)
}

fn lines(found: &[Diagnostic], severity: Severity) -> Vec<String> {
    found.iter().filter(|d| d.severity == severity).map(Diagnostic::line_form).collect()
}
