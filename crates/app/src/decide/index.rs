//! Keys by which lists find identities that have something to list.

use crate::describe::instant_words;
use std::sync::Arc;
use tenure_model::{Identity, IndividualDecision, JustificationKind};
use tenure_store::Keyed;

/// Kind of the keys of an identity with exceptions: a key for the end of each, so that those that end soonest are read first.
pub(crate) const EXCEPTION_KEY: &str = "exception";

/// What an exception without an end has in the place of its end: it sorts after all instants.
const ENDLESS: &str = "no end";

/// The end of an exception as it stands in its key.
pub(crate) fn exception_end(exception: &IndividualDecision) -> Arc<str> {
    Arc::from(exception.until.map_or_else(|| ENDLESS.to_owned(), instant_words))
}

/// The keys by which lists find an identity.
pub(super) fn listed_keys(identity: &Identity) -> impl Iterator<Item = Keyed> {
    exception_keys(identity).chain(cut_off_key(identity))
}

/// The keys of the exceptions of an identity.
fn exception_keys(identity: &Identity) -> impl Iterator<Item = Keyed> {
    let all = identity.decisions.individual.iter().filter(|s| s.kind == JustificationKind::Exception);
    all.map(|s| Keyed { kind: Arc::from(EXCEPTION_KEY), value: exception_end(s) })
}

/// Kind of the key of an identity that is cut off: what was cut off last is read first.
pub(crate) const CUT_OFF_KEY: &str = "cut off";

/// The key of an identity that is cut off. One that was merged has none: the one it was merged into is cut off in its place.
pub(crate) fn cut_off_key(identity: &Identity) -> Option<Keyed> {
    let cut = identity.decisions.cut_off.as_ref().filter(|_| identity.merged_into.is_none())?;
    // As long for each instant, and smaller the later it is.
    let left = i128::from(i64::MAX) - i128::from(cut.at.as_microsecond());
    Some(Keyed { kind: Arc::from(CUT_OFF_KEY), value: Arc::from(format!("{left:020}")) })
}
