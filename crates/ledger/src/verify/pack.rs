//! A pack: the entries about one case, one identity or one period, each with its proof and the opening of its commitment, verifiable
//! with the public key only. `docs/evidence.md` describes the format.

use super::entry::confirm_proof;
use super::files::Discrepancy;
use super::population::Period;
use crate::checkpoint::Checkpoint;
use crate::commitment::{Commitment, Inner, Opening, OpeningError};
use crate::entry::Entry;
use crate::links::{Links, LinksError, Place};
use crate::note::VerifierKey;
use crate::proof::{Proof, ProofFileError};
use crate::text;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

/// Maximum number of lines of a pack.
const PACK_LINES_MAX: usize = 1_000_000;
/// The format that is written and read.
const VERSION: u32 = 1;

/// The scope of a pack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PackScope {
    /// One case.
    Case([u8; 16]),
    /// One identity.
    Identity([u8; 16]),
    /// Every entry of a period.
    Period(Period),
}

/// The content of a line in addition to the proof of the entry.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    /// The complete personal part.
    Opened(&'a Opening),
    /// The personal part is not disclosed, because it was erased or is withheld; the links to other entries are still included.
    Sealed {
        /// That part's contribution to the commitment.
        inner: &'a Inner,
        /// The links of the entry, as stored.
        links: &'a [u8],
    },
}

/// Why a pack does not prove anything.
#[derive(Debug, Error)]
pub enum PackError {
    /// A line does not have the format.
    #[error("line {line} of the pack is not {expected}")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What it should be.
        expected: &'static str,
    },
    /// An entry is outside the scope.
    #[error("entry {index} is about something else than the pack")]
    Foreign {
        /// The entry.
        index: u64,
    },
    /// The disclosed links are not those of the entry.
    #[error("the links of entry {index} are not those that it commits to")]
    Links {
        /// The entry.
        index: u64,
    },
    /// An entry was omitted, or is there twice.
    #[error(
        "entry {index} is number {number} of its {of}, and number {expected} is not in the pack: {missing}"
    )]
    LeftOut {
        /// The entry that shows it.
        index: u64,
        /// Its number, from 1.
        number: u64,
        /// The expected number.
        expected: u64,
        /// `case`, `identity` or `period`.
        of: &'static str,
        /// What is missing, as text.
        missing: String,
    },
    /// Proofs are of different heads.
    #[error("entry {index} is proved against another checkpoint than the entries before it")]
    Mixed {
        /// The entry.
        index: u64,
    },
    /// A proof or an opening does not hold.
    #[error(transparent)]
    Discrepancy(#[from] Discrepancy),
    /// A proof cannot be read.
    #[error(transparent)]
    Proof(#[from] ProofFileError),
    /// An opening cannot be read.
    #[error(transparent)]
    Opening(#[from] OpeningError),
    /// Links cannot be read.
    #[error(transparent)]
    Unlinked(#[from] LinksError),
}

/// One entry of a pack that is proved to be in the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Packed {
    /// Its index in the log, from 0.
    pub index: u64,
    /// Its public part.
    pub entry: Entry,
    /// The identity that it is about, if the personal part is present and names one.
    pub identity: Option<[u8; 16]>,
    /// The personal part; `None` if it was erased or is withheld.
    pub payload: Option<Vec<u8>>,
    /// Its links to the previous entries.
    pub links: Links,
}

impl Packed {
    /// When it was decided, in UTC.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        // The time of an entry was checked when it was decoded.
        Timestamp::from_microsecond(self.entry.at).unwrap_or_default()
    }
}

/// What the links of the entries prove about completeness.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Completeness {
    /// Every entry of the case, from its first to the one that closes it and counts them.
    Closed {
        /// Index of the first entry.
        first: u64,
        /// Index of the closing entry.
        last: u64,
        /// Number of entries up to the closing one.
        count: u64,
        /// Number of entries after it, up to the last one of the pack.
        after: u64,
    },
    /// Every entry from the first to this one; a pack cannot show whether there are later ones.
    UpTo {
        /// Index of the first entry.
        first: u64,
        /// Index of the last entry.
        last: u64,
        /// Number of entries.
        count: u64,
    },
    /// Every entry of the log from one that is before the period to one that is after it.
    Period {
        /// Index of the first entry of the period.
        first: u64,
        /// Index of the last entry of the period.
        last: u64,
        /// Whether the log had an entry after the period when it was packed.
        is_over: bool,
    },
    /// There is no entry.
    Empty,
}

