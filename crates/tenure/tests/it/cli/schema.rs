//! Checks JSON against the committed schema of the envelope: the words of JSON Schema that it uses, and no other.

use serde_json::Value;
use std::path::Path;

/// The committed schema.
pub(super) fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/json/envelope.schema.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// What is wrong with a value: nothing where it is as the schema says.
pub(super) fn wrong(root: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let rules = schema.as_object().unwrap();
    rules.iter().flat_map(|(word, rule)| broken(root, schema, (word, rule), value)).collect()
}

fn broken(root: &Value, schema: &Value, (word, rule): (&str, &Value), value: &Value) -> Vec<String> {
    let unless = |is: bool| if is { Vec::new() } else { vec![format!("{word} {rule}: {value}")] };
    let members = || rule.as_object().unwrap().iter();
    let all = |rule: &Value| rule.as_array().unwrap().clone();
    match word {
        "$schema" | "$defs" | "title" | "description" => Vec::new(),
        "const" => unless(rule == value),
        "enum" => unless(all(rule).contains(value)),
        "type" => unless(if rule.is_array() {
            all(rule).iter().any(|t| is_of(t, value))
        } else {
            is_of(rule, value)
        }),
        "required" => unless(all(rule).iter().all(|name| value.get(name.as_str().unwrap()).is_some())),
        "properties" => {
            let known = members().filter_map(|(name, rule)| Some((rule, value.get(name)?)));
            known.flat_map(|(rule, value)| wrong(root, rule, value)).collect()
        }
        "additionalProperties" => {
            let Some(own) = value.as_object() else { return Vec::new() };
            unless(rule == true || own.keys().all(|name| schema["properties"].get(name).is_some()))
        }
        "items" => value.as_array().into_iter().flatten().flat_map(|item| wrong(root, rule, item)).collect(),
        "anyOf" => unless(all(rule).iter().any(|rule| wrong(root, rule, value).is_empty())),
        "$ref" => {
            let at = rule.as_str().unwrap().strip_prefix('#').unwrap();
            wrong(root, root.pointer(at).unwrap(), value)
        }
        _ => panic!("the schema uses {word}, which is not checked here"),
    }
}

fn is_of(kind: &Value, value: &Value) -> bool {
    match kind.as_str().unwrap() {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        kind => panic!("the schema uses the type {kind}, which is not checked here"),
    }
}

#[test]
fn what_is_not_as_the_schema_says_is_found() {
    let schema = schema();
    let right = serde_json::json!({
        "tenure": 1, "command": "run", "exit": 4, "data": {}, "error": null,
        "notices": [
            { "code": "L006", "message": "a line", "help": null, "page": "docs/errors/L006.md" },
            {
                "code": "A002", "message": "refused", "help": null, "page": "docs/errors/A002.md",
                "detail": { "refusal": "own-record", "code": "actor-barred", "parameters": { "actor": "Ada (7)" } },
            },
        ],
    });
    assert_eq!(wrong(&schema, &schema, &right), Vec::<String>::new());
    for (member, value) in [
        ("tenure", serde_json::json!(2)),
        ("exit", serde_json::json!(8)),
        ("data", serde_json::json!("text")),
        ("error", serde_json::json!({ "code": "A001" })),
        ("notices", serde_json::json!([1])),
        (
            "error",
            serde_json::json!({ "code": "A002", "message": "", "help": null, "page": "", "detail": { "text": "" } }),
        ),
        ("more", serde_json::json!(1)),
    ] {
        let mut changed = right.clone();
        changed[member] = value;
        assert!(!wrong(&schema, &schema, &changed).is_empty(), "{member}");
    }
}
