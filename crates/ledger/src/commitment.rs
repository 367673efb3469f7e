//! A commitment stands in the log for what is personal: it binds Tenure to it and says nothing about it.

use crate::text;
use sha2::{Digest, Sha256};
use std::fmt;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Bytes that the payload of an opening may have.
pub const MAX_PAYLOAD_BYTES: usize = 1 << 20;

/// The identity of an opening that is about nobody, such as the activation of a set-up.
pub const NO_IDENTITY: [u8; 16] = [0; 16];

/// Keeps these hashes apart from every other use of SHA-256 here.
const DOMAIN: &[u8] = b"tenure/commitment/v1";

/// The first byte of [`Opening::to_bytes`].
const OPENING_VERSION: u8 = 1;

/// SHA-256 over domain, salt, identity and payload, each behind its length. Without the salt it cannot be guessed
/// from the outside, not even for a payload of one bit.
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

/// What a commitment stands for. It is personal: it is kept sealed under the person's key, outside the log.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Opening {
    salt: Salt,
    identity: [u8; 16],
    payload: Vec<u8>,
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
    /// The stored bytes are not an opening.
    #[error("the stored opening is malformed")]
    Malformed,
    /// The opening was written by something newer.
    #[error("the stored opening is in format {found}, this program reads format {OPENING_VERSION}")]
    Version {
        /// Its first byte.
        found: u8,
    },
}

impl Opening {
    /// An opening; [`Opening::commitment`] is what goes into the log.
    ///
    /// # Errors
    /// When the payload is above [`MAX_PAYLOAD_BYTES`].
    pub fn new(salt: Salt, identity: [u8; 16], payload: Vec<u8>) -> Result<Self, OpeningError> {
        if payload.len() > MAX_PAYLOAD_BYTES {
            return Err(OpeningError::TooLong { bytes: payload.len() });
        }
        Ok(Self { salt, identity, payload })
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

    /// The commitment to this opening.
    #[must_use]
    pub fn commitment(&self) -> Commitment {
        let mut hasher = Sha256::new();
        let parts = [DOMAIN, &self.salt.0, &self.identity, &self.payload];
        text::length_prefixed(&parts, |bytes| hasher.update(bytes));
        Commitment(hasher.finalize().into())
    }

    /// Whether this is what the commitment stands for.
    #[must_use]
    pub fn opens(&self, commitment: &Commitment) -> bool {
        self.commitment() == *commitment
    }

    /// The form for handing over or for sealing: a version byte, the salt, the identity, the payload.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        // Room for the tag, so that sealing in place does not leave a copy behind.
        let mut bytes = Vec::with_capacity(1 + 32 + 16 + self.payload.len() + 16);
        bytes.push(OPENING_VERSION);
        bytes.extend_from_slice(&self.salt.0);
        bytes.extend_from_slice(&self.identity);
        bytes.extend_from_slice(&self.payload);
        bytes
    }

    /// Reads [`Opening::to_bytes`].
    ///
    /// # Errors
    /// When the bytes are not an opening.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, OpeningError> {
        let (&version, rest) = bytes.split_first().ok_or(OpeningError::Malformed)?;
        if version != OPENING_VERSION {
            return Err(OpeningError::Version { found: version });
        }
        let (salt, rest) = rest.split_first_chunk::<32>().ok_or(OpeningError::Malformed)?;
        let (identity, payload) = rest.split_first_chunk::<16>().ok_or(OpeningError::Malformed)?;
        Self::new(Salt(*salt), *identity, payload.to_vec())
    }
}

impl fmt::Debug for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opening({} bytes, not shown)", self.payload.len())
    }
}
