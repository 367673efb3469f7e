//! Reads stored data: identities with unreadable rows, and keys that do not open, are noted as damage and hold up no other work.

mod pages;

use crate::damage::Damage;
use crate::{About, AppError, DecisionContext, SealedKey};
use serde_json::json;
use std::sync::Arc;
use tenure_ledger::seal::PersonKey;
use tenure_model::{IdentityId, Name as _};
use tenure_store::note::{NoteOf as _, kinds, read_note};
use tenure_store::{Change, StoreError, StoredSubject, Unit};

crate::app::part! {
    /// Stored data, read so that damage stops no other work.
    Stored, stored
}

/// Most damaged pieces that are noted one by one.
const PIECES_MAX: usize = 1_000;

impl Stored<'_> {
    pub(crate) async fn all_damaged(&self) -> Result<Vec<Damage>, AppError> {
        // Where it cannot be read that is damage too, by its name, and what it listed is found again: nothing counts as dealt with.
        let noted = read_note(&*self.app.store, &kinds::Damaged).await?.or_if_unreadable(Vec::new());
        Ok(noted.into_iter().flatten().map(Damage::from).collect())
    }

    /// Notes damage, with evidence of what is new, and blocks the giving of access until it was dealt with.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn found_damaged(&self, found: Vec<Damage>, moment: &DecisionContext) -> Result<(), AppError> {
        let mut all = self.all_damaged().await?;
        let over = self.replaced(&mut all);
        let mut new: Vec<Damage> = Vec::new();
        for damage in found {
            if !all.iter().chain(&new).any(|d| d.mark == damage.mark) {
                new.push(damage);
            }
        }
        let room = PIECES_MAX.saturating_sub(all.len());
        new.truncate(room);
        all.extend(new.iter().cloned());
        self.app.in_hand.withhold(all.iter().find(|d| d.withholds()).map(|d| d.what.clone()));
        self.app.in_hand.accept(all.iter().filter(|d| d.dealt_with).map(|d| d.mark.clone()));
        if self.app.store.reads_only() {
            return Ok(());
        }
        if !over.is_empty() {
            let payload = json!({ "v": 1, "dealt_with": over, "reason": "another configuration is active" });
            let evidence =
                self.app.recorder(moment).evidence("damage.dealt-with", About::default(), payload)?;
            self.commit_damaged(&all, evidence, moment).await?;
        }
        if new.is_empty() {
            return Ok(());
        }
        let payload = json!({ "v": 1, "damaged": new.iter().map(|d| &*d.what).collect::<Vec<_>>() });
        let evidence = self.app.recorder(moment).evidence("damage.found", About::default(), payload)?;
        self.commit_damaged(&all, evidence, moment).await
    }

    /// Ends damage of a configuration that is not active any more. Returns what it was.
    fn replaced(&self, all: &mut [Damage]) -> Vec<Arc<str>> {
        let active = self.app.context.setup.hash.as_str();
        let is_over =
            |d: &&mut Damage| !d.dealt_with && d.configuration.as_deref().is_some_and(|hash| hash != active);
        let end = |d: &mut Damage| {
            d.dealt_with = true;
            d.what.clone()
        };
        all.iter_mut().filter(is_over).map(end).collect()
    }

    /// The key of an identity, for evidence about it. A key that does not open is damage: evidence is meanwhile sealed
    /// under the common key, and the next decision about the identity makes another key.
    pub(crate) fn key_of(&self, id: IdentityId, sealed: Option<&[u8]>) -> Option<PersonKey> {
        match self.app.vault.person(id, sealed, &self.app.machine) {
            Ok((key, _)) => Some(key),
            Err(e) => {
                self.meet_damaged_key(id, sealed, &e);
                None
            }
        }
    }

    /// The key of an identity that is decided, and its sealed form where it must be stored: because there was none, or because it does not open.
    pub(crate) fn key_or_new(
        &self,
        id: IdentityId,
        sealed: Option<&[u8]>,
    ) -> Result<(PersonKey, Option<SealedKey>), AppError> {
        match self.app.vault.person(id, sealed, &self.app.machine) {
            Err(e) if sealed.is_some() => {
                self.meet_damaged_key(id, sealed, &e);
                self.app.vault.person(id, None, &self.app.machine)
            }
            other => other,
        }
    }

    fn meet_damaged_key(&self, id: IdentityId, sealed: Option<&[u8]>, error: &AppError) {
        let what = format!(
            "the key of identity {} cannot be opened, so what is stored under it cannot be read: {error}",
            id.short()
        );
        self.app.in_hand.meet(Damage::new(&what, sealed.unwrap_or_default()));
    }

    /// Those of these identities that can be read. One that cannot be read is damage, and holds up no other.
    pub(crate) async fn readable(&self, ids: &[IdentityId]) -> Result<Vec<StoredSubject>, AppError> {
        match self.app.store.subjects(ids).await {
            Err(StoreError::Inconsistent { .. }) => {}
            other => return Ok(other?),
        }
        let mut read = Vec::new();
        for id in ids {
            match self.app.store.subjects(&[*id]).await {
                Ok(one) => read.extend(one),
                Err(e @ StoreError::Inconsistent { .. }) => {
                    let what = format!("identity {} cannot be read: {e}", id.short());
                    self.app.in_hand.meet(Damage::new(&what, id.as_bytes()).apart());
                }
                Err(e) => return Err(e.into()),
            }
        }
        Ok(read)
    }

    pub(crate) async fn commit_damaged(
        &self,
        all: &[Damage],
        evidence: tenure_store::Evidence,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let changes = vec![
            kinds::Damaged.is(all.iter().cloned().map(Damage::noted).collect()),
            Change::BusinessTime(moment.now),
            Change::Append(evidence),
        ];
        self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        Ok(())
    }
}
