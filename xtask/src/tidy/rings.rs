//! Which crate may depend on which (the rings of ARCHITECTURE.md), read from `cargo metadata`.

use std::path::Path;

use serde_json::Value;

use super::finding::Finding;
use crate::problem::Problem;

/// A crate's place. The order is the ring's number; development crates are outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ring {
    Pure,
    Port,
    Adapter,
    Application,
    Edge,
    Composition,
    Development,
    Xtask,
}

/// Ring 0 has an order of its own: each may depend on those in its list.
const PURE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("policy", &["model"]),
    ("engine", &["model", "policy"]),
    ("ledger", &["model"]),
    ("scim", &["model"]),
];

/// Normal dependencies that a ring may not have: rings 0 and 1 open no socket, read no clock and use no SQL; the application uses
/// neither SQL nor HTTP.
const BANNED: &[(Ring, &[&str], &str)] = &[
    (Ring::Pure, &["tokio", "rusqlite", "sqlx", "reqwest", "axum", "hyper", "ldap3"], "ring 0 is pure"),
    (
        Ring::Port,
        &["rusqlite", "sqlx", "reqwest", "axum", "hyper", "ldap3"],
        "ports hold no SQL and no sockets",
    ),
    (
        Ring::Application,
        &["rusqlite", "sqlx", "reqwest", "axum", "hyper", "ldap3"],
        "the application speaks to ports, not to SQL or HTTP",
    ),
    (Ring::Edge, &["rusqlite", "sqlx"], "edges hold no SQL"),
];

/// The place of a crate by its folder, from the project's root.
fn ring(folder: &str) -> Option<Ring> {
    let name = match folder {
        "xtask" => return Some(Ring::Xtask),
        _ => folder.strip_prefix("crates/")?,
    };
    if name.starts_with("connectors/") || name.starts_with("sources/") {
        return Some(Ring::Adapter);
    }
    Some(match name {
        "model" | "policy" | "engine" | "ledger" | "scim" => Ring::Pure,
        "store" | "connect" => Ring::Port,
        "store-sqlite" | "store-postgres" => Ring::Adapter,
        "app" => Ring::Application,
        "server" | "demo" | "words" => Ring::Edge,
        "tenure" => Ring::Composition,
        "testkit" | "sim" | "bench" | "fuzz" => Ring::Development,
        _ => return None,
    })
}

fn allows(from: (&str, Ring), to: (&str, Ring)) -> bool {
    let (name, target) = (base(from.0), base(to.0));
    match (from.1, to.1) {
        (Ring::Pure, Ring::Pure) => PURE.iter().any(|(pure, below)| *pure == name && below.contains(&target)),
        (Ring::Port, Ring::Pure)
        | (Ring::Adapter | Ring::Application, Ring::Pure | Ring::Port)
        | (Ring::Edge, Ring::Pure | Ring::Port | Ring::Application) => true,
        (Ring::Composition, to) => !matches!(to, Ring::Development | Ring::Xtask | Ring::Composition),
        (Ring::Development, to) => to != Ring::Xtask,
        _ => false,
    }
}

fn base(folder: &str) -> &str {
    folder.strip_prefix("crates/").unwrap_or(folder)
}

/// Reads the output of `cargo metadata --no-deps` and finds every upward edge.
pub(crate) fn check(metadata: &str, root: &Path) -> Result<Vec<Finding>, Problem> {
    let metadata: Value =
        serde_json::from_str(metadata).map_err(Problem::doing("cargo metadata is not JSON"))?;
    let packages = metadata.get("packages").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut findings = Vec::new();
    for package in packages {
        let manifest = text(package, "manifest_path");
        let file =
            Path::new(manifest).strip_prefix(root).unwrap_or(Path::new(manifest)).display().to_string();
        let folder = file.strip_suffix("/Cargo.toml").unwrap_or(&file);
        let Some(from) = ring(folder) else {
            let message = "this crate has no ring: put its folder into the table in xtask/src/tidy/rings.rs";
            findings.push(Finding::new(&file, 1, message));
            continue;
        };
        let dependencies = package.get("dependencies").and_then(Value::as_array);
        for dependency in dependencies.map(Vec::as_slice).unwrap_or_default() {
            if let Some(message) = judge((folder, from), dependency, root) {
                let line = line_of(&file, root, text(dependency, "name"));
                findings.push(Finding::new(&file, line, message));
            }
        }
    }
    Ok(findings)
}

