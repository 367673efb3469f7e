//! One reader for both formats: returns unchecked rows, and checks them.

use crate::decode::Decoded;
use crate::flat::{Flat, NOT_ONE, ONE_A_LINE, SHORTEN, too_long};
use crate::input::Hashing;
use crate::json;
use crate::separated::{Row, Separated};
use std::borrow::Cow;
use std::sync::Arc;
use tenure_model::{
    Columns, FeedFault, FeedFormat, FeedLimits, FeedShape, FieldFault, RawRecord, RowError, Where,
};

/// Rows of a file, from its first line on.
pub(crate) enum Rows {
    Separated(Box<Separated<Decoded<Hashing>>>),
    Json { reader: Box<Decoded<Hashing>>, line: u64, row_bytes_max: u32 },
}

impl Rows {
    /// The rows of an opened input, and the name of its encoding.
    pub(crate) fn new(bytes: Hashing, shape: &FeedShape) -> Result<(Self, &'static str), FeedFault> {
        let reader = Decoded::new(bytes, &shape.encoding)?;
        let encoding = reader.encoding.name();
        let limit = shape.limits.row_bytes.min(i32::MAX.unsigned_abs());
        Ok(match shape.format {
            FeedFormat::Separated { delimiter, quote } => {
                (Self::Separated(Box::new(Separated::new(reader, delimiter, quote, limit))), encoding)
            }
            FeedFormat::JsonLines => {
                (Self::Json { reader: Box::new(reader), line: 1, row_bytes_max: limit }, encoding)
            }
        })
    }
    /// The source of the bytes.
    pub(crate) fn source(&self) -> &Hashing {
        match self {
            Self::Separated(rows) => rows.reader().source(),
            Self::Json { reader, .. } => reader.source(),
        }
    }
    /// The header: the first row, or the second if a spreadsheet wrote its delimiter above it (`sep=;`).
    pub(crate) fn header(&mut self, row: &mut Row) -> Result<bool, FeedFault> {
        let found = self.next(row)?;
        if found && row.ends.len() == 2 && row.text.eq_ignore_ascii_case(b"sep=") {
            return self.next(row);
        }
        Ok(found)
    }
    /// The next row that is not empty; `false` at the end of the file.
    pub(crate) fn next(&mut self, row: &mut Row) -> Result<bool, FeedFault> {
        loop {
            let found = match self {
                Self::Separated(rows) => rows.next(row)?,
                Self::Json { reader, line, row_bytes_max } => {
                    json::next_line(reader.as_mut(), row, line, *row_bytes_max)?
                }
            };
            if !found || !row.is_blank() {
                return Ok(found);
            }
        }
    }
}

/// A line of JSON.
pub(crate) struct Line {
    /// The objects in it, as far as they can be read.
    pub(crate) objects: Vec<Flat>,
    /// Whether it contains more than one.
    several: bool,
    /// What is wrong if a part of it cannot be read: the records in that part are unknown.
    pub(crate) wrong: Option<Box<RowError>>,
}

/// What rows are checked against.
pub(crate) struct Check {
    pub(crate) file: Arc<str>,
    pub(crate) limits: FeedLimits,
    format: FeedFormat,
}

impl Check {
    /// What rows of a file are checked against.
    pub(crate) fn new(file: Arc<str>, shape: &FeedShape) -> Self {
        Self { file, limits: shape.limits, format: shape.format }
    }

    /// A row of separated values becomes a record.
    pub(crate) fn separated(&self, row: &Row, columns: &Arc<Columns>) -> Result<RawRecord, Box<RowError>> {
        self.separated_row(row, columns)?;
        if self.is_whole(row) {
            // A buffer of its own size: rows may be kept for a while, and the reader's buffer is as large as the largest row.
            let text = String::from_utf8(row.text.as_slice().to_vec());
            let record = text.ok().and_then(|text| {
                RawRecord::from_parts(row.line, columns.clone(), text, row.ends.as_slice().to_vec())
            });
            if let Some(record) = record {
                return Ok(record);
            }
        }
        Ok(self.in_part(row, columns))
    }

    /// A fast check whether every field is text of permitted length, which is true for almost all rows.
    fn is_whole(&self, row: &Row) -> bool {
        let limit = self.limits.field_bytes as usize;
        let short = row.text.len() <= limit || (0..row.ends.len()).all(|i| row.field(i).len() <= limit);
        short && !row.text.contains(&0)
    }

    /// A row with unreadable fields: each is a separate fault, the others are not affected.
    fn in_part(&self, row: &Row, columns: &Arc<Columns>) -> RawRecord {
        let limit = self.limits.field_bytes as usize;
        let mut faults = Vec::new();
        let texts: Vec<Cow<'_, str>> =
            (0..row.ends.len()).map(|i| String::from_utf8_lossy(row.field(i))).collect();
        for (column, text) in texts.iter().enumerate() {
            let bytes = row.field(column);
            let (code, reason, help) = if bytes.len() > limit {
                ("R05", too_long(bytes.len(), limit), SHORTEN)
            } else if std::str::from_utf8(bytes).is_err() {
                ("R02", NOT_TEXT.to_owned(), ENCODE)
            } else if bytes.contains(&0) {
                ("R02", "holds a zero byte".to_owned(), ENCODE)
            } else {
                continue;
            };
            let value = Some(RowError::shorten(text));
            faults.push(FieldFault { column, code, value, reason, help: help.to_owned() });
        }
        let is_bad = |i: usize| faults.iter().any(|f: &FieldFault| f.column == i);
        // The rest of a damaged field distinguishes one damage from another, and is never interpreted.
        let shown: Vec<Option<String>> = texts
            .iter()
            .enumerate()
            .map(|(i, text)| Some(if is_bad(i) { RowError::shorten(text) } else { text.to_string() }))
            .collect();
        let fields = shown.iter().map(Option::as_deref);
        RawRecord::new(row.line, columns.clone(), fields).with_faults(faults)
    }

