//! The sentence of each refusal: what was refused, to what, why, and what to do. The command that helps is the edge's own.

mod access;
mod actor;
mod cut_off;
mod decision;
mod identity;
mod operation;
mod system;
mod work;

use tenure_app::{RefusalDetail, Refused};

/// The sentences of an area in one table: a refusal without a sentence does not compile.
macro_rules! sentences {
    ($type:ident: $($name:ident $({ $($field:ident),+ })? => $sentence:expr;)+) => {
        pub(super) fn sentence(refused: &$type) -> String {
            match refused {
                $($type::$name $({ $($field),+ })? => $sentence.into(),)+
            }
        }
    };
}
use sentences;

/// The sentence of a refusal.
#[must_use]
pub fn refusal(refused: &RefusalDetail) -> String {
    match refused {
        RefusalDetail::Text(detail) => detail.text.to_string(),
        RefusalDetail::Actor(detail) => actor::sentence(detail),
        RefusalDetail::Decision(detail) => decision::sentence(detail),
        RefusalDetail::Access(detail) => access::sentence(detail),
        RefusalDetail::CutOff(detail) => cut_off::sentence(detail),
        RefusalDetail::Identity(detail) => identity::sentence(detail),
        RefusalDetail::Work(detail) => work::sentence(detail),
        RefusalDetail::System(detail) => system::sentence(detail),
        RefusalDetail::Operation(detail) => operation::sentence(detail),
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
