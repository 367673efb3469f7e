//! All identities, as the matching of one system's accounts sees them.

use super::whose::{AccountSeen, Whose, text};
use crate::Context;
use crate::correlate::{Folded, fold, name_likeness};
use crate::identifier::would_be;
use crate::normalise::NAME;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{Account, AccountDoubt, AccountState, Identity, IdentityId, Kind};
use tenure_policy::{AccountMatch, MatchBy, System, fits_pattern};

/// Maximum number of people that a question names: none of them gets another account while it is open.
const CANDIDATES_MAX: usize = 1_000;

/// A kind of key and its value, folded.
type Key = (Arc<str>, Arc<str>);

/// The people to whom the accounts of a system may belong. Add all of them, then ask.
pub struct Estate<'a> {
    context: &'a Context,
    system: &'a System,
    now: Timestamp,
    /// By what sources state and by issued names (`id.user_name`).
    keys: BTreeMap<Key, BTreeSet<IdentityId>>,
    /// By the names that would have been issued to people who left before matching.
    would_be: BTreeMap<Key, BTreeSet<IdentityId>>,
    /// By a word of their name.
    words: BTreeMap<Arc<str>, BTreeSet<IdentityId>>,
    names: BTreeMap<IdentityId, Vec<Folded>>,
    /// The kinds of account that they already have there.
    has: BTreeSet<(IdentityId, Kind)>,
}

fn issued(name: &str) -> Arc<str> {
    Arc::from(format!("id.{name}"))
}

fn folded(text: &str) -> Arc<str> {
    Arc::from(text.trim().to_lowercase())
}

impl<'a> Estate<'a> {
    /// An empty index.
    #[must_use]
    pub fn new(context: &'a Context, system: &'a System, now: Timestamp) -> Self {
        let (keys, would_be, words) = Default::default();
        let (names, has) = Default::default();
        Self { context, system, now, keys, would_be, words, names, has }
    }

    /// Adds an identity, with the accounts that it has by decision or that were observed.
    pub fn add(&mut self, identity: &Identity, accounts: &[Account]) {
        if identity.merged_into.is_some() {
            return;
        }
        let id = identity.id;
        let given =
            identity.engagements.iter().map(|e| &e.keys).chain(identity.supplements.iter().map(|s| &s.keys));
        for (kind, value) in given.flatten() {
            self.keys.entry((kind.clone(), folded(value))).or_default().insert(id);
            if &**kind == NAME {
                let name = fold(value);
                for word in &name.words {
                    self.words.entry(Arc::from(word.as_str())).or_default().insert(id);
                }
                self.names.entry(id).or_default().push(name);
            }
        }
        for (name, value) in identity.all_names() {
            self.keys.entry((issued(name), folded(value))).or_default().insert(id);
        }
        for (name, value) in would_be(self.context, identity, self.now) {
            self.would_be.entry((issued(&name), folded(&value))).or_default().insert(id);
        }
        let there = |a: &&Account| {
            a.key.system == self.system.name
                && a.target.state != AccountState::Absent
                && a.external_id.is_some()
        };
        self.has.extend(accounts.iter().filter(there).map(|a| (id, a.key.kind.clone())));
    }

