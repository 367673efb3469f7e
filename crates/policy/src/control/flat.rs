//! A configuration as one list of keys and values, so that two versions can be compared key by key.

use super::table::{Class, Direction, FileKind, class_of};
use crate::load::{File, KeyValue, Table, Toml, parse};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The kind of a file, by its path within the folder.
fn kind_of(path: &str) -> Option<(FileKind, String)> {
    let name = |rest: &str| rest.strip_suffix(".toml").map(str::to_owned);
    if path == "tenure.toml" {
        return Some((FileKind::Settings, "tenure.toml".to_owned()));
    }
    let (folder, rest) = path.split_once('/')?;
    match folder {
        "sources" => Some((FileKind::Source, format!("source {}", name(rest)?))),
        "systems" => Some((FileKind::System, format!("system {}", name(rest)?))),
        "policy" => Some((FileKind::Policy, "policy".to_owned())),
        _ => None,
    }
}

/// One key with its value.
#[derive(Debug, Clone)]
pub(super) struct Flat {
    /// Which source, system or other file.
    pub(super) part: Arc<str>,
    pub(super) kind: FileKind,
    /// The path with the names of rules, for people.
    pub(super) path: String,
    pub(super) direction: Direction,
    pub(super) value: Toml,
}

/// All control keys of a configuration, and what else the comparison needs.
#[derive(Debug, Default)]
pub(super) struct Folder {
    pub(super) keys: BTreeMap<String, Flat>,
    /// Sources, systems, `tenure.toml`, `policy`.
    pub(super) parts: BTreeSet<Arc<str>>,
    /// Attributes that determine more than the access that rules give by them: they refer to people, their change is a move, or an
    /// approval or withholding rule reads them. Other words of such rules are included.
    pub(super) counting: BTreeSet<String>,
    /// Groups whose members order cut-offs, lift them and run passes.
    pub(super) acting: BTreeSet<String>,
}

/// The groups that may order cut-offs if `cut_off_by` is missing.
const AT_NIGHT: [&str; 2] = ["security", "on-call"];

impl Folder {
    pub(super) fn read(files: &[(String, String)]) -> Self {
        let mut folder = Self::default();
        let mut sorted: Vec<&(String, String)> = files.iter().collect();
        sorted.sort();
        for (path, text) in sorted {
            let Some((kind, part)) = kind_of(path) else { continue };
            let Ok(root) = parse(&File::new(path, text)) else { continue };
            let part: Arc<str> = Arc::from(part);
            folder.parts.insert(part.clone());
            folder.table(&part, kind, &root, "");
        }
        if !folder.keys.values().any(|flat| flat.path == "governance.cut_off_by") {
            folder.acting.extend(AT_NIGHT.map(str::to_owned));
        }
        folder
    }

    fn table(&mut self, part: &Arc<str>, kind: FileKind, table: &Table, shown: &str) {
        for entry in &table.entries {
            let path = join(&table.path, &entry.key);
            let shown = join(shown, &entry.key);
            self.note(kind, &path, entry);
            match (class_of(kind, &path), &entry.value.value) {
                (Some((_, Class::Data)), _) => {}
                // Groups, logins and keys are compared one by one.
                (found, Toml::Table(inner)) if found.is_none() || !is_leaf(kind, &path) => {
                    self.table(part, kind, inner, &shown);
                }
                (None, Toml::List(items)) if !items.is_empty() => self.list(part, kind, &shown, items),
                (Some((_, Class::Control(direction))), value) => {
                    self.put(part, kind, shown, direction, value.clone());
                }
                // A key that the table does not contain is control.
                (None, value) => self.put(part, kind, shown, Direction::Any, value.clone()),
            }
        }
    }

    fn list(&mut self, part: &Arc<str>, kind: FileKind, shown: &str, items: &[crate::load::Spanned]) {
        for (number, item) in items.iter().enumerate() {
            if let Toml::Table(inner) = &item.value {
                let name =
                    inner.entries.iter().find(|e| &*e.key == "name").map(|e| canonical(&e.value.value));
                let name = name.unwrap_or_else(|| (number + 1).to_string());
                self.table(part, kind, inner, &format!("{shown}[{name}]"));
            } else {
                self.put(part, kind, format!("{shown}[{number}]"), Direction::Any, item.value.clone());
            }
        }
    }

