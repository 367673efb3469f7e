//! Reads a table key by key: wrong types and missing keys are reported, and a key that was not read is unknown.

use super::doc::{KeyValue, Location, Spanned, Table, Toml};
use crate::diagnostic::{Diagnostic, code, list, nearest};
use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Where diagnostics are collected.
#[derive(Debug, Default)]
pub(crate) struct Sink(RefCell<Vec<Diagnostic>>);

impl Sink {
    pub(crate) fn put(&self, diagnostic: Diagnostic) {
        self.0.borrow_mut().push(diagnostic);
    }
    pub(crate) fn into_all(self) -> Vec<Diagnostic> {
        self.0.into_inner()
    }
}

/// A text with its place.
#[derive(Debug, Clone)]
pub(crate) struct Spot {
    pub(crate) text: Arc<str>,
    pub(crate) place: Location,
}

/// A table during reading. Call [`Fields::finish`] at the end.
pub(crate) struct Fields<'a> {
    pub(crate) table: &'a Table,
    pub(crate) sink: &'a Sink,
    asked: RefCell<Vec<&'static str>>,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(table: &'a Table, sink: &'a Sink) -> Self {
        Self { table, sink, asked: RefCell::default() }
    }
    pub(crate) fn place(&self) -> &'a Location {
        &self.table.place
    }
    pub(crate) fn put(&self, diagnostic: Diagnostic) {
        self.sink.put(diagnostic);
    }
    fn entry(&self, key: &'static str) -> Option<&'a KeyValue> {
        self.asked.borrow_mut().push(key);
        #[cfg(test)]
        noted::note(&self.table.place.file.path, &self.table.path, key);
        self.table.entries.iter().find(|e| &*e.key == key)
    }
    /// A value of any kind.
    pub(crate) fn get(&self, key: &'static str) -> Option<&'a Spanned> {
        self.entry(key).map(|e| &e.value)
    }
    /// Where the key is written.
    pub(crate) fn key_place(&self, key: &str) -> Option<&'a Location> {
        self.table.entries.iter().find(|e| &*e.key == key).map(|e| &e.key_place)
    }
    /// Reports a missing key.
    pub(crate) fn missing(&self, key: &str, example: &str) {
        let diagnostic = self.table.place.error(code::MISSING_KEY, format!("the key `{key}` is missing"));
        self.put(diagnostic.help(format!("add `{key} = {example}`")));
    }
    /// Reports a missing table.
    pub(crate) fn missing_table(&self, key: &str, example: &str) {
        let diagnostic = self.table.place.error(code::MISSING_KEY, format!("the table [{key}] is missing"));
        self.put(diagnostic.help(format!("add [{key}] with {example}")));
    }
    /// Reports a value of the wrong type.
    pub(crate) fn kind(&self, value: &Spanned, wanted: &str) {
        let title = format!("this takes {wanted}, not {}", value.value.a());
        self.put(value.place.error(code::KIND, title).label(value.value.a()));
    }
    pub(crate) fn spot(&self, value: &Spanned) -> Option<Spot> {
        match &value.value {
            Toml::Text(text) => Some(Spot { text: text.clone(), place: value.place.clone() }),
            _ => {
                self.kind(value, "a text in quotes");
                None
            }
        }
    }
    pub(crate) fn text(&self, key: &'static str) -> Option<Spot> {
        self.spot(self.get(key)?)
    }
    /// A required text that is not empty.
    pub(crate) fn need_text(&self, key: &'static str, example: &str) -> Option<Spot> {
        let Some(value) = self.get(key) else {
            self.missing(key, example);
            return None;
        };
        let spot = self.spot(value)?;
        if spot.text.trim().is_empty() {
            let diagnostic = spot.place.error(code::NAME, format!("`{key}` is empty"));
            self.put(diagnostic.help(format!("for example {example}")));
            return None;
        }
        Some(spot)
    }
    /// A whole number within limits.
    pub(crate) fn int(&self, key: &'static str, bounds: RangeInclusive<u32>) -> Option<u32> {
        let value = self.get(key)?;
        let Toml::Int(number) = value.value else {
            self.kind(value, "a whole number");
            return None;
        };
        let inside = u32::try_from(number).ok().filter(|n| bounds.contains(n));
        if inside.is_none() {
            let title = format!("`{key}` takes a whole number from {} to {}", bounds.start(), bounds.end());
            self.put(value.place.error(code::RANGE, title).label("out of range"));
        }
        inside
    }
    pub(crate) fn bool(&self, key: &'static str, default: bool) -> bool {
        match self.get(key) {
            None => default,
            Some(Spanned { value: Toml::Bool(yes), .. }) => *yes,
            Some(other) => {
                self.kind(other, "true or false");
                default
            }
        }
    }
    /// A list of texts; a single text is a list of one.
    pub(crate) fn texts(&self, key: &'static str) -> Vec<Spot> {
        match self.get(key) {
            None => Vec::new(),
            Some(value) => self.texts_of(value),
        }
    }
    pub(crate) fn texts_of(&self, value: &Spanned) -> Vec<Spot> {
        match &value.value {
            Toml::List(items) => items.iter().filter_map(|i| self.spot(i)).collect(),
            Toml::Text(_) => self.spot(value).into_iter().collect(),
            _ => {
                self.kind(value, "a list of texts");
                Vec::new()
            }
        }
    }
    /// A required list of texts that is not empty.
    pub(crate) fn need_texts(&self, key: &'static str, example: &str) -> Vec<Spot> {
        let Some(value) = self.get(key) else {
            self.missing(key, example);
            return Vec::new();
        };
        if matches!(&value.value, Toml::List(items) if items.is_empty()) {
            let diagnostic = value.place.error(code::MISSING_KEY, format!("`{key}` is empty"));
            self.put(diagnostic.help(format!("for example `{key} = {example}`")));
        }
        self.texts_of(value)
    }
    pub(crate) fn table(&self, key: &'static str) -> Option<&'a Table> {
        let value = self.get(key)?;
        match &value.value {
            Toml::Table(table) => Some(table),
            _ => {
                self.kind(value, &format!("a table: [{key}]"));
                None
            }
        }
    }
    /// An array of tables.
    pub(crate) fn tables(&self, key: &'static str) -> Vec<&'a Table> {
        let value = self.get(key);
        #[cfg(test)]
        noted::note(&self.table.place.file.path, &self.table.path, &format!("{key}[]"));
        let Some(value) = value else { return Vec::new() };
        let Toml::List(items) = &value.value else {
            self.kind(value, &format!("a list of tables: [[{key}]]"));
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items {
            match &item.value {
                Toml::Table(table) => tables.push(table),
                _ => self.kind(item, &format!("a table: [[{key}]]")),
            }
        }
        tables
    }
    /// One of a few fixed words.
    pub(crate) fn word<T: Copy>(&self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let spot = self.text(key)?;
        self.word_of(&spot, words)
    }
    pub(crate) fn word_of<T: Copy>(&self, spot: &Spot, words: &[(&str, T)]) -> Option<T> {
        if let Some((_, found)) = words.iter().find(|(word, _)| *word == &*spot.text) {
            return Some(*found);
        }
        let names = || words.iter().map(|(word, _)| *word);
        let help = match nearest(&spot.text, names()) {
            Some(near) => Some(format!("did you mean `{near}`?")),
            None => list(names()).map(|l| format!("possible are {l}")),
        };
        let diagnostic = spot.place.error(code::WORD, format!("`{}` is not possible here", spot.text));
        self.put(diagnostic.maybe_help(help));
        None
    }
    /// Reports every key that was not read, and each that is written by its former name.
    pub(crate) fn finish(self) {
        let asked = self.asked.into_inner();
        for entry in &self.table.entries {
            let Some(former) = &entry.former else { continue };
            let title = format!("the key `{former}` is now `{}`", entry.key);
            let diagnostic = entry.key_place.warning(code::RENAMED_KEY, title).label("former name");
            self.sink
                .put(diagnostic.help(format!("write `{}`; the next edition refuses `{former}`", entry.key)));
        }
        for entry in self.table.entries.iter().filter(|e| !asked.contains(&&*e.key)) {
            let help = match nearest(&entry.key, asked.iter().copied()) {
                Some(near) => Some(format!("did you mean `{near}`?")),
                None => list(asked.iter().copied()).map(|l| format!("known here: {l}")),
            };
            let diagnostic = entry
                .key_place
                .error(code::UNKNOWN_KEY, format!("the key `{}` is not known here", entry.key));
            self.sink.put(diagnostic.label("unknown key").maybe_help(help));
        }
    }
}

/// Records what reading a configuration asks for, so that a test can list the whole schema.
#[cfg(test)]
pub(crate) mod noted {
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    thread_local! {
        static ASKED: RefCell<BTreeSet<(String, String)>> = RefCell::default();
    }

    pub(super) fn note(file: &str, path: &str, key: &str) {
        let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        ASKED.with_borrow_mut(|asked| asked.insert((file.to_owned(), path)));
    }

    /// The keys that reading these files asks for: file and path.
    pub(crate) fn asked(files: &[(String, String)]) -> BTreeSet<(String, String)> {
        ASKED.with_borrow_mut(BTreeSet::clear);
        drop(crate::load(files));
        ASKED.with_borrow_mut(std::mem::take)
    }
}
