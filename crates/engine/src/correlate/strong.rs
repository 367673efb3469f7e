//! The value of an exact key in the light of other evidence: numbers and addresses are reused for other people over time.

use super::likeness::Probe;
use super::view::CandidateView;
use crate::normalise::{BIRTH_DATE, NAME, is_email};
use std::sync::Arc;
use tenure_model::AskReason;

/// From here on, two spellings of one name.
const SAME_FROM: f64 = 0.84;
/// From here on, names that share something: a marriage, a middle name, a sibling.
const RELATED_FROM: f64 = 0.40;
/// From here on, birth dates that differ by a typing error.
const NEAR_FROM: f64 = 0.65;

/// How two names relate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    Unknown,
    /// The same words; one of the two may have more.
    Equal,
    Same,
    Related,
    Different,
}

/// How two birth dates relate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Births {
    Unknown,
    Same,
    /// A digit, or day and month swapped: a typing error, or a different person.
    Near,
    Different,
}

pub(super) fn names(probe: &Probe<'_>, candidate: &CandidateView) -> Names {
    match probe.name(candidate) {
        None => Names::Unknown,
        Some(_) if probe.name_is_equal(candidate) => Names::Equal,
        Some(l) if l >= SAME_FROM => Names::Same,
        Some(l) if l >= RELATED_FROM => Names::Related,
        Some(_) => Names::Different,
    }
}

pub(super) fn births(probe: &Probe<'_>, candidate: &CandidateView) -> Births {
    match probe.birth_date(candidate) {
        None => Births::Unknown,
        Some(l) if l >= 1.0 => Births::Same,
        Some(l) if l >= NEAR_FROM => Births::Near,
        Some(_) => Births::Different,
    }
}

/// Why an equal exact key does not link; `None` if it links.
pub(super) fn objection(
    probe: &Probe<'_>,
    candidate: &CandidateView,
    key: &Arc<str>,
    ranked: &[Arc<str>],
) -> Option<AskReason> {
    let key = key.clone();
    if candidate.tombstone {
        return Some(AskReason::Tombstone { key });
    }
    let (names, births) = (names(probe, candidate), births(probe, candidate));
    let found = if is_email(&key) { of_address(names, births) } else { of_number(names, births) };
    match found {
        Some(Against::Everything) => return Some(AskReason::Recycled { key }),
        Some(Against::Kind(by)) => return Some(AskReason::Contradicted { key, by: Arc::from(by) }),
        None if matches!(names, Names::Equal | Names::Same) && births == Births::Same => return None,
        None => {}
    }
    let higher = ranked.iter().take_while(|k| **k != key);
    let differs = |kind: &Arc<str>| {
        let mine = probe.keys.get(kind);
        mine.is_some_and(|mine| candidate.keys.contains_key(kind) && !candidate.has(kind, mine))
    };
    let by = higher.into_iter().find(|kind| differs(kind))?.clone();
    Some(AskReason::Contradicted { key, by })
}

/// The evidence against an equal key.
enum Against {
    /// The name, and no evidence supports the key.
    Everything,
    /// This kind of key alone.
    Kind(&'static str),
}

/// A number belongs to one person at a time and may be reused for another person later. It links despite a changed name (marriage) if
/// the birth date agrees, and despite a typing error in the birth date if the name agrees.
fn of_number(names: Names, births: Births) -> Option<Against> {
    match (names, births) {
        (_, Births::Same) | (Names::Unknown, Births::Unknown) => None,
        (Names::Equal | Names::Same, Births::Near | Births::Unknown) => None,
        (Names::Equal | Names::Same | Names::Unknown, _) => Some(Against::Kind(BIRTH_DATE)),
        // One word in common is no evidence: `Thomas` is similar to `Thompson`.
        (Names::Related | Names::Different, _) => Some(Against::Everything),
    }
}

/// People choose and share addresses: families share one, and twins also share a birthday. It links only under the same name, and with
/// the same birth date if both are known.
fn of_address(names: Names, births: Births) -> Option<Against> {
    match (names, births) {
        (Names::Equal | Names::Unknown, Births::Same | Births::Unknown) => None,
        (Names::Equal | Names::Unknown | Names::Same, Births::Near | Births::Different) => {
            Some(Against::Kind(BIRTH_DATE))
        }
        (_, Births::Same) | (Names::Same, _) => Some(Against::Kind(NAME)),
        (Names::Related | Names::Different, _) => Some(Against::Everything),
    }
}
