//! Sentences of refusals about systems and the accounts in them.

use tenure_app::SystemRefusal;

super::table::sentences! { SystemRefusal:
    InEnforce { system } => format!(
        "{system} is in `enforce`: existing access is adopted before that, in `observe` or `end_only`"
    );
    HasAccount { identity, system, account } => format!(
        "{identity} has an account of this kind in {system} already: remove one of the two there, or declare \
         `{account}` an orphan"
    );
    AccountUnreadable { system, account, problem } => {
        format!("`{account}` cannot be read in {system}: {problem}")
    };
    AccountGone { system, account } => format!("`{account}` cannot be read in {system}: it does not exist");
    Unread { system, account, problem } => format!("{system} could not be read for {account}: {problem}");
    NotScannable { system } => format!(
        "{system} cannot be scanned: its accounts cannot be listed; its owner confirms them by an export or an attestation"
    );
    ScanInterrupted { system, problem } => {
        format!("the scan of {system} was interrupted and has no effect: {problem}")
    };
}
