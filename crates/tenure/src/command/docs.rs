//! `tenure docs`: writes the documents that are generated from the program. Hidden: for the project's own use.

use crate::cli::{Cli, Docs};
use crate::document;
use crate::exit::{Exit, Failure};
use crate::out;
use serde_json::json;

pub(crate) async fn docs(cli: &Cli, args: &Docs) -> Result<Exit, Failure> {
    if cli.json {
        return examples().await;
    }
    for (path, text) in document::all().await? {
        let file = args.below.join(&path);
        let failed = Failure::unwritable(&file);
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        std::fs::write(&file, text).map_err(failed)?;
        out::line(&path);
    }
    Ok(Exit::Done)
}

/// With `--json`, what each example prints with `--json`: the project's tests compare it with the schema.
async fn examples() -> Result<Exit, Failure> {
    let played = document::play(true).await?;
    let all = played.iter().map(|p| json!({ "line": p.example.line, "code": p.code, "printed": p.data }));
    out::json(&all.collect());
    Ok(Exit::Done)
}