    /// The identity of each of these accounts. Two accounts of one kind are never linked to one person without a question.
    #[must_use]
    pub fn whose(&self, accounts: &[AccountSeen<'_>]) -> Vec<Whose> {
        let mut all: Vec<Whose> = accounts.iter().map(|account| self.of(account)).collect();
        let mut count: BTreeMap<(IdentityId, Kind), u32> = BTreeMap::new();
        for whose in &all {
            if let Whose::Linked { id, kind, .. } = whose {
                *count.entry((*id, kind.clone())).or_default() += 1;
            }
        }
        for whose in &mut all {
            if let Whose::Linked { id, kind, .. } = whose
                && count.get(&(*id, kind.clone())).is_some_and(|n| *n > 1)
            {
                *whose = Whose::Ask {
                    kind: kind.clone(),
                    candidates: vec![(*id, 100)],
                    why: AccountDoubt::SeveralAccounts,
                };
            }
        }
        all
    }

    fn of(&self, account: &AccountSeen<'_>) -> Whose {
        let rules = || {
            let mine = |r: &&AccountMatch| {
                (*account.kind == Kind::default() || r.kind == *account.kind)
                    && (r.names.is_empty() || r.names.iter().any(|p| fits_pattern(p, account.name)))
            };
            self.system.matches.iter().filter(mine)
        };
        let mut found: BTreeMap<IdentityId, &AccountMatch> = BTreeMap::new();
        for rule in rules() {
            for id in self.exactly(rule, account) {
                // A kind given by the name has precedence over what any kind of account may show.
                let tells = |r: &AccountMatch| r.attribute.is_none() || !r.names.is_empty();
                let known = found.entry(id).or_insert(rule);
                if tells(rule) && !tells(known) {
                    *known = rule;
                }
            }
        }
        let mut all = found.iter();
        match (all.next(), all.next()) {
            (None, _) => self.alike(rules(), account),
            (Some((id, rule)), None) => {
                let (id, kind) = (*id, rule.kind.clone());
                match self.has.contains(&(id, kind.clone())) {
                    true => Whose::Ask { kind, candidates: vec![(id, 100)], why: AccountDoubt::HasOne },
                    false => Whose::Linked { id, kind, by: told_by(rule) },
                }
            }
            (Some((_, rule)), Some(_)) => Whose::Ask {
                kind: rule.kind.clone(),
                candidates: found.keys().map(|id| (*id, 100)).take(CANDIDATES_MAX).collect(),
                why: AccountDoubt::SeveralPeople,
            },
        }
    }

    /// The identities that an exact rule finds; those who left before a name was issued, only if no one else was issued that name.
    fn exactly(&self, rule: &AccountMatch, account: &AccountSeen<'_>) -> Vec<IdentityId> {
        let Some(value) = text(account, rule.attribute.as_ref()) else { return Vec::new() };
        let key = match &rule.by {
            MatchBy::Key(kind) => (kind.clone(), folded(&value)),
            MatchBy::Identifier(name) => (issued(name), folded(&value)),
            MatchBy::Alike(_) => return Vec::new(),
        };
        let found = self.keys.get(&key).or_else(|| self.would_be.get(&key));
        found.into_iter().flatten().copied().collect()
    }

    fn alike<'r>(&self, rules: impl Iterator<Item = &'r AccountMatch>, account: &AccountSeen<'_>) -> Whose {
        for rule in rules {
            let (MatchBy::Alike(from), Some(value)) = (&rule.by, text(account, rule.attribute.as_ref()))
            else {
                continue;
            };
            let name = fold(&value);
            let ids: BTreeSet<IdentityId> =
                name.words.iter().filter_map(|w| self.words.get(w.as_str())).flatten().copied().collect();
            let likeness = |id: &IdentityId| {
                let names = self.names.get(id)?;
                let best = names.iter().filter_map(|n| name_likeness(&name, n)).max_by(f64::total_cmp)?;
                (0..=100).rev().find(|n| f64::from(*n) <= best.mul_add(100.0, 1e-9))
            };
            let has = |id: &IdentityId| self.has.contains(&(*id, rule.kind.clone()));
            let mut candidates: Vec<(IdentityId, u8)> = ids
                .into_iter()
                .filter(|id| !has(id))
                .filter_map(|id| likeness(&id).filter(|percent| percent >= from).map(|percent| (id, percent)))
                .collect();
            if !candidates.is_empty() {
                candidates.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
                candidates.truncate(CANDIDATES_MAX);
                return Whose::Ask { kind: rule.kind.clone(), candidates, why: AccountDoubt::Alike };
            }
        }
        Whose::Orphan
    }
}

fn told_by(rule: &AccountMatch) -> Arc<str> {
    let attribute = rule.attribute.as_ref().map_or("its name", |a| tenure_model::Name::as_str(a));
    let by = match &rule.by {
        MatchBy::Key(key) => key.to_string(),
        MatchBy::Identifier(name) => issued(name).to_string(),
        MatchBy::Alike(_) => "the name".to_owned(),
    };
    Arc::from(format!("{attribute} is the {by}"))
}
