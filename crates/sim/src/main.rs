//! Writes the scenario book as a page, and counts what it shows.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};
use tenure_sim::{Book, counts, none_is_missing, page};

const USAGE: &str = "tenure-sim docs FOLDER   writes scenarios.md into the folder and prints its name\n\
                     tenure-sim counts        says how many scenarios show each hard case and each promise\n";

/// The page's name.
const PAGE: &str = "scenarios.md";

#[expect(clippy::print_stderr, reason = "what went wrong goes to the person who ran it")]
fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let book = || Book::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios"));
    let done = match &*arguments {
        ["docs", folder] => document(&book(), folder),
        ["counts"] => say(&counts(&book())).and_then(|()| none_is_missing(&book(), &promises()?)),
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
