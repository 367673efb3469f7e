//! Reads an export completely or not at all: half of one would show existing accounts as missing.

use crate::setup::{EnabledSetup, ExportSetup, Extracted, not_an_instant};
use csv::{ByteRecord, ReaderBuilder};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use tenure_connect::{ConnectError, ErrorKind, Links, ReadError, RemoteAccount, Unread, read_regular};
use tenure_model::{AttributeName, Instant, Kind, Name, Value, ValueType};

/// Maximum size of an export in bytes.
const EXPORT_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The content of an export.
#[derive(Debug)]
pub(crate) struct Export {
    /// The time of this state of the system.
    pub(crate) as_of: Timestamp,
    /// By name in lower case: a name that differs only in case is never taken for absent.
    pub(crate) accounts: BTreeMap<String, RemoteAccount>,
}

/// One problem of the file.
struct Bad {
    line: u64,
    what: String,
}

impl Bad {
    fn at(line: u64, what: impl Into<String>) -> Self {
        Self { line, what: what.into() }
    }
}

/// Reads the file as it is now.
pub(crate) fn read(setup: &ExportSetup, operation: &'static str) -> Result<Export, ConnectError> {
    let path = setup.path.display();
    let read = read_regular(Path::new("."), &setup.path, Links::Refuse, EXPORT_BYTES_MAX);
    let file = read.map_err(|e| match e {
        ReadError::TooLarge(_) => {
            let what = format!("the export {path} has more than {EXPORT_BYTES_MAX} bytes");
            ConnectError::new(ErrorKind::Protocol, operation, what)
        }
        other => {
            let what = format!("cannot read the export {path}: {other}");
            ConnectError::new(ErrorKind::Unreachable, operation, what)
        }
    })?;
    parse(setup, &file.bytes).map_err(|Bad { line, what }| {
        ConnectError::new(ErrorKind::Protocol, operation, format!("{path}:{line}: {what}"))
    })
}

fn parse(setup: &ExportSetup, bytes: &[u8]) -> Result<Export, Bad> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader =
        ReaderBuilder::new().delimiter(setup.delimiter).has_headers(false).flexible(true).from_reader(bytes);
    let mut record = ByteRecord::new();
    let mut next = |record: &mut ByteRecord| {
        let more = reader.read_byte_record(record).map_err(|e| Bad::at(line_of(record), e.to_string()))?;
        if more { texts(record).map(Some) } else { Ok(None) }
    };
    let header = next(&mut record)?.ok_or_else(|| Bad::at(1, "the export is empty"))?;
    let columns = Columns::find(setup, &header)?;
    let mut export = Export { as_of: Timestamp::MAX, accounts: BTreeMap::new() };
    let mut lines = BTreeMap::new();
    while let Some(fields) = next(&mut record)? {
        let line = line_of(&record);
        if fields.len() != header.len() {
            let (is, due) = (fields.len(), header.len());
            return Err(Bad::at(line, format!("the row has {is} fields, the header has {due}")));
        }
        let (account, extracted) = columns.row(setup, &fields).map_err(|what| Bad::at(line, what))?;
        export.as_of = export.as_of.min(extracted);
        add(&mut export.accounts, &mut lines, account, line)?;
    }
    if export.accounts.is_empty() {
        return Err(Bad::at(
            1,
            "the export lists no accounts: if it were accepted, all accounts would count as removed",
        ));
    }
    Ok(export)
}

fn line_of(record: &ByteRecord) -> u64 {
    record.position().map_or(1, csv::Position::line)
}

fn texts(record: &ByteRecord) -> Result<Vec<String>, Bad> {
    let text = |field: &[u8]| String::from_utf8(field.to_vec());
    let all: Result<Vec<String>, _> = record.iter().map(text).collect();
    all.map_err(|_| Bad::at(line_of(record), "the row is not UTF-8: export it again in UTF-8"))
}

/// Several rows may describe one account, each with some of its entitlements; all other values must agree.
fn add(
    accounts: &mut BTreeMap<String, RemoteAccount>,
    lines: &mut BTreeMap<String, u64>,
    account: RemoteAccount,
    line: u64,
) -> Result<(), Bad> {
    let key = account.name.to_lowercase();
    let Some(there) = accounts.get_mut(&key) else {
        lines.insert(key.clone(), line);
        accounts.insert(key, account);
        return Ok(());
    };
    let differs = if there.enabled != account.enabled {
        Some("whether it can be used")
    } else if there.external_id != account.external_id {
        Some("its id")
    } else if there.attributes != account.attributes {
        Some("its attributes")
    } else {
        None
    };
    if let Some(about) = differs {
        let first = lines.get(&key).copied().unwrap_or(1);
        let what = format!("`{}` is in line {first} too, and the two differ about {about}", account.name);
        return Err(Bad::at(line, what));
    }
    there.entitlements.extend(account.entitlements);
    Ok(())
}

