//! Paths and bundles of C2SP tlog-tiles, so that a ledger is a folder of files that third-party tools can read.

use crate::text;
use crate::tree::TILE_WIDTH;
use std::fmt;
use thiserror::Error;

/// Maximum size of one entry in bytes: its length is written as a u16.
pub const MAX_ENTRY_BYTES: usize = 65_535;

/// The highest level that a path may name.
pub const MAX_LEVEL: u8 = 63;

/// Maximum length of a path in characters; the longest possible one has 47.
const MAX_PATH_CHARS: usize = 64;

/// The place of a tile in the tree: level 0 holds leaf hashes, each hash above is the root of a full tile below.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct TileId {
    /// The level, from 0.
    pub level: u8,
    /// The index in the level, from 0.
    pub index: u64,
}

impl TileId {
    /// A place.
    #[must_use]
    pub const fn new(level: u8, index: u64) -> Self {
        Self { level, index }
    }
}

impl fmt::Display for TileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&tile_path(*self, TILE_WIDTH))
    }
}

/// The target of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TilePath {
    /// A tile of hashes.
    Hashes {
        /// Its place.
        id: TileId,
        /// Its width in hashes, 1 to 256.
        width: u16,
    },
    /// A bundle of entries.
    Entries {
        /// Its index, from 0: entry `256 * index` is the first.
        index: u64,
        /// Its width in entries, 1 to 256.
        width: u16,
    },
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match *self {
            Self::Hashes { id, width } => tile_path(id, width),
            Self::Entries { index, width } => entries_path(index, width),
        })
    }
}

/// Why a path or a bundle is not what C2SP tlog-tiles describes.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum TileError {
    /// Not a path of a tile or a bundle.
    #[error("{path:?} is not the path of a tile or of an entry bundle, such as tile/0/x001/234.p/5")]
    Path {
        /// The text, truncated for display.
        path: String,
    },
    /// An entry is too long for the format.
    #[error("entry {position} of the bundle has {bytes} bytes, the limit is {MAX_ENTRY_BYTES}")]
    EntryTooLong {
        /// The position in the bundle, from 0.
        position: usize,
        /// Its length in bytes.
        bytes: usize,
    },
    /// A bundle has more entries than a tile has hashes.
    #[error("a bundle has at most {TILE_WIDTH} entries, not {entries}")]
    TooManyEntries {
        /// Entries given.
        entries: usize,
    },
    /// The bundle ends in the middle of an entry.
    #[error("the bundle ends within entry {position}")]
    Truncated {
        /// The position in the bundle, from 0.
        position: usize,
    },
    /// The bundle has fewer entries than expected.
    #[error("the bundle has {found} entries, {expected} are expected")]
    TooFewEntries {
        /// Entries found.
        found: usize,
        /// Entries required by the tree's size.
        expected: u16,
    },
    /// There are bytes after the last entry.
    #[error("the bundle has {bytes} bytes after its {entries} entries")]
    Trailing {
        /// Entries expected.
        entries: u16,
        /// Bytes left over.
        bytes: usize,
    },
}

/// `tile/<L>/<N>` for a full tile, `tile/<L>/<N>.p/<W>` for a narrower one.
#[must_use]
pub fn tile_path(id: TileId, width: u16) -> String {
    format!("tile/{}/{}", id.level, index_path(id.index, width))
}

/// `tile/entries/<N>` for a full bundle, `tile/entries/<N>.p/<W>` for a narrower one.
#[must_use]
pub fn entries_path(index: u64, width: u16) -> String {
    format!("tile/entries/{}", index_path(index, width))
}

fn index_path(index: u64, width: u16) -> String {
    let mut path = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    if width < TILE_WIDTH { format!("{path}.p/{width}") } else { path }
}

/// Reads a path. Only the one spelling that [`tile_path`] and [`entries_path`] produce is accepted.
///
/// # Errors
/// When the text is anything else.
pub fn parse_path(path: &str) -> Result<TilePath, TileError> {
    let refused = || TileError::Path { path: path.chars().take(MAX_PATH_CHARS).collect() };
    if path.len() > MAX_PATH_CHARS {
        return Err(refused());
    }
    let parsed = parse_any_spelling(path).ok_or_else(refused)?;
    if parsed.to_string() == path { Ok(parsed) } else { Err(refused()) }
}

fn parse_any_spelling(path: &str) -> Option<TilePath> {
    let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
    let (digits, width) = match rest.split_once(".p/") {
        Some((digits, width)) => (digits, u16::try_from(text::decimal(width)?).ok()?),
        None => (rest, TILE_WIDTH),
    };
    if !(1..=TILE_WIDTH).contains(&width) {
        return None;
    }
    let mut index = 0_u64;
    for element in digits.split('/') {
        let digits = element.strip_prefix('x').unwrap_or(element);
        if digits.len() != 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    if level == "entries" {
        return Some(TilePath::Entries { index, width });
    }
    let level = u8::try_from(text::decimal(level)?).ok().filter(|level| *level <= MAX_LEVEL)?;
    Some(TilePath::Hashes { id: TileId::new(level, index), width })
}

/// Writes a bundle: each entry preceded by its length as a big-endian u16.
///
/// # Errors
/// When there are more than 256 entries or one is longer than [`MAX_ENTRY_BYTES`].
pub fn encode_bundle<E: AsRef<[u8]>>(entries: &[E]) -> Result<Vec<u8>, TileError> {
    if entries.len() > usize::from(TILE_WIDTH) {
        return Err(TileError::TooManyEntries { entries: entries.len() });
    }
    let mut bundle = Vec::with_capacity(entries.iter().map(|entry| 2 + entry.as_ref().len()).sum());
    for (position, entry) in entries.iter().enumerate() {
        let entry = entry.as_ref();
        let length = u16::try_from(entry.len())
            .map_err(|_too_long| TileError::EntryTooLong { position, bytes: entry.len() })?;
        bundle.extend_from_slice(&length.to_be_bytes());
        bundle.extend_from_slice(entry);
    }
    Ok(bundle)
}

/// Reads a bundle of exactly `width` entries.
///
/// # Errors
/// When it is truncated or has additional bytes.
pub fn decode_bundle(bundle: &[u8], width: u16) -> Result<Vec<&[u8]>, TileError> {
    let mut entries = Vec::with_capacity(usize::from(width));
    let mut rest = bundle;
    while entries.len() < usize::from(width) {
        let position = entries.len();
        if rest.is_empty() {
            return Err(TileError::TooFewEntries { found: position, expected: width });
        }
        let (length, after) = rest.split_first_chunk::<2>().ok_or(TileError::Truncated { position })?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, after) = after.split_at_checked(length).ok_or(TileError::Truncated { position })?;
        entries.push(entry);
        rest = after;
    }
    if rest.is_empty() { Ok(entries) } else { Err(TileError::Trailing { entries: width, bytes: rest.len() }) }
}
