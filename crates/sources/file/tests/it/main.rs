//! Tests of the feed reader on real bytes.
#![expect(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "helpers of tests fail loudly, and their numbers are small"
)]

mod bad_input;
mod bytes;
mod cert;
mod properties;
mod speed;

use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::{FeedError, FeedFormat, FeedLimits, FeedShape, RawRecord, RowError};
use tenure_source_file::{Input, Refused, inspect, open};

pub(crate) const COMMA: FeedFormat = FeedFormat::Separated { delimiter: b',', quote: b'"' };

pub(crate) fn shape(format: FeedFormat, required: &[&str]) -> FeedShape {
    FeedShape {
        format,
        encoding: Arc::from("utf-8"),
        snapshot: true,
        required: required.iter().map(|r| Arc::from(*r)).collect(),
        limits: FeedLimits::default(),
    }
}

pub(crate) struct Read {
    pub(crate) rows: Vec<RawRecord>,
    pub(crate) errors: Vec<RowError>,
}

/// Both readings; a file in memory cannot change in between.
pub(crate) fn read(input: &Input, shape: &FeedShape) -> Result<Read, FeedError> {
    let inspected = inspect(input, shape)?;
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    for row in open(input, shape, &inspected)? {
        match row {
            Ok(row) => rows.push(row),
            Err(Refused::Row(e)) => errors.push(e),
            Err(Refused::Feed(e)) => return Err(e),
        }
    }
    // A line of JSON that is not one object is one row to the first reading: its objects, and its unreadable parts.
    let read: BTreeSet<u64> = rows.iter().map(|r: &RawRecord| r.line).collect();
    let unread: BTreeSet<u64> =
        errors.iter().map(|e: &RowError| e.at.line).filter(|l| !read.contains(l)).collect();
    assert_eq!(inspected.rows as usize, read.len() + unread.len());
    assert_eq!(inspected.unreadable as usize, unread.len());
    Ok(Read { rows, errors })
}

/// Rows as one text: fields separated by `|`, absent ones as `-`, the line number first.
pub(crate) fn shown(read: &Read) -> Vec<String> {
    let text = |r: &RawRecord, i| r.at(i).map_or("-".to_owned(), str::to_owned);
    let field = |r: &RawRecord, i| match r.fault(i) {
        Some(f) => format!("<{}{}>", f.value.as_ref().map_or(String::new(), |v| format!("{v:?} ")), f.reason),
        None => text(r, i),
    };
    let mut lines: Vec<String> = read
        .rows
        .iter()
        .map(|r| {
            let fields: Vec<String> = (0..r.columns().len()).map(|i| field(r, i)).collect();
            format!("{}: {}", r.line, fields.join("|"))
        })
        .collect();
    lines.extend(read.errors.iter().map(ToString::to_string));
    lines
}
