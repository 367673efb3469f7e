//! Conditions and expressions: their inputs, how absent values read, and that they agree with CEL's own interpreter.

use crate::folder::broken;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{AttributeName, CaseLabel, Columns, EntitlementName, Name, Phase, RawRecord, Value};
use tenure_policy::{Condition, Expression, GrantInput, Inputs, Policy, Take, load};

const ENGINEERS: &str = "department == \"Engineering\"";

/// The condition of the second baseline of the sample, replaced.
fn condition(text: &str) -> Result<Condition, String> {
    let files =
        broken("policy/access.toml", &format!("when  = '{ENGINEERS}'"), &format!("when  = '''{text}'''"));
    let files = match load(&files) {
        Ok(loaded) => return Ok(engineers(&loaded.setup.policy)),
        Err(errors) => errors,
    };
    Err(files.iter().map(|d| d.title.clone()).collect::<Vec<_>>().join("; "))
}

fn engineers(policy: &Policy) -> Condition {
    policy.baselines.iter().find(|b| b.name.as_str() == "engineers").unwrap().when.clone()
}

/// The value that a source computes for `cost_centre` from a row.
fn mapping(text: &str) -> Expression {
    let cel = "row.cost_centre.trim().pad(6, \"0\")";
    let files =
        broken("sources/hr.toml", &format!("{{ cel = '{cel}' }}"), &format!("{{ cel = '''{text}''' }}"));
    let setup = load(&files).unwrap_or_else(|e| panic!("{text}: {}", e[0].title)).setup;
    let found = setup.sources["hr"]
        .mappings
        .iter()
        .find(|m| m.attribute.as_str() == "cost_centre")
        .map(|m| m.take.clone());
    match found {
        Some(Take::Cel(expression)) => expression,
        other => panic!("{other:?}"),
    }
}

fn row(cells: &[(&str, &str)]) -> RawRecord {
    let columns = Columns::new(cells.iter().map(|(c, _)| *c));
    RawRecord::new(2, Arc::new(columns), cells.iter().map(|(_, v)| Some(*v)))
}

fn attributes(values: &[(&str, Value)]) -> BTreeMap<AttributeName, Value> {
    values.iter().map(|(n, v)| (AttributeName::new(n).unwrap(), v.clone())).collect()
}

fn holds(text: &str, values: &[(&str, Value)]) -> bool {
    let attributes = attributes(values);
    let inputs = Inputs { attributes: Some(&attributes), ..Inputs::default() };
    condition(text).unwrap_or_else(|e| panic!("{text}: {e}")).holds(&inputs).unwrap()
}

#[test]
fn absent_values_read_as_nothing() {
    for text in
        ["department == \"\"", "level == 0", "size(projects) == 0", "!(\"x\" in projects)", "projects == []"]
    {
        assert!(holds(text, &[]), "{text}");
    }
}

#[test]
fn operators_and_functions_do_what_they_say() {
    let values = [
        ("department", Value::text("Research & Development")),
        ("level", Value::Int(4)),
        ("projects", Value::texts(["alpha", "beta-2"])),
    ];
    let true_ones = [
        "department.lower().contains(\"research\")",
        "department.startsWith(\"Res\") && department.endsWith(\"ment\")",
        "department.matches(\"^Research\")",
        "department in [\"Sales\", \"Research & Development\"]",
        "level in [1, 4]",
        "level * 2 - 1 == 7 && level / 3 == 1 && level % 3 == 1 && -level < 0",
        "\"alpha\" in projects && !(\"gamma\" in projects)",
        "projects.exists(p, p.startsWith(\"beta\"))",
        "projects.all(p, size(p) > 3)",
        "projects == [\"beta-2\", \"alpha\"]",
        "level > 3 ? department != \"\" : false",
        "department.initials() == \"R&D\"",
        "department.word(1) == \"Research\" && department.word(-1) == \"Development\" && department.word(9) == \"\"",
        "department.split(\" \")[1] == \"&\" && department.split(\" \")[7] == \"\"",
        "department.split(\" \").join(\"-\") == \"Research-&-Development\"",
        "department.first(3) + department.last(4) == \"Resment\"",
        "department.letters() == \"ResearchDevelopment\"",
        "string(level).pad(3, \"0\") == \"004\" && int(\"7\") == 7",
        "department.replace(\"Research & \", \"\").upper() == \"DEVELOPMENT\"",
        "date(\"2026-01-31\") < date(\"2026-02-01\")",
        "department.trim() >= \"R\"",
    ];
    for text in true_ones {
        assert!(holds(text, &values), "{text}");
    }
}

#[test]
fn a_side_that_decides_does_so_beside_a_fault() {
    assert!(holds("1 / level == 1 || department == \"\"", &[]));
    assert!(!holds("1 / level == 1 && department == \"x\"", &[]));
    let problem = condition("1 / level == 1").unwrap().holds(&Inputs::default()).unwrap_err();
    assert_eq!(problem.what.as_ref(), "something is divided by zero");
    assert_eq!(problem.at.file.as_ref(), "policy/access.toml");
    assert!(problem.to_string().starts_with("policy/access.toml:"), "{problem}");
}

