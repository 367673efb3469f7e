//! Writes the scenario book as a page, counts what it shows, and runs scenario files from anywhere.

use std::io::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};
use tenure_sim::{Book, Scenario, Stage, Staged, counts, fails, in_stage, none_is_missing, page};

const USAGE: &str = "tenure-sim docs FOLDER   writes scenarios.md into the folder and prints its name\n\
                     tenure-sim counts        says how many scenarios show each hard case and each promise\n\
                     tenure-sim scenario FILE… [--nanoseconds] [--stage engine|fake|slapd]   runs scenario files\n\
                     tenure-sim pairs --seeds N [--from M] [--stage engine|fake]   runs generated organisations in which mechanisms meet\n";

/// Clocks that have nanoseconds.
const NANOSECONDS: &str = "--nanoseconds";

/// The page's name.
const PAGE: &str = "scenarios.md";

#[expect(clippy::print_stderr, reason = "what went wrong goes to the person who ran it")]
fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let book = || Book::read(&folder());
    let done = match &*arguments {
        ["docs", folder] => document(&book(), folder),
        ["counts"] => say(&counts(&book())).and_then(|()| none_is_missing(&book(), &promises()?)),
        ["pairs", "--seeds", n] => generated("0", n, Stage::Engine),
        ["pairs", "--seeds", n, "--stage", "fake"] => generated("0", n, Stage::Fake),
        ["pairs", "--seeds", n, "--from", first] => generated(first, n, Stage::Engine),
        ["pairs", "--seeds", n, "--from", first, "--stage", "fake"] => generated(first, n, Stage::Fake),
        ["scenario", files @ ..] if !files.is_empty() => scenarios(files),
        _ => Err(format!("use it so:\n{USAGE}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("tenure-sim: {why}");
            ExitCode::FAILURE
        }
    }
}

/// The folder of the book.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

/// Runs the organisations of some seeds in a stage, and prints the smallest scenario of each that fails.
fn generated(first: &str, count: &str, stage: Stage) -> Result<(), String> {
    let number = |text: &str| text.parse::<u64>().map_err(|e| format!("{text}: {e}\n{USAGE}"));
    let (first, count) = (number(first)?, number(count)?);
    let mut failed = 0_u64;
    for seed in first..first.saturating_add(count) {
        if let Some(failure) = fails(seed, &folder(), stage) {
            failed += 1;
            say(&format!("# seed {seed}: {}\n{}\n", failure.what, failure.scenario))?;
        }
    }
    say(&format!("{count} organisations, {failed} failed\n"))?;
    if failed == 0 { Ok(()) } else { Err(format!("{failed} of {count} showed what must never be so")) }
}

/// Runs these files, in every stage or in the one that is named, and prints how each ended.
fn scenarios(arguments: &[&str]) -> Result<(), String> {
    let fine = arguments.contains(&NANOSECONDS);
    let arguments: Vec<&str> = arguments.iter().copied().filter(|a| *a != NANOSECONDS).collect();
    let (files, stages) = match &*arguments {
        [files @ .., "--stage", name] => {
            let stage = Stage::named(name).ok_or_else(|| format!("there is no stage `{name}`\n{USAGE}"))?;
            (files, vec![stage])
        }
        files => (files, Stage::ALL.to_vec()),
    };
    let mut wrong = 0_usize;
    for file in files {
        let scenario = match Scenario::read(Path::new(file)) {
            Ok(scenario) if fine => scenario.with_nanoseconds(),
            Ok(scenario) => scenario,
            Err(why) => {
                wrong += 1;
                say(&format!("{file}: not a scenario\n{why}\n"))?;
                continue;
            }
        };
        for stage in &stages {
            let name = format!("{} {}", scenario.name, stage.as_str());
            // What a scenario cannot set up panics with its reason; the next ones are run all the same.
            let ended = catch_unwind(AssertUnwindSafe(|| in_stage(&scenario, *stage, &folder())));
            match ended.unwrap_or_else(|_| Err("it could not be run: see above".to_owned())) {
                Ok(Staged::Right) => say(&format!("{name}: right\n"))?,
                Ok(Staged::Skipped) => say(&format!("{name}: SKIPPED, there is no slapd here\n"))?,
                Err(what) => {
                    wrong += 1;
                    say(&format!("{name}: WRONG\n{what}\n"))?;
                }
            }
        }
    }
    if wrong == 0 { Ok(()) } else { Err(format!("{wrong} not as expected")) }
}

/// The page that says what fails when a promise is broken.
fn promises() -> Result<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/promises.md");
    fs::read_to_string(&path).map_err(|e| format!("cannot read {}: {e}", path.display()))
}

fn document(book: &Book, folder: &str) -> Result<(), String> {
    let path = PathBuf::from(folder).join(PAGE);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(&path, page(book)));
    written.map_err(|e| format!("cannot write {}: {e}", path.display()))?;
    say(&format!("{PAGE}\n"))
}

fn say(text: &str) -> Result<(), String> {
    io::stdout().lock().write_all(text.as_bytes()).map_err(|e| format!("cannot print: {e}"))
}
