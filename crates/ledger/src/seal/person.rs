//! One key per person: destroying it erases every opening about that person, and the log stays complete.

use super::envelope::{Nonce, Purpose, SealError, SealingKey};
use super::keys::KeyEncryptionKey;
use crate::commitment::{Inner, Opening};
use crate::text;
use crate::tree::Hash;
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Bytes of a block of SHA-256.
const BLOCK_BYTES: usize = 64;
/// Context for deriving the marking key.
const MARK: &[u8] = b"tenure mark v1";
/// Context for deriving the stamping key.
const STAMP: &[u8] = b"tenure stamp v1";

/// The key under which the openings about one identity are sealed. It is stored only sealed under the key-encryption key; when that
/// sealed form is deleted, the openings are permanently unreadable. Overwritten when dropped, never printed.
pub struct PersonKey {
    identity: [u8; 16],
    key: SealingKey,
}

impl PersonKey {
    /// A new key for an identity from 32 random bytes, drawn by the caller.
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
    /// When sealing fails, which the limits exclude.
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

    /// Seals an opening about this identity, without links; its part of the commitment is its storage key.
    ///
    /// # Errors
    /// When the opening is about another identity.
    pub fn seal_opening(&self, opening: &Opening, nonce: Nonce) -> Result<Vec<u8>, SealError> {
        let inner = opening.inner();
        if *opening.identity() != self.identity {
            return Err(SealError::wrong_content(Purpose::Opening, inner));
        }
        self.key.seal(Purpose::Opening, inner.as_bytes(), nonce, opening.to_seal())
    }

    /// Opens a sealed opening; it does not contain its links.
    ///
    /// # Errors
    /// When it was changed, sealed under another key, or is stored under a different value.
    pub fn open_opening(&self, sealed: &[u8], inner: &Inner) -> Result<Opening, SealError> {
        let secret = self.key.open(Purpose::Opening, inner.as_bytes(), inner, sealed)?;
        let opening = Opening::from_bytes(&secret.0)?;
        if opening.inner() == *inner && *opening.identity() == self.identity {
            Ok(opening)
        } else {
            Err(SealError::wrong_content(Purpose::Opening, inner))
        }
    }
}

/// The key that stamps one entry. Overwritten when dropped, never printed.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct StampKey([u8; 32]);

impl StampKey {
    /// Proves that a holder of the key wrote the entry with this hash at this index.
    #[must_use]
    pub fn stamp(&self, index: u64, leaf: &Hash) -> [u8; 32] {
        hmac(&self.0, |hash| {
            hash.update(index.to_be_bytes());
            hash.update(leaf.0);
        })
    }
}

impl fmt::Debug for StampKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StampKey(not shown)")
    }
}

impl PersonKey {
    /// The key that stamps the entry of an opening.
    #[must_use]
    pub fn stamp_key(&self, inner: &Inner) -> StampKey {
        let derived = Zeroizing::new(hmac(&self.key.0, |hash| hash.update(STAMP)));
        StampKey(hmac(&derived, |hash| hash.update(inner.as_bytes())))
    }
}

impl PersonKey {
    /// A keyed hash (HMAC-SHA256, RFC 2104) of texts: equal texts have equal marks, and without this key the text of a mark cannot be
    /// determined. The hashing key is derived, so that no key has two purposes.
    #[must_use]
    pub fn mark(&self, texts: &[&str]) -> [u8; 32] {
        let derived = Zeroizing::new(hmac(&self.key.0, |hash| hash.update(MARK)));
        hmac(&derived, |hash| {
            let parts: Vec<&[u8]> = texts.iter().map(|t| t.as_bytes()).collect();
            text::length_prefixed(&parts, |bytes| hash.update(bytes));
        })
    }
}

/// HMAC-SHA256 with a key of 32 bytes, which is shorter than a block: it is padded with zeros.
fn hmac(key: &[u8; 32], message: impl FnOnce(&mut Sha256)) -> [u8; 32] {
    let mut pad = Zeroizing::new([0x36_u8; BLOCK_BYTES]);
    pad.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
    let mut inner = Sha256::new();
    inner.update(*pad);
    message(&mut inner);
    // From the inner pad to the outer one.
    pad.iter_mut().for_each(|byte| *byte ^= 0x36 ^ 0x5c);
    let mut outer = Sha256::new();
    outer.update(*pad);
    outer.update(inner.finalize());
    outer.finalize().into()
}

impl fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonKey(not shown)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keyed_hash_is_hmac_sha256() {
        // RFC 4231, test case 1: twenty bytes of 0x0b, padded with zeros.
        let mut key = [0; 32];
        key[..20].fill(0x0b);
        let expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
        assert_eq!(text::hex(&hmac(&key, |hash| hash.update(b"Hi There"))), expected);
    }

    #[test]
    fn a_mark_depends_on_the_key_and_on_each_text() {
        let key = |byte| PersonKey::new([0; 16], [byte; 32]);
        let mark = key(1).mark(&["name", "ada"]);
        assert_eq!(mark, key(1).mark(&["name", "ada"]));
        for other in
            [key(2).mark(&["name", "ada"]), key(1).mark(&["nam", "eada"]), key(1).mark(&["name", "bo"])]
        {
            assert_ne!(mark, other);
        }
    }
}
