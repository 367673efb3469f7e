//! Properties for every text and every sequence of operations.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tenure_scim::{
    Filter, Operation, Patch, PatchRules, Path, Schemas, ScimType, Write, eq, normalise, quote,
};

proptest! {
    /// No text can end the literal that contains it.
    #[test]
    fn a_quoted_text_matches_itself_and_nothing_else(name in "\\PC{1,40}", other in "\\PC{1,40}") {
        let schemas = Schemas::user().unwrap();
        let filter = Filter::parse(&eq("externalId", &name), &schemas).unwrap();
        prop_assert_eq!(filter.must_equal("externalId"), Some(name.as_str()));
        let (same, another) = (json!({ "externalId": name }), json!({ "externalId": other }));
        prop_assert!(filter.matches(&same));
        prop_assert_eq!(filter.matches(&another), name == other);
        let path = Path::parse(&format!("emails[value eq {}]", quote(&name)), &schemas).unwrap();
        prop_assert_eq!(path.values(&json!({ "emails": [{ "value": other }, { "value": name }] })).len(), 1 + usize::from(other.to_lowercase() == name.to_lowercase()));
    }

    /// No input from a client makes the parsers panic.
    #[test]
    fn any_text_is_an_answer_or_an_error(text in "[a-zA-Z0-9 ()\\[\\]\".:\\\\-]{0,60}") {
        let schemas = Schemas::user().unwrap();
        let resource = json!({ "userName": text.clone(), "emails": [{ "value": "x" }] });
        if let Err(e) = Filter::parse(&text, &schemas).map(|f| f.matches(&resource)) {
            prop_assert_eq!(e.scim_type, Some(ScimType::InvalidFilter));
        }
        if let Err(e) = Path::parse(&text, &schemas).map(|p| p.values(&resource).len()) {
            prop_assert_eq!(e.scim_type, Some(ScimType::InvalidPath));
        }
    }

    /// A group under additions and removals is a set.
    #[test]
    fn members_are_a_set(steps in vec((any::<bool>(), 0u8..12), 0..30)) {
        let schemas = Schemas::group().unwrap();
        let mut model = BTreeSet::new();
        let mut operations = Vec::new();
        for (add, n) in steps {
            let id = n.to_string();
            if add {
                operations.push(Operation::add("members", json!([{ "value": id }])));
                model.insert(id);
            } else {
                operations.push(Operation::remove(&format!("members[value eq {}]", quote(&id))));
                model.remove(&id);
            }
        }
        let patch = Patch::parse(&Patch { operations }.to_json(true)).unwrap();
        let group = json!({ "schemas": [], "displayName": "g" });
        let after = patch.apply(&group, &schemas, PatchRules::default()).unwrap();
        let held: BTreeSet<String> = after.get("members").and_then(Value::as_array).into_iter().flatten()
            .map(|m| m["value"].as_str().unwrap().to_owned()).collect();
        prop_assert_eq!(held, model);
        let again = patch.apply(&after, &schemas, PatchRules::default()).unwrap();
        let set = |g: &Value| g.get("members").map(|m| m.as_array().unwrap().iter().map(Value::to_string).collect::<BTreeSet<_>>());
        prop_assert_eq!(set(&again), set(&after));
    }

    /// A user that was written attribute by attribute returns the written values.
    #[test]
    fn what_is_assigned_is_read(given in "\\PC{1,20}", mail in "[a-z]{1,9}@x.test", dept in "\\PC{1,20}") {
        let schemas = Schemas::user().unwrap();
        let mut r = json!({ "userName": "u" });
        let texts = [("name.givenName", given), ("emails[type eq \"work\"].value", mail),
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", dept)];
        for (path, text) in &texts {
            Path::parse(path, &schemas).unwrap().assign(&mut r, Some(Value::from(text.as_str()))).unwrap();
        }
        let kept = normalise(&r, &schemas, Write::Whole).unwrap();
        for (path, text) in &texts {
            let wanted = Value::from(text.as_str());
            prop_assert_eq!(Path::parse(path, &schemas).unwrap().values(&kept), vec![&wanted]);
        }
    }
}