/// A verified pack.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pack {
    /// Its scope.
    pub scope: PackScope,
    /// Its entries, in the order of the log.
    pub entries: Vec<Packed>,
    /// The signed head that covers them.
    pub checkpoint: Option<Checkpoint>,
    /// What the links prove.
    pub completeness: Completeness,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    pack: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    proof: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    opening: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    links: Option<String>,
}

impl PackScope {
    /// The first line of the file.
    #[must_use]
    pub fn head(&self) -> String {
        let mut head = Head { pack: VERSION, case: None, identity: None, from: None, before: None };
        let id = |id: &[u8; 16]| Some(Uuid::from_bytes(*id).to_string());
        match self {
            Self::Case(case) => head.case = id(case),
            Self::Identity(identity) => head.identity = id(identity),
            Self::Period(period) => {
                (head.from, head.before) = (Some(period.from.to_string()), Some(period.before.to_string()));
            }
        }
        serde_json::to_string(&head).unwrap_or_default()
    }

    fn read(line: &str) -> Option<Self> {
        let head: Head = serde_json::from_str(line).ok().filter(|h: &Head| h.pack == VERSION)?;
        let id = |text: &str| Uuid::parse_str(text).ok().map(Uuid::into_bytes);
        match (&head.case, &head.identity, &head.from, &head.before) {
            (Some(case), None, None, None) => id(case).map(Self::Case),
            (None, Some(identity), None, None) => id(identity).map(Self::Identity),
            (None, None, Some(from), Some(before)) => {
                Some(Self::Period(Period { from: from.parse().ok()?, before: before.parse().ok()? }))
            }
            _ => None,
        }
    }
}

/// A line of the file.
///
/// # Errors
/// When the content does not belong to the proved entry.
pub fn pack_line(proof: &Proof, content: Content<'_>, keys: &[VerifierKey]) -> Result<String, PackError> {
    let mut line = Line { proof: proof.to_string(), opening: None, inner: None, links: None };
    match content {
        Content::Opened(opening) => {
            confirm_proof(proof, Some(opening), keys)?;
            line.opening = Some(text::base64(&opening.to_bytes()?));
        }
        Content::Sealed { inner, links } => {
            let proved = confirm_proof(proof, None, keys)?;
            if Commitment::of(inner, links) != proved.entry.commitment {
                return Err(PackError::Links { index: proof.index });
            }
            line.inner = Some(text::base64(inner.as_bytes()));
            line.links = Some(text::base64(links));
        }
    }
    Ok(serde_json::to_string(&line).unwrap_or_default())
}

/// Checks a pack with the public key only.
///
/// # Errors
/// The first error: then nothing of the pack is proved.
pub fn confirm_pack(file: &str, keys: &[VerifierKey]) -> Result<Pack, PackError> {
    let mut lines = file.lines().zip(1..);
    let expected = "the head of a pack of version 1";
    let scope = lines.next().and_then(|(line, _)| PackScope::read(line));
    let scope = scope.ok_or(PackError::Line { line: 1, expected })?;
    let (mut entries, mut checkpoint): (Vec<Packed>, Option<Checkpoint>) = (Vec::new(), None);
    for (text, line) in lines {
        if line > PACK_LINES_MAX {
            return Err(PackError::Line { line, expected: "allowed: a pack has at most 1,000,000 lines" });
        }
        let (packed, head) = confirm_line(text, line, keys)?;
        match &checkpoint {
            Some(first) if *first != head => return Err(PackError::Mixed { index: packed.index }),
            Some(_) => {}
            None => checkpoint = Some(head),
        }
        entries.push(packed);
    }
    entries.sort_by_key(|e| e.index);
    let size = checkpoint.as_ref().map_or(0, |c| c.size);
    let completeness = match scope {
        PackScope::Case(id) => {
            chained(&entries, "case", |e| (e.entry.case == Some(id)).then_some(e.links.case))
        }
        PackScope::Identity(id) => chained(&entries, "identity", |e| {
            // For an erased entry only the chain shows its identity.
            e.identity.is_none_or(|of| of == id).then_some(e.links.identity)
        }),
        PackScope::Period(period) => within(&mut entries, period, size),
    }?;
    Ok(Pack { scope, entries, checkpoint, completeness })
}

