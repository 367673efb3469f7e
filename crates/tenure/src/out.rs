//! What people read: data on standard output, everything else on standard error, colours only on terminals.

use crate::envelope;
use indicatif::ProgressBar;
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tenure_model::text::{is_unprintable, shown};

/// Stands for a colour within a text, and what a terminal is sent for it. No text that is let in holds these (they are
/// noncharacters), and one that comes from elsewhere could do no more than colour.
#[derive(Debug, Clone, Copy)]
struct Colour(char, &'static str);

const COLOURS: [Colour; 5] = [
    Colour('\u{fdd2}', "\x1b[1m"),
    Colour('\u{fdd3}', "\x1b[2m"),
    Colour('\u{fdd4}', "\x1b[1;31m"),
    Colour('\u{fdd5}', "\x1b[32m"),
    Colour('\u{fdd6}', "\x1b[33m"),
];
const PLAIN: char = '\u{fdd7}';

/// The only path of text to people: what controls a terminal is escaped, wherever the text comes from; our own colours are not.
fn safe(text: &str, paint: Paint) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| paint.is_on() && ('\u{fdd2}'..=PLAIN).contains(&c)) {
        let (before, from) = rest.split_at(at);
        out.push_str(&shown(before));
        let mut chars = from.chars();
        let mark = chars.next();
        let colour = COLOURS.iter().find(|c| Some(c.0) == mark).map_or("\x1b[0m", |c| c.1);
        out.push_str(colour);
        rest = chars.as_str();
    }
    out.push_str(&shown(rest));
    out
}

/// Paints text for one stream, or does not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint(bool);

impl Paint {
    pub(crate) fn stdout() -> Self {
        Self(std::io::stdout().is_terminal() && !plain())
    }
    pub(crate) fn stderr() -> Self {
        Self(std::io::stderr().is_terminal() && !plain())
    }
    pub(crate) fn is_on(self) -> bool {
        self.0
    }
    fn with(self, code: Colour, text: &str) -> String {
        if self.0 { format!("{}{text}{PLAIN}", code.0) } else { text.to_owned() }
    }
    pub(crate) fn bold(self, text: &str) -> String {
        self.with(COLOURS[0], text)
    }
    pub(crate) fn dim(self, text: &str) -> String {
        self.with(COLOURS[1], text)
    }
    pub(crate) fn red(self, text: &str) -> String {
        self.with(COLOURS[2], text)
    }
    pub(crate) fn green(self, text: &str) -> String {
        self.with(COLOURS[3], text)
    }
    pub(crate) fn yellow(self, text: &str) -> String {
        self.with(COLOURS[4], text)
    }
}

/// Whether the user asked for no colour (<https://no-color.org>).
fn plain() -> bool {
    #[expect(clippy::disallowed_methods, reason = "the composition root reads the environment")]
    std::env::var("NO_COLOR").is_ok_and(|v| !v.is_empty())
}

/// A line of data. A reader that went away (`| head`) is no error.
pub(crate) fn line(text: &str) {
    if envelope::text(text) {
        return;
    }
    drop(writeln!(std::io::stdout().lock(), "{}", safe(text, Paint::stdout())));
}

/// Several lines of data, where the breaks between them are our own.
pub(crate) fn lines(text: &str) {
    text.split('\n').for_each(line);
}

/// A number with its noun: `1 person`, `3 people`.
pub(crate) fn count<N: std::fmt::Display + PartialEq + From<u8>>(n: N, one: &str) -> String {
    let many = match one {
        "person" => "people".to_owned(),
        "entry" => "entries".to_owned(),
        "identity" => "identities".to_owned(),
        _ => format!("{one}s"),
    };
    if n == N::from(1) { format!("{n} {one}") } else { format!("{n} {many}") }
}

/// The first `most` lines of a list, and how many more there are.
pub(crate) fn list(lines: impl IntoIterator<Item = String>, most: usize) {
    let mut lines = lines.into_iter();
    lines.by_ref().take(most).for_each(|l| line(&l));
    let more = lines.count();
    if more > 0 {
        line(&format!("… and {more} more: --json lists all"));
    }
}

/// Data as JSON: within the envelope of `--json`, or as it is.
pub(crate) fn json(value: &serde_json::Value) {
    if envelope::data(value) {
        return;
    }
    let text = serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string());
    drop(writeln!(std::io::stdout().lock(), "{}", safe_json(&text)));
}

