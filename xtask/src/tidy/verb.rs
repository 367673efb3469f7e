//! Runs every rule over the project.

use std::fs;

use super::finding::Finding;
use super::lexer::Source;
use super::project::{Project, is_rust};
use super::{
    adr, commands, declarations, floors, links, promises, rings, rust_text, sizes, text, vague, words,
};
use crate::paths;
use crate::problem::{Done, Problem};
use crate::run::{cargo, output};
use crate::say;

/// The list of files and functions that are too long, with the size that they may not exceed.
const RATCHET: &str = "xtask/size-ratchet.txt";
/// How often vague pronouns occur.
const WORDS: &str = "xtask/word-ratchet.txt";

/// Checks the whole project and prints every finding.
pub(crate) fn tidy(arguments: &[String]) -> Done {
    let accept = match arguments {
        [] => false,
        [flag] if flag == "--accept-sizes" => true,
        _ => return Err(Problem::new("tidy takes no argument but --accept-sizes")),
    };
    let root = paths::root();
    let project = Project::read(&root)?;
    let mut metadata = cargo();
    metadata.args(["metadata", "--no-deps", "--format-version", "1"]);
    let mut findings = rings::check(&output(&mut metadata)?, &root)?;

    let (mut measured, mut sources) = (Vec::new(), Vec::new());
    for file in &project.files {
        findings.extend(text::check(file));
        if is_rust(&file.path) {
            let source = Source::read(&file.path, &file.text);
            findings.extend(rust_text::check(&source));
            findings.extend(declarations::check(&source));
            findings.extend(words::check(&source));
            findings.extend(commands::check(&source));
            measured.extend(sizes::measure(&source));
            sources.push(source);
        }
        if file.path.ends_with(".md") {
            findings.extend(links::check(file, &root));
        }
    }
    let names: Vec<&str> = project.files.iter().map(|file| file.path.as_str()).collect();
    findings.extend(adr::check(&names));
    findings.extend(floors::check(&sources));
    findings.extend(promises::check(&project.files));

    let ratchet = root.join(RATCHET);
    let counts = vague::count(&project.files);
    if accept {
        fs::write(&ratchet, sizes::ratchet_of(&measured))
            .map_err(Problem::doing(format!("cannot write {RATCHET}")))?;
        fs::write(root.join(WORDS), vague::ratchet_of(counts))
            .map_err(Problem::doing(format!("cannot write {WORDS}")))?;
    }
    let listed = fs::read_to_string(&ratchet).unwrap_or_default();
    findings.extend(sizes::check(&measured, &listed, RATCHET));
    let listed = fs::read_to_string(root.join(WORDS)).unwrap_or_default();
    findings.extend(vague::check(counts, &listed, WORDS));
    report(findings, project.files.len())
}

fn report(mut findings: Vec<Finding>, files: usize) -> Done {
    findings.sort();
    findings.dedup();
    for finding in &findings {
        say::line(&finding.to_string());
    }
    if findings.is_empty() {
        say::line(&format!("tidy: {files} files, nothing to do"));
        return Ok(());
    }
    Err(Problem::new(format!("tidy: {} findings in {files} files", findings.len())))
}
