//! What the ledger must not tell, and what it must: no names, also of the erased, and every change.

use crate::application::Application;
use crate::see::called;
use crate::verbs::Act;
use serde_json::{Value, json};
use std::sync::Arc;
use tenure_app::AppError;
use tenure_ledger::Entry;
use tenure_store::{LeafRow, StoredSubject};

/// Entries that are read at once.
const PAGE: u32 = 1_000;
/// A text that is shorter may appear in a hash by chance.
const TELLING: usize = 6;
/// The evidence of a changed identity.
const DECIDED: &str = "case.decided";

impl Application {
    /// Keeps the names of an identity before it is erased: afterwards it is not known what to search for.
    pub(crate) async fn remember_erased(&mut self, act: &Act) -> Result<(), AppError> {
        if let (Some(person), None) = (&act.erase, &act.refused) {
            let subject = self.app.people().person(person).await?;
            let texts = texts(&subject).cloned().collect();
            self.erased.entry(subject.identity.id).or_insert(texts);
        }
        Ok(())
    }

    /// Who can be read in the ledger (name, mail, user name, keys), and who changed without an entry.
    pub(crate) async fn ledger(&self, subjects: &[StoredSubject]) -> Result<(Value, Value), AppError> {
        let mut leaves: Vec<LeafRow> = Vec::new();
        let size = self.store.ledger_head().await?.size;
        while u64::try_from(leaves.len()).unwrap() < size {
            let from = u64::try_from(leaves.len()).unwrap();
            leaves.extend(self.store.leaves(from, PAGE).await?);
        }
        let tells_of = |s: &StoredSubject| match self.erased.get(&s.identity.id) {
            Some(once) => leaves.iter().any(|leaf| tells(leaf, &mut once.iter())),
            None => leaves.iter().any(|leaf| tells(leaf, &mut texts(s))),
        };
        let named = subjects.iter().filter(|s| tells_of(s));
        let unevidenced = subjects
            .iter()
            .filter(|s| s.identity.erased.is_none() && s.identity.version > decided(&leaves, s));
        let names = |who: Vec<&StoredSubject>| {
            json!(who.iter().map(|s| called(&s.identity, &s.title)).collect::<Vec<_>>())
        };
        Ok((names(named.collect()), names(unevidenced.collect())))
    }
}

/// How often an identity was decided, as the ledger has it.
fn decided(leaves: &[LeafRow], subject: &StoredSubject) -> u64 {
    let mine = leaves.iter().filter(|l| l.identity == Some(subject.identity.id));
    let decided = mine.filter(|l| Entry::decode(&l.entry).is_ok_and(|e| e.kind.as_str() == DECIDED));
    u64::try_from(decided.count()).unwrap()
}

/// The texts by which an identity can be recognised.
fn texts(subject: &StoredSubject) -> impl Iterator<Item = &Arc<str>> {
    let keys = subject.identity.engagements.iter().flat_map(|e| e.keys.values());
    std::iter::once(&subject.title).chain(subject.identity.identifiers.values()).chain(keys)
}

fn tells(leaf: &LeafRow, texts: &mut dyn Iterator<Item = &Arc<str>>) -> bool {
    let contains = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|w| w == text.as_bytes());
    texts.filter(|t| t.len() >= TELLING).any(|text| {
        contains(&leaf.entry, text) || leaf.opening.as_deref().is_some_and(|opening| contains(opening, text))
    })
}
