//! The sentence of each refusal: what was refused, to what, why, and what to do. The command that helps is the edge's own.

use tenure_app::{RefusalDetail, Refused};

/// The sentence of a refusal.
#[must_use]
pub fn refusal(refused: &RefusalDetail) -> String {
    match refused {
        RefusalDetail::Text(detail) => detail.text.to_string(),
    }
}

/// Why something was refused: its sentence, or what is quoted.
#[must_use]
pub fn refused(why: &Refused) -> String {
    match why {
        Refused::Refusal(detail) => refusal(detail),
        Refused::Quoted(text) => text.to_string(),
    }
}