fn confirm_line(text: &str, line: usize, keys: &[VerifierKey]) -> Result<(Packed, Checkpoint), PackError> {
    let wrong = |expected| PackError::Line { line, expected };
    let read: Line =
        serde_json::from_str(text).map_err(|_| wrong("a proof with an opening, or with inner and links"))?;
    let proof = Proof::parse(read.proof.as_bytes())?;
    let index = proof.index;
    let bytes = |text: &str| text::unbase64(text).ok_or(wrong("base64"));
    let (opening, links) = match (&read.opening, &read.inner, &read.links) {
        (Some(opening), None, None) => {
            let opening = Opening::from_bytes(&bytes(opening)?)?;
            let links = opening.links().clone();
            (Some(opening), links)
        }
        (None, Some(inner), Some(links)) => {
            let proved = confirm_proof(&proof, None, keys)?;
            let inner: [u8; 32] = bytes(inner)?.try_into().map_err(|_| wrong("32 bytes in base64"))?;
            let links = bytes(links)?;
            if Commitment::of(&Inner::from_bytes(inner), &links) != proved.entry.commitment {
                return Err(PackError::Links { index });
            }
            (None, Links::decode(&links)?)
        }
        _ => return Err(wrong("a proof with an opening, or with inner and links")),
    };
    let proved = confirm_proof(&proof, opening.as_ref(), keys)?;
    let identity = opening.as_ref().map(|o| *o.identity()).filter(|id| *id != crate::commitment::NO_IDENTITY);
    let payload = opening.map(|o| o.payload().to_vec());
    Ok((Packed { index, entry: proved.entry, identity, payload, links }, proved.checkpoint))
}

/// Follows the entries of one case or identity by their numbers and links.
fn chained(
    entries: &[Packed],
    of: &'static str,
    place: impl Fn(&Packed) -> Option<Option<Place>>,
) -> Result<Completeness, PackError> {
    let mut last: Option<u64> = None;
    for (packed, expected) in entries.iter().zip(1_u64..) {
        let index = packed.index;
        let place = place(packed).flatten().ok_or(PackError::Foreign { index })?;
        if place.number != expected || place.previous != last {
            let missing = place.previous.filter(|_| place.previous != last).map_or_else(
                || "the entries do not follow each other".to_owned(),
                |previous| format!("entry {previous} of the log comes before it"),
            );
            return Err(PackError::LeftOut { index, number: place.number, expected, of, missing });
        }
        last = Some(index);
    }
    let (Some(first), Some(end)) = (entries.first(), entries.last()) else { return Ok(Completeness::Empty) };
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let (count, first) = (number(entries.len()), first.index);
    let closing = entries.iter().rposition(|e| e.links.closes).filter(|_| of == "case");
    Ok(match closing.and_then(|at| Some((at, entries.get(at)?))) {
        Some((at, last)) => {
            let until = number(at) + 1;
            Completeness::Closed { first, last: last.index, count: until, after: count - until }
        }
        None => Completeness::UpTo { first, last: end.index, count },
    })
}

/// Follows the entries of a period by their place in the log. The entries before and after it prove that none is missing, and are
/// removed.
fn within(entries: &mut Vec<Packed>, period: Period, size: u64) -> Result<Completeness, PackError> {
    for pair in entries.windows(2) {
        let [one, next] = pair else { continue };
        if next.index != one.index + 1 {
            let missing = format!("the entries after {} of the log", one.index);
            let (index, number, expected) = (next.index, next.index, one.index + 1);
            return Err(PackError::LeftOut { index, number, expected, of: "period", missing });
        }
    }
    let is_in = |e: &Packed| {
        let at = e.entry.at;
        at >= period.from.as_microsecond() && at < period.before.as_microsecond()
    };
    let (Some(first), Some(last)) = (entries.iter().position(is_in), entries.iter().rposition(is_in)) else {
        entries.clear();
        return Ok(Completeness::Empty);
    };
    let missing_before = first == 0 && entries.first().is_some_and(|e| e.index != 0);
    let after = entries.get(last).map_or(0, |e| e.index + 1);
    let missing_after = last + 1 == entries.len() && after != size;
    if missing_before || missing_after {
        let index = if missing_before { entries.first().map_or(0, |e| e.index) } else { after };
        let missing = "an entry outside the period must show where it begins and ends".to_owned();
        return Err(PackError::LeftOut { index, number: index, expected: index, of: "period", missing });
    }
    let is_over = last + 1 < entries.len();
    entries.truncate(last + 1);
    entries.drain(..first);
    let (first, last) = (entries.first().map_or(0, |e| e.index), entries.last().map_or(0, |e| e.index));
    Ok(Completeness::Period { first, last, is_over })
}
