//! What the ledger must not tell, and what it must: nobody by name, and every change.

use crate::application::Application;
use crate::see::called;
use serde_json::{Value, json};
use tenure_app::AppError;
use tenure_ledger::Entry;
use tenure_store::{LeafRow, StoredSubject};

/// Entries that are read at once.
const PAGE: u32 = 1_000;
/// A text that is shorter may stand in a hash by chance.
const TELLING: usize = 6;
/// The evidence of a changed identity.
const DECIDED: &str = "case.decided";

impl Application {
    /// Who can be read in the ledger (name, mail, user name, keys), and who changed without an entry.
    pub(crate) async fn ledger(&self, subjects: &[StoredSubject]) -> Result<(Value, Value), AppError> {
        let mut leaves: Vec<LeafRow> = Vec::new();
        let size = self.app.store.ledger_head().await?.size;
        while u64::try_from(leaves.len()).unwrap() < size {
            let from = u64::try_from(leaves.len()).unwrap();
            leaves.extend(self.app.store.leaves(from, PAGE).await?);
        }
        let named = subjects.iter().filter(|s| leaves.iter().any(|leaf| tells(leaf, s)));
        let unevidenced =
            subjects.iter().filter(|s| !s.identity.is_erased() && s.identity.version > decided(&leaves, s));
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

fn tells(leaf: &LeafRow, subject: &StoredSubject) -> bool {
    let keys = subject.identity.engagements.iter().flat_map(|e| e.keys.values());
    let texts = std::iter::once(&subject.title).chain(subject.identity.identifiers.values()).chain(keys);
    let contains = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|w| w == text.as_bytes());
    texts.filter(|t| t.len() >= TELLING).any(|text| {
        contains(&leaf.entry, text) || leaf.opening.as_deref().is_some_and(|opening| contains(opening, text))
    })
}
