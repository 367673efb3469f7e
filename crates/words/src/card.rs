//! The card of a request: what its approvers are told, part by part.

use crate::phrase::listed;
use std::sync::Arc;
use tenure_app::describe::instant_words;
use tenure_app::{Answer, AskedBy, CardCause, CardSubject, CardWhy, Conflict, MissingAnswer, Peers, Silence};

/// The identity that a request is about: name and key.
#[must_use]
pub fn card_subject(who: &CardSubject) -> String {
    let CardSubject { name, key } = who;
    key.as_ref().map_or_else(|| name.to_string(), |key| format!("{name} ({key})"))
}

/// Who asked.
#[must_use]
pub fn asked_by(who: &AskedBy) -> String {
    match who {
        AskedBy::People(names) => listed(names),
        AskedBy::Record { key, source } => format!("the record {key} of source {source}"),
        AskedBy::Records => "a change of records".to_owned(),
    }
}

/// An answer that was given.
#[must_use]
pub fn answer(given: &Answer) -> String {
    let Answer { by, approved, at, comment } = given;
    let word = if *approved { "approved" } else { "denied" };
    let why = if comment.is_empty() { String::new() } else { format!(": \"{comment}\"") };
    format!("{by} {word} at {}{why}", instant_words(*at))
}

/// An answer that is missing, and who may give it.
#[must_use]
pub fn missing_answer(missing: &MissingAnswer) -> String {
    let MissingAnswer { seat, may_give } = missing;
    if may_give.is_empty() {
        return format!("{seat} (no approver is available)");
    }
    format!("{seat} ({})", any_of(may_give))
}

/// What follows without an answer.
#[must_use]
pub fn silence(follows: &Silence) -> String {
    match follows {
        Silence::PutTo(next) if next.is_empty() => "it is put to the next approvers of the rule".to_owned(),
        Silence::PutTo(next) => format!("it is put to {}", any_of(next)),
        Silence::AccessDenied => "it is denied: access is not granted".to_owned(),
        Silence::NamesDenied => "it is denied: the present names stay".to_owned(),
    }
}

/// Why an entitlement is asked for, and until when.
#[must_use]
pub fn why_asked(why: &CardWhy) -> String {
    let kind = why.kind.as_str();
    let until = why.until.map_or("no end date".to_owned(), |u| format!("until {}", instant_words(u)));
    match &why.cause {
        CardCause::Stated { reason } => format!("{kind}: {reason}, {until}"),
        CardCause::Rule { reference, condition } => {
            format!("{kind} \"{reference}\" (`{condition}`), {until}")
        }
        CardCause::Reference { reference } => format!("{kind} \"{reference}\", {until}"),
    }
}

/// A separation rule that an entitlement would conflict with, and the other sides.
#[must_use]
pub fn conflict(found: &Conflict) -> String {
    format!("`{}`: not together with {}", found.rule, listed(&found.with))
}

/// How many peers hold it: `3 of 14 other active identities with department Engineering hold it`.
#[must_use]
pub fn peers(p: &Peers) -> String {
    let hold = if p.hold == 1 { "holds" } else { "hold" };
    format!("{} of {} other active identities with {} {} {hold} it", p.hold, p.of, p.attribute, p.value)
}

fn any_of(names: &[Arc<str>]) -> String {
    names.join(" or ")
}

#[cfg(test)]
mod tests {
    use super::{asked_by, missing_answer, silence, why_asked};
    use tenure_app::{AskedBy, CardCause, CardWhy, MissingAnswer, Silence};
    use tenure_model::JustificationKind;

    #[test]
    fn silence_says_to_whom_a_request_is_put_or_that_it_is_denied() {
        let put_to = Silence::PutTo(vec!["Ada".into(), "Bo".into()]);
        assert_eq!(silence(&put_to), "it is put to Ada or Bo");
        assert_eq!(silence(&Silence::PutTo(Vec::new())), "it is put to the next approvers of the rule");
        assert_eq!(silence(&Silence::AccessDenied), "it is denied: access is not granted");
        assert_eq!(silence(&Silence::NamesDenied), "it is denied: the present names stay");
    }

    #[test]
    fn a_missing_answer_names_those_who_may_give_it() {
        let missing = |may_give| missing_answer(&MissingAnswer { seat: "owner".into(), may_give });
        assert_eq!(missing(vec!["Ada".into(), "Bo".into()]), "owner (Ada or Bo)");
        assert_eq!(missing(Vec::new()), "owner (no approver is available)");
        assert_eq!(asked_by(&AskedBy::People(vec!["Ada".into(), "Bo".into()])), "Ada, Bo");
        assert_eq!(asked_by(&AskedBy::Records), "a change of records");
    }

    #[test]
    fn a_reason_shows_the_rule_with_its_condition_or_what_was_written() {
        let why = |cause| why_asked(&CardWhy { kind: JustificationKind::Baseline, cause, until: None });
        let (reference, condition) = ("staff".into(), "active".into());
        let rule = CardCause::Rule { reference, condition };
        assert_eq!(why(rule), "baseline \"staff\" (`active`), no end date");
        let reference = CardCause::Reference { reference: "staff".into() };
        assert_eq!(why(reference), "baseline \"staff\", no end date");
        assert_eq!(why(CardCause::Stated { reason: "audit".into() }), "baseline: audit, no end date");
    }
}
