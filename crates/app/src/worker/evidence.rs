//! What a read showed, in the words that facts store.

use super::confirm::AccountRead;
use super::task::Job;
use std::sync::Arc;
use tenure_connect::RemoteAccount;
use tenure_model::Observation;

impl Job<'_> {
    /// What was seen, as evidence.
    pub(super) fn observed(&self, looked: &AccountRead) -> Observation {
        let seen = looked.remote.as_ref().map_or_else(|| "not there".to_owned(), |r| self.words(r, looked));
        Observation { at: self.moment.now, by: Arc::from("read account"), seen: Arc::from(seen) }
    }

    /// What was seen: whether it is usable, what it holds, and the declared entitlements that it inherits.
    fn words(&self, remote: &RemoteAccount, looked: &AccountRead) -> String {
        let usable = match (&remote.unread.enabled, remote.enabled) {
            (Some(_), _) => "usability not confirmed",
            (None, true) => "usable",
            (None, false) => "not usable",
        };
        let mut held: Vec<String> = remote.entitlements.iter().map(ToString::to_string).collect();
        let through = self.app.context.declared_of(&self.task.account.system, &remote.indirect);
        held.extend(through.iter().map(|(e, way)| format!("{} through {way}", e.local())));
        let unread = &remote.unread;
        if unread.others.is_some() || !unread.entitlements.is_empty() || looked.asked.is_unread() {
            held.push("unreadable memberships".to_owned());
        }
        if held.is_empty() {
            format!("{usable}, holds nothing")
        } else {
            format!("{usable}, holds {}", held.join(", "))
        }
    }
}
