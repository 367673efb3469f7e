//! Why a person is asked whose a record is.

use tenure_model::AskReason;

/// Why a person is asked whose a record is.
#[must_use]
pub fn question(why: &AskReason) -> String {
    match why {
        AskReason::Alike => "the record resembles a known identity, and a resemblance never decides".to_owned(),
        AskReason::SeveralIdentities => "its keys belong to different identities".to_owned(),
        AskReason::Recycled { key } => format!("its {key} is known, but belongs to an identity with another name"),
        AskReason::Contradicted { key, by } => format!("its {key} is known, but the {by} contradicts it"),
        AskReason::Tombstone { key } => format!("its {key} belongs to an identity that was erased or merged"),
        AskReason::OtherType { key } => {
            format!("its {key} is known, and this source does not link by it to engagements of that type")
        }
        AskReason::HighRisk { key } => {
            format!("its {key} is that of an identity of another source with access of high risk")
        }
        AskReason::LikeKey { key } => {
            format!("its key may be that of the record `{key}`, mistyped or changed by a spreadsheet")
        }
        AskReason::TooMany { compared } => {
            format!("more than {compared} identities may resemble it, which is more than are compared")
        }
        AskReason::RecordRecycled => {
            "its key is known, but name and birth date are those of another person".to_owned()
        }
        AskReason::RecordsSwapped => {
            "its key is known, but its name is that of another identity: two people may have swapped their keys".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::question;
    use std::collections::BTreeSet;
    use tenure_model::AskReason;

    #[test]
    fn each_reason_has_a_sentence_of_its_own_that_shows_its_parameters() {
        let examples = AskReason::examples();
        let said: BTreeSet<String> = examples.iter().map(question).collect();
        assert_eq!(said.len(), examples.len());
        for why in &examples {
            let shows = |name: &str| {
                !why.parameters().contains_key(name) || question(why).contains(&name.to_uppercase())
            };
            assert!(shows("key") && shows("by"), "{}", why.code());
        }
    }
}