fn judge(from: (&str, Ring), dependency: &Value, root: &Path) -> Option<String> {
    let name = text(dependency, "name");
    let development = dependency.get("kind").and_then(Value::as_str) == Some("dev");
    let Some(path) = dependency.get("path").and_then(Value::as_str) else {
        let (_, banned, why) = BANNED.iter().find(|(ring, ..)| *ring == from.1)?;
        return (!development && banned.contains(&name)).then(|| {
            format!("{name} does not belong here: {why}; move the code that needs it to an outer ring")
        });
    };
    let folder = Path::new(path).strip_prefix(root).unwrap_or(Path::new(path)).display().to_string();
    let to = ring(&folder)?;
    if development && (to == Ring::Development || is_peer(from.1, &folder)) {
        return None;
    }
    if allows(from, (&folder, to)) {
        return None;
    }
    Some(format!(
        "{} ({:?}) may not depend on {folder} ({to:?}): arrows point inwards only; \
         move what is needed to an inner ring or pass it in through a port",
        from.0, from.1
    ))
}

/// Whether tests of an adapter may use this crate as the other side of the connection. The demo's SCIM service is a real server with a
/// configurable dialect; a copy in the test kit would be a second one to maintain. The product does not depend on the demo by this
/// edge, because it exists for tests only.
fn is_peer(from: Ring, folder: &str) -> bool {
    from == Ring::Adapter && folder == "crates/demo"
}

/// The line of the dependency in the manifest; the first line if it cannot be read.
fn line_of(file: &str, root: &Path, name: &str) -> usize {
    let manifest = std::fs::read_to_string(root.join(file)).unwrap_or_default();
    manifest.lines().position(|line| line.trim_start().starts_with(name)).map_or(1, |index| index + 1)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn findings(folder: &str, dependency: Value) -> Vec<String> {
        let metadata = json!({"packages": [{
            "manifest_path": format!("/p/{folder}/Cargo.toml"),
            "dependencies": [dependency],
        }]});
        let found = check(&metadata.to_string(), Path::new("/p")).unwrap();
        found.iter().map(ToString::to_string).collect()
    }

    fn ours(folder: &str) -> Value {
        json!({"name": "x", "path": format!("/p/{folder}"), "kind": null})
    }

    fn outside(name: &str) -> Value {
        json!({"name": name, "kind": null})
    }

    #[test]
    fn arrows_that_point_inwards_pass() {
        for (from, to) in [
            ("crates/engine", "crates/policy"),
            ("crates/store", "crates/engine"),
            ("crates/connectors/ldap", "crates/connect"),
            ("crates/app", "crates/store"),
            ("crates/demo", "crates/app"),
            ("crates/tenure", "crates/connectors/ldap"),
            ("crates/testkit", "crates/store-sqlite"),
        ] {
            assert_eq!(findings(from, ours(to)), Vec::<String>::new(), "{from} to {to}");
        }
    }

    #[test]
    fn arrows_that_point_outwards_or_sideways_fail() {
        for (from, to) in [
            ("crates/model", "crates/engine"),
            ("crates/policy", "crates/engine"),
            ("crates/engine", "crates/store"),
            ("crates/store", "crates/connect"),
            ("crates/store-sqlite", "crates/app"),
            ("crates/connectors/ldap", "crates/connectors/scim"),
            ("crates/app", "crates/store-sqlite"),
            ("crates/demo", "crates/store-sqlite"),
            ("crates/tenure", "crates/testkit"),
            ("xtask", "crates/model"),
            ("crates/bench", "xtask"),
        ] {
            let found = findings(from, ours(to));
            assert_eq!(found.len(), 1, "{from} to {to}");
            assert!(found[0].starts_with(&format!("{from}/Cargo.toml:1: {from} (")), "{}", found[0]);
        }
    }

    #[test]
    fn tests_may_use_the_test_kit_and_those_of_adapters_the_demos_service() {
        let testing = |to: &str| json!({"name": "x", "path": format!("/p/{to}"), "kind": "dev"});
        assert_eq!(findings("crates/model", testing("crates/testkit")), Vec::<String>::new());
        assert_eq!(findings("crates/model", testing("crates/app")).len(), 1);
        assert_eq!(findings("crates/connectors/scim", testing("crates/demo")), Vec::<String>::new());
        assert_eq!(findings("crates/connectors/scim", ours("crates/demo")).len(), 1);
        assert_eq!(findings("crates/app", testing("crates/demo")).len(), 1);
    }

    #[test]
    fn pure_crates_take_no_runtime() {
        assert!(
            findings("crates/engine", outside("tokio"))[0]
                .contains("tokio does not belong here: ring 0 is pure")
        );
        assert_eq!(findings("crates/engine", json!({"name": "tokio", "kind": "dev"})), Vec::<String>::new());
        assert_eq!(findings("crates/app", outside("rusqlite")).len(), 1);
        assert_eq!(findings("crates/app", outside("tokio")), Vec::<String>::new());
    }

    #[test]
    fn a_crate_without_a_ring_is_named() {
        assert!(findings("crates/misc", outside("serde"))[0].contains("has no ring"));
    }
}
