//! Correlation of records with identities: exact keys link, similarity asks a person, nothing else is assumed. Pure: candidates are
//! given.

mod blocking;
mod by_key;
mod fold;
mod likeness;
mod name;
mod strong;
mod verdict;
mod view;
mod waiting;

pub use blocking::{BLOCKING_KEYS_MAX, Blocking};
pub use by_key::named_by;
pub use fold::{Folded, fold};
pub use likeness::{CANDIDATES_MAX, COMPARED_MAX};
pub use name::name_likeness;
pub use verdict::{Matcher, recycled, renamed, swapped};
pub use view::{CandidateView, Keys, Likeness, Verdict};
pub use waiting::{WaitingRow, WaitingRows};
