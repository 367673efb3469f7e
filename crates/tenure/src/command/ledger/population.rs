//! `tenure ledger population` and its check: what sources reported in a period.

use super::{Folder, export, no};
use crate::cli::Cli;
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use jiff::Timestamp;
use serde_json::json;
use std::path::Path;
use tenure_ledger::VerifierKey;
use tenure_ledger::verify::{Run, confirm_population};

/// The file in the folder of the published ledger.
const FILE: &str = "population.jsonl";

pub(super) async fn write(
    cli: &Cli,
    from: Timestamp,
    to: Option<Timestamp>,
    files: &Path,
) -> Result<Exit, Failure> {
    let published = export::publish_to(cli, files).await?;
    let app = wire::ledger_read(cli).await?;
    let moment = crate::command::acting::moment(cli, &app).await?;
    let population =
        app.proof().population(&Folder(files.to_owned()), from, to.unwrap_or(moment.now), &moment).await?;
    let path = files.join(FILE);
    published.folder.write(FILE, population.as_bytes()).map_err(|e| {
        Failure::invalid(
            "L003",
            format!("{} cannot be written: {e}", path.display()),
            "name a folder that can be written",
        )
    })?;
    let exit = if published.is_proved { Exit::Done } else { Exit::Open };
    let (entries, key) = (population.lines().count() - 1, app.public_key());
    if cli.json {
        out::json(&json!({ "file": path.display().to_string(), "entries": entries, "key": key }));
        return Ok(exit);
    }
    out::line(&format!("{} in {}", out::count(entries, "entry"), path.display()));
    out::line("an auditor verifies it with the public key and nothing else:");
    out::line(&format!(
        "  tenure ledger check --population {} --files {} --key '{key}'",
        path.display(),
        files.display()
    ));
    Ok(exit)
}

/// What a population shows, in lines.
pub(super) fn confirm(
    bytes: &[u8],
    keys: &[VerifierKey],
    files: Option<&Path>,
) -> Result<Vec<String>, Failure> {
    let folder = files.map(|f| Folder(f.to_owned()));
    let found = confirm_population(&String::from_utf8_lossy(bytes), keys, folder.as_ref()).map_err(no)?;
    let whole = if found.whole { "no run was left out" } else { "--files shows whether a run was left out" };
    let mut said = vec![format!(
        "the population from {} to {} verifies: {}; {whole}",
        found.from,
        found.before,
        out::count(found.runs.len(), "run")
    )];
    said.extend(found.runs.iter().map(run));
    said.extend(
        found.gaps.iter().map(|g| format!("gap: {} was silent from {} to {}", g.source, g.from, g.until)),
    );
    Ok(said)
}

fn run(run: &Run) -> String {
    let said = &run.said;
    if let Some(why) = &said.refused {
        return format!("{} {}: refused: {why}", run.at, said.source);
    }
    let extracted = said.extracted.as_ref().map(|at| format!(", extracted {at}")).unwrap_or_default();
    format!(
        "{} {}: {} in, {} taken, {} in quarantine, {} missing{extracted}, SHA-256 {}",
        run.at,
        said.source,
        out::count(said.rows, "row"),
        said.taken,
        said.quarantined,
        said.missing,
        said.digest
    )
}
