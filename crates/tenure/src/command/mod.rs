//! One file per command.

mod acting;
mod apply;
mod approvals;
mod case;
mod check;
mod completions;
mod correlate;
mod cut_off;
mod demo;
mod doctor;
mod explain;
mod init;
mod ledger;
mod plan;
mod release;
mod run;
mod scan;
mod skeleton;

use crate::cli::{Cli, Command};
use crate::exit::{Exit, Failure};

/// Runs a command.
pub(crate) async fn run(cli: Cli) -> Result<Exit, Failure> {
    match &cli.command {
        Command::Init(args) => init::init(&cli, args),
        Command::Check => check::check(&cli),
        Command::Apply(args) => apply::apply(&cli, args).await,
        Command::Run(args) => run::run(&cli, args).await,
        Command::Plan(args) => plan::plan(&cli, args).await,
        Command::Explain(args) => explain::explain(&cli, args).await,
        Command::Scan(args) => scan::scan(&cli, args).await,
        Command::Correlate(args) => correlate::correlate(&cli, args).await,
        Command::Doctor => doctor::doctor(&cli).await,
        Command::Demo(args) => demo::demo(args).await,
        Command::Release(args) => release::release(&cli, args).await,
        Command::Approvals(args) => approvals::approvals(&cli, args).await,
        Command::Approve(args) => approvals::vote(&cli, args, true).await,
        Command::Deny(args) => approvals::vote(&cli, args, false).await,
        Command::Cutoff(args) => cut_off::cut_off(&cli, args).await,
        Command::Case(args) => case::case(&cli, args).await,
        Command::Ledger(args) => ledger::ledger(&cli, args).await,
        Command::Completions(args) => completions::completions(args),
    }
}

/// The operating system's user: who acts, unless `--as` is allowed and used.
pub(crate) fn user() -> String {
    #[expect(clippy::disallowed_methods, reason = "the composition root reads the environment")]
    let name = ["USER", "LOGNAME"].iter().find_map(|n| std::env::var(n).ok());
    name.unwrap_or_else(|| "root".to_owned())
}

/// Signs the ledger's head and writes it outside the database.
pub(crate) async fn publish(cli: &Cli, app: &tenure_app::App) -> Result<(), Failure> {
    publish_to(&cli.folder, app).await
}

/// The same for a folder.
pub(crate) async fn publish_to(folder: &std::path::Path, app: &tenure_app::App) -> Result<(), Failure> {
    let Some(text) = app.checkpoint().await? else { return Ok(()) };
    let folder = folder.join(&*app.context.setup.settings.checkpoints);
    let failed = |e: std::io::Error| {
        Failure::new("L002", format!("the checkpoint cannot be written to {}: {e}", folder.display()), "check the path in [ledger] of tenure.toml")
    };
    std::fs::create_dir_all(&folder).map_err(failed)?;
    let partial = folder.join("checkpoint.part");
    std::fs::write(&partial, text.as_bytes()).map_err(failed)?;
    std::fs::rename(&partial, folder.join("checkpoint")).map_err(failed)
}
