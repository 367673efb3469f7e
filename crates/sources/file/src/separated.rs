//! Splits separated values (RFC 4180) into rows and fields, strictly where a guess could hide rows.
//!
//! The usual readers accept `"Smith,1` … `2,"Jones` as one long field. In a feed of the full population, the rows inside would count
//! as missing, and missing people lose access. Here a quote that closes anywhere but at the end of its field, after a line break,
//! refuses the file: rows may be inside. On one line it is only badly written text. A quote inside a field that does not begin with
//! one is an ordinary character.

use std::io::BufRead;
use tenure_model::FeedFault;

/// One row, its fields one after the other in one buffer.
#[derive(Debug, Default)]
pub(crate) struct Row {
    /// Line on which it begins, from 1.
    pub(crate) line: u64,
    /// All fields, as read.
    pub(crate) text: Vec<u8>,
    /// Where each field ends in `text`.
    pub(crate) ends: Vec<u32>,
    /// Whether a line break follows it.
    pub(crate) terminated: bool,
}

impl Row {
    /// Whether it is empty: no row, even if it contains delimiters or the end mark of old systems (Ctrl-Z).
    pub(crate) fn is_blank(&self) -> bool {
        if self.text.first().is_some_and(u8::is_ascii_alphanumeric) {
            return false;
        }
        let text = std::str::from_utf8(&self.text);
        text.is_ok_and(|t| t.chars().all(|c| c.is_whitespace() || c == '\u{1a}'))
    }
    /// The bytes of a field.
    pub(crate) fn field(&self, i: usize) -> &[u8] {
        let start = i.checked_sub(1).and_then(|i| self.ends.get(i)).map_or(0, |e| *e as usize);
        let end = self.ends.get(i).map_or(0, |e| *e as usize);
        self.text.get(start..end).unwrap_or_default()
    }
    fn clear(&mut self, line: u64) {
        self.line = line;
        self.text.clear();
        self.ends.clear();
        self.terminated = false;
    }
    fn end_field(&mut self) {
        // The limit on row bytes, a u32, is checked before.
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }
}

/// State of the reader.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the start of a field.
    Start,
    /// In a field without quotes.
    Plain,
    /// Between quotes.
    Quoted,
    /// After a quote that closes the field, or is the first of two.
    Closed,
}

/// Reads rows from UTF-8 bytes.
pub(crate) struct Separated<R> {
    reader: R,
    delimiter: u8,
    quote: u8,
    /// Bytes that end a run of plain text.
    stops_plain: [bool; 256],
    stops_quoted: [bool; 256],
    row_bytes_max: usize,
    line: u64,
    /// Line on which the last quoted field began.
    opened: u64,
    state: State,
    /// The last byte was a carriage return, so that a following line feed belongs to it.
    after_return: bool,
}

/// The result of a chunk of bytes.
enum Step {
    More,
    RowEnds,
}

impl<R: BufRead> Separated<R> {
    pub(crate) fn new(reader: R, delimiter: u8, quote: u8, row_bytes_max: u32) -> Self {
        let set = |bytes: &[u8]| {
            let mut stops = [false; 256];
            for b in bytes {
                stops[usize::from(*b)] = true;
            }
            stops
        };
        Self {
            reader,
            delimiter,
            quote,
            stops_plain: set(&[delimiter, b'\n', b'\r']),
            stops_quoted: set(&[quote, b'\n', b'\r']),
            row_bytes_max: row_bytes_max as usize,
            line: 1,
            opened: 1,
            state: State::Start,
            after_return: false,
        }
    }

    /// The source of the bytes.
    pub(crate) fn reader(&self) -> &R {
        &self.reader
    }

    /// The next row; `false` at the end of the file. Empty lines are skipped.
    pub(crate) fn next(&mut self, row: &mut Row) -> Result<bool, FeedFault> {
        row.clear(self.line);
        self.state = State::Start;
        loop {
            let chunk = match self.reader.fill_buf() {
                Ok(chunk) => chunk,
                Err(e) => return Err(crate::input::unreadable(&e)),
            };
            if chunk.is_empty() {
                return self.at_end(row);
            }
            // The chunk is borrowed from the reader while the rest of `self` changes.
            let mut at = 0;
            let mut cursor = Cursor {
                delimiter: self.delimiter,
                quote: self.quote,
                stops_plain: &self.stops_plain,
                stops_quoted: &self.stops_quoted,
                line: self.line,
                opened: self.opened,
                state: self.state,
                after_return: self.after_return,
            };
            let step = cursor.run(chunk, &mut at, row);
            (self.line, self.opened) = (cursor.line, cursor.opened);
            (self.state, self.after_return) = (cursor.state, cursor.after_return);
            self.reader.consume(at);
            let step = step?;
            if row.text.len() > self.row_bytes_max {
                let limit = u32::try_from(self.row_bytes_max).unwrap_or(u32::MAX);
                return Err(FeedFault::RowTooLong { line: row.line, limit });
            }
            if matches!(step, Step::RowEnds) {
                row.terminated = true;
                return Ok(true);
            }
        }
    }

