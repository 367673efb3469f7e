//! What people read: data on standard output, everything else on standard error, colours only on terminals.

use std::io::{IsTerminal, Write};

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
    fn with(self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
    pub(crate) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }
    pub(crate) fn dim(self, text: &str) -> String {
        self.with("2", text)
    }
    pub(crate) fn red(self, text: &str) -> String {
        self.with("1;31", text)
    }
    pub(crate) fn green(self, text: &str) -> String {
        self.with("32", text)
    }
    pub(crate) fn yellow(self, text: &str) -> String {
        self.with("33", text)
    }
}

/// Whether the user asked for no colour (<https://no-color.org>).
fn plain() -> bool {
    #[expect(clippy::disallowed_methods, reason = "the composition root reads the environment")]
    std::env::var("NO_COLOR").is_ok_and(|v| !v.is_empty())
}

/// A line of data. A reader that went away (`| head`) is no error.
pub(crate) fn line(text: &str) {
    drop(writeln!(std::io::stdout().lock(), "{text}"));
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

/// A JSON value, readable.
pub(crate) fn json(value: &serde_json::Value) {
    line(&serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string()));
}

/// A line that is not data.
pub(crate) fn note(text: &str) {
    drop(writeln!(std::io::stderr().lock(), "{text}"));
}

/// A progress bar for anything that may take over a second; hidden where nobody looks.
pub(crate) fn bar(what: &'static str) -> indicatif::ProgressBar {
    if !std::io::stderr().is_terminal() {
        return indicatif::ProgressBar::hidden();
    }
    let bar = indicatif::ProgressBar::no_length();
    if let Ok(style) = indicatif::ProgressStyle::with_template("{msg:24} {wide_bar} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar.set_message(what);
    bar
}

/// Something that turns while a step of unknown length takes its time; hidden where nobody looks.
pub(crate) fn spinner(what: &'static str) -> indicatif::ProgressBar {
    if !std::io::stderr().is_terminal() {
        return indicatif::ProgressBar::hidden();
    }
    let spinner = indicatif::ProgressBar::new_spinner().with_message(what);
    spinner.enable_steady_tick(std::time::Duration::from_millis(200));
    spinner
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
        .compact()
        .init();
}
