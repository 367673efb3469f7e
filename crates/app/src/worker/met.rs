//! Whether what was read is what was decided, obligation by obligation.

use super::confirm::AccountRead;
use super::task::Confirmation;
use crate::describe::due_words;
use jiff::Timestamp;
use std::sync::Arc;
use tenure_connect::RemoteAccount;
use tenure_engine::{Reach, account_name};
use tenure_model::{AccountState, Grant, Obligation, Value};
use tenure_policy::Strength;

/// Characters of a value that are shown.
const TOLD_MAX: usize = 80;

impl Confirmation<'_> {
    /// Whether an account has another name than decided; case makes no difference.
    pub(super) fn is_misnamed(&self, remote: &RemoteAccount) -> bool {
        let name = account_name(self.job.system, &self.job.subject.identity, self.job.account);
        name.is_some_and(|n| n.to_lowercase() != remote.name.to_lowercase())
    }

    /// Differences from the target, apart from grants.
    pub(super) fn differences(&self, remote: Option<&RemoteAccount>) -> Vec<String> {
        let target = &self.job.account.target;
        let Some(remote) = remote else {
            let wanted = target.state != AccountState::Absent && !self.job.is_due_nothing();
            return wanted.then(|| "the account does not exist".to_owned()).into_iter().collect();
        };
        let mut wrong = Vec::new();
        if target.state != AccountState::Absent && self.is_misnamed(remote) {
            wrong.push(format!("the account has the name `{}` there", remote.name));
        }
        match target.state {
            AccountState::Absent => wrong.push("the account still exists".to_owned()),
            _ if remote.unread.enabled.is_some() => wrong.extend(self.usable_unknown(Some(remote))),
            AccountState::Disabled if remote.enabled => wrong.push("the account is usable".to_owned()),
            AccountState::Enabled if !remote.enabled && !self.job.is_off_by_hand(remote) => {
                wrong.push("the account is not usable".to_owned());
            }
            _ => {}
        }
        if target.state == AccountState::Absent {
            return wrong;
        }
        let written = self.job.system.attributes_of(&self.job.account.key.kind);
        let always = written.iter().filter(|o| o.strength == Strength::Always && o.reference.is_none());
        for outbound in always {
            let (is, due) = (remote.attributes.get(&outbound.name), target.attributes.get(&outbound.name));
            if is != due {
                let name = &outbound.name;
                wrong.push(format!("attribute {name}: keeps {} where {} was written", told(is), told(due)));
            }
        }
        wrong
    }

    pub(super) fn owes(&self, obligation: &Obligation) -> bool {
        let mut open = self.job.facts.iter().filter(|f| f.is_of(&self.job.task.account) && f.state.is_open());
        open.any(|f| f.obligation == *obligation)
    }

    /// Whether the end of a grant is owed as a fact of its own.
    pub(super) fn is_owed_gone(&self, grant: &Grant) -> bool {
        self.owes(&Obligation::EntitlementGone(grant.entitlement.clone()))
    }

    /// Why it is unknown whether a due account is usable; `None` where its end is owed, which has its own fact.
    pub(super) fn usable_unknown(&self, remote: Option<&RemoteAccount>) -> Option<String> {
        let is_there = self.job.account.target.state != AccountState::Absent;
        let is_said = self.owes(&Obligation::AccountUnusable);
        let is_there = is_there && !is_said;
        let why = remote.filter(|_| is_there)?.unread.enabled.as_ref()?;
        Some(format!("whether the account is usable is not confirmed: {why}"))
    }

    /// What is not as it should be, and the path that gives it, where it cannot be removed directly.
    pub(super) fn not_met(&self, obligation: &Obligation, looked: &AccountRead) -> String {
        let remote = looked.remote.as_ref();
        if let Some(why) = looked.asked.unmet(obligation, remote) {
            return format!("{} is not confirmed: {why}", due_words(obligation));
        }
        let due = due_words(obligation);
        match self.through(obligation, remote) {
            Some(path) => {
                format!("{due} is not done: still inherited through {path}; remove that membership")
            }
            None => format!("{due} is not done"),
        }
    }

    /// The path that still gives an entitlement that should be gone. What a remaining grant is declared to contain has the justification
    /// of that grant, and counts as gone by itself.
    pub(super) fn through<'r>(
        &self,
        obligation: &Obligation,
        remote: Option<&'r RemoteAccount>,
    ) -> Option<&'r Arc<str>> {
        let Obligation::EntitlementGone(entitlement) = obligation else { return None };
        let remote = remote.filter(|r| !r.entitlements.contains(entitlement.local()))?;
        let stays = |g: &&Grant| g.account == self.job.task.account && g.holding.is_decided();
        let mut stays = self.job.subject.grants.iter().filter(stays);
        let declared = Reach::declared(&self.job.app.context);
        if stays.any(|g| declared.from(&g.entitlement).contains(entitlement)) {
            return None;
        }
        remote.indirect.get(entitlement.local())
    }

    /// Whether the read shows that an obligation is met.
    pub(super) fn is_met(
        &self,
        obligation: &Obligation,
        looked: &AccountRead,
        password: Option<Timestamp>,
    ) -> bool {
        let AccountRead { remote, asked, .. } = looked;
        let remote = remote.as_ref();
        if let Obligation::EntitlementGone(e) = obligation
            && (asked.still(e.local()) || asked.unknown(e.local(), remote).is_some())
        {
            return false;
        }
        let Some(account) = remote else { return true };
        match obligation {
            Obligation::AccountUnusable => !account.enabled,
            Obligation::AccountDeleted => false,
            Obligation::EntitlementGone(e) => {
                !account.entitlements.contains(e.local()) && self.through(obligation, remote).is_none()
            }
            Obligation::CredentialsReset(since) => password.is_some_and(|changed| changed >= *since),
            // A read of the account shows none of these.
            Obligation::SessionsEnded
            | Obligation::CredentialsRevoked
            | Obligation::SecretRotated(_)
            | Obligation::Activated(_)
            | Obligation::HandedOver { .. } => false,
        }
    }

    pub(super) fn lacks_reference(&self, remote: &RemoteAccount) -> bool {
        self.job
            .system
            .attributes_of(&self.job.account.key.kind)
            .iter()
            .filter(|o| o.reference.is_some() && o.strength == Strength::Always)
            .any(|o| {
                let due = self.job.account.target.attributes.get(&o.name);
                due.is_some() && remote.attributes.get(&o.name) != due
            })
    }
}

/// A value for display: quoted, and truncated where it is long.
fn told(value: Option<&Value>) -> String {
    let Some(value) = value else { return "nothing".to_owned() };
    let text = value.to_string();
    let mut shown: String = text.chars().take(TOLD_MAX).collect();
    if text.chars().nth(TOLD_MAX).is_some() {
        shown.push('…');
    }
    format!("`{}`", shown.escape_debug())
}
