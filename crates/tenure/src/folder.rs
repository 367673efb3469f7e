//! The configuration folder: its files as texts, and the set-up that they make.

use crate::exit::{Exit, Failure};
use crate::out;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tenure_policy::{Diagnostic, Loaded, SetUp};

/// The files of a configuration folder, sorted by path within it.
pub(crate) type Files = Vec<(String, String)>;

/// Reads `tenure.toml` and every `*.toml` in `sources/`, `systems/` and `policy/`.
pub(crate) fn read(folder: &Path) -> Result<Files, Failure> {
    let mut paths = vec![PathBuf::from("tenure.toml")];
    for part in ["sources", "systems", "policy"] {
        let Ok(entries) = std::fs::read_dir(folder.join(part)) else { continue };
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name();
            if Path::new(&name).extension().is_some_and(|e| e == "toml") {
                paths.push(Path::new(part).join(name));
            }
        }
    }
    paths.sort();
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        let text = std::fs::read_to_string(folder.join(&path)).map_err(|e| {
            Failure::invalid(
                "C001",
                format!("{} cannot be read: {e}", folder.join(&path).display()),
                "name the configuration folder with --folder, or make one with `tenure --folder FOLDER init`",
            )
        })?;
        files.push((path.to_string_lossy().replace('\\', "/"), text));
    }
    Ok(files)
}

/// Loads files; diagnostics go to standard error.
pub(crate) fn load(files: &Files) -> Result<Loaded, Failure> {
    match tenure_policy::load(files) {
        Ok(loaded) => {
            show(&loaded.warnings, files);
            Ok(loaded)
        }
        Err(diagnostics) => {
            show(&diagnostics, files);
            let errors = diagnostics.iter().filter(|d| d.severity == tenure_policy::Severity::Error).count();
            Err(Failure {
                exit: Exit::Invalid,
                code: "C002",
                what: format!("the set-up has {errors} error{}", if errors == 1 { "" } else { "s" }),
                help: Some("mend what is marked above; nothing was changed".to_owned()),
            })
        }
    }
}

fn show(diagnostics: &[Diagnostic], files: &Files) {
    let colour = out::Paint::stderr().is_on();
    for diagnostic in diagnostics {
        out::note(&diagnostic.render(files, colour));
    }
}

/// A stored set-up, compiled again. What was accepted once stays readable.
pub(crate) fn compile(files: &BTreeMap<Arc<str>, Arc<str>>) -> Result<SetUp, Failure> {
    let files: Files = files.iter().map(|(p, t)| (p.to_string(), t.to_string())).collect();
    match tenure_policy::load(&files) {
        Ok(loaded) => Ok(loaded.setup),
        Err(diagnostics) => {
            show(&diagnostics, &files);
            Err(Failure::invalid(
                "C004",
                "the active set-up is not understood by this program",
                "run `tenure apply` with a corrected folder",
            ))
        }
    }
}
