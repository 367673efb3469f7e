//! A complete valid configuration loads as written.

use crate::folder::{broken, rendered, sample};
use std::collections::BTreeMap;
use tenure_model::{AttributeName, EngagementType, IdentityKind, Name, Value};
use tenure_policy::{ClassCache, Given, Inputs, MissingRule, SetUp, Take, load};

fn setup() -> SetUp {
    load(&sample()).unwrap_or_else(|_| panic!("{}", rendered(&sample()))).setup
}

#[test]
fn it_loads_without_warnings() {
    assert_eq!(rendered(&sample()), "");
}

#[test]
fn every_file_is_understood() {
    let setup = setup();
    assert_eq!(setup.settings.last_resort.as_ref(), "security");
    let hr = &setup.sources["hr"];
    assert_eq!(hr.missing, MissingRule::EndAfter(jiff::SignedDuration::from_hours(72)));
    assert!(matches!(&hr.keys["worker_number"], Take::Column(c) if &**c == "user_id"));
    assert_eq!(setup.policy.lifecycle.prepare_days, 3);
    assert_eq!(setup.policy.approvals[0].stages.len(), 2);
    assert!(!setup.policy.approvals[0].per_grant && setup.policy.approvals[1].per_grant);
    assert_eq!(setup.policy.labels.len(), tenure_model::CaseLabel::ALL.len());
    assert!(
        matches!(&setup.policy.baselines[2].grant[0], Given::Each { prefix, .. } if &**prefix == "project/")
    );
    let family = tenure_model::EntitlementName::new("git:project/alpha").unwrap();
    assert_eq!(setup.entitlement(&family).unwrap().risk, 30);
}

#[test]
fn a_class_is_answered_by_rules() {
    let setup = setup();
    let mut attributes = BTreeMap::new();
    attributes.insert(AttributeName::new("department").unwrap(), Value::text("Engineering"));
    attributes.insert(AttributeName::new("projects").unwrap(), Value::texts(["alpha", "beta"]));
    let kind = EngagementType::new("employee").unwrap();
    let inputs = Inputs {
        attributes: Some(&attributes),
        engagement_type: Some(&kind),
        identity_kind: Some(IdentityKind::Person),
        ..Inputs::default()
    };
    let mut cache = ClassCache::default();
    let answer = cache.answer(&setup.policy, setup.policy.class_of(&inputs));
    let grants: Vec<String> = answer.grants.iter().map(|(rule, name)| format!("{rule} {name}")).collect();
    assert_eq!(
        grants,
        [
            "0 directory:staff",
            "1 directory:staff",
            "1 git:developer",
            "2 git:project/alpha",
            "2 git:project/beta"
        ]
    );
    assert!(answer.problems.is_empty());
}

#[test]
fn the_hash_follows_the_text_and_nothing_else() {
    let mut turned = sample();
    turned.reverse();
    turned.push(("README.md".to_owned(), "for people".to_owned()));
    let hash = setup().hash;
    assert_eq!(hash, load(&turned).unwrap().setup.hash);
    assert_ne!(hash, load(&broken("tenure.toml", "Fjord", "Fiord")).unwrap().setup.hash);
}

#[test]
fn what_a_feed_says_chooses_no_other_container() {
    let container = |value: &str| {
        let attribute = format!(
            "[[attribute]]\nname = \"container\"\nvalue = '{value}'\n\n[[attribute]]\nname  = \"givenName\""
        );
        let files = broken("systems/directory.toml", "[[attribute]]\nname  = \"givenName\"", &attribute);
        let setup = load(&files).unwrap_or_else(|_| panic!("{}", rendered(&files))).setup;
        let attributes: BTreeMap<_, _> =
            [(AttributeName::new("department").unwrap(), Value::text("IT,ou=privileged"))].into();
        let inputs = Inputs { attributes: Some(&attributes), ..Inputs::default() };
        let directory = setup.systems.values().find(|s| s.name.as_str() == "directory").unwrap();
        let place = directory.attributes.iter().find(|a| a.name.as_str() == "container").unwrap();
        place.value.text(&inputs).unwrap().to_string()
    };
    let escaped = "ou=IT\\2Cou\\3Dprivileged";
    for value in [
        "\"ou=\" + department",
        "\"ou=\" + department.dn()",
        "department == \"x\" ? \"ou=x\" : \"ou=\" + department",
        "\"ou=\" + (department == \"x\" ? \"x\" : department)",
    ] {
        assert_eq!(container(value), escaped, "{value}");
    }
    assert_eq!(
        container("\"ou=\" + department.lower() + \",ou=staff\""),
        "ou=it\\2Cou\\3Dprivileged,ou=staff"
    );
    // A value that is a whole place is not escaped; literals in the expression are unchanged.
    assert_eq!(container("department"), "IT,ou=privileged");
    assert_eq!(container("\"ou=a\" + \",ou=b\""), "ou=a,ou=b");
}
