//! One reader for both formats: hands out rows that are not checked yet, and checks them.

use crate::decode::Decoded;
use crate::input::Hashing;
use crate::json;
use crate::separated::{Row, Separated};
use std::sync::Arc;
use tenure_model::{Columns, FeedFault, FeedFormat, FeedLimits, FeedShape, RawRecord, RowError, Where};

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
            FeedFormat::Separated { delimiter, quote } => (
                Self::Separated(Box::new(Separated::new(reader, delimiter, quote, limit, encoding))),
                encoding,
            ),
            FeedFormat::JsonLines => {
                (Self::Json { reader: Box::new(reader), line: 1, row_bytes_max: limit }, encoding)
            }
        })
    }
    /// Where the bytes come from.
    pub(crate) fn source(&self) -> &Hashing {
        match self {
            Self::Separated(rows) => rows.reader().source(),
            Self::Json { reader, .. } => reader.source(),
        }
    }
    /// The next row; `false` at the end of the file.
    pub(crate) fn next(&mut self, row: &mut Row) -> Result<bool, FeedFault> {
        match self {
            Self::Separated(rows) => rows.next(row),
            Self::Json { reader, line, row_bytes_max } => {
                let encoding = reader.encoding.name();
                json::next_line(reader.as_mut(), row, line, *row_bytes_max, encoding)
            }
        }
    }
}

/// What rows are checked against.
pub(crate) struct Check {
    pub(crate) file: Arc<str>,
    pub(crate) encoding: &'static str,
    pub(crate) limits: FeedLimits,
}

impl Check {
    /// A row of separated values becomes a record. Its buffers are left empty.
    pub(crate) fn separated(
        &self,
        row: &mut Row,
        columns: &Arc<Columns>,
    ) -> Result<RawRecord, Box<RowError>> {
        self.separated_row(row, columns)?;
        // A buffer of its own size: rows may be held for a while, the reader's buffer is as large as the largest row.
        let text = String::from_utf8(row.text.as_slice().to_vec());
        let record = text.ok().and_then(|text| {
            RawRecord::from_parts(row.line, columns.clone(), text, row.ends.as_slice().to_vec())
        });
        record.ok_or_else(|| self.damaged(row, columns))
    }

    /// Only the check: what the first reading does.
    pub(crate) fn separated_row(&self, row: &Row, columns: &Columns) -> Result<(), Box<RowError>> {
        let (found, expected) = (row.ends.len(), columns.len());
        if found != expected {
            return Err(Box::new(RowError {
                code: "R01",
                at: self.at(row.line, None),
                value: None,
                reason: format!("the row has {found} fields, the header has {expected}"),
                help: "quote fields that hold the delimiter, and check the row against the header".to_owned(),
                urgent: false,
            }));
        }
        let limit = self.limits.field_bytes as usize;
        if row.text.len() > limit
            && let Some(i) = (0..found).find(|i| row.field(*i).len() > limit)
        {
            return Err(self.too_long(row.line, columns.names().get(i).map(|n| &**n), row.field(i).len()));
        }
        let between_characters =
            |text: &str| text.is_ascii() || row.ends.iter().all(|e| text.is_char_boundary(*e as usize));
        match std::str::from_utf8(&row.text) {
            Ok(text) if between_characters(text) => Ok(()),
            _ => Err(self.damaged(row, columns)),
        }
    }

    fn damaged(&self, row: &Row, columns: &Columns) -> Box<RowError> {
        let bad = (0..row.ends.len()).find(|i| std::str::from_utf8(row.field(*i)).is_err());
        let column = bad.and_then(|i| columns.names().get(i));
        Box::new(RowError {
            code: "R02",
            at: self.at(row.line, column.map(|n| &**n)),
            value: bad.map(|i| RowError::shorten(&String::from_utf8_lossy(row.field(i)))),
            reason: format!("holds bytes that are not {}", self.encoding),
            help: "deliver the row in the encoding that the source declares".to_owned(),
            urgent: false,
        })
    }

    /// A line of JSON becomes its fields, with the keys in their order.
    pub(crate) fn json(&self, row: &Row) -> Result<(json::Fields, Vec<String>), Box<RowError>> {
        let Ok(line) = std::str::from_utf8(&row.text) else {
            return Err(self.damaged(row, &Columns::default()));
        };
        let (fields, order) = json::flatten(line).map_err(|(column, reason)| {
            let whole = column.is_none();
            Box::new(RowError {
                code: if whole { "R03" } else { "R04" },
                at: self.at(row.line, column.as_deref()),
                value: whole.then(|| RowError::shorten(line)),
                reason: if whole { format!("the line {reason}") } else { reason },
                help: "write one object a line, with every key once and with plain values, lists of them, or objects"
                    .to_owned(),
                urgent: false,
            })
        })?;
        let limit = self.limits.field_bytes as usize;
        let long = fields.iter().find(|(_, text)| text.as_ref().is_some_and(|t| t.len() > limit));
        match long {
            Some((column, text)) => {
                Err(self.too_long(row.line, Some(column), text.as_ref().map_or(0, String::len)))
            }
            None => Ok((fields, order)),
        }
    }

    fn too_long(&self, line: u64, column: Option<&str>, bytes: usize) -> Box<RowError> {
        Box::new(RowError {
            code: "R05",
            at: self.at(line, column),
            value: None,
            reason: format!("the field has {bytes} bytes, the limit is {}", self.limits.field_bytes),
            help: "shorten it in the source".to_owned(),
            urgent: false,
        })
    }

    fn at(&self, line: u64, column: Option<&str>) -> Where {
        Where { file: self.file.clone(), line, column: column.map(Arc::from) }
    }
}
