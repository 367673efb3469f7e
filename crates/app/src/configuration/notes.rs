//! Each note about configurations (authors, brakes still in force, what waits) is stored as a digest in the entry that
//! recorded it, so that a note that was changed outside Tenure is found.

use super::Configurations;
use crate::AppError;
use crate::text::hex;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use tenure_store::Change;
use tenure_store::note::NoteKey;

/// The name, in the payload of an entry, of the digests of its notes.
pub(crate) const NOTED: &str = "noted";
/// The prefix of the kinds of entries about configurations.
pub(crate) const KINDS: &str = "setup.";

/// The digest of each note that these changes write.
pub(super) fn digests<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Result<Value, AppError> {
    let mut digests = serde_json::Map::new();
    for change in changes {
        if let Change::PutNote(note) = change {
            digests.insert(note.key().to_string(), Value::from(digest(&note.encode()?)));
        }
    }
    Ok(digests.into())
}

fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The last digest of each note, and the entry that has it.
#[derive(Debug, Default)]
pub(crate) struct Noted(BTreeMap<String, (u64, String)>);

impl Noted {
    /// Takes the digests of an entry.
    pub(crate) fn take(&mut self, index: u64, payload: &[u8]) {
        let said: Value = serde_json::from_slice(payload).unwrap_or_default();
        for (name, digest) in said[NOTED].as_object().into_iter().flatten() {
            self.0.insert(name.clone(), (index, digest.as_str().unwrap_or_default().to_owned()));
        }
    }
}

impl Configurations<'_> {
    /// Notes that differ from the last entry about them.
    pub(crate) async fn changed_notes(&self, noted: &Noted) -> Result<Vec<String>, AppError> {
        let mut changed = Vec::new();
        for (name, (index, said)) in &noted.0 {
            let stored = match NoteKey::parse(name) {
                Some(key) => self.app.store.note(&key).await?,
                None => None,
            };
            if stored.is_none_or(|stored| digest(stored.bytes()) != *said) {
                changed.push(format!(
                    "{name}: the stored value is not the one of entry {index}: it was changed outside Tenure"
                ));
            }
        }
        Ok(changed)
    }
}
