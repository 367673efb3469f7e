//! The accounts of an identity in an explanation: what is decided, what the last read showed, and why that is not confirmed.

use super::{Explain, Explanation};
use crate::AppError;
use crate::describe::{due_words, fact_state_words, instant_words};
use serde_json::{Value, json};
use std::sync::Arc;
use tenure_engine::account_name;
use tenure_model::{
    Account, AccountState, EntitlementName, Fact, Name as _, Observed, Task, TaskKind, TaskState,
};
use tenure_store::StoredSubject;

/// Most open tasks of one identity that are read.
const TASKS_MAX: u32 = 1_000;

/// One account: its line, the lines of what is open there, and JSON.
struct AccountShown {
    /// Its system.
    system: Arc<str>,
    /// In words.
    lines: Vec<String>,
    /// As JSON.
    json: Value,
}

impl Explain<'_> {
    /// Adds the accounts, all or those of one entitlement's system, and what brakes hold.
    pub(super) async fn tell_accounts(
        &self,
        stored: &StoredSubject,
        entitlement: Option<&EntitlementName>,
        explanation: &mut Explanation,
    ) -> Result<(), AppError> {
        let mut accounts = self.accounts(stored).await?;
        accounts.retain(|a| entitlement.is_none_or(|e| *a.system == *e.system_str()));
        let held = self.held_by_brakes(stored).await?;
        explanation.lines.extend(accounts.iter().flat_map(|a| a.lines.iter().cloned()));
        explanation.lines.extend(held.iter().map(|(line, _)| line.clone()));
        explanation.json["accounts"] = accounts.into_iter().map(|a| a.json).collect();
        explanation.json["held_by_brakes"] = held.into_iter().map(|(_, json)| json).collect();
        Ok(())
    }

    /// The accounts of an identity; those that never were and are not to be are left out.
    async fn accounts(&self, stored: &StoredSubject) -> Result<Vec<AccountShown>, AppError> {
        let id = stored.identity.id;
        let tasks = self.app.store.tasks(Some(id), TASKS_MAX).await?;
        let facts = self.app.store.facts(&[id]).await?;
        let is_shown = |a: &&Account| {
            a.target.state != AccountState::Absent
                || matches!(a.observed, Observed::Present { .. })
                || a.generation > 0
        };
        Ok(stored
            .accounts
            .iter()
            .filter(is_shown)
            .map(|account| self.account(stored, account, &tasks, &facts))
            .collect())
    }

    fn account(
        &self,
        stored: &StoredSubject,
        account: &Account,
        tasks: &[Task],
        facts: &[Fact],
    ) -> AccountShown {
        let system = self.app.context.setup.systems.get(&account.key.system);
        let name = system.and_then(|system| account_name(system, &stored.identity, account));
        let named = name.as_ref().map(|name| format!("`{name}` in ")).unwrap_or_default();
        let task = tasks.iter().find(|t| t.account == account.key);
        let (word, why) = certainty(account, task);
        let (due, read) = (account.target.state.as_str(), read_words(&account.observed));
        let mut line = format!("account {named}{}: {due}, {word}", account.key);
        if !why.is_empty() {
            line.push_str(&format!(": {why}"));
        }
        let mut lines = vec![format!("{line}; {read}")];
        let open = facts.iter().filter(|f| f.is_of(&account.key) && f.state.is_open());
        lines.extend(open.map(|f| format!("  {}: {}", due_words(&f.obligation), fact_state_words(&f.state))));
        AccountShown {
            system: Arc::from(account.key.system.as_str()),
            lines,
            json: json!({
                "account": account.key.to_string(), "name": name.map(|n| n.to_string()), "due": due, "state": word,
                "why": why, "read": read_at(&account.observed), "seen": seen(&account.observed),
            }),
        }
    }
}

/// Whether an account is as decided, and why that is not confirmed.
fn certainty(account: &Account, task: Option<&Task>) -> (&'static str, String) {
    if account.confirmed == account.generation && !matches!(account.observed, Observed::Unknown) {
        return ("confirmed", String::new());
    }
    let Some(task) = task else { return ("not confirmed", "not read since it was decided".to_owned()) };
    let word = if task.kind == TaskKind::Confirm { "claimed" } else { "not confirmed" };
    let failed = task.failed.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    let why = match &task.state {
        TaskState::Held { why } => format!("a brake holds the work: {why}"),
        TaskState::NeedsPerson { why } => format!("a manual task is open: {why} (task {})", task.id.short()),
        TaskState::Ready { .. } if task.attempts > 0 => {
            format!("scheduled for retry after {} attempts{failed}", task.attempts)
        }
        TaskState::Ready { .. } if task.kind == TaskKind::Confirm => "the read is scheduled".to_owned(),
        TaskState::Ready { .. } => "the work is scheduled".to_owned(),
        TaskState::Leased { .. } => "the work is under way".to_owned(),
        TaskState::Done => "not read since it was decided".to_owned(),
    };
    (word, why)
}

fn read_words(observed: &Observed) -> String {
    match (read_at(observed), seen(observed)) {
        (Some(at), Some(seen)) => format!("last read {at}: {seen}"),
        _ => "never read".to_owned(),
    }
}

fn read_at(observed: &Observed) -> Option<String> {
    match observed {
        Observed::Unknown => None,
        Observed::Absent { at } | Observed::Present { at, .. } => Some(instant_words(*at)),
    }
}

fn seen(observed: &Observed) -> Option<&'static str> {
    match observed {
        Observed::Unknown => None,
        Observed::Absent { .. } => Some("absent"),
        Observed::Present { enabled: true, .. } => Some("enabled"),
        Observed::Present { enabled: false, .. } => Some("disabled"),
    }
}
