//! Every possible key of a configuration is in the table of classes.

use super::table::{FileKind, KEYS, class_of};
use crate::load::asked;
use std::collections::BTreeSet;
use std::path::Path;

/// Every `.toml` file of a folder, as (path, text).
fn folder(at: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for part in ["", "sources", "systems", "policy"] {
        for entry in std::fs::read_dir(at.join(part)).into_iter().flatten().map(Result::unwrap) {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(".toml") {
                let path = if part.is_empty() { name } else { format!("{part}/{name}") };
                files.push((path, std::fs::read_to_string(entry.path()).unwrap()));
            }
        }
    }
    files
}

/// A configuration in which each possible table occurs once.
const EVERYTHING: [(&str, &str); 4] = [
    (
        "tenure.toml",
        "edition = 1\n[organisation]\nname = \"A\"\n[storage]\npath = \"a\"\n[ledger]\ncheckpoints = \"c\"\n[outbox]\npath = \"o\"\n\
         [keys]\nkey_encryption_key = \"file:k\"\n[people]\nkey = \"worker_number\"\n[actors]\na = \"1\"\n[groups]\ns = [\"1\", \"2\"]\n\
         [governance]\nlast_resort = \"s\"\n",
    ),
    (
        "sources/hr.toml",
        "edition = 1\n[engagement]\ntype = { constant = \"e\" }\n[zone]\ndefault = \"UTC\"\nlocation = \"l\"\nlocations = { a = \"UTC\" }\n\
         [keys]\nworker_number = { column = \"n\" }\n[map]\ngiven = { column = \"g\" }\n[missing]\nrule = \"ignore\"\n[brake]\npercent = 1\n[brake.additions]\ncount = 1\n\
         [[correlate]]\nexact = \"worker_number\"\n[[correlate]]\nfuzzy = { name = 100 }\nask_from = 80\n",
    ),
    (
        "systems/d.toml",
        "edition = 1\n[connection]\nurl = \"u\"\n[limits]\nretries = 1\n[brake]\ncount = 1\n[activation]\nhow = \"manual\"\n\
         [[account]]\nkind = \"admin\"\nname = \"user_name\"\n[[account.attribute]]\nname = \"x\"\nvalue = 'given'\n\
         [[match]]\nexact = \"worker_number\"\n[[orphan]]\nclass = \"human\"\n[[attribute]]\nname = \"t\"\nvalue = 'given'\n\
         [[entitlement]]\nname = \"e\"\n",
    ),
    (
        "policy/all.toml",
        "edition = 1\nowner = \"1\"\n[attributes]\ngiven = { type = \"text\" }\n[lifecycle]\n[absence]\n[request]\n[custody]\n[retention]\n[approvals]\n\
         [governance]\nlabels = []\n[[local]]\nname = \"a\"\n[[baseline]]\nname = \"a\"\n[[approval]]\nname = \"a\"\nby = [\"1\"]\n\
         then = [{ by = [\"1\"] }]\n[[separation]]\nname = \"a\"\n[[handover]]\nname = \"a\"\n[[exception]]\nname = \"a\"\n\
         [[watch]]\nname = \"a\"\n[[bundle]]\nname = \"a\"\n[[identifier]]\nname = \"user_name\"\nrename = { by = [\"1\"] }\n",
    ),
];

pub(crate) fn kind_of(file: &str) -> FileKind {
    match file.split('/').next() {
        Some("sources") => FileKind::Source,
        Some("systems") => FileKind::System,
        Some("policy") => FileKind::Policy,
        _ => FileKind::Settings,
    }
}

/// All keys that reading these configurations reads.
pub(crate) fn schema() -> BTreeSet<(FileKind, String)> {
    let mut configurations: Vec<Vec<(String, String)>> =
        vec![EVERYTHING.iter().map(|(p, t)| ((*p).to_owned(), (*t).to_owned())).collect()];
    let bases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/base");
    configurations.extend(std::fs::read_dir(bases).unwrap().map(|base| folder(&base.unwrap().path())));
    let mut found = BTreeSet::new();
    for files in configurations {
        for (file, path) in asked(&files) {
            found.insert((kind_of(&file), path));
        }
    }
    found
}

#[test]
fn every_key_has_a_class() {
    let schema = schema();
    assert!(schema.len() > 150, "{}", schema.len());
    let without: Vec<_> = schema.iter().filter(|(kind, path)| class_of(*kind, path).is_none()).collect();
    // A table that contains keys needs no class of its own.
    let has_keys = |kind: FileKind, path: &str| {
        let (table, list) = (format!("{path}."), format!("{path}[]."));
        KEYS.iter().any(|(k, p, _)| *k == kind && (p.starts_with(&table) || p.starts_with(&list)))
    };
    let without: Vec<_> = without.into_iter().filter(|(kind, path)| !has_keys(*kind, path)).collect();
    assert!(without.is_empty(), "give each a class in the table: {without:#?}");
}

#[test]
fn every_row_of_the_table_is_a_key() {
    let schema = schema();
    for (kind, pattern, _) in KEYS {
        let is_there = schema
            .iter()
            .any(|(k, path)| *k == *kind && class_of(*k, path).is_some_and(|(found, _)| found == *pattern));
        assert!(is_there, "no configuration has {kind:?} {pattern}");
    }
}

#[test]
fn the_configurations_above_have_a_table_of_each_list() {
    let schema = schema();
    let lists = schema.iter().filter(|(_, path)| path.ends_with("[]"));
    let is_empty = |(kind, list): &&(FileKind, String)| {
        let below = format!("{list}.");
        !schema.iter().any(|(k, path)| k == kind && path.starts_with(&below))
    };
    let empty: Vec<_> = lists.filter(is_empty).collect();
    assert!(empty.is_empty(), "no configuration of this test has a table of {empty:?}");
}

/// Keys of tables as written in the code, to detect a table missing from the configurations above.
#[test]
fn the_configurations_above_have_every_table() {
    let schema = schema();
    let known: BTreeSet<&str> = schema
        .iter()
        .filter_map(|(_, path)| path.rsplit('.').next())
        .map(|k| k.trim_end_matches("[]"))
        .collect();
    let load = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/load");
    let mut missing = BTreeSet::new();
    for entry in std::fs::read_dir(load).unwrap().map(Result::unwrap) {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        for reader in [
            "text",
            "texts",
            "need_text",
            "need_texts",
            "int",
            "bool",
            "word",
            "table",
            "tables",
            "get",
            "duration",
            "days",
        ] {
            for rest in text.split(&format!(".{reader}(\"")).skip(1) {
                let key = rest.split('"').next().unwrap_or_default();
                if !known.contains(key) {
                    missing.insert(key.to_owned());
                }
            }
        }
    }
    assert!(missing.is_empty(), "no configuration of this test has a table with {missing:?}");
}
