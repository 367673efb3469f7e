//! Examines a database against its own evidence: each opening opens, the links of entries
//! are correct, and stored decisions match the last entry about them.

use super::Proofs;
use crate::AppError;
use crate::configuration::{KINDS, Noted};
use crate::text::ERASURE;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_ledger::{Chain, Entry, Links, Opening, Subject, SubjectKind};
use tenure_model::IdentityId;
use tenure_store::LeafRow;

/// Entries, or subjects, that are read in one step.
const STEP: u32 = 512;
/// Differences that are reported; there may be more.
pub(crate) const TOLD_MAX: usize = 50;

/// Result of an examination.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Examined {
    /// Entries whose links were followed.
    pub entries: u64,
    /// Openings that were opened.
    pub opened: u64,
    /// Openings that were erased.
    pub erased: u64,
    /// Subjects whose stored state was computed again and compared.
    pub compared: u64,
    /// What differs from the ledger, at most a limited number of lines.
    pub wrong: Vec<String>,
}

impl Examined {
    fn say(&mut self, what: impl Into<String>) {
        if self.wrong.len() < TOLD_MAX {
            self.wrong.push(what.into());
        }
    }
}

/// The sealed keys of the identities that entries are about.
type Keys = BTreeMap<IdentityId, Arc<[u8]>>;

/// State while the entries are followed.
#[derive(Default)]
struct Walk {
    chain: Chain,
    /// Entries without an opening, and the identities they are about.
    lost: Vec<(u64, Option<IdentityId>)>,
    /// Erased identities, and the last entry that states it.
    erased: BTreeMap<String, u64>,
    /// The notes about configurations.
    noted: Noted,
}

impl Walk {
    /// Notes the identity that an entry erased. A person who comes back later has the old id and a new key.
    fn note_erased(&mut self, index: u64, opening: &Opening) {
        let said: Value = serde_json::from_slice(opening.payload()).unwrap_or_default();
        let merged = said["merged"].as_array().into_iter().flatten();
        for id in merged.chain([&said["identity"]]).filter_map(Value::as_str) {
            self.erased.insert(id.to_owned(), index);
        }
    }

    /// Openings may be missing for an identity that was erased after the entry.
    fn tell_lost(&self, found: &mut Examined) {
        for (index, whom) in &self.lost {
            let erased = whom.and_then(|id| self.erased.get(&id.to_string()));
            if erased.is_some_and(|at| at > index) {
                found.erased += 1;
            } else {
                found.say(format!("entry {index} has lost its opening, and its identity was not erased"));
            }
        }
    }
}

impl Proofs<'_> {
    /// Opens every opening, follows the links of all entries, and compares every stored decision with the last entry about it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn examine(&self) -> Result<Examined, AppError> {
        let mut found = Examined::default();
        match self.app.store.integrity(self.app.machine.clock.now()).await {
            Ok(lines) => {
                lines.iter().for_each(|line| found.say(format!("the database file is damaged: {line}")))
            }
            Err(e) => found.say(format!("the database file is damaged: {e}")),
        }
        let mut walk = Walk::default();
        loop {
            let leaves = match self.app.store.leaves(found.entries, STEP).await {
                Ok(leaves) => leaves,
                Err(e) => {
                    found.say(format!("the entries from {} on cannot be read: {e}", found.entries));
                    break;
                }
            };
            if leaves.is_empty() {
                break;
            }
            let keys = self.keys_of(&leaves).await?;
            for leaf in &leaves {
                self.examine_leaf(leaf, &keys, &mut walk, &mut found);
            }
            found.entries += u64::try_from(leaves.len()).unwrap_or(u64::MAX);
        }
        walk.tell_lost(&mut found);
        for kind in SubjectKind::ALL {
            if let Err(e) = self.compare_states(kind, &mut walk.chain, &mut found).await {
                found.say(format!("what is decided of each {} cannot be compared: {e}", kind.as_str()));
            }
        }
        match self.app.configuration().changed_notes(&walk.noted).await {
            Ok(changed) => changed.into_iter().for_each(|what| found.say(what)),
            Err(e) => found.say(format!("what is noted about configurations cannot be compared: {e}")),
        }
        for (subject, index) in walk.chain.rest() {
            found.say(format!("{subject}: the decision of entry {index} is not in the database"));
        }
        Ok(found)
    }

    async fn keys_of(&self, leaves: &[LeafRow]) -> Result<Keys, AppError> {
        let mut ids: Vec<IdentityId> = leaves.iter().filter_map(|l| l.identity).collect();
        ids.sort();
        ids.dedup();
        let mut keys = Keys::new();
        for id in ids {
            // One by one: an identity that cannot be read is reported by the next steps, and hides no other.
            let subject = self.app.store.subjects(&[id]).await.ok().and_then(|mut some| some.pop());
            keys.extend(subject.and_then(|s| s.person_key).map(|key| (id, key)));
        }
        Ok(keys)
    }

    fn examine_leaf(&self, leaf: &LeafRow, keys: &Keys, walk: &mut Walk, found: &mut Examined) {
        let index = leaf.index;
        let (Ok(links), Ok(entry)) = (Links::decode(&leaf.links), Entry::decode(&leaf.entry)) else {
            return found.say(format!("entry {index} cannot be read"));
        };
        for wrong in walk.chain.follow(index, entry.case, leaf.identity.map(|id| *id.as_bytes()), &links) {
            found.say(wrong.to_string());
        }
        let key = leaf.identity.and_then(|id| keys.get(&id));
        match self.open_leaf(leaf, key.map(|key| &**key)) {
            Ok(Some(opening)) => {
                found.opened += 1;
                if entry.kind.as_str() == ERASURE {
                    walk.note_erased(index, &opening);
                }
                if entry.kind.as_str().starts_with(KINDS) {
                    walk.noted.take(index, opening.payload());
                }
            }
            Ok(None) if leaf.opening.is_none() => walk.lost.push((index, leaf.identity)),
            Ok(None) => {
                found.say(format!("entry {index} cannot be opened: the key of its identity is missing"))
            }
            Err(e) => found.say(format!("entry {index} cannot be opened: {e}")),
        }
    }

    async fn compare_states(
        &self,
        kind: SubjectKind,
        chain: &mut Chain,
        found: &mut Examined,
    ) -> Result<(), AppError> {
        let mut after = None;
        loop {
            let states = self.app.store.states(kind, after, STEP).await?;
            let Some((last, _)) = states.last() else { return Ok(()) };
            after = Some(last.id);
            for (subject, digest) in states {
                found.compared += 1;
                if let Some(wrong) = differs(subject, digest, chain.take(subject)) {
                    found.say(wrong);
                }
            }
        }
    }
}

fn differs(subject: Subject, stored: [u8; 32], said: Option<([u8; 32], u64)>) -> Option<String> {
    match said {
        Some((digest, _)) if digest == stored => None,
        Some((_, index)) => Some(format!(
            "{subject}: the stored value is not the one of entry {index}: it was changed outside Tenure"
        )),
        None => Some(format!("{subject}: it is stored, and no entry records its decision")),
    }
}
