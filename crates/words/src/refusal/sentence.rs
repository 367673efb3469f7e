//! The sentence of a refusal of any area.

use super::{access, actor, cut_off, decision, identity, operation, system, work};
use tenure_app::{RefusalDetail, Refused};

/// The sentence of a refusal.
#[must_use]
pub fn refusal(refused: &RefusalDetail) -> String {
    match refused {
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

#[cfg(test)]
mod tests {
    use super::refusal;
    use std::collections::BTreeMap;
    use tenure_app::RefusalDetail;
    use tenure_model::Parameter;

    #[test]
    fn each_refusal_has_a_sentence_that_differs_from_others_and_shows_its_parameters() {
        let mut said: BTreeMap<String, &'static str> = BTreeMap::new();
        for refused in RefusalDetail::examples() {
            let (code, text) = (refused.code(), refusal(&refused));
            if let Some(other) = said.insert(text.clone(), code) {
                panic!("`{code}` and `{other}` have one sentence: {text}");
            }
            for (name, value) in refused.parameters() {
                // The example of a text is the name of its parameter in capitals.
                let own = Parameter::Text(name.to_uppercase().into());
                let is_shown = value != own || text.contains(&name.to_uppercase());
                assert!(is_shown, "`{code}` does not show {name}: {text}");
            }
            assert!(!text.ends_with('.') && !text.contains("  "), "{code}: {text}");
        }
        assert!(said.len() > 100, "{}", said.len());
    }
}
