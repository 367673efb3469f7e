//! One form of sealing for everything: XChaCha20-Poly1305, bound to its purpose, so that sealed values cannot be swapped.

use crate::commitment::{MAX_PAYLOAD_BYTES, OpeningError};
use crate::note::NoteError;
use crate::text;
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use std::fmt;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Bytes of a nonce.
pub const NONCE_BYTES: usize = 24;

/// 24 random bytes, drawn by the caller, fresh for every sealing: a nonce is never used twice with the same key.
pub type Nonce = [u8; NONCE_BYTES];

/// Maximum size of a sealed value in bytes.
pub const MAX_SEALED_BYTES: usize = MAX_PAYLOAD_BYTES + 256;

/// The first byte of the binary form, and the number in the header of the text form.
const VERSION: u8 = 1;

/// The first word of the text form.
const HEADER: &str = "tenure-sealed/v1";

/// The purpose of a sealed value. A value sealed for one purpose cannot be opened for another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Purpose {
    SigningKey,
    PersonKey,
    Opening,
    Outside,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::SigningKey => "signing-key",
            Self::PersonKey => "person-key",
            Self::Opening => "opening",
            Self::Outside => "line outside",
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a value cannot be sealed or opened. No variant carries anything secret.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum SealError {
    /// The key-encryption key is not 32 bytes.
    #[error("the key-encryption key is not 32 bytes in base64 (44 characters) or in hexadecimal (64 digits)")]
    KeyEncryptionKey,
    /// The value is too long.
    #[error("a sealed {purpose} has {bytes} bytes, the limit is {MAX_SEALED_BYTES}")]
    TooLong {
        /// Its purpose.
        purpose: &'static str,
        /// Its length in bytes.
        bytes: usize,
    },
    /// Not a sealed value.
    #[error("not a sealed {purpose}: {why}")]
    Malformed {
        /// The value to open.
        purpose: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Sealed by a newer version.
    #[error("the sealed {purpose} is in format {found}, this program reads format {VERSION}")]
    Version {
        /// The value to open.
        purpose: &'static str,
        /// The format.
        found: u8,
    },
    /// The key does not match, or the value was changed.
    #[error(
        "the {purpose} {id} cannot be unsealed: it was sealed with another key, for another use, or it was changed"
    )]
    WrongKey {
        /// The value to open.
        purpose: &'static str,
        /// Its id.
        id: String,
    },
    /// Unsealed, but with unexpected content.
    #[error("the {purpose} {id} was unsealed, but it is not the one that it is filed under")]
    WrongContent {
        /// What was opened.
        purpose: &'static str,
        /// Its id.
        id: String,
    },
    /// The unsealed opening is not an opening.
    #[error(transparent)]
    Opening(#[from] OpeningError),
    /// The unsealed signing key has a name that cannot be used.
    #[error(transparent)]
    Note(#[from] NoteError),
}

impl SealError {
    pub(super) fn malformed(purpose: Purpose, why: &'static str) -> Self {
        Self::Malformed { purpose: purpose.as_str(), why }
    }

    pub(super) fn wrong_content(purpose: Purpose, id: impl fmt::Display) -> Self {
        Self::WrongContent { purpose: purpose.as_str(), id: id.to_string() }
    }
}

/// 32 bytes that seal. Overwritten when dropped, never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(super) struct SealingKey(pub(super) [u8; 32]);

impl SealingKey {
    /// Seals in place: the buffer with the secret becomes the sealed value. `id` identifies its owner or the value.
    pub(super) fn seal(
        &self,
        purpose: Purpose,
        id: &[u8],
        nonce: Nonce,
        mut secret: Vec<u8>,
    ) -> Result<Vec<u8>, SealError> {
        let too_long = SealError::TooLong { purpose: purpose.as_str(), bytes: secret.len() };
        if secret.len() > MAX_SEALED_BYTES - 1 - NONCE_BYTES - 16 {
            secret.zeroize();
            return Err(too_long);
        }
        let cipher = XChaCha20Poly1305::new(&self.0.into());
        if cipher.encrypt_in_place(&XNonce::from(nonce), &binding(purpose, id), &mut secret).is_err() {
            secret.zeroize();
            return Err(too_long);
        }
        let mut sealed = Vec::with_capacity(1 + NONCE_BYTES + secret.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&secret);
        Ok(sealed)
    }

    /// Opens a value of [`SealingKey::seal`] with the same key, purpose and id. `shown` is the id for an error.
    pub(super) fn open(
        &self,
        purpose: Purpose,
        id: &[u8],
        shown: &dyn fmt::Display,
        sealed: &[u8],
    ) -> Result<Secret, SealError> {
        if sealed.len() > MAX_SEALED_BYTES {
            return Err(SealError::TooLong { purpose: purpose.as_str(), bytes: sealed.len() });
        }
        let short = SealError::malformed(purpose, "it is too short");
        let (&version, rest) = sealed.split_first().ok_or(short.clone())?;
        if version != VERSION {
            return Err(SealError::Version { purpose: purpose.as_str(), found: version });
        }
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(short)?;
        let mut secret = Secret(ciphertext.to_vec());
        let cipher = XChaCha20Poly1305::new(&self.0.into());
        cipher
            .decrypt_in_place(&XNonce::from(*nonce), &binding(purpose, id), &mut secret.0)
            .map_err(|_tag| SealError::WrongKey { purpose: purpose.as_str(), id: shown.to_string() })?;
        Ok(secret)
    }
}

/// The unsealed value. Overwritten when dropped, never printed.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct Secret(pub(super) Vec<u8>);

/// The associated data: format, purpose and id, each preceded by its length.
fn binding(purpose: Purpose, id: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(96);
    let parts = [HEADER.as_bytes(), purpose.as_str().as_bytes(), id];
    text::length_prefixed(&parts, |part| bytes.extend_from_slice(part));
    bytes
}

/// The text form: a header line with format, purpose and id, then the binary form as one line of base64.
pub(super) fn to_text(purpose: Purpose, id: &str, sealed: &[u8]) -> String {
    format!("{HEADER} {purpose} {id}\n{}\n", text::base64(sealed))
}

/// Reads [`to_text`] and returns id and binary form. The id must not be trusted before the value has been opened.
pub(super) fn from_text(purpose: Purpose, file: &str) -> Result<(&str, Vec<u8>), SealError> {
    if file.len() > 2 * MAX_SEALED_BYTES {
        return Err(SealError::TooLong { purpose: purpose.as_str(), bytes: file.len() });
    }
    let (header, body) = file.split_once('\n').ok_or(SealError::malformed(purpose, "it is not two lines"))?;
    let mut words = header.split(' ');
    match words.next() {
        Some(HEADER) => {}
        Some(word) if word.starts_with("tenure-sealed/") => {
            return Err(SealError::malformed(purpose, "it is in a format that this program does not know"));
        }
        _ => {
            return Err(SealError::malformed(purpose, "its first line does not begin with tenure-sealed/v1"));
        }
    }
    if words.next() != Some(purpose.as_str()) {
        return Err(SealError::malformed(purpose, "its first line names another purpose"));
    }
    let (Some(id), None) = (words.next(), words.next()) else {
        return Err(SealError::malformed(purpose, "its first line is not three words"));
    };
    let sealed = text::unbase64(body.trim_end_matches(['\n', '\r']));
    Ok((id, sealed.ok_or(SealError::malformed(purpose, "its second line is not base64"))?))
}
