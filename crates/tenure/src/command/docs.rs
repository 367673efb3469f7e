//! `tenure docs`: writes the documents that are generated from the program. Hidden: for the project's own use.

use crate::cli::Docs;
use crate::document;
use crate::exit::{Exit, Failure};
use crate::out;

pub(crate) fn docs(args: &Docs) -> Result<Exit, Failure> {
    for (path, text) in document::all() {
        let file = args.below.join(&path);
        let failed = |e: std::io::Error| {
            Failure::new(
                "C011",
                format!("{} cannot be written: {e}", file.display()),
                "check the folder's permissions",
            )
        };
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        std::fs::write(&file, text).map_err(failed)?;
        out::line(&path);
    }
    Ok(Exit::Done)
}
