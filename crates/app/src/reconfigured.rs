//! Effects of another configuration on identities settled under the previous one: each is settled again, with or without a feed, and
//! open work goes to the performer that this configuration assigns (docs/adr/0092).

use crate::cases::is_owed_reset;
use crate::describe::{by_hand, without_system};
use crate::feed::tells_of;
use crate::settle::Because;
use crate::{AppError, Configured, DecisionContext, Labels};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use tenure_model::{Task, TaskId, TaskKind, TaskState, Urgency};
use tenure_policy::ClassCache;
use tenure_store::note::{NoteOf as _, kinds, read_note};
use tenure_store::{Change, StoredSubject, Unit};

crate::app::part! {
    /// Effects of another configuration on identities and tasks.
    Reconfigured, reconfigured
}

/// Tasks that are read together.
const TASKS_AT_ONCE: u32 = 2_048;

impl Reconfigured<'_> {
    /// Settles all identities after another configuration became active. Identities whose feed is still to be read by another mapping
    /// wait for that: their data has the names of the previous mapping.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn settle_everybody(&self, moment: &DecisionContext) -> Result<Labels, AppError> {
        let mut cache = ClassCache::default();
        let mut labels = Labels::new();
        let what = json!({ "set_up": self.app.context.setup.hash.to_string() });
        self.hand_over_work().await?;
        // When the keys change, all identities are written again, so that no identity is found only by old rules.
        let rules = self.rules_of_keys();
        // Where the earlier rules cannot be read, they may have been others.
        let before = read_note(&*self.app.store, &kinds::RulesOfKeys).await?;
        let other = before.is_there() && before.readable() != Some(rules);
        let (sources, held) =
            (self.app.feed().mapped_otherwise().await?, self.app.feed().held_reread().await?);
        let waits = |s: &StoredSubject| tells_of(&sources, s);
        let left_out = |s: &StoredSubject| waits(s) || held.contains(&s.identity.id);
        let mut later = Vec::new();
        let because = Because { what: &what, refresh: other, configured: Configured::Anew };
        self.app
            .settle()
            .settle_all_but(&left_out, Some(&mut later), &because, &mut cache, moment, &mut labels)
            .await?;
        self.app.later().pass_later(later, &mut cache, moment, &mut labels).await?;
        // What a brake holds is decided by its release.
        let mut changes = vec![kinds::RulesOfKeys.is(rules)];
        if sources.is_empty() {
            changes.push(kinds::SettledUnder.is(self.app.context.setup.hash.clone()));
        }
        self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        for system in self.app.context.setup.systems.values() {
            self.app.first_scan().order_accounts(system, &BTreeSet::new()).await?;
        }
        Ok(labels)
    }

    /// Notes the present rules for keys, where nothing is noted yet.
    pub(crate) async fn note_rules_of_keys(&self) -> Result<(), AppError> {
        if !read_note(&*self.app.store, &kinds::RulesOfKeys).await?.is_there() {
            let changes = vec![kinds::RulesOfKeys.is(self.rules_of_keys())];
            self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        }
        Ok(())
    }

    /// The digest of the rules for the keys that find identities: correlation rules, and attributes that refer to identities.
    fn rules_of_keys(&self) -> [u8; 32] {
        let setup = &self.app.context.setup;
        let rules: Vec<_> = setup.sources.values().map(|s| &s.correlate).collect();
        let references: Vec<_> = setup.attributes.iter().map(|(n, d)| (n, &d.reference)).collect();
        Sha256::digest(format!("{rules:?} {references:?}")).into()
    }

    /// Moves open work to its performer under this configuration: a system that is no longer in `observe` is written by program, and
    /// one that is in `observe` now by its owner.
    async fn hand_over_work(&self) -> Result<(), AppError> {
        let mut after = None;
        loop {
            let tasks = self.app.store.tasks_after(after, TASKS_AT_ONCE).await?;
            let Some(last) = tasks.last() else { return Ok(()) };
            after = Some(last.id);
            let mut changes = Vec::new();
            for task in tasks {
                changes.extend(self.handed_over(task).await?.map(Change::PutTask));
            }
            if !changes.is_empty() {
                self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
            }
        }
    }

    /// A task in the form for its performer under this configuration, where that is another one.
    async fn handed_over(&self, task: Task) -> Result<Option<Task>, AppError> {
        let Some(system) = self.app.context.setup.systems.get(&task.account.system) else { return Ok(None) };
        let away = without_system(&task.account.system);
        let waited = matches!(&task.state, TaskState::NeedsPerson { why } if *why == away);
        let mut kind = self.app.way(system, task.urgency);
        // A new password or secret stays with the owner where the program has no way to set one.
        if (task.kind, kind) == (TaskKind::Manual, TaskKind::Converge) && self.is_for_hands(&task).await? {
            kind = TaskKind::Manual;
        }
        let state = match (task.kind, kind) {
            (TaskKind::Manual, TaskKind::Converge) => {
                TaskState::Ready { not_before: self.app.machine.clock.now() }
            }
            (TaskKind::Converge, TaskKind::Manual) => TaskState::NeedsPerson { why: by_hand() },
            // The system is back: what was due there is still due.
            (TaskKind::Converge | TaskKind::Confirm, TaskKind::Converge) if waited => {
                TaskState::Ready { not_before: self.app.machine.clock.now() }
            }
            _ => return Ok(None),
        };
        let (ms, random) = self.app.machine.id();
        let brake_passed = match waited {
            true => task.brake_passed,
            false => kind == TaskKind::Manual || task.urgency != Urgency::Removal,
        };
        let (id, attempts) = (TaskId::new(ms, random), 0);
        Ok(Some(Task { id, kind, state, attempts, brake_passed, ..task }))
    }

    /// Whether a task must reset a password or secret in a system that cannot.
    async fn is_for_hands(&self, task: &Task) -> Result<bool, AppError> {
        let facts = self.app.store.facts(&[task.identity]).await?;
        if !is_owed_reset(&facts, &task.account) {
            return Ok(false);
        }
        let subject = self.app.stored().readable(&[task.identity]).await?.pop();
        Ok(subject.is_some_and(|s| !self.app.can_reset(&task.account.system, s.identity.kind)))
    }
}
