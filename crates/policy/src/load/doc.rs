//! A TOML file as one plain tree in which every key and value has its position.

use crate::At;
use crate::diagnostic::{Diagnostic, Severity, code};
use std::ops::Range;
use std::sync::Arc;
use toml_edit::{Document, Item, TableLike};

/// One file of the folder.
#[derive(Debug)]
pub(crate) struct File {
    /// Path within the folder, with forward slashes.
    pub(crate) path: Arc<str>,
    /// Its text.
    pub(crate) text: Arc<str>,
    /// Byte offset at which each line begins.
    lines: Vec<usize>,
}

impl File {
    pub(crate) fn new(path: &str, text: &str) -> Arc<Self> {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Arc::new(Self { path: Arc::from(path), text: Arc::from(text), lines })
    }
    fn line_of(&self, byte: usize) -> usize {
        self.lines.partition_point(|start| *start <= byte)
    }
    fn column_of(&self, byte: usize) -> usize {
        let start = self.lines.get(self.line_of(byte).saturating_sub(1)).copied().unwrap_or(0);
        self.text.get(start..byte).map_or(1, |t| t.chars().count() + 1)
    }
    /// A file as a whole.
    pub(crate) fn whole(self: &Arc<Self>) -> Location {
        Location { file: self.clone(), span: 0..0 }
    }
}

/// A place in a file.
#[derive(Debug, Clone)]
pub(crate) struct Location {
    pub(crate) file: Arc<File>,
    pub(crate) span: Range<usize>,
}

impl Location {
    pub(crate) fn line(&self) -> u32 {
        u32::try_from(self.file.line_of(self.span.start)).unwrap_or(u32::MAX)
    }
    pub(crate) fn at(&self) -> At {
        At { file: self.file.path.clone(), line: self.line() }
    }
    fn diagnostic(&self, severity: Severity, code: crate::Code, title: String) -> Diagnostic {
        Diagnostic {
            code,
            severity,
            file: self.file.path.clone(),
            line: self.line(),
            column: u32::try_from(self.file.column_of(self.span.start)).unwrap_or(u32::MAX),
            span: self.span.clone(),
            title,
            label: String::new(),
            labels: Vec::new(),
            help: None,
        }
    }
    pub(crate) fn error(&self, code: crate::Code, title: impl Into<String>) -> Diagnostic {
        self.diagnostic(Severity::Error, code, title.into())
    }
    pub(crate) fn warning(&self, code: crate::Code, title: impl Into<String>) -> Diagnostic {
        self.diagnostic(Severity::Warning, code, title.into())
    }
    /// The bytes of the file that contain a range of a quoted text: exact if the text is written without escapes, else the whole.
    pub(crate) fn within(&self, text: &str, range: Range<usize>) -> Self {
        let raw = self.file.text.get(self.span.clone()).unwrap_or_default();
        match raw.find(text) {
            Some(at) => {
                let start = self.span.start + at;
                Self { file: self.file.clone(), span: start + range.start..start + range.end }
            }
            None => self.clone(),
        }
    }
}

/// A value with its place.
#[derive(Debug, Clone)]
pub(crate) struct Spanned {
    pub(crate) place: Location,
    pub(crate) value: Toml,
}

/// The kinds of value that configuration uses. Inline tables, tables and dotted keys are equivalent.
#[derive(Debug, Clone)]
pub(crate) enum Toml {
    Text(Arc<str>),
    Int(i64),
    Bool(bool),
    /// A date without time.
    Date(jiff::civil::Date),
    /// A float or a date with a time: no key accepts them.
    Other(&'static str),
    List(Vec<Spanned>),
    Table(Table),
}

impl Toml {
    /// With its article, for messages.
    pub(crate) fn a(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Int(_) => "a whole number",
            Self::Bool(_) => "true or false",
            Self::Date(_) => "a date",
            Self::Other(what) => what,
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

/// A table: keys in the order in which they are written.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) place: Location,
    /// Where it is within its file: `zone`, `approval[]`, `map.department`.
    pub(crate) path: Arc<str>,
    pub(crate) entries: Vec<KeyValue>,
}

/// A key and its value.
#[derive(Debug, Clone)]
pub(crate) struct KeyValue {
    pub(crate) key: Arc<str>,
    /// The key as written, if it is the former name of `key`.
    pub(crate) former: Option<Arc<str>>,
    pub(crate) key_place: Location,
    pub(crate) value: Spanned,
}

/// Keys that were renamed: table, former name, name. The former name is accepted for one edition, with a warning.
const RENAMED: [(&str, &str, &str); 3] = [
    ("custody", "longest", "max_expiry"),
    ("custody", "endless", "allow_no_expiry"),
    ("custody", "silence", "ownerless_grace"),
];

/// The name of a key that is written by its former name, unless its table has both.
fn renamed(path: &str, key: &str, from: &dyn TableLike) -> Option<&'static str> {
    let row = RENAMED.iter().find(|(table, former, _)| *table == path && *former == key);
    row.map(|(.., name)| *name).filter(|name| !from.contains_key(name))
}

/// Reads a file as TOML.
pub(crate) fn parse(file: &Arc<File>) -> Result<Table, Box<Diagnostic>> {
    let document = Document::parse(&*file.text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        let place = Location { file: file.clone(), span };
        Box::new(place.error(code::TOML, "the file is not TOML").label(error.message()))
    })?;
    let whole = file.whole();
    Ok(table(file, &whole, "", document.as_table()))
}