    /// Only checks that a row fits its header: the work of the first reading.
    pub(crate) fn separated_row(&self, row: &Row, columns: &Columns) -> Result<(), Box<RowError>> {
        let (found, expected) = (row.ends.len(), columns.len());
        if found == expected {
            return self.one_row(row);
        }
        let fields = (0..found).map(|i| String::from_utf8_lossy(row.field(i)).into()).collect();
        Err(Box::new(RowError {
            code: "R01",
            at: self.at(row.line),
            value: None,
            reason: format!("the row has {found} fields, the header has {expected}"),
            help: "quote fields that hold the delimiter, and check the row against the header".to_owned(),
            urgent: true,
            fields,
        }))
    }

    /// A stray pair of quotes joins two rows: a row of several lines is refused if more than one of its lines has as many delimiters
    /// as a row has. Any record may be in it.
    fn one_row(&self, row: &Row) -> Result<(), Box<RowError>> {
        let FeedFormat::Separated { delimiter, .. } = self.format else { return Ok(()) };
        if row.ends.len() < JOINED_COLUMNS_MIN || !row.text.iter().any(|b| matches!(b, b'\n' | b'\r')) {
            return Ok(());
        }
        let mut lines = vec![0_usize];
        for field in 0..row.ends.len() {
            // Between two fields there is one as well.
            let between = std::iter::once(&delimiter).filter(|_| field > 0);
            for byte in between.chain(row.field(field)) {
                match (*byte, lines.last_mut()) {
                    (b'\n' | b'\r', _) => lines.push(0),
                    (byte, Some(count)) if byte == delimiter => *count += 1,
                    _ => {}
                }
            }
        }
        let whole = lines.iter().filter(|count| **count + 1 >= row.ends.len()).count();
        if whole < 2 {
            return Ok(());
        }
        Err(Box::new(RowError {
            code: JOINED,
            at: self.at(row.line),
            value: None,
            reason: format!(
                "a field in quotes goes over {whole} lines that each look like a row: a quote is misplaced, and rows may be inside"
            ),
            help: "close the quote where the field ends, or take it out".to_owned(),
            urgent: true,
            fields: Vec::new(),
        }))
    }

    /// The objects of a line of JSON; there should be exactly one.
    pub(crate) fn json(&self, row: &Row) -> Line {
        let line = json::text_of(&row.text);
        let parts = json::parts(&line);
        let several = parts.len() > 1;
        let (mut objects, mut wrong) = (Vec::with_capacity(1), None);
        for part in parts {
            match json::flatten(part) {
                Ok(flat) => {
                    wrong = wrong.or_else(|| flat.broken.clone());
                    objects.push(flat);
                }
                Err(reason) => wrong = wrong.or(Some(reason)),
            }
        }
        // Text that is not an object may be any file: such a message has printed a key before.
        let is_object = line.trim_start().starts_with('{');
        let value = is_object.then(|| RowError::shorten(&line));
        let wrong = wrong.map(|reason| {
            Box::new(RowError {
                code: NOT_ONE,
                at: self.at(row.line),
                value,
                reason: format!("the line {reason}"),
                help: ONE_A_LINE.to_owned(),
                urgent: true,
                fields: Vec::new(),
            })
        });
        Line { objects, several, wrong }
    }

    /// A line of JSON becomes a record; several objects become one record each. An unreadable part of the line is an error after them.
    pub(crate) fn json_rows(
        &self,
        row: &Row,
        columns: &Arc<Columns>,
    ) -> Vec<Result<RawRecord, Box<RowError>>> {
        let Line { objects, several, wrong } = self.json(row);
        let record = |flat: Flat| {
            let (texts, mut faults) = flat.fields(columns, self.limits.field_bytes as usize);
            if several {
                faults.push(FieldFault {
                    // After the last column: the fault concerns the row as a whole.
                    column: columns.len(),
                    code: NOT_ONE,
                    value: None,
                    reason: "stands in a line that is not exactly one JSON object".to_owned(),
                    help: ONE_A_LINE.to_owned(),
                });
            }
            Ok(RawRecord::new(row.line, columns.clone(), texts).with_faults(faults))
        };
        let records = objects.into_iter().filter(|flat| !flat.is_blank()).map(record);
        records.chain(wrong.map(Err)).collect()
    }

    fn at(&self, line: u64) -> Where {
        Where { file: self.file.clone(), line, column: None }
    }
}

/// The code of a row that contains others.
const JOINED: &str = "R06";
/// Minimum number of columns for which lines within a field are taken for rows: in a narrower table, ordinary text has as many commas.
const JOINED_COLUMNS_MIN: usize = 5;
const NOT_TEXT: &str = "holds bytes that are not text in the encoding of the file";
const ENCODE: &str = "deliver the row in the encoding that the source declares";