#[test]
fn an_absent_date_is_null_and_has_no_order() {
    let mut files =
        broken("policy/people.toml", "level       = \"int\"", "level       = \"int\"\nstarted = \"date\"");
    let access = files.iter_mut().find(|(p, _)| p == "policy/access.toml").unwrap();
    let texts = [
        "started == null",
        "started != null",
        "started < date(\"2026-01-01\")",
        "!(started >= date(\"2026-01-01\"))",
    ];
    for (number, text) in texts.iter().enumerate() {
        access.1 +=
            &format!("[[baseline]]\nname = \"d{number}\"\nwhen = '{text}'\ngrant = [\"git:developer\"]\n");
    }
    let policy = load(&files).unwrap().setup.policy;
    let all = |day: Option<Value>| -> Vec<bool> {
        let attributes = attributes(&day.map(|d| ("started", d)).into_iter().collect::<Vec<_>>());
        let inputs = Inputs { attributes: Some(&attributes), ..Inputs::default() };
        let dated = policy.baselines.iter().filter(|b| b.name.as_str().starts_with('d'));
        dated.map(|b| b.when.holds(&inputs).unwrap()).collect()
    };
    assert_eq!(all(None), [true, false, false, true]);
    assert_eq!(all(Some(Value::Date("2025-06-01".parse().unwrap()))), [false, true, true, true]);
}

#[test]
fn names_outside_attributes_are_read() {
    let policy = load(&crate::folder::sample()).unwrap().setup.policy;
    let kind = tenure_model::EngagementType::new("contractor").unwrap();
    let grant = EntitlementName::new("erp:payment-release").unwrap();
    let inputs = Inputs {
        engagement_type: Some(&kind),
        change: Some(CaseLabel::Joiner),
        phase: Some(Phase::Active),
        grant: Some(GrantInput { entitlement: &grant, risk: 70 }),
        ..Inputs::default()
    };
    assert!(policy.approvals.iter().all(|a| a.when.holds(&inputs).unwrap()));
    let mover = Inputs { change: Some(CaseLabel::Mover), grant: None, ..inputs };
    assert!(policy.approvals.iter().all(|a| !a.when.holds(&mover).unwrap()));
}

#[test]
fn identifiers_are_made_of_names() {
    let policy = load(&crate::folder::sample()).unwrap().setup.policy;
    let attributes =
        attributes(&[("given_name", Value::text("Søren")), ("family_name", Value::text("Nørgaard-Østby"))]);
    let inputs = Inputs { attributes: Some(&attributes), ..Inputs::default() };
    let candidates = policy.identifiers[0].candidates.iter().map(|c| c.text(&inputs).unwrap());
    assert_eq!(candidates.collect::<Vec<_>>(), [Arc::from("snorgaar"), Arc::from("snorgaa{n}")]);
    let issued = BTreeMap::from([(Arc::from("user_name"), Arc::from("snorgaar"))]);
    let inputs = Inputs { identifiers: Some(&issued), ..inputs };
    assert_eq!(&*policy.identifiers[1].candidates[0].text(&inputs).unwrap(), "snorgaar@example.test");
}

#[test]
fn former_names_are_read_where_accounts_are_written() {
    let mut files = crate::folder::sample();
    let directory = files.iter_mut().find(|(path, _)| path == "systems/directory.toml").unwrap();
    directory.1 = directory.1.replace("'id.mail'", "'[id.mail] + former.mail'");
    let setup = load(&files).unwrap().setup;
    let system = &setup.systems[&*tenure_model::SystemName::new("directory").unwrap().to_string()];
    let mail = system.attributes.iter().find(|a| a.value.reads().former.contains("mail")).unwrap();
    let issued = BTreeMap::from([(Arc::from("mail"), Arc::from("berg@x"))]);
    let former = BTreeMap::from([(Arc::from("mail"), vec![Arc::from("aas@x"), Arc::from("eng@x")])]);
    let inputs = Inputs { identifiers: Some(&issued), former: Some(&former), ..Inputs::default() };
    assert_eq!(mail.value.value(&inputs).unwrap(), Some(Value::texts(["aas@x", "berg@x", "eng@x"])));
    let inputs = Inputs { former: None, ..inputs };
    assert_eq!(mail.value.value(&inputs).unwrap(), Some(Value::texts(["berg@x"])));
}

