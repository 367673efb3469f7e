//! Which operations each command asks the authority table for: a command that names none fails a test.

use tenure_app::Operation;

/// The operations of a command, by its path; none for a command that neither reads nor writes a database.
pub(crate) const OPERATIONS: &[(&str, &[Operation])] = {
    use Operation as O;
    &[
        ("init", &[]),
        ("check", &[O::Connect]),
        ("plan", &[O::Plan]),
        ("apply", &[O::Apply, O::ConfirmConfiguration, O::ConfirmConfigurationAlone]),
        ("run", &[O::Run, O::ConfirmClock, O::ReadState]),
        ("explain", &[O::ReadIdentity, O::ReadReason, O::ReadWithheld]),
        ("scan", &[O::Reconcile, O::EnableAgain, O::KeepDisabled, O::ReadState]),
        ("adopt", &[O::ReadState, O::Adopt, O::AdoptInstead, O::LinkAccount, O::Disclaim]),
        ("correlate", &[O::ReadState, O::Correlate, O::Merge, O::Split]),
        ("release", &[O::ReadState, O::Release]),
        ("approvals", &[O::ReadState]),
        ("approve", &[O::Answer]),
        ("deny", &[O::Answer]),
        ("request add", &[O::Request]),
        ("request extend", &[O::Extend]),
        ("request end", &[O::EndAccess]),
        ("request keep", &[O::Certify]),
        ("request emergency", &[O::Emergency]),
        ("request seen", &[O::ReviewEmergency]),
        ("request rename", &[O::RequestRename]),
        ("request list", &[O::ReadRequests, O::ReadIdentity]),
        ("exception add", &[O::Except]),
        ("exception end", &[O::EndAccess]),
        ("delegate", &[O::Delegate, O::AcceptDelegation, O::EndDelegation]),
        ("override set", &[O::Override]),
        ("override end", &[O::EndOverride]),
        (
            "cutoff",
            &[
                O::CutOff,
                O::OrderCutOff,
                O::ConfirmCutOff,
                O::ReviewCutOff,
                O::Lift,
                O::LiftTogether,
                O::LiftOrder,
                O::ReadState,
                O::ReadReason,
            ],
        ),
        ("hold set", &[O::Hold]),
        ("hold lift", &[O::LiftHold]),
        ("hold list", &[O::ReadState]),
        ("erase", &[O::Erase, O::ReadState]),
        ("activate", &[O::Activate, O::HandOver]),
        ("identity add", &[O::StateIdentity]),
        ("identity change", &[O::ChangeIdentity]),
        ("identity end", &[O::EndIdentity]),
        ("identity list", &[O::ReadState]),
        ("identity show", &[O::ReadIdentity]),
        ("case", &[O::ReadState, O::DoManual, O::Attest, O::HandOver, O::TryAgain, O::AcceptRisk]),
        ("ledger verify", &[O::VerifyLedger]),
        ("ledger key", &[O::VerifyLedger]),
        ("ledger export", &[O::Export]),
        ("ledger pack", &[O::Export, O::ReadEntry, O::ReadReason]),
        ("ledger population", &[O::Export]),
        ("ledger show", &[O::ReadEntry, O::ReadReason]),
        ("ledger prove", &[]),
        ("ledger check", &[]),
        ("ledger repaired", &[O::DealWithDamage]),
        ("ledger reopen", &[O::Reopen, O::SetClockBack]),
        ("findings acknowledge", &[O::ReadState, O::AcknowledgeFinding]),
        ("findings dismiss", &[O::ReadState, O::AcknowledgeFinding]),
        ("people", &[O::ReadState]),
        ("holders", &[O::ReadState]),
        ("entitlements", &[O::ReadState]),
        ("exceptions", &[O::ReadState]),
        ("reviews", &[O::ReadState]),
        ("quarantine", &[O::ReadState]),
        ("tasks", &[O::ReadState]),
        ("accounts", &[O::ReadState]),
        ("history", &[O::ReadEntry, O::ReadReason]),
        ("doctor", &[O::ReadState]),
        ("demo", &[]),
        ("completions", &[]),
        ("man", &[]),
        ("docs", &[]),
    ]
};

#[cfg(test)]
mod tests {
    use super::OPERATIONS;
    use crate::cli::Cli;
    use clap::CommandFactory as _;
    use std::collections::BTreeSet;
    use tenure_app::Operation;

    fn leaves(command: &clap::Command, path: &str, all: &mut BTreeSet<String>) {
        let mut own = command.get_subcommands().filter(|c| c.get_name() != "help").peekable();
        if own.peek().is_none() {
            all.insert(path.to_owned());
        }
        for sub in own {
            leaves(sub, format!("{path} {}", sub.get_name()).trim(), all);
        }
    }

    #[test]
    fn each_command_names_its_operations() {
        let mut commands = BTreeSet::new();
        leaves(&Cli::command(), "", &mut commands);
        let named: BTreeSet<String> = OPERATIONS.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(named, commands, "a command without a line here is uncovered");
    }

    #[test]
    fn each_operation_is_reached_by_a_command() {
        let reached: BTreeSet<Operation> = OPERATIONS.iter().flat_map(|(_, all)| *all).copied().collect();
        let all: BTreeSet<Operation> = Operation::ALL.iter().copied().collect();
        assert_eq!(reached, all);
    }
}
