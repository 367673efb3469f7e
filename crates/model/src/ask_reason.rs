//! Why a person is asked whose a record is.

use crate::coded;
use std::sync::Arc;

coded! {
    /// Why a person is asked whose a record is.
    AskReason {
        /// Names, dates and addresses are similar; similarity never links.
        Alike = "alike";
        /// Exact keys point at different identities.
        SeveralIdentities = "several-identities";
        /// The exact key is known, but name and birth date indicate that it was reused for a different person.
        Recycled = "recycled" { key: Arc<str> };
        /// The exact key is known, but another kind of key contradicts it.
        Contradicted = "contradicted" { key: Arc<str>, by: Arc<str> };
        /// The exact key belongs to an identity that was erased or merged away.
        Tombstone = "tombstone" { key: Arc<str> };
        /// The exact key is known, but the source does not link by it to identities of this type.
        OtherType = "other-type" { key: Arc<str> };
        /// The exact key is known in another source, and its identity holds something of high risk.
        HighRisk = "high-risk" { key: Arc<str> };
        /// The record's own key is another spelling of a known record's key.
        LikeKey = "like-key" { key: Arc<str> };
        /// There are more candidates than are compared.
        TooMany = "too-many" { compared: u64 };
        /// A known record has another person's name and birth date.
        RecordRecycled = "record-recycled";
        /// Two known records have exchanged their people.
        RecordsSwapped = "records-swapped";
    }
}

#[cfg(test)]
mod tests {
    use super::AskReason;
    use std::collections::BTreeSet;

    #[test]
    fn each_reason_has_a_code_of_its_own_and_is_read_as_it_was_stated() {
        assert_eq!(AskReason::CODES.iter().collect::<BTreeSet<_>>().len(), AskReason::CODES.len());
        let examples = AskReason::examples();
        assert_eq!(examples.len(), AskReason::CODES.len(), "an example cannot be read");
        for reason in &examples {
            let read = AskReason::read(reason.code(), &reason.parameters());
            assert_eq!(read.as_ref(), Some(reason), "{}", reason.code());
        }
    }
}
