//! The sample folder, whole or broken in one place.

use std::path::Path;
use tenure_policy::Diagnostic;

/// (path, text) of the sample.
pub(crate) fn sample() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/sample");
    let mut files = Vec::new();
    for folder in ["", "sources", "systems", "policy"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                files.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// The sample with one text of one file replaced.
pub(crate) fn broken(path: &str, from: &str, to: &str) -> Vec<(String, String)> {
    let mut files = sample();
    let file = files.iter_mut().find(|(p, _)| p == path).unwrap_or_else(|| panic!("no {path}"));
    assert!(file.1.contains(from), "{path} does not contain {from:?}");
    file.1 = file.1.replacen(from, to, 1);
    files
}

/// All diagnostics of a folder, rendered without colours.
pub(crate) fn rendered(files: &[(String, String)]) -> String {
    let found: Vec<Diagnostic> = match tenure_policy::load(files) {
        Ok(loaded) => loaded.warnings,
        Err(errors) => errors,
    };
    found.iter().map(|d| d.render(files, false)).collect::<Vec<_>>().join("\n\n")
}
