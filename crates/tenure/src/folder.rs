//! The configuration folder: its files as texts, and the configuration that they make.

use crate::exit::{Exit, Failure};
use crate::out;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tenure_connect::{Links, read_regular};
use tenure_ledger::seal::KeyEncryptionKey;
use tenure_policy::{Diagnostic, GlobalSettings, Loaded, SetUp};
use tenure_store::SetUpRow;

/// The files of a configuration folder, sorted by path within it.
pub(crate) type Files = Vec<(String, String)>;

/// Longest file of a configuration folder, in bytes.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// The file of the settings.
pub(crate) const SETTINGS_FILE: &str = "tenure.toml";

/// Reads `tenure.toml` and every `*.toml` in `sources/`, `systems/` and `policy/`.
pub(crate) fn read(folder: &Path) -> Result<Files, Failure> {
    let mut paths = vec![PathBuf::from(SETTINGS_FILE)];
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
        let text = file(folder, &path)?;
        files.push((path.to_string_lossy().replace('\\', "/"), text));
    }
    Ok(files)
}

fn file(folder: &Path, path: &Path) -> Result<String, Failure> {
    let read = read_regular(folder, path, Links::Follow, FILE_BYTES_MAX).map_err(|e| e.to_string());
    // Behind a link there may be a secret, and errors show the lines that they are about.
    let is_key = |text: &str| KeyEncryptionKey::parse(text.trim()).is_ok();
    let text = read.and_then(|f| String::from_utf8(f.bytes).map_err(|_| "it is not UTF-8".to_owned()));
    let text = text.and_then(|text| {
        if is_key(&text) { Err("it holds a key, and no configuration".to_owned()) } else { Ok(text) }
    });
    text.map_err(|e| {
        let what = if folder.is_dir() {
            format!("{} cannot be read: {e}", folder.join(path).display())
        } else {
            format!("there is no folder {}", folder.display())
        };
        let hint = if e.contains("ermission denied") {
            "run it as the user to whom the folder belongs: sudo -u OWNER tenure …"
        } else {
            "name the configuration folder with --folder, or make one with `tenure --folder FOLDER init`"
        };
        Failure::invalid("C001", what, hint)
    })
}

/// The settings of `tenure.toml` alone: where the database and its keys are. Commands that work on the active configuration need no
/// more of the folder, and an error in one of its other files never blocks a cut-off.
pub(crate) fn settings(folder: &Path) -> Result<GlobalSettings, Failure> {
    let text = file(folder, Path::new(SETTINGS_FILE))?;
    tenure_policy::load_settings(&text)
        .map_err(|diagnostics| refused(&diagnostics, &vec![(SETTINGS_FILE.to_owned(), text)]))
}

/// Loads files; diagnostics go to standard error.
pub(crate) fn load(files: &Files) -> Result<Loaded, Failure> {
    match tenure_policy::load(files) {
        Ok(loaded) => {
            show(&loaded.warnings, files);
            Ok(loaded)
        }
        Err(diagnostics) => Err(refused(&diagnostics, files)),
    }
}

/// The failure of a configuration whose diagnostics were shown.
fn refused(diagnostics: &[Diagnostic], files: &Files) -> Failure {
    show(diagnostics, files);
    let errors = diagnostics.iter().filter(|d| d.severity == tenure_policy::Severity::Error).count();
    Failure {
        exit: Exit::Invalid,
        code: "C002",
        what: format!("the configuration has {}", out::count(errors, "error")),
        help: Some("fix what is marked above; nothing was changed".to_owned()),
        detail: None,
    }
}

fn show(diagnostics: &[Diagnostic], files: &Files) {
    let colour = out::Paint::stderr().is_on();
    for diagnostic in diagnostics {
        out::note_rendered(&diagnostic.render(files, colour));
    }
}

/// The active configuration, compiled again, by the name under which it is active: its stored text may have been damaged since.
pub(crate) fn active(row: &SetUpRow) -> Option<SetUp> {
    Some(SetUp { hash: row.hash.clone(), ..compile(&row.files).ok()? })
}

/// A stored configuration, compiled again. What was accepted once stays readable.
pub(crate) fn compile(files: &BTreeMap<Arc<str>, Arc<str>>) -> Result<SetUp, Failure> {
    let files: Files = files.iter().map(|(p, t)| (p.to_string(), t.to_string())).collect();
    match tenure_policy::load(&files) {
        Ok(loaded) => Ok(loaded.setup),
        Err(diagnostics) => {
            show(&diagnostics, &files);
            Err(Failure::invalid(
                "C004",
                "the active configuration is not understood by this program",
                "run `tenure apply` with a corrected folder",
            ))
        }
    }
}