/// The path of a key within a table.
fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn table(file: &Arc<File>, place: &Location, path: &str, from: &dyn TableLike) -> Table {
    let mut entries = Vec::new();
    for (name, item) in from.iter() {
        let span = from.key(name).and_then(toml_edit::Key::span);
        let key_place = span.map_or_else(|| place.clone(), |span| Location { file: file.clone(), span });
        let value = spanned(file, &key_place, &join(path, name), item);
        let (key, former) = match renamed(path, name, from) {
            Some(now) => (now, Some(Arc::from(name))),
            None => (name, None),
        };
        entries.push(KeyValue { key: Arc::from(key), former, key_place, value });
    }
    Table { place: place.clone(), path: Arc::from(path), entries }
}

fn spanned(file: &Arc<File>, outer: &Location, path: &str, item: &Item) -> Spanned {
    let place = item.span().map_or_else(|| outer.clone(), |span| Location { file: file.clone(), span });
    let value = match item {
        Item::None => Toml::Other("nothing"),
        Item::Value(value) => return scalar(file, outer, path, value),
        // The header is shown, not the whole body.
        Item::Table(inner) => Toml::Table(table(file, &header(&place, outer), path, inner)),
        Item::ArrayOfTables(inner) => {
            let path = format!("{path}[]");
            let one = |t: &toml_edit::Table| {
                let place =
                    t.span().map_or_else(|| outer.clone(), |span| Location { file: file.clone(), span });
                let place = header(&place, outer);
                Spanned { place: place.clone(), value: Toml::Table(table(file, &place, &path, t)) }
            };
            Toml::List(inner.iter().map(one).collect())
        }
    };
    Spanned { place: header(&place, outer), value }
}

/// The line of a table's header.
fn header(place: &Location, outer: &Location) -> Location {
    let text = place.file.text.get(place.span.clone()).unwrap_or_default();
    if !text.starts_with('[') {
        return outer.clone();
    }
    let end = text.find('\n').unwrap_or(text.len());
    let end = text.get(..end).map_or(end, |line| line.trim_end().len());
    Location { file: place.file.clone(), span: place.span.start..place.span.start + end }
}

fn scalar(file: &Arc<File>, outer: &Location, path: &str, value: &toml_edit::Value) -> Spanned {
    let place = value.span().map_or_else(|| outer.clone(), |span| Location { file: file.clone(), span });
    let value = match value {
        toml_edit::Value::String(text) => Toml::Text(Arc::from(text.value().as_str())),
        toml_edit::Value::Integer(number) => Toml::Int(*number.value()),
        toml_edit::Value::Boolean(yes) => Toml::Bool(*yes.value()),
        toml_edit::Value::Float(_) => Toml::Other("a number with a fraction"),
        toml_edit::Value::Datetime(when) => {
            let when = when.value();
            match when.to_string().parse() {
                Ok(date) if when.time.is_none() => Toml::Date(date),
                _ => Toml::Other("a time"),
            }
        }
        toml_edit::Value::Array(items) => {
            let path = format!("{path}[]");
            Toml::List(items.iter().map(|v| scalar(file, &place, &path, v)).collect())
        }
        toml_edit::Value::InlineTable(inner) => Toml::Table(table(file, &place, path, inner)),
    };
    Spanned { place, value }
}