    fn put(&mut self, part: &Arc<str>, kind: FileKind, path: String, direction: Direction, value: Toml) {
        // Several policy files may each name the owner of their rules.
        let mut key = format!("{part} {path}");
        while self.keys.contains_key(&key) {
            key.push('\'');
        }
        self.keys.insert(key, Flat { part: part.clone(), kind, path, direction, value });
    }

    fn note(&mut self, kind: FileKind, path: &str, entry: &KeyValue) {
        let value = &entry.value.value;
        match (kind, path) {
            (FileKind::Settings, "governance.last_resort") => {
                self.acting.insert(canonical(value));
            }
            (FileKind::Settings, "governance.cut_off_by" | "governance.lift_by" | "governance.operators")
            | (FileKind::System, "owner") => {
                let groups = texts(value);
                self.acting.extend(groups.iter().filter_map(|g| Some(g.strip_prefix("group:")?.to_owned())));
            }
            (FileKind::Policy, "approval.when" | "approval[].when" | "local.when" | "local[].when") => {
                self.counting.extend(texts(value).iter().flat_map(|text| words(text)));
            }
            (FileKind::Policy, path) => {
                let attribute = path.strip_prefix("attributes.");
                let counts = reference(value).is_some() || moves(value);
                self.counting.extend(attribute.filter(|_| counts).map(str::to_owned));
            }
            _ => {}
        }
    }
}

/// Whether a table is compared as one value: its path is that of the rule itself, not of a set of named values.
fn is_leaf(kind: FileKind, path: &str) -> bool {
    let named = matches!(
        (kind, path),
        (FileKind::Settings, "actors" | "groups")
            | (FileKind::Source, "keys")
            | (FileKind::System, "activation")
    );
    !named
}

/// The words of a condition.
fn words(condition: &str) -> impl Iterator<Item = String> {
    let words = condition.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|w| !w.is_empty()).map(str::to_owned)
}

/// Whether a mapping takes each value as its column states it, blanks included, from the day on which it is stated.
pub(super) fn is_plain(mapping: &Toml) -> bool {
    let Toml::Table(table) = mapping else { return matches!(mapping, Toml::Text(_)) };
    table.entries.iter().all(|e| match &*e.key {
        "column" | "separator" => true,
        "blank" => canonical(&e.value.value) == "value",
        _ => false,
    })
}

/// Whether a change of an attribute is a move.
pub(super) fn moves(attribute: &Toml) -> bool {
    let Toml::Table(table) = attribute else { return false };
    table.entries.iter().any(|e| &*e.key == "moves" && canonical(&e.value.value) == "true")
}

/// The kind of key by which an attribute refers to people.
pub(super) fn reference(value: &Toml) -> Option<String> {
    let Toml::Table(table) = value else { return None };
    table.entries.iter().find(|e| &*e.key == "reference").map(|e| canonical(&e.value.value))
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// A value as one text: equal values give equal texts.
pub(super) fn canonical(value: &Toml) -> String {
    match value {
        Toml::Text(text) => text.to_string(),
        Toml::Int(number) => number.to_string(),
        Toml::Bool(yes) => yes.to_string(),
        Toml::Date(date) => date.to_string(),
        Toml::Other(what) => (*what).to_owned(),
        Toml::List(items) => {
            let items: Vec<String> = items.iter().map(|i| canonical(&i.value)).collect();
            format!("[{}]", items.join(", "))
        }
        Toml::Table(table) => {
            let mut keys: Vec<String> =
                table.entries.iter().map(|e| format!("{} = {}", e.key, canonical(&e.value.value))).collect();
            keys.sort();
            format!("{{ {} }}", keys.join(", "))
        }
    }
}

/// Every text within a value, trimmed.
pub(super) fn texts(value: &Toml) -> BTreeSet<String> {
    match value {
        Toml::Text(text) => BTreeSet::from([text.trim().to_owned()]),
        Toml::List(items) => items.iter().flat_map(|i| texts(&i.value)).collect(),
        Toml::Table(table) => table.entries.iter().flat_map(|e| texts(&e.value.value)).collect(),
        _ => BTreeSet::new(),
    }
}