#[test]
fn a_rename_is_put_to_whom_the_identifier_names() {
    let rename = |said: &str| {
        let mut files = crate::folder::sample();
        let people = files.iter_mut().find(|(path, _)| path == "policy/people.toml").unwrap();
        people.1 = people.1.replace("length_max = 16", &format!("length_max = 16\n{said}"));
        load(&files).map(|l| l.setup.policy.identifiers[0].rename.clone())
    };
    let usual = rename("").unwrap().unwrap();
    assert_eq!(usual.iter().map(|s| s.by.len()).collect::<Vec<_>>(), [1, 1]);
    assert_eq!(usual.last().unwrap().by, [tenure_model::Approver::SystemOwner]);
    assert_eq!(rename("rename = \"never\"").unwrap(), None);
    let said = rename("rename = { by = [\"group:security\"], within = \"1 day\", then = \"escalate\" }");
    let said = said.unwrap().unwrap();
    assert_eq!(said[0].within, jiff::SignedDuration::from_hours(24));
    assert_eq!(said.len(), 2);
    for (wrong, help) in [
        ("rename = \"always\"", "is not possible here"),
        ("rename = { within = \"1 day\" }", "`by`"),
        ("rename = true", "never"),
    ] {
        let found = rename(wrong).unwrap_err();
        assert!(
            found[0].line_form().contains(help) || found[0].help.as_ref().is_some_and(|h| h.contains(help)),
            "{found:?}"
        );
    }
}

#[test]
fn rows_are_read_by_column() {
    let row = row(&[("cost_centre", " 42 "), ("a column", "7")]);
    let inputs = Inputs { row: Some(&row), ..Inputs::default() };
    let value = |text: &str| mapping(text).value(&inputs).unwrap();
    assert_eq!(value("row.cost_centre.trim().pad(6, \"0\")"), Some(Value::text("000042")));
    assert_eq!(value("row[\"a column\"]"), Some(Value::text("7")));
    assert_eq!(value("row.nowhere"), None);
    assert!(mapping("row[\"a column\"]").reads().columns.contains("a column"));
}

#[test]
fn a_text_cannot_grow_without_bound() {
    let long = "x".repeat(9_000);
    let row = row(&[("cost_centre", long.as_str())]);
    let inputs = Inputs { row: Some(&row), ..Inputs::default() };
    for text in [
        "row.cost_centre + row.cost_centre",
        "row.cost_centre.replace(\"x\", \"yyy\")",
        "row.cost_centre.pad(99999999, \"0\")",
    ] {
        let problem = mapping(text).value(&inputs).unwrap_err();
        assert_eq!(problem.what.as_ref(), "a text grew beyond 16384 bytes", "{text}");
    }
}

/// A text over attributes of the sample that both evaluators understand.
fn conditions() -> impl Strategy<Value = String> {
    let atom = prop_oneof![
        "[a-c]".prop_map(|c| format!("department == \"{c}\"")),
        "[a-c]".prop_map(|c| format!("role != \"{c}\"")),
        "[a-c]".prop_map(|c| format!("\"{c}\" in projects")),
        "[a-c]".prop_map(|c| format!("department in [\"{c}\", role]")),
        (0..4i64).prop_map(|n| format!("level >= {n}")),
        (0..3i64).prop_map(|n| format!("6 / (level - {n}) > 2")),
        "[a-c]".prop_map(|c| format!("(department + role).startsWith(\"{c}\")")),
        "[a-c]".prop_map(|c| format!("projects.exists(p, p > \"{c}\")")),
        "[a-c]".prop_map(|c| format!("projects.all(p, p < \"{c}\")")),
        Just("size(department) < size(projects)".to_owned()),
        Just("(level > 1 ? department : role) == \"a\"".to_owned()),
    ];
    atom.prop_recursive(4, 16, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} || {b})")),
            inner.prop_map(|a| format!("!({a})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    /// If both accept a text, our evaluation equals CEL's: the same answers, and faults in the same places.
    #[test]
    fn evaluation_agrees_with_cel(
        text in conditions(), department in "[a-c]?", role in "[a-c]?", level in 0..4i64,
        projects in prop::collection::btree_set("[a-c]", 0..3),
    ) {
        let ours = condition(&text).map_err(TestCaseError::fail)?;
        let values = attributes(&[
            ("department", Value::text(&department)), ("role", Value::text(&role)), ("level", Value::Int(level)),
            ("projects", Value::texts(&projects)),
        ]);
        let inputs = Inputs { attributes: Some(&values), ..Inputs::default() };
        let mut context = cel::Context::default();
        context.add_variable_from_value("department", department);
        context.add_variable_from_value("role", role);
        context.add_variable_from_value("level", level);
        context.add_variable_from_value("projects", projects.into_iter().collect::<Vec<_>>());
        let theirs = cel::Program::compile(&text).unwrap().execute(&context);
        match (ours.holds(&inputs), theirs) {
            (Ok(ours), Ok(cel::Value::Bool(theirs))) => prop_assert_eq!(ours, theirs, "{}", text),
            (Err(_), Err(_)) => {}
            (ours, theirs) => prop_assert!(false, "{text}: {ours:?}, cel {theirs:?}"),
        }
    }
}
