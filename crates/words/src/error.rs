//! The sentence of an error of a use case, and what to do about a name that means no item.

use crate::refusal;
use std::sync::Arc;
use tenure_app::{AppError, Item};
use tenure_model::TaskId;
use tenure_model::text::shown;

/// The sentence of an error. What the store, the ledger or a file outside the database says is quoted.
#[must_use]
pub fn error(error: &AppError) -> String {
    match error {
        AppError::Forbidden(refused) | AppError::PreconditionFailed(refused) => refusal(refused),
        AppError::Unknown { what, name } => unknown(what, name),
        AppError::Ambiguous { name, matches, more } => several(name, matches, *more),
        AppError::NameOnly { name, matches, more } => {
            format!("this takes a key or an id, and no name: {}", several(name, matches, *more))
        }
        AppError::Store(_)
        | AppError::Ledger(_)
        | AppError::Unproved(_)
        | AppError::Outside(_)
        | AppError::ConcurrentChange(_) => error.to_string(),
    }
}

fn unknown(what: &Item, name: &str) -> String {
    let place = match what {
        Item::UnlinkedAccount { system } => format!(" in {system}"),
        _ => String::new(),
    };
    format!("{} `{name}` is not known{place}", item(what))
}

/// The kind of an item.
fn item(what: &Item) -> &'static str {
    match what {
        Item::Person | Item::Issuer => "person",
        Item::Identity => "identity",
        Item::IdentityName => "name",
        Item::HeldChange => "held change",
        Item::Configuration => "configuration",
        Item::Question => "question",
        Item::Finding => "finding",
        Item::Entry => "entry",
        Item::Request => "request",
        Item::OpenFact => "open fact",
        Item::Task => "task",
        Item::ManualTask => "manual task",
        Item::CutOffOrder => "cut-off order",
        Item::DisabledByHand => "account disabled by hand",
        Item::UnlinkedAccount { .. } => "unlinked account",
        Item::Source => "source",
        Item::System => "system",
        Item::Entitlement | Item::EntitlementName => "entitlement",
        Item::RecordName => "record",
        Item::Place => "place in the list",
        Item::KindOfKey { .. } => "kind of key",
        Item::Key => "key",
        Item::Attribute { .. } | Item::AttributeName { .. } => "attribute",
    }
}

/// What to do about a name that means no item, if it is no command.
#[must_use]
pub fn help_of_unknown(what: &Item, name: &str) -> Option<String> {
    Some(match what {
        Item::Person => "try a worker number, a user name, an e-mail address or part of the name".to_owned(),
        Item::Issuer => "it ordered a cut-off and is not an identity of this database".to_owned(),
        Item::IdentityName => {
            "it has control characters, white space at an end, or is empty or too long".to_owned()
        }
        Item::EntitlementName => "write system:name, or bundle:name".to_owned(),
        Item::RecordName => "write source:key".to_owned(),
        Item::Place => "the last line of each page names where the next one begins".to_owned(),
        Item::KindOfKey { known } => format!("keys and names are {}", known.join(", ")),
        Item::Key => "give the complete key or name, as a source will state it".to_owned(),
        Item::Attribute { reference: None } => {
            format!("declare {name} = \"text\" in [attributes] of the policy")
        }
        Item::Attribute { reference: Some(key) } => format!(
            "declare {name} = {{ type = \"text\", reference = \"{key}\" }} in [attributes] of the policy"
        ),
        Item::AttributeName { problem } => problem.to_string(),
        Item::Identity
        | Item::HeldChange
        | Item::Configuration
        | Item::Question
        | Item::Finding
        | Item::Entry
        | Item::Request
        | Item::OpenFact
        | Item::Task
        | Item::ManualTask
        | Item::CutOffOrder
        | Item::DisabledByHand
        | Item::UnlinkedAccount { .. }
        | Item::Source
        | Item::System
        | Item::Entitlement => return None,
    })
}

/// `"Berg" matches 3 identities:` and a line for each.
fn several(name: &str, matches: &[Arc<str>], more: usize) -> String {
    let name = shown(name);
    let is_id = |line: &Arc<str>| TaskId::parse(line).is_some();
    let what = if matches.iter().all(is_id) { "ids" } else { "identities" };
    let mut text = match (matches.len(), more) {
        (1, 0) => format!("\"{name}\" matches 1 identity:"),
        (listed, more) => format!("\"{name}\" matches {} {what}:", listed + more),
    };
    matches.iter().for_each(|line| text.push_str(&format!("\n  {line}")));
    if more > 0 {
        text.push_str(&format!("\n  … and {more} more"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{error, help_of_unknown, item};
    use tenure_app::{AppError, Item};

    #[test]
    fn what_is_unknown_is_named_with_its_kind_and_the_form_that_it_needs() {
        for what in Item::examples() {
            let said = error(&AppError::unknown(what.clone(), "x"));
            assert!(said.starts_with(&format!("{} `x` is not known", item(&what))), "{said}");
        }
        let owner = Item::Attribute { reference: Some("worker".into()) };
        let declared = help_of_unknown(&owner, "owner");
        let expected =
            "declare owner = { type = \"text\", reference = \"worker\" } in [attributes] of the policy";
        assert_eq!(declared.as_deref(), Some(expected));
    }

    #[test]
    fn several_matches_are_listed_a_line_each() {
        let (name, matches) = ("Berg".into(), vec!["Ada Berg (1)".into(), "Bo Berg (2)".into()]);
        let said = error(&AppError::Ambiguous { name, matches, more: 1 });
        assert_eq!(said, "\"Berg\" matches 3 identities:\n  Ada Berg (1)\n  Bo Berg (2)\n  … and 1 more");
    }
}
