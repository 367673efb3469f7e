//! `tenure ledger export`: the ledger as files that anybody verifies.

use crate::cli::Cli;
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use serde_json::json;
use std::path::Path;

pub(super) async fn export(cli: &Cli, folder: &Path) -> Result<Exit, Failure> {
    let (size, files, key) = publish_to(cli, folder).await?;
    if cli.json {
        out::json(&json!({ "entries": size, "files": files, "key": key }));
        return Ok(Exit::Done);
    }
    let (entries, files) = (out::count(size, "entry"), out::count(files, "file"));
    out::line(&format!("{entries} in {files} below {}", folder.display()));
    out::line("anybody verifies them with the public key and nothing else:");
    out::line(&format!("  tenure ledger check --files {} --key '{key}'", folder.display()));
    Ok(Exit::Done)
}

/// Publishes the ledger below a folder: how many entries, how many files, and the public key.
pub(super) async fn publish_to(cli: &Cli, folder: &Path) -> Result<(u64, u64, String), Failure> {
    let app = wire::ledger(cli).await?;
    let moment = crate::command::acting::moment(cli, &app).await?;
    app.permit_for(tenure_app::Operation::Export, &moment).await?;
    let spinner = out::spinner("exporting the ledger");
    let mut files = 0_u64;
    let checkpoint = app
        .publish_ledger(&mut |path, bytes| {
            let path = folder.join(path);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            files += 1;
            crate::outside::write_new(&path, bytes)
        })
        .await?;
    spinner.finish_and_clear();
    Ok((checkpoint.size, files, app.public_key()))
}
