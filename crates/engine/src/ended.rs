//! What ends for good with the access of an account that is off already: its keys and sessions, once since it was last usable.

use crate::decide::Decided;
use tenure_model::{Account, AccountKey, AccountState, Obligation, Pause, Phase, Settlement, Subject};

/// Whether what works for an account ends for good: not while its holder is away or between two engagements for a short time, and
/// comes back with it.
pub(crate) fn ends(settlement: &Settlement, account: &AccountKey) -> bool {
    let due = || settlement.grants.iter().any(|g| g.account == *account);
    settlement.cut_off
        || matches!(settlement.phase, Phase::Departed | Phase::Erased)
        || settlement.between == Some(Pause::Long)
        || (settlement.phase == Phase::Active && !due())
}

/// Accounts that were off before (an absence, a short gap, a hand in the system) and whose keys and sessions are to end now.
/// Whatever was known of one that nothing was ever decided to be held by is left as it is, unless its holder is cut off.
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

/// Remembers of which accounts that are off keys and sessions are owed, until each is usable again.
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
