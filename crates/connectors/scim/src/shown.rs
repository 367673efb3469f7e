//! The members that a Group resource shows. What cannot be read is recorded separately: it is not "no members".

use crate::attribute::id_of;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_scim::{field, lenient};

/// The members of one group in one answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Members {
    /// Ids that were read.
    pub(crate) ids: BTreeSet<Arc<str>>,
    /// Plain texts in place of members: an id, a name or an address, which is not stated.
    texts: Vec<Arc<str>>,
    /// Why not all of them could be read.
    pub(crate) unreadable: Option<Arc<str>>,
    /// Whether the answer contains no members at all: there are none, or the service does not show them.
    pub(crate) silent: bool,
}

/// Whether a user is among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Among {
    Yes,
    No,
    Silent,
    Unreadable(Arc<str>),
}

impl Members {
    /// Reads the `members` of a group. A single member written as an object instead of a list is accepted.
    pub(crate) fn of(group: &Json) -> Self {
        let mut members = Self::default();
        let shown = field(group, "members");
        if let Some(why) = shown.and_then(lenient::why) {
            members.give_up(&format!("`members` {why}"));
            return members;
        }
        match shown {
            None | Some(Json::Null) => members.silent = true,
            Some(Json::Array(items)) => items.iter().for_each(|item| members.take(item)),
            Some(one @ Json::Object(_)) => members.take(one),
            Some(other) => members.give_up(&format!("`members` is {}, which is no list", sort_of(other))),
        }
        members
    }

    fn take(&mut self, item: &Json) {
        if let Json::String(text) = item {
            self.texts.push(Arc::from(text.as_str()));
            return self.give_up("members are plain texts, and it is not stated whether they are ids");
        }
        let id = id_of(item, "value").or_else(|| {
            // A `value` that is present and not an id is not replaced by a guess.
            let silent = field(item, "value").is_none_or(Json::is_null);
            silent.then(|| field(item, "$ref").and_then(Json::as_str).and_then(referred)).flatten()
        });
        match (id, lenient::unreadable(item)) {
            (Some(id), None) => {
                self.ids.insert(id);
            }
            (id, Some(why)) => {
                self.ids.extend(id);
                self.give_up(&format!("a member cannot be read: {why}"));
            }
            (None, None) => {
                self.give_up(&format!("a member is {} without a readable `value`", sort_of(item)))
            }
        }
    }

    fn give_up(&mut self, why: &str) {
        self.unreadable.get_or_insert_with(|| Arc::from(why));
    }

    /// Whether the id is among them. Presence is believed in any spelling; absence only if all members were read.
    pub(crate) fn among(&self, id: &str) -> Among {
        let is_text = |text: &Arc<str>| {
            **text == *id || text.strip_suffix(id).is_some_and(|before| before.ends_with('/'))
        };
        if self.ids.contains(id) || self.texts.iter().any(is_text) {
            return Among::Yes;
        }
        if let Some(why) = &self.unreadable {
            return Among::Unreadable(why.clone());
        }
        let plain = |text: &str| text.trim().to_lowercase();
        if let Some(other) = self.ids.iter().find(|other| plain(other) == plain(id)) {
            let why = format!("the member `{other}` differs from the id `{id}` only in how it is written");
            return Among::Unreadable(Arc::from(why));
        }
        if self.silent { Among::Silent } else { Among::No }
    }
}

/// The id in the address of a resource: the part after `/Users/` or `/Groups/`, with nothing after it.
fn referred(address: &str) -> Option<Arc<str>> {
    let (before, id) = address.trim_end_matches('/').rsplit_once('/')?;
    let endpoint = before.rsplit('/').next()?;
    let whole = !id.is_empty() && !id.contains(['?', '#', '%']);
    (whole && ["Users", "Groups"].contains(&endpoint)).then(|| Arc::from(id))
}

fn sort_of(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn among(members: Json, id: &str) -> Among {
        Members::of(&json!({ "id": "g", "members": members })).among(id)
    }

    #[test]
    fn members_are_read_in_every_form_that_says_whose_id_it_is() {
        for members in [
            json!([{ "value": "7" }]),
            json!([{ "value": 7 }]),
            json!({ "value": "7" }),
            json!([{ "$ref": "https://x.test/v2/Users/7" }]),
            json!([{ "$ref": "Users/7/", "value": null }]),
            json!(["7"]),
            json!(["../Users/7"]),
            json!(["8", { "value": {} }, { "value": 7 }]),
        ] {
            assert_eq!(among(members.clone(), "7"), Among::Yes, "{members}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_nobody() {
        for members in [
            json!(["8"]),
            json!("8"),
            json!(8),
            json!([{ "value": 8.5 }]),
            json!([{ "value": { "id": "7" } }]),
            json!([{ "display": "Ada" }]),
            json!([{ "$ref": "https://x.test/v2/People/7" }]),
            json!([{ "$ref": "https://x.test/v2/Users/7?x=1" }]),
            json!([{ "value": "", "$ref": "Users/7" }]),
            json!([null]),
            json!([{ "value": "A7" }]),
            json!([{ "value": " a7" }]),
        ] {
            let id = if members[0]["value"].is_string() { "a7" } else { "7" };
            assert!(matches!(among(members.clone(), id), Among::Unreadable(_)), "{members}");
        }
    }

    #[test]
    fn no_members_and_silence_are_two_answers() {
        assert_eq!(among(json!([]), "7"), Among::No);
        assert_eq!(among(json!([{ "value": "8" }]), "7"), Among::No);
        assert_eq!(among(json!(null), "7"), Among::Silent);
        assert_eq!(Members::of(&json!({ "id": "g" })).among("7"), Among::Silent);
    }
}