    fn at_end(&mut self, row: &mut Row) -> Result<bool, FeedFault> {
        match self.state {
            State::Start if row.ends.is_empty() => return Ok(false),
            State::Quoted => {
                let reason = format!("the quote that opens on line {} never closes", self.opened);
                return Err(FeedFault::Truncated { line: self.line, reason });
            }
            _ => row.end_field(),
        }
        Ok(true)
    }
}

/// The part of the reader that changes while a chunk is processed.
struct Cursor<'a> {
    delimiter: u8,
    quote: u8,
    stops_plain: &'a [bool; 256],
    stops_quoted: &'a [bool; 256],
    line: u64,
    opened: u64,
    state: State,
    after_return: bool,
}

impl Cursor<'_> {
    fn run(&mut self, chunk: &[u8], at: &mut usize, row: &mut Row) -> Result<Step, FeedFault> {
        while let Some(&byte) = chunk.get(*at) {
            match self.state {
                State::Start if byte == self.quote => {
                    *at += 1;
                    self.after_return = false;
                    self.opened = self.line;
                    self.state = State::Quoted;
                }
                State::Start if byte == b'\n' && self.after_return && row.ends.is_empty() => {
                    *at += 1;
                    self.after_return = false;
                }
                State::Start | State::Plain => {
                    *at += run_of(chunk, *at, self.stops_plain, &mut row.text);
                    if let Some(&stop) = chunk.get(*at) {
                        *at += 1;
                        if self.plain_stop(stop, row) {
                            return Ok(Step::RowEnds);
                        }
                    } else {
                        self.after_return = false;
                        self.state = State::Plain;
                    }
                }
                State::Quoted => {
                    *at += run_of(chunk, *at, self.stops_quoted, &mut row.text);
                    if let Some(&stop) = chunk.get(*at) {
                        *at += 1;
                        self.quoted_stop(stop, row);
                    }
                }
                State::Closed => {
                    *at += 1;
                    if self.closed(byte, chunk.get(*at - 1..).unwrap_or_default(), row)? {
                        return Ok(Step::RowEnds);
                    }
                }
            }
        }
        Ok(Step::More)
    }

    /// A byte that ends plain text; `true` if the row ends.
    fn plain_stop(&mut self, byte: u8, row: &mut Row) -> bool {
        if byte == self.delimiter {
            row.end_field();
            self.after_return = false;
            self.state = State::Start;
            return false;
        }
        let empty = row.ends.is_empty() && row.text.is_empty();
        self.line += 1;
        self.after_return = byte == b'\r';
        self.state = State::Start;
        if empty {
            row.line = self.line;
            return false;
        }
        row.end_field();
        true
    }

    fn quoted_stop(&mut self, byte: u8, row: &mut Row) {
        match byte {
            b if b == self.quote => self.state = State::Closed,
            b => {
                let second_half = b == b'\n' && row.text.last() == Some(&b'\r');
                self.line += u64::from(!second_half);
                row.text.push(b);
            }
        }
    }

    /// The byte after a quote in a quoted field; `true` if the row ends.
    fn closed(&mut self, byte: u8, rest: &[u8], row: &mut Row) -> Result<bool, FeedFault> {
        if byte == self.quote {
            row.text.push(byte);
            self.state = State::Quoted;
            return Ok(false);
        }
        if byte == self.delimiter || byte == b'\n' || byte == b'\r' {
            row.end_field();
            self.state = State::Start;
            self.line += u64::from(byte != self.delimiter);
            self.after_return = byte == b'\r';
            return Ok(byte != self.delimiter);
        }
        let start = row.ends.last().map_or(0, |e| *e as usize);
        let field = row.text.get(start..).unwrap_or_default();
        if !field.iter().any(|b| matches!(b, b'\n' | b'\r')) {
            // No row can be inside: it is text with quotes around a part of it.
            row.text.push(byte);
            self.state = State::Plain;
            return Ok(false);
        }
        let head = rest.get(..rest.len().min(4)).unwrap_or_default();
        let after = String::from_utf8_lossy(head).chars().next().unwrap_or(char::REPLACEMENT_CHARACTER);
        Err(FeedFault::QuoteMisplaced { opened: self.opened, line: self.line, after })
    }
}

/// Copies bytes from `at` up to the first stop; returns their number.
fn run_of(chunk: &[u8], at: usize, stops: &[bool; 256], text: &mut Vec<u8>) -> usize {
    let rest = chunk.get(at..).unwrap_or_default();
    let run = rest.iter().position(|b| stops[usize::from(*b)]).unwrap_or(rest.len());
    text.extend_from_slice(rest.get(..run).unwrap_or_default());
    run
}
