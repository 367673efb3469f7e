//! From the parsed command line to the command.

use super::{
    access, activate, adopt, apply, approvals, case, check, completions, correlate, cut_off, demo, docs,
    doctor, erase, explain, findings, hold, identity, init, ledger, list, man, plan, release, run, scan,
};
use crate::cli::{Cli, Command};
use crate::exit::{Exit, Failure};

/// Runs a command.
pub(crate) async fn dispatch(cli: Cli) -> Result<Exit, Failure> {
    match &cli.command {
        Command::Init(args) => init::init(&cli, args).await,
        Command::Check(args) => check::check(&cli, args).await,
        Command::Apply(args) => apply::apply(&cli, args).await,
        Command::Run(args) => run::run(&cli, args).await,
        Command::Plan(args) => plan::plan(&cli, args).await,
        Command::Explain(args) => explain::explain(&cli, args).await,
        Command::Scan(args) => scan::scan(&cli, args).await,
        Command::Adopt(args) => adopt::adopt(&cli, args).await,
        Command::Correlate(args) => correlate::correlate(&cli, args).await,
        Command::Findings(args) => findings::findings(&cli, args).await,
        Command::List(args) => list::list(&cli, args).await,
        Command::Doctor => doctor::doctor(&cli).await,
        Command::Demo(args) => demo::demo(args).await,
        Command::Release(args) => release::release(&cli, args).await,
        Command::Approvals(args) => approvals::approvals(&cli, args).await,
        Command::Approve(args) => approvals::vote(&cli, args, true).await,
        Command::Deny(args) => approvals::vote(&cli, args, false).await,
        Command::Request(args) => access::request(&cli, args).await,
        Command::Exception(args) => access::exception(&cli, args).await,
        Command::Delegate(args) => access::delegate(&cli, args).await,
        Command::Override(args) => access::set_by_hand(&cli, args).await,
        Command::Cutoff(args) => cut_off::cut_off(&cli, args).await,
        Command::Hold(args) => hold::hold(&cli, args).await,
        Command::Erase(args) => erase::erase(&cli, args).await,
        Command::Activate(args) => activate::activate(&cli, args).await,
        Command::Identity(args) => identity::identity(&cli, args).await,
        Command::Case(args) => case::case(&cli, args).await,
        Command::Ledger(args) => ledger::ledger(&cli, args).await,
        Command::Completions(args) => completions::completions(&cli, args),
        Command::Man(args) => man::man(args),
        Command::Docs(args) => docs::docs(&cli, args).await,
    }
}
