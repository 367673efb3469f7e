//! The obligations of a decision, as facts: on the identity's own accounts, and those that only other work or other people fulfil.

use super::unit::UnitDraft;
use crate::App;
use std::sync::Arc;
use tenure_model::{AccountKey, Case, Fact, FactState, Obligation};
use tenure_store::Change;

/// Writes the obligations of a decision in its case.
pub(super) fn facts(app: &App, parts: &UnitDraft<'_>, case: Option<&Case>, changes: &mut Vec<Change>) {
    let Some(case) = case else { return };
    let identity = parts.subject.identity.id;
    let able = |account: &AccountKey| app.systems.get(&account.system).map(|w| &w.capabilities);
    let put = |account: Option<AccountKey>, obligation: &Obligation, generation| {
        let (obligation, state) = (obligation.clone(), FactState::Unknown);
        Change::PutFact(Fact { identity, account, obligation, generation, case: case.id, state })
    };
    for (account, obligation, generation) in &parts.decided.obligations {
        match obligation {
            Obligation::SessionsEnded if able(account).is_none_or(|c| !c.sessions) => {}
            Obligation::CredentialsRevoked if able(account).is_none_or(|c| !c.credentials) => {}
            // Work on the account of another identity; no generation shows that it was not ordered yet.
            Obligation::SecretRotated(_) | Obligation::Activated(_) => changes.push(put(None, obligation, 0)),
            _ => changes.push(put(Some(account.clone()), obligation, *generation)),
        }
    }
    changes.extend(parts.owned.iter().map(|obligation| put(None, obligation, 0)));
}

/// Why only a person can reset the credentials of an account, where that is owed and the system cannot do it.
pub(super) fn by_hand(app: &App, parts: &UnitDraft<'_>, account: &AccountKey) -> Option<Arc<str>> {
    let mut owed = parts.decided.obligations.iter();
    let resets = owed.any(|(a, o, _)| a == account && matches!(o, Obligation::CredentialsReset(_)));
    let why = "its old password or secret may be known to other people: rotate it by hand where it is stored";
    (resets && !app.can_reset(&account.system, parts.subject.identity.kind)).then(|| Arc::from(why))
}
