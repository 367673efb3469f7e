//! The reference says what the loader does: each key that it reads is there, what is mandatory is refused without it, and a default is one.

use super::{Need, ReferenceKey, reference};
use crate::control::FileKind;
use crate::control::enumerated::{kind_of, schema};
use std::path::Path;
use tenure_model::Name as _;
use toml_edit::{DocumentMut, Item, TableLike, Value};

/// Keys of any name are read without being asked for one by one.
const ANY: [&str; 3] = ["connection.*", "keys.*", "map.*"];
/// What a value is made of, where it is no plain column.
const VALUE: [&str; 3] = ["column", "cel", "constant"];

fn rows() -> Vec<(FileKind, ReferenceKey)> {
    reference().into_iter().flat_map(|(kind, keys)| keys.into_iter().map(move |key| (kind, key))).collect()
}

/// Whether a path is what a pattern names.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('.').collect(), path.split('.').collect());
    pattern.len() == path.len() && pattern.iter().zip(&path).all(|(p, is)| *p == "*" || p == is)
}

/// Whether a path is a table of which a pattern names a key.
fn is_above(path: &str, pattern: &str) -> bool {
    let bare = |segment: &str| segment.trim_end_matches("[]").to_owned();
    let (path, pattern): (Vec<&str>, Vec<&str>) = (path.split('.').collect(), pattern.split('.').collect());
    let same = |(is, p): (&&str, &&str)| *p == "*" || bare(is) == bare(p);
    path.len() < pattern.len() && path.iter().zip(&pattern).all(same)
}

#[test]
fn every_key_is_in_the_reference() {
    let rows = rows();
    let covered = |kind: FileKind, path: &str| {
        let mut of = rows.iter().filter(|(k, _)| *k == kind).map(|(_, row)| row);
        let part = path.rsplit_once('.').filter(|(_, last)| VALUE.contains(last)).map(|(value, _)| value);
        of.any(|row| {
            fits(row.path, path)
                || is_above(path, row.path)
                || part.is_some_and(|value| fits(row.path, value) && row.takes.starts_with("value"))
        })
    };
    let schema = schema();
    let without: Vec<_> = schema.iter().filter(|(kind, path)| !covered(*kind, path)).collect();
    assert!(without.is_empty(), "say in the reference what these are: {without:#?}");
}

#[test]
fn every_row_of_the_reference_is_a_key() {
    let schema = schema();
    let is_read = |kind: FileKind, row: &ReferenceKey| {
        let is = |path: &str| fits(row.path, path) || ANY.contains(&row.path) && is_above(path, row.path);
        schema.iter().any(|(k, path)| *k == kind && is(path))
    };
    let unknown: Vec<_> = rows().into_iter().filter(|(kind, row)| !is_read(*kind, row)).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
}

/// The complete configuration of docs/configuration.md.
fn complete() -> Vec<(String, String)> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let page = std::fs::read_to_string(page).unwrap();
    let blocks: Vec<&str> = page.split("`, whole:\n\n```toml\n").collect();
    let files = blocks.windows(2).map(|around| {
        let path = around[0].rsplit('`').next().unwrap();
        (path.to_owned(), around[1].split_once("```").unwrap().0.to_owned())
    });
    files.collect()
}

/// The tables in which the last part of a path is a key.
fn tables<'a>(table: &'a mut dyn TableLike, path: &[&str]) -> Vec<&'a mut dyn TableLike> {
    let Some((first, rest)) = path.split_first().filter(|(_, rest)| !rest.is_empty()) else {
        return vec![table];
    };
    let mut all = Vec::new();
    for (key, item) in table.iter_mut() {
        if *first != "*" && key.get() != first.trim_end_matches("[]") {
            continue;
        }
        match item {
            Item::ArrayOfTables(list) => all.extend(list.iter_mut().flat_map(|t| tables(t, rest))),
            Item::Value(Value::Array(list)) => {
                all.extend(
                    list.iter_mut().filter_map(Value::as_inline_table_mut).flat_map(|t| tables(t, rest)),
                );
            }
            item => all.extend(item.as_table_like_mut().into_iter().flat_map(|t| tables(t, rest))),
        }
    }
    all
}

