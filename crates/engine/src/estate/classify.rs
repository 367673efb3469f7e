//! Classification of an orphan account, and its owner.

use super::whose::{AccountSeen, text};
use std::sync::Arc;
use tenure_model::OrphanClass;
use tenure_policy::{OrphanRule, System, fits_pattern};

/// An orphan account, as its system's rules classify it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphan {
    /// Its class.
    pub class: OrphanClass,
    /// Its owner.
    pub owner: Arc<str>,
}

/// The first matching rule classifies an account. A protected name is a built-in account.
#[must_use]
pub fn classify(system: &System, account: &AccountSeen<'_>) -> Orphan {
    match system.orphans.iter().find(|rule| fits(rule, account)) {
        Some(rule) => {
            Orphan { class: rule.class, owner: rule.owner.clone().unwrap_or_else(|| system.owner.clone()) }
        }
        None => {
            let built_in = system.protected.contains(account.name);
            let class = if built_in { OrphanClass::BuiltIn } else { OrphanClass::Unknown };
            Orphan { class, owner: system.owner.clone() }
        }
    }
}

fn fits(rule: &OrphanRule, account: &AccountSeen<'_>) -> bool {
    let named = rule.names.is_empty() || rule.names.iter().any(|p| fits_pattern(p, account.name));
    let told = rule.attribute.as_ref().is_none_or(|(name, values)| {
        let value = text(account, Some(name));
        value.is_some_and(|v| values.iter().any(|one| one.to_lowercase() == v.to_lowercase()))
    });
    named && told
}
