//! The project's own commands, run as `cargo xtask <verb>`: everything CI does is one of them.

mod bench;
mod check;
mod deny;
mod generated;
mod paths;
mod problem;
mod run;
mod say;
mod scenario;
mod step;
mod test_run;
mod tidy;

use std::process::ExitCode;

use problem::{Done, Problem};

const USAGE: &str = "\
usage: cargo xtask <verb>

  test [FILTER...]       install what the tests need, start real servers, run everything, say what was skipped
                         (arguments go to cargo nextest, for instance -p tenure-ledger or a test's name)
  check                  fmt, clippy, docs, deny, tidy, generated files; what CI runs before the tests
  tidy [--accept-sizes]  the rules that compilers do not check; with the flag, write today's sizes to
                         xtask/size-ratchet.txt instead of failing on them
  gen                    write the generated documents again
  scenario FILE... [--stage engine|fake|slapd]
                         run scenario files from anywhere, and print what is not as expected
  bench [ARGUMENT...]    run the benchmarks in the release profile
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (verb, rest) = match arguments.split_first() {
        Some((verb, rest)) => (verb.as_str(), rest),
        None => ("help", &[][..]),
    };
    let done = match verb {
        "test" => test_run::test(rest),
        "check" => check::check(),
        "tidy" => tidy::tidy(rest),
        "gen" => generated::write(),
        "scenario" => scenario::scenario(rest),
        "bench" => bench::bench(rest),
        "help" | "--help" | "-h" => {
            say::line(USAGE);
            Ok(())
        }
        other => Err(Problem::new(format!("there is no verb {other:?}\n\n{USAGE}"))),
    };
    finish(done)
}

fn finish(done: Done) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            say::problem(&problem.to_string());
            ExitCode::FAILURE
        }
    }
}
