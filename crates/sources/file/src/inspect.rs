//! The first reading of a feed: checks for everything that can be wrong with the file as a whole.

use crate::decode::DAMAGED;
use crate::flat::{Cell, Flat};
use crate::header;
use crate::input::{Hashing, Input};
use crate::rows::{Check, Line, Rows};
use crate::separated::Row;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::{Columns, FeedError, FeedFault, FeedFormat, FeedShape, Inspected, RowError};

/// This many damaged rows, and more than half of the rows beyond ASCII, mean a wrong encoding and not an accident.
const DAMAGED_ROWS_MIN: u64 = 3;

/// Reads a feed once completely, and refuses it as a whole if its rows could not be trusted.
///
/// # Errors
/// What is wrong with the file. An unreadable row is not such an error: it is counted here and reported by [`crate::open`].
pub fn inspect(input: &Input, shape: &FeedShape) -> Result<Inspected, FeedError> {
    run(input, shape).map_err(|fault| FeedError { file: input.name.clone(), fault })
}

fn run(input: &Input, shape: &FeedShape) -> Result<Inspected, FeedFault> {
    let bytes = input.open()?;
    if bytes.len > shape.limits.file_bytes {
        return Err(FeedFault::TooLarge { bytes: bytes.len, limit: shape.limits.file_bytes });
    }
    let (mut rows, encoding) = Rows::new(bytes, shape)?;
    let check = Check::new(input.name.clone(), shape);
    let mut tally = Tally::default();
    let columns = match shape.format {
        FeedFormat::Separated { delimiter, .. } => {
            separated(&mut rows, delimiter, shape, (&check, encoding), &mut tally)?
        }
        FeedFormat::JsonLines => json_lines(&mut rows, shape, &check, &mut tally)?,
    };
    let source = rows.source();
    unchanged(input, source)?;
    tally.judge(encoding)?;
    if tally.rows == 0 && shape.snapshot {
        return Err(FeedFault::Empty);
    }
    if matches!(shape.format, FeedFormat::JsonLines) && tally.rows > 0 {
        header::check(&columns, shape)?;
    }
    Ok(Inspected {
        digest: source.digest(),
        bytes: source.read,
        rows: tally.rows,
        unreadable: tally.unreadable,
        columns: Arc::new(columns),
        encoding,
    })
}

/// Whether the file has the same length as when it was opened, and was read to its end.
pub(crate) fn unchanged(input: &Input, source: &Hashing) -> Result<(), FeedFault> {
    let Hashing { len, read, .. } = *source;
    let now = input.len_now().unwrap_or(len);
    if now != len {
        return Err(FeedFault::Changed { what: format!("it had {len} bytes, now it has {now}") });
    }
    if read != len {
        return Err(FeedFault::Changed { what: format!("it has {len} bytes, {read} were read") });
    }
    Ok(())
}

