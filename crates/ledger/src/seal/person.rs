//! One key per person: whoever destroys it has erased every opening about that person, and the log stays whole.

use super::envelope::{Nonce, Purpose, SealError, SealingKey};
use super::keys::KeyEncryptionKey;
use crate::commitment::{Commitment, Opening};
use crate::text;
use std::fmt;

/// The key under which the openings about one identity are sealed. It is stored only sealed under the key-encryption
/// key; when that sealed form is deleted, the openings are unreadable for good. Overwritten when dropped, never printed.
pub struct PersonKey {
    identity: [u8; 16],
    key: SealingKey,
}

impl PersonKey {
    /// A new key of an identity from 32 random bytes, drawn by the caller.
    #[must_use]
    pub fn new(identity: [u8; 16], random: [u8; 32]) -> Self {
        Self { identity, key: SealingKey(random) }
    }

    /// The identity that it belongs to.
    #[must_use]
    pub fn identity(&self) -> &[u8; 16] {
        &self.identity
    }

    /// Seals the key itself, for storing.
    ///
    /// # Errors
    /// When sealing fails, which the limits rule out.
    pub fn seal(&self, kek: &KeyEncryptionKey, nonce: Nonce) -> Result<Vec<u8>, SealError> {
        let mut key = Vec::with_capacity(32 + 16);
        key.extend_from_slice(&self.key.0);
        kek.0.seal(Purpose::PersonKey, &self.identity, nonce, key)
    }

    /// Opens the stored key of an identity.
    ///
    /// # Errors
    /// When it belongs to another identity, was changed, or was sealed under another key-encryption key.
    pub fn open(sealed: &[u8], identity: [u8; 16], kek: &KeyEncryptionKey) -> Result<Self, SealError> {
        let shown = text::hex(&identity);
        let secret = kek.0.open(Purpose::PersonKey, &identity, &shown, sealed)?;
        let key = secret.0.as_slice().try_into();
        let key = key.map_err(|_length| SealError::wrong_content(Purpose::PersonKey, &shown))?;
        Ok(Self { identity, key: SealingKey(key) })
    }

    /// Seals an opening about this identity; its commitment is what it is filed under.
    ///
    /// # Errors
    /// When the opening is about another identity.
    pub fn seal_opening(&self, opening: &Opening, nonce: Nonce) -> Result<Vec<u8>, SealError> {
        let commitment = opening.commitment();
        if *opening.identity() != self.identity {
            return Err(SealError::wrong_content(Purpose::Opening, commitment));
        }
        self.key.seal(Purpose::Opening, commitment.as_bytes(), nonce, opening.to_bytes())
    }

    /// Opens a sealed opening and checks that it is what the commitment in the log stands for.
    ///
    /// # Errors
    /// When it was changed, sealed under another key, or does not open the commitment.
    pub fn open_opening(&self, sealed: &[u8], commitment: &Commitment) -> Result<Opening, SealError> {
        let secret = self.key.open(Purpose::Opening, commitment.as_bytes(), commitment, sealed)?;
        let opening = Opening::from_bytes(&secret.0)?;
        if opening.opens(commitment) && *opening.identity() == self.identity {
            Ok(opening)
        } else {
            Err(SealError::wrong_content(Purpose::Opening, commitment))
        }
    }
}

impl fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonKey(not shown)")
    }
}
