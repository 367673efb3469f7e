//! Converts the bytes of any encoding to UTF-8, and keeps invalid sequences visible.

use encoding_rs::{DecoderResult, Encoding, UTF_8};
use std::io::{self, BufRead, BufReader, Read};
use tenure_model::FeedFault;

/// Bytes read from the file in one call.
const CHUNK_BYTES: usize = 256 << 10;
/// Represents an invalid byte sequence. UTF-8 has no such byte, so that a damaged field fails the UTF-8 check of its row, and a real
/// U+FFFD in the file stays unchanged.
pub(crate) const DAMAGED: u8 = 0xff;

/// First bytes of files that are not text.
const PACKED: &[(&[u8], &str)] = &[
    (b"\x1f\x8b", "packed with gzip"),
    (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd"),
    (b"\xfd7zXZ\x00", "packed with xz"),
    (b"BZh", "packed with bzip2"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF-", "a PDF"),
];

/// A reader of UTF-8, for a file in any encoding.
pub(crate) struct Decoded<R> {
    raw: BufReader<R>,
    /// `None` if the file is UTF-8 already: its bytes are passed on unchanged and checked row by row.
    decoder: Option<encoding_rs::Decoder>,
    out: Vec<u8>,
    taken: usize,
    finished: bool,
    pub(crate) encoding: &'static Encoding,
}

impl<R: Read> Decoded<R> {
    /// Checks the first bytes: compressed files are refused, a byte order mark has precedence over `label`.
    pub(crate) fn new(raw: R, label: &str) -> Result<Self, FeedFault> {
        let declared = Encoding::for_label_no_replacement(label.as_bytes())
            .ok_or_else(|| FeedFault::EncodingUnknown { label: label.to_owned() })?;
        let mut raw = BufReader::with_capacity(CHUNK_BYTES, raw);
        let head = raw.fill_buf().map_err(|e| crate::input::unreadable(&e))?;
        if let Some((_, what)) = PACKED.iter().find(|(magic, _)| head.starts_with(magic)) {
            return Err(FeedFault::Packed { what });
        }
        let (encoding, mark) = Encoding::for_bom(head).unwrap_or((declared, 0));
        raw.consume(mark);
        let decoder = (encoding != UTF_8).then(|| encoding.new_decoder_without_bom_handling());
        Ok(Self { raw, decoder, out: Vec::new(), taken: 0, finished: false, encoding })
    }

    /// The source of the bytes.
    pub(crate) fn source(&self) -> &R {
        self.raw.get_ref()
    }

    fn decode_more(&mut self) -> io::Result<()> {
        let Some(decoder) = &mut self.decoder else { return Ok(()) };
        self.taken = 0;
        self.out.clear();
        while self.out.is_empty() && !self.finished {
            let bytes = self.raw.fill_buf()?;
            let last = bytes.is_empty();
            let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
            self.out.resize(room.unwrap_or(CHUNK_BYTES * 4), 0);
            let (result, read, written) =
                decoder.decode_to_utf8_without_replacement(bytes, &mut self.out, last);
            self.raw.consume(read);
            self.out.truncate(written);
            if let DecoderResult::Malformed(..) = result {
                self.out.push(DAMAGED);
            } else if last {
                self.finished = true;
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(buf)?;
        self.consume(n);
        Ok(n)
    }
}

impl<R: Read> BufRead for Decoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.decoder.is_none() {
            return self.raw.fill_buf();
        }
        if self.taken >= self.out.len() {
            self.decode_more()?;
        }
        Ok(self.out.get(self.taken..).unwrap_or_default())
    }
    fn consume(&mut self, n: usize) {
        if self.decoder.is_none() {
            self.raw.consume(n);
        } else {
            self.taken += n;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8], label: &str) -> Vec<u8> {
        let mut out = Vec::new();
        Decoded::new(bytes, label).unwrap().read_to_end(&mut out).unwrap();
        out
    }

    #[test]
    fn a_byte_order_mark_wins_over_the_label() {
        assert_eq!(decoded(b"\xff\xfeM\0\xfc\0", "latin1"), "Mü".as_bytes());
        assert_eq!(decoded(b"\xfe\xff\0M\0\xfc", "utf-8"), "Mü".as_bytes());
        assert_eq!(decoded(b"\xef\xbb\xbfM\xc3\xbc", "latin1"), "Mü".as_bytes());
    }

    #[test]
    fn what_the_encoding_does_not_have_stays_visible() {
        // A lone surrogate, and half a code unit at the end.
        assert_eq!(decoded(b"a\0\x00\xd8b\0c", "utf-16le"), b"a\xffb\xff");
        assert_eq!(decoded(b"\x93\xfa\x81", "shift_jis"), [&b"\xe6\x97\xa5"[..], &[DAMAGED]].concat());
    }
}
