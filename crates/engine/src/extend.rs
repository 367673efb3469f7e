//! Access whose end moves later: what was agreed to goes on as it is, until there is a yes to the rest.

use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::{AccountState, DueGrant, EntitlementName, Grant, Justification, Settlement, Subject};

/// When the last of several reasons ends; `None` is never.
pub(crate) fn end(reasons: &[Justification]) -> Option<Timestamp> {
    let never = reasons.iter().any(|j| j.until.is_none());
    if never { None } else { reasons.iter().filter_map(|j| j.until).max() }
}

/// Whether a grant that is held is due for longer than it was.
pub(crate) fn is_extended(held: &Grant, due: &DueGrant) -> bool {
    let Some(old) = end(&held.justifications).filter(|_| !held.justifications.is_empty()) else {
        return false;
    };
    end(&due.justifications).is_none_or(|new| new > old)
}

/// Takes back what is due for longer and waits for an answer: until its old end it stays for its old reasons, then it is not
/// due, and an account with nothing else to hold is not usable.
pub(crate) fn withhold(
    subject: &Subject,
    settlement: &mut Settlement,
    waits: impl Fn(&EntitlementName) -> bool,
    now: Timestamp,
) {
    let mut over = Vec::new();
    for due in settlement.grants.iter_mut().filter(|g| waits(&g.entitlement)) {
        let same = |g: &&Grant| g.account == due.account && g.entitlement == due.entitlement;
        let Some(held) = subject.grants.iter().find(|g| same(g) && g.holding.is_decided()) else { continue };
        let Some(until) = end(&held.justifications).filter(|_| is_extended(held, due)) else { continue };
        if until <= now {
            over.push((due.account.clone(), due.entitlement.clone()));
            continue;
        }
        due.justifications.clone_from(&held.justifications);
        settlement.next = Some(settlement.next.map_or(until, |next| next.min(until)));
    }
    settlement.grants.retain(|g| !over.contains(&(g.account.clone(), g.entitlement.clone())));
    for account in &mut settlement.accounts {
        let is_over = over.iter().any(|(key, _)| *key == account.key);
        if is_over && !settlement.grants.iter().any(|g| g.account == account.key) {
            account.state = account.state.min(AccountState::Disabled);
            account.because = Arc::from("what was agreed to is over");
        }
    }
}
