//! The only place that prints: lines for a person, problems on the error stream.

/// One line (or several) of progress or result.
#[expect(clippy::print_stdout, reason = "this is a command for people")]
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// What stopped the command.
#[expect(clippy::print_stderr, reason = "this is a command for people")]
pub(crate) fn problem(text: &str) {
    eprintln!("xtask: {text}");
}

/// A line of another program, passed on unchanged.
#[expect(clippy::print_stderr, reason = "passes on what a program says on the same stream")]
pub(crate) fn passed_on(line: &str) {
    eprintln!("{line}");
}