/// The positions of the columns.
struct Columns {
    name: usize,
    external_id: Option<usize>,
    enabled: Option<usize>,
    entitlements: Option<usize>,
    extracted: Option<usize>,
    attributes: Vec<(AttributeName, ValueType, usize)>,
}

impl Columns {
    fn find(setup: &ExportSetup, header: &[String]) -> Result<Self, Bad> {
        let place = |column: &str| {
            let mut places = header.iter().enumerate().filter(|(_, title)| title.trim() == column);
            match (places.next(), places.next()) {
                (Some((place, _)), None) => Ok(place),
                (Some(_), Some(_)) => Err(Bad::at(1, format!("the header has the column `{column}` twice"))),
                (None, _) => {
                    let there = header.join("`, `");
                    Err(Bad::at(1, format!("the header has no column `{column}`; it has `{there}`")))
                }
            }
        };
        let optional = |column: Option<&Arc<str>>| column.map(|c| place(c)).transpose();
        let attribute = |spec: &tenure_connect::AttributeSpec| {
            place(spec.name.as_str()).map(|at| (spec.name.clone(), spec.value_type, at))
        };
        Ok(Self {
            name: place(&setup.name_column)?,
            external_id: optional(setup.native_column.as_ref())?,
            enabled: optional(setup.enabled.as_ref().map(|e| &e.column))?,
            entitlements: optional(setup.entitlements_column.as_ref())?,
            extracted: match &setup.extracted {
                Extracted::At(_) => None,
                Extracted::Column(column) => Some(place(column)?),
            },
            attributes: setup.attributes.iter().map(attribute).collect::<Result<_, _>>()?,
        })
    }

    fn row(&self, setup: &ExportSetup, fields: &[String]) -> Result<(RemoteAccount, Timestamp), String> {
        let field = |at: usize| fields.get(at).map_or("", |f| f.trim());
        let filled = |at: usize, column: &str| match field(at) {
            "" => Err(format!("the column `{column}` is blank")),
            text => Ok(text),
        };
        let name: Arc<str> = Arc::from(filled(self.name, &setup.name_column)?);
        let external_id = match (self.external_id, &setup.native_column) {
            (Some(at), Some(column)) => Arc::from(filled(at, column)?),
            _ => name.clone(),
        };
        let enabled = match (self.enabled, &setup.enabled) {
            (Some(at), Some(words)) => is_enabled(filled(at, &words.column)?, words)?,
            _ => true,
        };
        let extracted = match (&setup.extracted, self.extracted) {
            (Extracted::Column(column), Some(at)) => {
                let text = filled(at, column)?;
                text.parse::<Instant>()
                    .map(Instant::get)
                    .map_err(|_| format!("column `{column}`: {}", not_an_instant(text)))?
            }
            (Extracted::At(at), _) => *at,
            (Extracted::Column(column), None) => return Err(format!("the column `{column}` is missing")),
        };
        let account = RemoteAccount {
            external_id,
            name,
            kind: Kind::default(),
            enabled,
            attributes: self.attributes(setup, field)?,
            entitlements: self.entitlements.map(|at| split(field(at), &setup.separator)).unwrap_or_default(),
            indirect: BTreeMap::new(),
            version: None,
            unread: self.unread(),
            outside: None,
        };
        Ok((account, extracted))
    }

    /// What the export has no column for.
    fn unread(&self) -> Unread {
        let silent = "the export has no column for what is held: name it in `entitlements_column`";
        Unread { others: self.entitlements.is_none().then(|| Arc::from(silent)), ..Unread::default() }
    }

    fn attributes<'a>(
        &self,
        setup: &ExportSetup,
        field: impl Fn(usize) -> &'a str,
    ) -> Result<BTreeMap<AttributeName, Value>, String> {
        let mut all = BTreeMap::new();
        for (name, value_type, at) in &self.attributes {
            let text = field(*at);
            if text.is_empty() {
                continue;
            }
            let wrong = || format!("column `{name}`: `{text}` is not of type {value_type}");
            let value = match value_type {
                ValueType::Text => Value::text(text),
                ValueType::Int => Value::Int(text.parse().map_err(|_| wrong())?),
                ValueType::Bool => Value::Bool(text.parse().map_err(|_| wrong())?),
                ValueType::Date => Value::Date(text.parse().map_err(|_| wrong())?),
                ValueType::Texts => Value::texts(split(text, &setup.separator)),
            };
            all.insert(name.clone(), value);
        }
        Ok(all)
    }
}

fn split(text: &str, separator: &str) -> BTreeSet<Arc<str>> {
    text.split(separator).map(str::trim).filter(|part| !part.is_empty()).map(Arc::from).collect()
}

fn is_enabled(text: &str, words: &EnabledSetup) -> Result<bool, String> {
    let word = text.to_lowercase();
    if words.enabled.contains(&word) {
        return Ok(true);
    }
    if words.disabled.is_empty() || words.disabled.contains(&word) {
        return Ok(false);
    }
    let column = &words.column;
    Err(format!("column `{column}`: `{text}` is in neither `enabled_values` nor `disabled_values`"))
}
