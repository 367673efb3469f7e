//! Examines a database against its own evidence: each opening opens, entries hang together, and what is decided is what the last
//! entry about it says.

use crate::{App, AppError};
use std::collections::BTreeMap;
use tenure_ledger::{Chain, Entry, Links, Subject, SubjectKind};
use tenure_model::{IdentityId, Phase};
use tenure_store::LeafRow;

/// Entries, and subjects, that are looked at in one step.
const STEP: u32 = 512;
/// Differences that are told; there may be more.
pub(crate) const TOLD_MAX: usize = 50;

/// What an examination found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Examined {
    /// Entries that were followed.
    pub entries: u64,
    /// Openings that were opened.
    pub opened: u64,
    /// Openings that erasure took.
    pub erased: u64,
    /// Subjects whose stored state was computed again and compared.
    pub compared: u64,
    /// What is not as the ledger says, at most [`TOLD_MAX`].
    pub wrong: Vec<String>,
}

impl Examined {
    fn say(&mut self, what: impl Into<String>) {
        if self.wrong.len() < TOLD_MAX {
            self.wrong.push(what.into());
        }
    }
}

/// Whom entries are about: the sealed key, and whether erasure took it.
type Keys = BTreeMap<IdentityId, (Option<std::sync::Arc<[u8]>>, bool)>;

impl App {
    /// Opens every opening, follows the links of all entries, and compares every stored decision with the last entry about it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn examine(&self) -> Result<Examined, AppError> {
        let mut found = Examined::default();
        for line in self.store.integrity().await? {
            found.say(format!("the database file is damaged: {line}"));
        }
        let mut chain = Chain::default();
        loop {
            let leaves = self.store.leaves(found.entries, STEP).await?;
            if leaves.is_empty() {
                break;
            }
            let keys = self.keys_of(&leaves).await?;
            for leaf in &leaves {
                self.examine_leaf(leaf, &keys, &mut chain, &mut found);
            }
            found.entries += u64::try_from(leaves.len()).unwrap_or(u64::MAX);
        }
        for kind in SubjectKind::ALL {
            self.compare_states(kind, &mut chain, &mut found).await?;
        }
        for (subject, index) in chain.rest() {
            found.say(format!(
                "{subject}: what entry {index} says is decided about it is not in the database"
            ));
        }
        Ok(found)
    }

    async fn keys_of(&self, leaves: &[LeafRow]) -> Result<Keys, AppError> {
        let mut ids: Vec<IdentityId> = leaves.iter().filter_map(|l| l.identity).collect();
        ids.sort();
        ids.dedup();
        let mut keys = Keys::new();
        for id in ids {
            // One by one: an identity that cannot be read is found by what follows, and hides no other.
            if let Ok(Some(subject)) = self.store.subjects(&[id]).await.map(|mut some| some.pop()) {
                let erased = subject.phase == Phase::Erased;
                keys.insert(id, (subject.person_key, erased));
            }
        }
        Ok(keys)
    }

    fn examine_leaf(&self, leaf: &LeafRow, keys: &Keys, chain: &mut Chain, found: &mut Examined) {
        let index = leaf.index;
        let links = Links::decode(&leaf.links);
        let case = Entry::decode(&leaf.entry).map(|e| e.case);
        let (Ok(links), Ok(case)) = (links, case) else {
            return found.say(format!("entry {index} cannot be read"));
        };
        for wrong in chain.follow(index, case, leaf.identity.map(|id| *id.as_bytes()), &links) {
            found.say(wrong.to_string());
        }
        let (key, erased) = leaf.identity.and_then(|id| keys.get(&id)).cloned().unwrap_or_default();
        match self.open_leaf(leaf, key.as_deref()) {
            Ok(Some(_)) => found.opened += 1,
            Ok(None) if erased && leaf.opening.is_none() => found.erased += 1,
            Ok(None) if leaf.opening.is_none() => {
                found.say(format!("entry {index} has lost its opening, and whom it is about was not erased"));
            }
            Ok(None) => {
                found.say(format!("entry {index} cannot be opened: the key of whom it is about is missing"))
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
            let states = self.store.states(kind, after, STEP).await?;
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
            "{subject}: what is stored is not what entry {index} says was decided: it was changed behind Tenure"
        )),
        None => Some(format!("{subject}: it is stored, and no entry says that it was decided")),
    }
}
