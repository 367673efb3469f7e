//! The files of a scenario's configuration: the base's, with what the scenario changes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Path within the configuration and text, as the policy loader takes them.
pub(crate) type Files = BTreeMap<String, String>;

/// All `*.toml` of a base folder.
pub(crate) fn base(folder: &Path) -> Files {
    let mut files = Files::new();
    for part in ["", "sources", "systems", "policy"] {
        let Ok(entries) = fs::read_dir(folder.join(part)) else { continue };
        for path in entries.map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "toml"))
        {
            let name = path.file_name().unwrap().to_string_lossy();
            let within = if part.is_empty() { name.to_string() } else { format!("{part}/{name}") };
            files.insert(within, fs::read_to_string(&path).unwrap());
        }
    }
    assert!(files.contains_key("tenure.toml"), "{} is not a configuration", folder.display());
    files
}

/// Puts changed files over others. An empty text takes a file away.
pub(crate) fn change(files: &mut Files, changed: &BTreeMap<String, String>) {
    for (path, text) in changed {
        if text.trim().is_empty() {
            assert!(files.remove(path).is_some(), "there is no {path} to take away");
        } else {
            files.insert(path.clone(), text.clone());
        }
    }
}

/// The configuration, compiled.
pub(crate) fn compiled(files: &Files) -> Result<tenure_policy::SetUp, String> {
    let files: Vec<(String, String)> = files.iter().map(|(p, t)| (p.clone(), t.clone())).collect();
    match tenure_policy::load(&files) {
        Ok(loaded) => Ok(loaded.setup),
        Err(found) => Err(found.iter().map(|d| d.render(&files, false)).collect()),
    }
}