fn separated(
    rows: &mut Rows,
    delimiter: u8,
    shape: &FeedShape,
    (check, encoding): (&Check, &'static str),
    tally: &mut Tally,
) -> Result<Columns, FeedFault> {
    let mut row = Row::default();
    if !rows.header(&mut row)? {
        return Err(FeedFault::HeaderMissing);
    }
    let columns = header::columns(&row, delimiter, shape, encoding)?;
    while rows.next(&mut row)? {
        if !row.terminated {
            whole(&row, columns.len())?;
        }
        let found = check.separated_row(&row, &columns);
        tally.row(&row, found.err());
    }
    Ok(columns)
}

/// Whether a last row without a line break is complete: every field, and no partial character at the end.
fn whole(row: &Row, columns: usize) -> Result<(), FeedFault> {
    if row.ends.len() < columns {
        let reason = format!("its last row has {} of {columns} fields and no line break", row.ends.len());
        return Err(FeedFault::Truncated { line: row.line, reason });
    }
    let half_a_letter = std::str::from_utf8(&row.text).is_err_and(|e| e.error_len().is_none());
    if half_a_letter || row.text.last() == Some(&DAMAGED) {
        let reason = "its last letter is half there".to_owned();
        return Err(FeedFault::Truncated { line: row.line, reason });
    }
    Ok(())
}

fn json_lines(
    rows: &mut Rows,
    shape: &FeedShape,
    check: &Check,
    tally: &mut Tally,
) -> Result<Columns, FeedFault> {
    let mut found = ColumnsFound::default();
    let mut row = Row::default();
    let mut alone = None;
    while rows.next(&mut row)? {
        if tally.rows == 0 && row.text.trim_ascii_start().starts_with(b"[") {
            return Err(FeedFault::JsonArray { within: None });
        }
        let Line { mut objects, wrong, .. } = check.json(&row);
        if !row.terminated && wrong.is_some() {
            let reason = "its last line is not a whole JSON object and has no line break".to_owned();
            return Err(FeedFault::Truncated { line: row.line, reason });
        }
        objects.retain(|flat| !flat.is_blank());
        objects.iter().for_each(|flat| found.note(flat, shape));
        match objects.pop() {
            Some(flat) => {
                tally.row(&row, None);
                alone = (tally.rows == 1 && objects.is_empty()).then_some(flat);
            }
            None => {
                if let Some(wrong) = wrong {
                    tally.row(&row, Some(wrong));
                }
            }
        }
    }
    if let Some(within) = alone.and_then(|flat| envelope(&flat, shape)) {
        return Err(FeedFault::JsonArray { within: Some(within) });
    }
    Ok(found.columns(shape, tally))
}

/// The key that contains all rows: the file is one object, with a list of objects and without mapped columns.
fn envelope(flat: &Flat, shape: &FeedShape) -> Option<Arc<str>> {
    let is_list =
        |c: &&String| matches!(&flat.cells[*c], Cell::Fault { reason, .. } if reason.contains("objects"));
    let list = flat.order.iter().find(is_list)?;
    let mapped = shape.required.iter().any(|r| flat.cells.contains_key(&**r));
    (!mapped).then(|| Arc::from(list.as_str()))
}

/// The columns of a file of JSON Lines.
#[derive(Default)]
struct ColumnsFound {
    names: Vec<String>,
    known: BTreeSet<String>,
    /// Mapped columns below an object that is null in some row.
    blank: BTreeSet<Arc<str>>,
}

impl ColumnsFound {
    fn note(&mut self, flat: &Flat, shape: &FeedShape) {
        for name in &flat.order {
            if self.known.contains(name) {
                continue;
            }
            let mapped = shape.required.iter().any(|r| **r == **name);
            // Unmapped keys are recorded for messages, up to a limit.
            let room = self.known.len() < shape.limits.columns as usize;
            if (mapped || room) && flat.cells[name] != Cell::Group {
                self.known.insert(name.clone());
                self.names.push(name.clone());
            }
        }
        for required in &shape.required {
            if !self.known.contains(&**required) && flat.is_blank_above(required) {
                self.blank.insert(required.clone());
            }
        }
    }

    /// A mapped column that no row has is blank if an object above it is null, and in rows of a delta, which have only what they need.
    /// In a full population, and beside a key with a similar name, it was renamed.
    fn columns(mut self, shape: &FeedShape, tally: &Tally) -> Columns {
        let any = shape.required.iter().any(|r| self.known.contains(&**r));
        let delta = !shape.snapshot && any && tally.rows > 0;
        let seen = Columns::new(&self.names);
        for required in &shape.required {
            let blank = self.blank.contains(required) || (delta && !header::renamed(required, &seen, shape));
            if blank && !self.known.contains(&**required) {
                self.names.push(required.to_string());
            }
        }
        Columns::new(self.names)
    }
}

/// The counts of the first reading.
#[derive(Default)]
struct Tally {
    rows: u64,
    unreadable: u64,
    /// Rows with a byte beyond ASCII.
    beyond_ascii: u64,
    damaged: u64,
    first_damaged: u64,
    /// Rows with a zero byte.
    zeros: u64,
    first_zero: u64,
    first: Option<Box<RowError>>,
}

impl Tally {
    fn row(&mut self, row: &Row, error: Option<Box<RowError>>) {
        self.rows += 1;
        self.beyond_ascii += u64::from(!row.text.is_ascii());
        if row.text.contains(&0) {
            self.zeros += 1;
            if self.zeros == 1 {
                self.first_zero = row.line;
            }
        }
        if std::str::from_utf8(&row.text).is_err() {
            self.damaged += 1;
            if self.damaged == 1 {
                self.first_damaged = row.line;
            }
        }
        let Some(error) = error else { return };
        self.unreadable += 1;
        self.first.get_or_insert(error);
    }
    fn judge(&mut self, encoding: &'static str) -> Result<(), FeedFault> {
        if self.zeros >= DAMAGED_ROWS_MIN && self.zeros * 2 > self.rows {
            return Err(FeedFault::Binary { line: self.first_zero, encoding });
        }
        let (damaged, tried) = (self.damaged, self.beyond_ascii);
        if damaged >= DAMAGED_ROWS_MIN && damaged * 2 > tried {
            return Err(FeedFault::EncodingWrong { encoding, damaged, tried, line: self.first_damaged });
        }
        match self.first.take() {
            Some(first) if self.unreadable == self.rows => {
                Err(FeedFault::NothingReadable { rows: self.rows, first })
            }
            _ => Ok(()),
        }
    }
}
