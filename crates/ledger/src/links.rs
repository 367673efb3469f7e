//! Links of an entry to the previous ones: its place among the entries of its case and of its identity, and the state that it decides.
//! The component that numbers the entries writes them, under the same commitment as the personal part. So an omitted entry is
//! detected, and so is a decision that was changed without an entry.

use crate::text;
use std::collections::BTreeMap;
use std::fmt;
use thiserror::Error;

/// The version that is written.
const VERSION: u8 = 1;
/// Maximum number of subjects whose state one entry may change.
pub const MAX_STATES: usize = 10_000;
/// Bytes of a subject.
pub const SUBJECT_BYTES: usize = 17;

/// What has decided state: an identity, or another subject of the organisation's decisions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SubjectKind {
    /// An identity with its accounts, grants, answers and facts.
    Identity,
    /// A case.
    Case,
    /// A held change: what a brake holds, and its release.
    HeldChange,
    /// A cut-off order for a target that is no identity yet.
    CutOffOrder,
    /// The answer to the question whose record it is.
    Correlation,
    /// The decision about an account without an identity.
    Unlinked,
    /// A configuration.
    Configuration,
    /// The active configuration.
    Active,
    /// A finding acknowledged by its owner for a limited time.
    Acknowledgement,
}

impl SubjectKind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Self; 9] = [
        Self::Identity,
        Self::Case,
        Self::HeldChange,
        Self::CutOffOrder,
        Self::Correlation,
        Self::Unlinked,
        Self::Configuration,
        Self::Active,
        Self::Acknowledgement,
    ];

    /// The name for people.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Case => "case",
            Self::HeldChange => "held change",
            Self::CutOffOrder => "cut-off order",
            Self::Correlation => "correlation",
            Self::Unlinked => "unlinked account",
            Self::Configuration => "configuration",
            Self::Active => "active configuration",
            Self::Acknowledgement => "acknowledgement",
        }
    }

    const fn number(self) -> u8 {
        self as u8 + 1
    }
}

/// Something with decided state, by its id. It identifies no person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// Its kind.
    pub kind: SubjectKind,
    /// Its id.
    pub id: [u8; 16],
}

impl Subject {
    /// The stored form.
    #[must_use]
    pub fn to_bytes(self) -> [u8; SUBJECT_BYTES] {
        let mut bytes = [self.kind.number(); SUBJECT_BYTES];
        bytes[1..].copy_from_slice(&self.id);
        bytes
    }

    /// Reads the stored form.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&number, id) = bytes.split_first()?;
        let kind = SubjectKind::ALL.into_iter().find(|kind| kind.number() == number)?;
        Some(Self { kind, id: id.try_into().ok()? })
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.as_str(), uuid::Uuid::from_bytes(self.id))
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subject({self})")
    }
}

/// The place of an entry among those of one case or one identity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// Its number, from 1.
    pub number: u64,
    /// The index in the log of the previous one.
    pub previous: Option<u64>,
}

/// The state of a subject that an entry decides, as a digest; `None` if there is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct State {
    /// The subject.
    pub subject: Subject,
    /// The state found before it.
    pub before: Option<[u8; 32]>,
    /// The state written with it.
    pub after: Option<[u8; 32]>,
}

/// The links of one entry.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Links {
    /// Its place in its case.
    pub case: Option<Place>,
    /// Its place among the entries about its identity.
    pub identity: Option<Place>,
    /// Whether it closes its case: then its number is the total count.
    pub closes: bool,
    /// The states that it decides.
    pub states: Vec<State>,
}

/// Why links cannot be written or read.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum LinksError {
    /// Too many subjects.
    #[error("an entry changes the state of {found} subjects, the limit is {MAX_STATES}")]
    TooMany {
        /// How many.
        found: usize,
    },
    /// The bytes are not links.
    #[error("the links of the entry are malformed")]
    Malformed,
    /// Written by a newer version.
    #[error("the links of the entry are in format {found}, this program reads format {VERSION}")]
    Version {
        /// The format.
        found: u8,
    },
}

const CASE: u8 = 1;
const IDENTITY: u8 = 2;
const CLOSES: u8 = 4;
const BEFORE: u8 = 1;
const AFTER: u8 = 2;

impl Links {
    /// The stored form, which the commitment covers.
    ///
    /// # Errors
    /// When there are more than [`MAX_STATES`].
    pub fn encode(&self) -> Result<Vec<u8>, LinksError> {
        let too_many = LinksError::TooMany { found: self.states.len() };
        let count = u16::try_from(self.states.len()).ok().filter(|_| self.states.len() <= MAX_STATES);
        let flag = |on: bool, bit: u8| if on { bit } else { 0 };
        let flags = flag(self.case.is_some(), CASE)
            | flag(self.identity.is_some(), IDENTITY)
            | flag(self.closes, CLOSES);
        let mut bytes = Vec::with_capacity(4 + 32 + self.states.len() * (SUBJECT_BYTES + 65));
        bytes.extend_from_slice(&[VERSION, flags]);
        for place in self.case.iter().chain(&self.identity) {
            bytes.extend_from_slice(&place.number.to_be_bytes());
            bytes.extend_from_slice(&place.previous.map_or(0, |index| index + 1).to_be_bytes());
        }
        bytes.extend_from_slice(&count.ok_or(too_many)?.to_be_bytes());
        for state in &self.states {
            bytes.extend_from_slice(&state.subject.to_bytes());
            bytes.push(flag(state.before.is_some(), BEFORE) | flag(state.after.is_some(), AFTER));
            state.before.iter().chain(&state.after).for_each(|digest| bytes.extend_from_slice(digest));
        }
        Ok(bytes)
    }

