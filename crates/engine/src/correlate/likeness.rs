//! Similarity of one record and one identity, by weighted evidence.

use super::fold::{Folded, fold};
use super::name::name_likeness;
use super::view::{CandidateView, Keys};
use crate::normalise::{BIRTH_DATE, EMAIL, NAME, PREVIOUS_NUMBER};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Maximum number of candidates that a question names: the most similar ones.
pub const CANDIDATES_MAX: usize = 50;
/// Maximum number of candidates compared with one record; above it the similarity is not known, and a person is asked.
pub const COMPARED_MAX: usize = 20_000;

/// Day and month swapped.
const DATE_SWAPPED: f64 = 0.9;
/// One digit differs.
const DATE_TYPO: f64 = 0.7;
/// The part before the `@` is the same, at another domain.
const EMAIL_LOCAL: f64 = 0.8;

/// A record, with frequently compared values prepared once.
pub(super) struct Probe<'a> {
    pub(super) keys: &'a Keys,
    name: Option<Folded>,
    /// Kinds of strong keys that are numbers rather than addresses.
    numbers: &'a BTreeSet<Arc<str>>,
}

impl<'a> Probe<'a> {
    pub(super) fn new(keys: &'a Keys, numbers: &'a BTreeSet<Arc<str>>) -> Self {
        Self { keys, name: keys.get(NAME).map(|n| fold(n)), numbers }
    }

    /// The best similarity to any of the candidate's names, 0 to 1; `None` if one of the two has no name.
    pub(super) fn name(&self, candidate: &CandidateView) -> Option<f64> {
        let mine = self.name.as_ref()?;
        let all = candidate.values(NAME).filter_map(|n| name_likeness(mine, &fold(n)));
        all.max_by(f64::total_cmp)
    }

    /// Whether any of the candidate's names has the same words; either name may omit some, but at least two words must agree.
    pub(super) fn name_is_equal(&self, candidate: &CandidateView) -> bool {
        let Some(mine) = &self.name else { return false };
        candidate.values(NAME).map(fold).any(|theirs| {
            let (short, long) =
                if mine.words.len() <= theirs.words.len() { (mine, &theirs) } else { (&theirs, mine) };
            let all = short.words.iter().all(|w| long.words.contains(w));
            let enough = short.words.len() > 1 || short.words.len() == long.words.len();
            mine.generation == theirs.generation && (mine.joined == theirs.joined || (all && enough))
        })
    }

    pub(super) fn birth_date(&self, candidate: &CandidateView) -> Option<f64> {
        let mine = self.keys.get(BIRTH_DATE)?;
        candidate.values(BIRTH_DATE).map(|theirs| date_likeness(mine, theirs)).max_by(f64::total_cmp)
    }

    /// Whether a number that the record states as its previous or present one was one of the candidate's.
    pub(super) fn number_carried_over(&self, candidate: &CandidateView) -> Option<bool> {
        let theirs = || self.numbers.iter().flat_map(|kind| candidate.values(kind));
        let before = self.keys.get(PREVIOUS_NUMBER);
        let carried =
            before.map(|mine| theirs().any(|n| n == &**mine) || candidate.has(PREVIOUS_NUMBER, mine));
        let now = self.numbers.iter().filter_map(|kind| self.keys.get(kind));
        let known = now.into_iter().any(|mine| candidate.has(PREVIOUS_NUMBER, mine));
        // A candidate without any number is no contradiction.
        if known { Some(true) } else { carried.filter(|yes| *yes || theirs().next().is_some()) }
    }

    /// Weighted similarity in percent. A value that one side lacks is left out, but a missing name counts against.
    pub(super) fn percent(&self, candidate: &CandidateView, weights: &BTreeMap<Arc<str>, u8>) -> f64 {
        let (mut sum, mut of) = (0.0, 0.0);
        for (kind, weight) in weights {
            let likeness = match &**kind {
                NAME => Some(self.name(candidate).unwrap_or(0.0)),
                BIRTH_DATE => self.birth_date(candidate),
                EMAIL => self.email(candidate),
                PREVIOUS_NUMBER => self.number_carried_over(candidate).map(|yes| if yes { 1.0 } else { 0.0 }),
                other => self.equal(other, candidate),
            };
            if let Some(likeness) = likeness {
                sum += likeness * f64::from(*weight);
                of += f64::from(*weight);
            }
        }
        if of > 0.0 { 100.0 * sum / of } else { 0.0 }
    }

    fn email(&self, candidate: &CandidateView) -> Option<f64> {
        let mine = self.keys.get(EMAIL)?;
        let all = candidate.values(EMAIL).filter_map(|theirs| email_likeness(mine, theirs));
        all.max_by(f64::total_cmp)
    }

    fn equal(&self, kind: &str, candidate: &CandidateView) -> Option<f64> {
        let mine = self.keys.get(kind)?;
        candidate.keys.get(kind).map(|theirs| if theirs.contains(mine) { 1.0 } else { 0.0 })
    }
}

/// Two dates in ISO form.
fn date_likeness(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    if let (Some((ya, ma, da)), Some((yb, mb, db))) = (date_parts(a), date_parts(b))
        && ya == yb
        && ma == db
        && da == mb
    {
        return DATE_SWAPPED;
    }
    let differ = a.len().abs_diff(b.len()) + a.bytes().zip(b.bytes()).filter(|(x, y)| x != y).count();
    if differ == 1 { DATE_TYPO } else { 0.0 }
}

/// Year, month and day of an ISO date.
pub(super) fn date_parts(date: &str) -> Option<(&str, &str, &str)> {
    let (year, rest) = date.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    Some((year, month, day))
}

/// A different address at the same domain belongs to a different person; an address at another domain is no evidence.
fn email_likeness(a: &str, b: &str) -> Option<f64> {
    if a == b {
        return Some(1.0);
    }
    let ((local_a, domain_a), (local_b, domain_b)) = (a.split_once('@')?, b.split_once('@')?);
    if local_a == local_b {
        return Some(EMAIL_LOCAL);
    }
    (domain_a == domain_b).then_some(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_addresses() {
        assert!((date_likeness("1980-02-01", "1980-01-02") - DATE_SWAPPED).abs() < f64::EPSILON);
        assert!((date_likeness("1980-02-01", "1980-02-07") - DATE_TYPO).abs() < f64::EPSILON);
        assert!(date_likeness("1980-02-01", "1991-07-30") < f64::EPSILON);
        assert_eq!(email_likeness("a@x.no", "b@x.no"), Some(0.0));
        assert_eq!(email_likeness("a@x.no", "b@y.no"), None);
    }
}