/// The configuration with a change to the first table that is fit for it; `None` where there is no such table.
fn changed(
    kind: FileKind,
    path: &str,
    change: impl Fn(&mut dyn TableLike, &str) -> bool,
) -> Option<Vec<(String, String)>> {
    let path: Vec<&str> = path.split('.').collect();
    let key = path.last()?;
    let mut files = complete();
    let of_kind: Vec<usize> = (0..files.len()).filter(|at| kind_of(&files[*at].0) == kind).collect();
    for at in of_kind {
        let mut document: DocumentMut = files[at].1.parse().unwrap();
        if tables(document.as_table_mut(), &path).into_iter().any(|table| change(table, key)) {
            files[at].1 = document.to_string();
            return Some(files);
        }
    }
    None
}

fn without(kind: FileKind, path: &str) -> Option<Vec<(String, String)>> {
    changed(kind, path, |table, key| match key {
        "*" => {
            let first = table.iter().next().map(|(key, _)| key.to_owned());
            first.is_some_and(|key| table.remove(&key).is_some())
        }
        key => table.remove(key).is_some(),
    })
}

/// What a configuration is refused for.
fn errors(files: &[(String, String)]) -> Vec<String> {
    crate::load(files).err().into_iter().flatten().map(|d| d.title).collect()
}

fn is_asked_for(row: &ReferenceKey, errors: &[String]) -> bool {
    let key = row.path.rsplit('.').next().unwrap_or_default();
    errors
        .iter()
        .any(|e| e.contains(&format!("`{key}` is missing")) || key == "edition" && e.contains("edition"))
}

#[test]
fn what_is_mandatory_is_asked_for_and_nothing_else_is() {
    for (kind, row) in rows() {
        let files = without(kind, row.path);
        if row.need == Need::Mandatory {
            let files = files.unwrap_or_else(|| panic!("docs/configuration.md has no {kind:?} {}", row.path));
            let errors = errors(&files);
            assert!(is_asked_for(&row, &errors), "{kind:?} {}: {errors:?}", row.path);
        } else if let Some(files) = files {
            let errors = errors(&files);
            match row.need {
                Need::When(_) => assert!(!errors.is_empty(), "{kind:?} {} may be left out", row.path),
                _ => assert!(!is_asked_for(&row, &errors), "{kind:?} {}: {errors:?}", row.path),
            }
        }
    }
}

/// Everything that was loaded, without the places of its parts.
fn loaded(files: &[(String, String)]) -> Result<String, Vec<String>> {
    let setup = crate::load(files).map_err(|_| errors(files))?.setup;
    let text = format!("{setup:#?}").replace(setup.hash.as_str(), "");
    Ok(text.lines().filter(|line| !line.trim_start().starts_with("line: ")).collect())
}

#[test]
fn a_default_is_what_applies_without_the_key() {
    let mut proved = 0;
    for (kind, row) in rows() {
        let Need::Default(value) = row.need else { continue };
        let stated = changed(kind, row.path, |table, key| {
            let value: Value = value.parse().unwrap();
            table.insert(key, Item::Value(value));
            true
        });
        let stated = stated.unwrap_or_else(|| panic!("docs/configuration.md has no table for {}", row.path));
        let left_out = changed(kind, row.path, |table, key| {
            table.remove(key);
            true
        });
        assert_eq!(loaded(&stated), loaded(&left_out.unwrap()), "{kind:?} {} = {value}", row.path);
        assert!(loaded(&stated).is_ok(), "{kind:?} {}: {:?}", row.path, loaded(&stated));
        proved += 1;
    }
    assert!(proved > 50, "{proved}");
}