/// JSON has its own escapes: a character that JSON allows in texts but that a terminal acts on is written as an escape.
fn safe_json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\n' || !is_unprintable(c) {
            out.push(c);
        } else {
            let mut units = [0; 2];
            c.encode_utf16(&mut units).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        }
    }
    out
}

/// Whether nothing but data is said.
static IS_SILENT: AtomicBool = AtomicBool::new(false);

/// From here on, nothing but data is said: a shell that completes a line shows it to no person.
pub(crate) fn silence() {
    IS_SILENT.store(true, Ordering::Relaxed);
}

/// A line that is not data.
pub(crate) fn note(text: &str) {
    if IS_SILENT.load(Ordering::Relaxed) {
        return;
    }
    drop(writeln!(std::io::stderr().lock(), "{}", safe(text, Paint::stderr())));
}

/// Lines that are not data and bring their own colours: places in the organisation's own files.
pub(crate) fn note_rendered(text: &str) {
    if IS_SILENT.load(Ordering::Relaxed) {
        return;
    }
    let is_bad = |c: char| c != '\n' && c != '\x1b' && is_unprintable(c);
    let safe: String =
        text.chars().map(|c| if is_bad(c) { char::REPLACEMENT_CHARACTER } else { c }).collect();
    drop(writeln!(std::io::stderr().lock(), "{safe}"));
}

/// How often progress is told where the output is no terminal.
const TOLD_EVERY: Duration = Duration::from_secs(10);

/// A progress bar for anything that may take over a second.
pub(crate) fn bar(what: &'static str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return told(what);
    }
    let bar = ProgressBar::no_length();
    if let Ok(style) = indicatif::ProgressStyle::with_template("{msg:24} {wide_bar} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar.set_message(what);
    bar
}

/// A spinner while a step of unknown length runs.
pub(crate) fn spinner(what: &'static str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return told(what);
    }
    let spinner = ProgressBar::new_spinner().with_message(what);
    spinner.enable_steady_tick(Duration::from_millis(200));
    spinner
}

/// Progress without a terminal: a line on standard error each ten seconds, until it is finished.
fn told(what: &'static str) -> ProgressBar {
    let bar = ProgressBar::hidden().with_message(what);
    let watched = bar.downgrade();
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(TOLD_EVERY);
            let Some(bar) = watched.upgrade().filter(|bar| !bar.is_finished()) else { return };
            note(&progress(&bar.message(), bar.position(), bar.length(), bar.elapsed()));
        }
    });
    bar
}

/// One line of progress: what is done, how far it is, and how long it has taken.
fn progress(what: &str, done: u64, of: Option<u64>, took: Duration) -> String {
    let far = match of {
        Some(of) if of > 0 => format!(" {done}/{of}"),
        _ if done > 0 => format!(" {done}"),
        _ => String::new(),
    };
    format!("{what}:{far} ({} s)", took.as_secs())
}

/// Sends the program's own log to standard error.
pub(crate) fn log(verbose: u8) {
    let level = match verbose {
        0 => "error",
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let filter = tracing_subscriber::EnvFilter::new(format!(
        "error,tenure={level},tenure_app={level},tenure_connect={level}"
    ));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(Paint::stderr().is_on())
        .compact()
        .init();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_says_what_how_far_and_how_long() {
        let s = Duration::from_secs;
        assert_eq!(progress("reading hr", 512, Some(2048), s(20)), "reading hr: 512/2048 (20 s)");
        assert_eq!(progress("scanning", 7, None, s(10)), "scanning: 7 (10 s)");
        assert_eq!(progress("deciding what is due", 0, Some(0), s(10)), "deciding what is due: (10 s)");
    }

    #[test]
    fn nothing_that_a_peer_says_steers_a_terminal() {
        let evil = "Ada\u{1b}[2J\u{7}\nok    ledger: verified\u{202e}\u{9b}31m";
        let shown = "Ada\\u{1b}[2J\\u{7}\\nok    ledger: verified\\u{202e}\\u{9b}31m";
        assert_eq!(safe(evil, Paint(false)), shown);
        assert_eq!(safe(&Paint(true).red(evil), Paint(true)), format!("\u{1b}[1;31m{shown}\u{1b}[0m"));
        assert_eq!(safe("\u{fdd4}x", Paint(false)), "\\u{fdd4}x");
        let json = serde_json::json!({ "name": evil });
        let text = safe_json(&serde_json::to_string_pretty(&json).unwrap());
        assert!(text.chars().all(|c| c == '\n' || !is_unprintable(c)), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), json);
    }
}
