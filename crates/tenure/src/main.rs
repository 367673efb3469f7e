//! The program: reads the command line, wires everything together, and turns outcomes into text and exit codes.

mod begin;
mod cli;
mod command;
mod complete;
mod connections;
mod document;
mod envelope;
mod exit;
mod feeds;
mod folder;
mod hints;
mod home;
mod login;
mod machine;
mod open;
mod out;
mod outbox;
mod outside;
mod own;
mod private;
mod secrets;
mod stored;
mod wire;
mod worded;

use std::process::ExitCode;

/// Feeds are read, decided and written on different threads, and each frees what another made: the system's allocator
/// spent a quarter of an import on that (docs/adr/0026).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Bytes of stack for each worker thread: the parser of conditions is recursive.
const STACK_BYTES: usize = 8 << 20;

/// How long the program waits for work that no outcome depends on any more: a look-up of a host name cannot be cancelled.
const END_MAX: std::time::Duration = std::time::Duration::from_secs(1);

fn main() -> ExitCode {
    // Before anything is written: what Tenure makes, only the user that it runs as reads.
    private::by_default();
    if complete::answered() {
        return ExitCode::SUCCESS;
    }
    let (cli, command) = match cli::parse() {
        Ok(parsed) => parsed,
        Err(wrong) => return exit::usage(&wrong),
    };
    out::log(cli.verbose);
    if cli.json {
        envelope::begin();
    }
    // Another provider may be the default already; then that one is used.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK_BYTES).build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(e) => return ended(&command, Err(exit::Failure::internal(format!("no runtime: {e}")))),
    };
    let chosen = cli.fail_on.clone();
    let done = runtime.block_on(command::dispatch(cli)).map(|exit| exit.chosen(&chosen));
    runtime.shutdown_timeout(END_MAX);
    ended(&command, done)
}

/// Says how a command ended: its failure, and its envelope where `--json` asks for one.
fn ended(command: &str, done: Result<exit::Exit, exit::Failure>) -> ExitCode {
    let (exit, failure) = match done {
        Ok(exit) => (exit, None),
        Err(failure) => (failure.exit, Some(failure)),
    };
    failure.iter().for_each(exit::show);
    envelope::end(command, exit, failure.as_ref());
    exit.into()
}