    /// Reads [`Links::encode`].
    ///
    /// # Errors
    /// When the bytes are anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, LinksError> {
        let (&version, rest) = bytes.split_first().ok_or(LinksError::Malformed)?;
        if version != VERSION {
            return Err(LinksError::Version { found: version });
        }
        let mut rest = Reader(rest);
        let links = rest.links().ok_or(LinksError::Malformed)?;
        if rest.0.is_empty() { Ok(links) } else { Err(LinksError::Malformed) }
    }

    /// The state of a subject that it decides, if it changes it.
    #[must_use]
    pub fn state(&self, subject: Subject) -> Option<&State> {
        self.states.iter().find(|state| state.subject == subject)
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn place(&mut self, there: bool) -> Option<Option<Place>> {
        if !there {
            return Some(None);
        }
        let number = u64::from_be_bytes(self.take()?);
        let previous = u64::from_be_bytes(self.take()?).checked_sub(1);
        Some(Some(Place { number, previous }))
    }

    fn digest(&mut self, there: bool) -> Option<Option<[u8; 32]>> {
        if there { self.take().map(Some) } else { Some(None) }
    }

    fn links(&mut self) -> Option<Links> {
        let [flags] = self.take()?;
        if flags & !(CASE | IDENTITY | CLOSES) != 0 {
            return None;
        }
        let (case, identity) = (self.place(flags & CASE != 0)?, self.place(flags & IDENTITY != 0)?);
        let mut states = Vec::new();
        for _ in 0..u16::from_be_bytes(self.take()?) {
            let subject = Subject::from_bytes(&self.take::<SUBJECT_BYTES>()?)?;
            let [flags] = self.take()?;
            if flags & !(BEFORE | AFTER) != 0 {
                return None;
            }
            let (before, after) = (self.digest(flags & BEFORE != 0)?, self.digest(flags & AFTER != 0)?);
            states.push(State { subject, before, after });
        }
        Some(Links { case, identity, closes: flags & CLOSES != 0, states })
    }
}

/// A digest of stored rows: every part is preceded by its length, so that two states never give the same bytes.
#[derive(Clone, Default)]
pub struct StateDigest(sha2::Sha256);

impl StateDigest {
    /// One row: the name of its table and its columns.
    pub fn row(&mut self, table: &str, columns: &[&[u8]]) {
        use sha2::Digest as _;
        let count = u64::try_from(columns.len()).unwrap_or(u64::MAX).to_be_bytes();
        text::length_prefixed(&[table.as_bytes(), &count], |part| self.0.update(part));
        text::length_prefixed(columns, |part| self.0.update(part));
    }

    /// The digest of all rows so far.
    #[must_use]
    pub fn finish(self) -> [u8; 32] {
        use sha2::Digest as _;
        self.0.finalize().into()
    }
}

/// Where the links of entries are broken.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Break {
    /// An entry before this one was omitted, or inserted.
    #[error("entry {index} is not the next one of its {of}: one before it was left out or put in")]
    Place {
        /// The entry.
        index: u64,
        /// `case` or `identity`.
        of: &'static str,
    },
    /// A decided state changed without an entry.
    #[error("what was decided about {subject} was changed outside Tenure, before entry {index}")]
    State {
        /// The entry that found it.
        index: u64,
        /// The subject.
        subject: Subject,
    },
}

/// Follows the entries of a log from its first one on, and reports broken links.
#[derive(Debug, Default)]
pub struct Chain {
    cases: BTreeMap<[u8; 16], (u64, u64)>,
    identities: BTreeMap<[u8; 16], (u64, u64)>,
    states: BTreeMap<Subject, ([u8; 32], u64)>,
}

impl Chain {
    /// The next entry of the log, or of those of one case or identity: returns where its links are broken.
    pub fn follow(
        &mut self,
        index: u64,
        case: Option<[u8; 16]>,
        identity: Option<[u8; 16]>,
        links: &Links,
    ) -> Vec<Break> {
        let mut wrong = Vec::new();
        for (of, known, id, place) in [
            ("case", &mut self.cases, case, links.case),
            ("identity", &mut self.identities, identity, links.identity),
        ] {
            let place_after = |id: [u8; 16]| match known.get(&id) {
                Some((last, number)) => Place { number: number + 1, previous: Some(*last) },
                None => Place { number: 1, previous: None },
            };
            let expected = id.map(place_after);
            if place != expected {
                wrong.push(Break::Place { index, of });
            }
            if let (Some(id), Some(place)) = (id, place.or(expected)) {
                known.insert(id, (index, place.number));
            }
        }
        for state in &links.states {
            let before = self.states.get(&state.subject).map(|(digest, _)| *digest);
            if before != state.before {
                wrong.push(Break::State { index, subject: state.subject });
            }
            match state.after {
                Some(after) => self.states.insert(state.subject, (after, index)),
                None => self.states.remove(&state.subject),
            };
        }
        wrong
    }

    /// The decided state of a subject after all entries so far, and the entry that decided it. It is removed, so that what remains at
    /// the end has no row.
    pub fn take(&mut self, subject: Subject) -> Option<([u8; 32], u64)> {
        self.states.remove(&subject)
    }

    /// What remains: subjects for which entries decided a state.
    pub fn rest(&self) -> impl Iterator<Item = (Subject, u64)> {
        self.states.iter().map(|(subject, (_, index))| (*subject, *index))
    }
}
