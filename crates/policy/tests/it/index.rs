//! The index gives the same answer as evaluating every rule.

use crate::folder::sample;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write;
use tenure_model::{AttributeName, EngagementType, EntitlementName, IdentityKind, Name, Value};
use tenure_policy::{Given, Inputs, Policy, load};

/// The sample with these additional rules.
fn policy(rules: &[String]) -> Policy {
    let mut files = sample();
    let mut text = "edition = 1\n".to_owned();
    for (number, when) in rules.iter().enumerate() {
        let grant =
            ["git:developer", "directory:staff", "git:project/{projects}", "git:project/{site}"][number % 4];
        writeln!(text, "[[baseline]]\nname = \"r{number}\"\nwhen = '{when}'\ngrant = [\"{grant}\"]").unwrap();
    }
    files.push(("policy/more.toml".to_owned(), text));
    match load(&files) {
        Ok(loaded) => loaded.setup.policy,
        Err(errors) => panic!("{}", errors[0].line_form()),
    }
}

/// Every rule evaluated.
fn naive(policy: &Policy, inputs: &Inputs<'_>) -> Vec<(u32, EntitlementName)> {
    let mut all = Vec::new();
    for (number, rule) in (0..).zip(&policy.baselines) {
        if !rule.when.holds(inputs).unwrap_or(false) {
            continue;
        }
        for given in &rule.grant {
            match given {
                Given::One(name) => all.push((number, name.clone())),
                Given::Each { system, prefix, attribute, suffix } => {
                    let value = inputs.attributes.and_then(|a| a.get(attribute)).filter(|v| !v.is_blank());
                    for text in value.map(Value::each_text).unwrap_or_default() {
                        all.extend(
                            EntitlementName::of(system, &format!("{prefix}{text}{suffix}"))
                                .ok()
                                .map(|n| (number, n)),
                        );
                    }
                }
            }
        }
    }
    all.sort();
    all.dedup();
    all
}

fn rules() -> impl Strategy<Value = Vec<String>> {
    let atom = prop_oneof![
        "[a-d]".prop_map(|v| format!("department == \"{v}\"")),
        "[a-d]".prop_map(|v| format!("\"{v}\" == role")),
        "[a-d]".prop_map(|v| format!("department != \"{v}\"")),
        Just("department == \"\"".to_owned()),
        ("[a-d]", "[a-d]").prop_map(|(v, w)| format!("role in [\"{v}\", \"{w}\"]")),
        "[a-d]".prop_map(|v| format!("\"{v}\" in projects")),
        (0..3i64).prop_map(|n| format!("level == {n}")),
        (0..3i64).prop_map(|n| format!("level in [{n}, 7]")),
        (0..3i64).prop_map(|n| format!("4 / level >= {n}")),
        Just("engagement.type == \"employee\"".to_owned()),
        Just("identity.kind in [\"person\", \"agent\"]".to_owned()),
        Just("true".to_owned()),
    ];
    let rule = atom.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            3 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
            2 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} || {b})")),
            1 => inner.prop_map(|a| format!("!({a})")),
        ]
    });
    prop::collection::vec(rule, 1..12)
}

type Row = (Option<String>, Option<String>, Option<i64>, Vec<String>, String, bool);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let text = || prop::option::of("[a-d]?");
    let projects = prop::collection::vec("[a-d]", 0..3);
    prop::collection::vec(
        (text(), text(), prop::option::of(0..3i64), projects, "[a-d]? ?", any::<bool>()),
        1..8,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn a_class_is_given_what_its_rules_give(rules in rules(), rows in rows()) {
        let policy = policy(&rules);
        let employee = EngagementType::new("employee").unwrap();
        for (department, role, level, projects, site, employed) in rows {
            let mut attributes = BTreeMap::new();
            let mut put = |name: &str, value: Option<Value>| {
                attributes.extend(value.map(|v| (AttributeName::new(name).unwrap(), v)));
            };
            put("department", department.as_deref().map(Value::text));
            put("role", role.as_deref().map(Value::text));
            put("level", level.map(Value::Int));
            put("projects", Some(Value::texts(projects)));
            put("site", Some(Value::text(&site)));
            let inputs = Inputs {
                attributes: Some(&attributes),
                engagement_type: employed.then_some(&employee),
                identity_kind: Some(IdentityKind::Person),
                ..Inputs::default()
            };
            let key = policy.class_of(&inputs);
            prop_assert_eq!(policy.answer(&key).grants, naive(&policy, &inputs), "{:?}", rules);
        }
    }
}

#[test]
fn classes_differ_by_what_rules_read_and_only_by_that() {
    let policy = load(&sample()).unwrap().setup.policy;
    let key = |name: &str, value: Value| {
        let attributes = BTreeMap::from([(AttributeName::new(name).unwrap(), value)]);
        policy.class_of(&Inputs { attributes: Some(&attributes), ..Inputs::default() })
    };
    let nothing = policy.class_of(&Inputs::default());
    assert_eq!(key("given_name", Value::text("Ada")), nothing);
    assert_eq!(key("department", Value::text("")), nothing);
    assert_ne!(key("department", Value::text("Sales")), nothing);
    assert_eq!(key("department", Value::text("Sales")).id(), key("department", Value::text("Sales")).id());
    assert_ne!(key("department", Value::text("Sales")).id(), key("role", Value::text("Sales")).id());
    let reads: Vec<String> = policy.index.reads().iter().map(ToString::to_string).collect();
    assert_eq!(reads, ["department", "level", "projects", "role", "identity.kind"]);
}
