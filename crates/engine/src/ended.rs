//! Credentials and sessions that end permanently when the access of a disabled account ends: once since it was last usable.

use crate::decide::Decided;
use tenure_model::{Account, AccountKey, AccountState, Obligation, Pause, Phase, Settlement, Subject};

/// Whether the credentials of an account end permanently: not while its holder is absent or between two engagements for a short time,
/// and returns to them.
pub(crate) fn ends(settlement: &Settlement, account: &AccountKey) -> bool {
    let due = || settlement.grants.iter().any(|g| g.account == *account);
    settlement.cut_off
        || matches!(settlement.phase, Phase::Departed | Phase::Erased)
        || settlement.between == Some(Pause::Long)
        || (settlement.phase == Phase::Active && !due())
}

/// Accounts that were already off (an absence, a short gap, disabled by hand) and whose credentials and sessions must end now. An
/// account for which nothing was ever decided is left as it is, unless its holder is cut off.
pub(crate) fn outlived<'s>(
    subject: &'s Subject,
    settlement: &'s Settlement,
) -> impl Iterator<Item = &'s Account> {
    let stays_off = |account: &Account| {
        let due = settlement.accounts.iter().find(|d| d.key == account.key);
        account.target.state == AccountState::Disabled
            && due.is_some_and(|d| d.state == AccountState::Disabled)
    };
    let held = |account: &Account| subject.grants.iter().any(|g| g.account == account.key);
    subject.accounts.iter().filter(move |account| {
        stays_off(account)
            && ends(settlement, &account.key)
            && !subject.identity.decisions.ended.contains(&account.key)
            && (settlement.cut_off || held(account))
    })
}

/// Records for which disabled accounts the end of credentials and sessions is owed, until each is usable again.
pub fn note_ended(subject: &mut Subject, decided: &Decided) {
    let mut ended = std::mem::take(&mut subject.identity.decisions.ended);
    let owed = decided.obligations.iter().filter(|(_, what, _)| *what == Obligation::CredentialsRevoked);
    ended.extend(owed.map(|(account, ..)| account.clone()));
    let is_off = |key: &AccountKey| {
        let mut all = decided.accounts.iter().chain(&subject.accounts);
        all.find(|a| a.key == *key).is_some_and(|a| a.target.state != AccountState::Enabled)
    };
    ended.retain(is_off);
    ended.sort_unstable();
    ended.dedup();
    subject.identity.decisions.ended = ended;
}
