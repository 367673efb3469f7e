//! A commitment in the log represents the personal part of an entry: it binds Tenure to that part and reveals nothing about it.

use crate::links::{Links, LinksError};
use crate::text;
use sha2::{Digest, Sha256};
use std::fmt;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Bytes that the payload of an opening may have.
pub const MAX_PAYLOAD_BYTES: usize = 1 << 20;

/// The identity of an opening that is about no identity, such as the activation of a configuration.
pub const NO_IDENTITY: [u8; 16] = [0; 16];

/// Separates these hashes from every other use of SHA-256 here.
const DOMAIN: &[u8] = b"tenure/commitment/v1";
const INNER_DOMAIN: &[u8] = b"tenure/opening/v1";

/// The first byte of [`Opening::to_bytes`].
const OPENING_VERSION: u8 = 2;

/// SHA-256 over domain, salt, identity and payload, each preceded by its length. Without the salt it cannot be guessed, not even for a
/// payload of one bit. It is known before the entry has its place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Inner([u8; 32]);

impl Inner {
    /// The stored form.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The stored form.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text::hex(&self.0))
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Inner({self})")
    }
}

/// SHA-256 over domain, [`Inner`] and the links of the entry, each preceded by its length.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Commitment([u8; 32]);

impl Commitment {
    /// The stored form.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The stored form.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The commitment as written in the entry.
    #[must_use]
    pub fn of(inner: &Inner, links: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        text::length_prefixed(&[DOMAIN, &inner.0, links], |bytes| hasher.update(bytes));
        Self(hasher.finalize().into())
    }

    /// Reads the printed form: 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text::unhex(text).map(Self)
    }
}

impl fmt::Display for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text::hex(&self.0))
    }
}

impl fmt::Debug for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Commitment({self})")
    }
}

/// 32 random bytes, drawn by the caller, fresh for every commitment. Overwritten when dropped, never printed.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Salt([u8; 32]);

impl Salt {
    /// A salt from random bytes.
    #[must_use]
    pub const fn new(random: [u8; 32]) -> Self {
        Self(random)
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(not shown)")
    }
}

/// The content of a commitment. It is personal: it is stored sealed under the person's key, outside the log.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Opening {
    salt: Salt,
    identity: [u8; 16],
    payload: Vec<u8>,
    /// Not personal, and not sealed: the component that numbers the entries writes them.
    #[zeroize(skip)]
    links: Links,
}

/// Why an opening cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum OpeningError {
    /// The payload is above the limit.
    #[error("the personal part of the entry has {bytes} bytes, the limit is {MAX_PAYLOAD_BYTES}")]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// Its links cannot be written or read.
    #[error(transparent)]
    Links(#[from] LinksError),
    /// The stored bytes are not an opening.
    #[error("the stored opening is malformed")]
    Malformed,
    /// The opening was written by a newer version.
    #[error("the stored opening is in format {found}, this program reads format {OPENING_VERSION}")]
    Version {
        /// Its first byte.
        found: u8,
    },
}

impl Opening {
    /// An opening; [`Opening::commitment`] is written to the log.
    ///
    /// # Errors
    /// When the payload is above [`MAX_PAYLOAD_BYTES`].
    pub fn new(salt: Salt, identity: [u8; 16], payload: Vec<u8>) -> Result<Self, OpeningError> {
        if payload.len() > MAX_PAYLOAD_BYTES {
            return Err(OpeningError::TooLong { bytes: payload.len() });
        }
        Ok(Self { salt, identity, payload, links: Links::default() })
    }

    /// The identity that the entry is about, or [`NO_IDENTITY`].
    #[must_use]
    pub fn identity(&self) -> &[u8; 16] {
        &self.identity
    }

    /// The personal part of the entry.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The same with the links of its entry.
    #[must_use]
    pub fn linked(mut self, links: Links) -> Self {
        self.links = links;
        self
    }

    /// The links of its entry to the previous ones.
    #[must_use]
    pub fn links(&self) -> &Links {
        &self.links
    }

    /// What it contributes to the commitment.
    #[must_use]
    pub fn inner(&self) -> Inner {
        let mut hasher = Sha256::new();
        let parts = [INNER_DOMAIN, &self.salt.0, &self.identity, &self.payload];
        text::length_prefixed(&parts, |bytes| hasher.update(bytes));
        Inner(hasher.finalize().into())
    }

    /// The commitment to this opening with its links.
    ///
    /// # Errors
    /// When its links are too many.
    pub fn commitment(&self) -> Result<Commitment, OpeningError> {
        Ok(Commitment::of(&self.inner(), &self.links.encode()?))
    }

    /// Whether the commitment is to this opening.
    #[must_use]
    pub fn opens(&self, commitment: &Commitment) -> bool {
        self.commitment().is_ok_and(|own| own == *commitment)
    }

    /// The form for disclosure: a version byte, the salt, the identity, the links preceded by their length, the payload.
    ///
    /// # Errors
    /// When its links are too many.
    pub fn to_bytes(&self) -> Result<Vec<u8>, OpeningError> {
        Ok(self.with(&self.links.encode()?))
    }

    /// The form for sealing: without links, which are not known yet.
    pub(crate) fn to_seal(&self) -> Vec<u8> {
        self.with(&[])
    }

    fn with(&self, links: &[u8]) -> Vec<u8> {
        // Capacity for the tag, so that sealing in place leaves no copy behind.
        let mut bytes = Vec::with_capacity(1 + 32 + 16 + 4 + links.len() + self.payload.len() + 16);
        bytes.push(OPENING_VERSION);
        bytes.extend_from_slice(&self.salt.0);
        bytes.extend_from_slice(&self.identity);
        text::length_prefixed(&[links], |part| bytes.extend_from_slice(part));
        bytes.extend_from_slice(&self.payload);
        bytes
    }

    /// Reads [`Opening::to_bytes`], and the sealed form.
    ///
    /// # Errors
    /// When the bytes are not an opening.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, OpeningError> {
        let (&version, rest) = bytes.split_first().ok_or(OpeningError::Malformed)?;
        if version != OPENING_VERSION {
            return Err(OpeningError::Version { found: version });
        }
        let (salt, rest) = rest.split_first_chunk::<32>().ok_or(OpeningError::Malformed)?;
        let (identity, rest) = rest.split_first_chunk::<16>().ok_or(OpeningError::Malformed)?;
        let (length, rest) = rest.split_first_chunk::<4>().ok_or(OpeningError::Malformed)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        let (links, payload) = rest.split_at_checked(length).ok_or(OpeningError::Malformed)?;
        let links = if links.is_empty() { Links::default() } else { Links::decode(links)? };
        Ok(Self::new(Salt(*salt), *identity, payload.to_vec())?.linked(links))
    }
}

impl fmt::Debug for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opening({} bytes, not shown)", self.payload.len())
    }
}
