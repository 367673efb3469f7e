//! What an exact key is worth, given what else is known: numbers and addresses are given to somebody else in time.

use super::likeness::Probe;
use super::view::{AskReason, CandidateView};
use crate::normalise::{BIRTH_DATE, NAME, is_email};
use std::sync::Arc;

/// From here on, two spellings of one name.
const SAME_FROM: f64 = 0.84;
/// From here on, names that share something: a marriage, a middle name, a sibling.
const RELATED_FROM: f64 = 0.40;
/// From here on, birth dates that differ by a slip.
const DATE_SAME_FROM: f64 = 0.65;

/// How two names relate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    Unknown,
    Same,
    Related,
    Different,
}

/// How two birth dates relate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Births {
    Unknown,
    Same,
    Different,
}

pub(super) fn names(probe: &Probe<'_>, candidate: &CandidateView) -> Names {
    match probe.name(candidate) {
        None => Names::Unknown,
        Some(l) if l >= SAME_FROM => Names::Same,
        Some(l) if l >= RELATED_FROM => Names::Related,
        Some(_) => Names::Different,
    }
}

pub(super) fn births(probe: &Probe<'_>, candidate: &CandidateView) -> Births {
    match probe.birth_date(candidate) {
        None => Births::Unknown,
        Some(l) if l >= DATE_SAME_FROM => Births::Same,
        Some(_) => Births::Different,
    }
}

/// Why an equal exact key does not link after all; `None` where it does.
///
/// A number links through a marriage when the birth date agrees or the person is still there. An address is chosen
/// and shared by people (families, twins), so it links only under the same name.
pub(super) fn objection(
    probe: &Probe<'_>,
    candidate: &CandidateView,
    key: &Arc<str>,
    ranked: &[Arc<str>],
) -> Option<AskReason> {
    let key = key.clone();
    let contradicted = |by: &str| Some(AskReason::Contradicted { key: key.clone(), by: Arc::from(by) });
    if candidate.tombstone {
        return Some(AskReason::Tombstone { key });
    }
    let (names, births, address) = (names(probe, candidate), births(probe, candidate), is_email(&key));
    match (names, births) {
        (Names::Same | Names::Unknown, Births::Different) => return contradicted(BIRTH_DATE),
        (_, Births::Different) => return Some(AskReason::Recycled { key }),
        (Names::Different, Births::Unknown) => return Some(AskReason::Recycled { key }),
        (Names::Related, Births::Unknown) if candidate.departed => return Some(AskReason::Recycled { key }),
        (Names::Related | Names::Different, _) if address => return contradicted(NAME),
        _ => {}
    }
    if names == Names::Same && births == Births::Same {
        return None;
    }
    let before = ranked.iter().take_while(|k| **k != key);
    let other = before.into_iter().find(|kind| {
        let mine = probe.keys.get(&***kind);
        mine.is_some_and(|mine| candidate.keys.contains_key(*kind) && !candidate.has(kind, mine))
    });
    other.and_then(|kind| contradicted(kind))
}
