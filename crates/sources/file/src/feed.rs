//! The second reading of a feed: its rows, one by one, and the proof that the file has not changed since its inspection.

use crate::input::Input;
use crate::inspect::unchanged;
use crate::rows::{Check, Rows};
use crate::separated::Row;
use std::collections::VecDeque;
use std::sync::Arc;
use tenure_model::{Columns, FeedError, FeedFault, FeedFormat, FeedShape, Inspected, RawRecord, RowError};

/// Why a row is not returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// This row cannot be read; the others follow.
    Row(RowError),
    /// The file changed since its inspection. Nothing follows, and nothing that came before may be kept.
    Feed(FeedError),
}

/// The rows of a feed. Reads one chunk ahead, keeps one row.
pub struct Feed {
    input: Input,
    rows: Rows,
    check: Check,
    format: FeedFormat,
    digest: [u8; 32],
    columns: Arc<Columns>,
    row: Row,
    /// The further rows of the same line.
    more: VecDeque<Result<RawRecord, Box<RowError>>>,
    finished: bool,
}

/// Opens an inspected feed for its rows.
///
/// # Errors
/// When the file no longer exists or has a different length.
pub fn open(input: &Input, shape: &FeedShape, inspected: &Inspected) -> Result<Feed, FeedError> {
    start(input, shape, inspected).map_err(|fault| FeedError { file: input.name.clone(), fault })
}

fn start(input: &Input, shape: &FeedShape, inspected: &Inspected) -> Result<Feed, FeedFault> {
    let bytes = input.open()?;
    if bytes.len != inspected.bytes {
        let what =
            format!("it had {} bytes when it was inspected, now it has {}", inspected.bytes, bytes.len);
        return Err(FeedFault::Changed { what });
    }
    let (mut rows, _) = Rows::new(bytes, shape)?;
    let mut row = Row::default();
    if matches!(shape.format, FeedFormat::Separated { .. }) {
        rows.header(&mut row)?;
    }
    Ok(Feed {
        input: input.clone(),
        rows,
        check: Check::new(input.name.clone(), shape),
        format: shape.format,
        digest: inspected.digest,
        columns: inspected.columns.clone(),
        row,
        more: VecDeque::new(),
        finished: false,
    })
}

impl Feed {
    /// The row as a record; `None` if it is empty, several if a line of JSON contains more than one object.
    fn record(&mut self) -> Option<Result<RawRecord, Box<RowError>>> {
        match self.format {
            FeedFormat::Separated { .. } => Some(self.check.separated(&self.row, &self.columns)),
            FeedFormat::JsonLines => {
                let mut rows = self.check.json_rows(&self.row, &self.columns).into_iter();
                let first = rows.next();
                self.more.extend(rows);
                first
            }
        }
    }
    fn end(&mut self) -> Option<Refused> {
        self.finished = true;
        let source = self.rows.source();
        let same = unchanged(&self.input, source).and_then(|()| {
            if source.digest() == self.digest {
                return Ok(());
            }
            Err(FeedFault::Changed { what: "its bytes are not those that were inspected".to_owned() })
        });
        same.err().map(|fault| self.refused(fault))
    }
    fn refused(&mut self, fault: FeedFault) -> Refused {
        self.finished = true;
        Refused::Feed(FeedError { file: self.input.name.clone(), fault })
    }
}

impl Iterator for Feed {
    type Item = Result<RawRecord, Refused>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.finished {
            return None;
        }
        if let Some(record) = self.more.pop_front() {
            return Some(record.map_err(|e| Refused::Row(*e)));
        }
        loop {
            match self.rows.next(&mut self.row) {
                Ok(true) => {
                    let Some(record) = self.record() else { continue };
                    return Some(record.map_err(|e| Refused::Row(*e)));
                }
                Ok(false) => return self.end().map(Err),
                Err(fault) => return Some(Err(self.refused(fault))),
            }
        }
    }
}
