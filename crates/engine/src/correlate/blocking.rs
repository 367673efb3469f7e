//! Blocking keys: the few texts by which a store finds candidates without comparing every identity with every other.

use super::fold::{fold, sound};
use super::likeness::date_parts;
use super::view::Keys;
use crate::normalise::{BIRTH_DATE, EMAIL, NAME, PREVIOUS_NUMBER};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_policy::CorrelateRule;

/// Number of words of a name that make blocking keys: its three longest.
const NAME_WORDS_MAX: usize = 3;
/// Maximum number of blocking keys of one record. A person with a number, an address, a birth date and two names has nine.
pub const BLOCKING_KEYS_MAX: usize = 32;
/// Prefix of exact keys. It sorts before [`ALIKE`]: a reader that looks keys up in order finds exact matches first.
const EXACT: char = '=';
/// Prefix of keys that only make candidates.
const ALIKE: char = '~';
/// Shortest part before the `@` that is searched for at other domains: shorter ones are too common.
const LOCAL_PART_MIN: usize = 6;

/// Which keys are indexed: those that the rules of any source read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Blocking {
    exact: BTreeSet<Arc<str>>,
    name: bool,
    birth_date: bool,
    /// Every fuzzy rule weighs birth dates: then a contradicting year excludes a name match.
    birth_date_always: bool,
    email: bool,
    previous_number: bool,
}

impl Blocking {
    /// For the rules of all sources together, because records of every source may match every identity.
    pub fn new<'a, I: IntoIterator<Item = &'a CorrelateRule>>(rules: I) -> Self {
        let mut it = Self { birth_date_always: true, ..Self::default() };
        for rule in rules {
            match rule {
                CorrelateRule::Exact { key, .. } => {
                    it.exact.insert(key.clone());
                }
                CorrelateRule::Fuzzy { weights, .. } => {
                    it.name |= weights.contains_key(NAME);
                    it.birth_date |= weights.contains_key(BIRTH_DATE);
                    it.birth_date_always &= weights.contains_key(BIRTH_DATE);
                    it.email |= weights.contains_key(EMAIL);
                    it.previous_number |= weights.contains_key(PREVIOUS_NUMBER);
                }
            }
        }
        it
    }

    /// The keys under which an identity with a record of these keys is found.
    #[must_use]
    pub fn index_keys(&self, keys: &Keys) -> BTreeSet<Arc<str>> {
        let mut out = self.common(keys);
        for pair in self.name_pairs(keys) {
            let year = year(keys).unwrap_or("-");
            if self.birth_date_always {
                out.insert(Arc::from(format!("{ALIKE}p:{pair}:{year}")));
            }
            out.insert(Arc::from(format!("{ALIKE}p:{pair}")));
        }
        out
    }

    /// The keys under which a record searches for candidates. Exact ones sort first.
    #[must_use]
    pub fn query_keys(&self, keys: &Keys) -> BTreeSet<Arc<str>> {
        let mut out = self.common(keys);
        for pair in self.name_pairs(keys) {
            match year(keys).filter(|_| self.birth_date_always) {
                // A different year of birth means a different person; a candidate without one may match.
                Some(year) => {
                    out.insert(Arc::from(format!("{ALIKE}p:{pair}:{year}")));
                    out.insert(Arc::from(format!("{ALIKE}p:{pair}:-")));
                }
                None => {
                    out.insert(Arc::from(format!("{ALIKE}p:{pair}")));
                }
            }
        }
        out
    }

    /// The keys of a record that can identify an identity alone: kind and value.
    pub fn strong<'k>(&self, keys: &'k Keys) -> impl Iterator<Item = (&'k Arc<str>, &'k Arc<str>)> {
        keys.iter().filter(|(kind, _)| self.exact.contains(*kind))
    }

    /// Whether a blocking key is an exact one.
    #[must_use]
    pub fn is_exact(key: &str) -> bool {
        key.starts_with(EXACT)
    }

    fn common(&self, keys: &Keys) -> BTreeSet<Arc<str>> {
        let mut out = BTreeSet::new();
        let mut put = |text: String| {
            if out.len() < BLOCKING_KEYS_MAX {
                out.insert(Arc::from(text));
            }
        };
        for (kind, value) in keys.iter().filter(|(kind, _)| self.exact.contains(*kind)) {
            put(format!("{EXACT}{kind}:{value}"));
            if self.previous_number && !crate::normalise::is_email(kind) {
                put(format!("{ALIKE}n:{value}"));
            }
        }
        if let Some(number) = keys.get(PREVIOUS_NUMBER).filter(|_| self.previous_number) {
            put(format!("{ALIKE}n:{number}"));
        }
        if let Some(address) = keys.get(EMAIL).filter(|_| self.email) {
            if !self.exact.contains(EMAIL) {
                put(format!("{ALIKE}e:{address}"));
            }
            if let Some((local, _)) =
                address.split_once('@').filter(|(local, _)| local.len() >= LOCAL_PART_MIN)
            {
                put(format!("{ALIKE}l:{local}"));
            }
        }
        for key in self.birth_keys(keys) {
            put(key);
        }
        out
    }

    /// Birth date (day and month in either order) with an initial of the name, so that one key matches few people.
    fn birth_keys(&self, keys: &Keys) -> Vec<String> {
        let parts = keys.get(BIRTH_DATE).filter(|_| self.birth_date).and_then(|d| date_parts(d));
        let Some((year, month, day)) = parts else { return Vec::new() };
        let (low, high) = if month <= day { (month, day) } else { (day, month) };
        let words = keys.get(NAME).map(|n| longest(&fold(n).words)).unwrap_or_default();
        let initials: BTreeSet<String> = words.iter().map(|w| sound(w).chars().take(1).collect()).collect();
        if initials.is_empty() {
            return vec![format!("{ALIKE}d:{year}-{low}-{high}")];
        }
        initials.iter().map(|i| format!("{ALIKE}d:{year}-{low}-{high}:{i}")).collect()
    }

    /// The phonetic codes of every two of the longest words.
    fn name_pairs(&self, keys: &Keys) -> BTreeSet<String> {
        let Some(name) = keys.get(NAME).filter(|_| self.name) else { return BTreeSet::new() };
        let mut sounds: Vec<String> = longest(&fold(name).words).iter().map(|w| sound(w)).collect();
        sounds.sort();
        let mut pairs = BTreeSet::new();
        for (i, a) in sounds.iter().enumerate() {
            for b in sounds.iter().skip(i + 1) {
                pairs.insert(format!("{a}+{b}"));
            }
        }
        if pairs.is_empty() {
            pairs.extend(sounds);
        }
        pairs
    }
}

fn year(keys: &Keys) -> Option<&str> {
    date_parts(keys.get(BIRTH_DATE)?).map(|(year, _, _)| year)
}

/// The longest words of a name, which are the most distinctive.
fn longest(words: &[String]) -> Vec<String> {
    let mut by_length: BTreeMap<(std::cmp::Reverse<usize>, usize), &String> = BTreeMap::new();
    for (i, word) in words.iter().enumerate() {
        by_length.insert((std::cmp::Reverse(word.len()), i), word);
    }
    by_length.into_values().take(NAME_WORDS_MAX).cloned().collect()
}
