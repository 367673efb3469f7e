//! The signing key is useless without the key-encryption key, which the operator keeps outside the database.

use super::envelope::{Nonce, Purpose, SealError, SealingKey, from_text, to_text};
use crate::note::Signer;
use crate::text;
use std::fmt;
use zeroize::{Zeroize, Zeroizing};

/// The key-encryption key. Overwritten when dropped, never printed.
pub struct KeyEncryptionKey(pub(super) SealingKey);

impl KeyEncryptionKey {
    /// A key from 32 random bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(SealingKey(bytes))
    }

    /// Reads a key in the operator's form: 32 bytes in base64 or in lower-case hexadecimal, white space around it.
    ///
    /// # Errors
    /// When it is anything else. The error does not repeat the text.
    pub fn parse(secret: &str) -> Result<Self, SealError> {
        let secret = secret.trim();
        if let Some(bytes) = text::unhex::<32>(secret) {
            return Ok(Self::from_bytes(bytes));
        }
        let mut bytes = text::unbase64(secret).ok_or(SealError::KeyEncryptionKey)?;
        let key = <[u8; 32]>::try_from(bytes.as_slice()).map(Self::from_bytes);
        bytes.zeroize();
        key.map_err(|_length| SealError::KeyEncryptionKey)
    }

    /// The key in base64, to hand a new one to the operator once.
    #[must_use]
    pub fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(text::base64(&self.0.0))
    }

    /// Seals a value that is stored outside the database, as base64; `id` is its storage key.
    ///
    /// # Errors
    /// When it is too long.
    pub fn seal_outside(&self, id: &str, secret: Vec<u8>, nonce: Nonce) -> Result<String, SealError> {
        Ok(text::base64(&self.0.seal(Purpose::Outside, id.as_bytes(), nonce, secret)?))
    }

    /// Opens what [`KeyEncryptionKey::seal_outside`] sealed.
    ///
    /// # Errors
    /// When it is not base64, was changed, is stored under another id, or was sealed under another key.
    pub fn open_outside(&self, id: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let malformed = SealError::malformed(Purpose::Outside, "it is not base64");
        let sealed = text::unbase64(sealed).ok_or(malformed)?;
        Ok(Zeroizing::new(self.0.open(Purpose::Outside, id.as_bytes(), &id, &sealed)?.0.clone()))
    }
}

impl fmt::Debug for KeyEncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyEncryptionKey(not shown)")
    }
}

/// Seals the signing key of the log as a text of two lines; the first names the key.
///
/// # Errors
/// When sealing fails, which the limits exclude.
pub fn seal_signing_key(signer: &Signer, kek: &KeyEncryptionKey, nonce: Nonce) -> Result<String, SealError> {
    let id = key_name(signer);
    let mut seed = Vec::with_capacity(32 + 16);
    seed.extend_from_slice(signer.seed());
    let sealed = kek.0.seal(Purpose::SigningKey, id.as_bytes(), nonce, seed)?;
    Ok(to_text(Purpose::SigningKey, &id, &sealed))
}

/// Opens what [`seal_signing_key`] wrote.
///
/// # Errors
/// When it is malformed, was changed, or was sealed under another key-encryption key.
pub fn open_signing_key(file: &str, kek: &KeyEncryptionKey) -> Result<Signer, SealError> {
    let (id, sealed) = from_text(Purpose::SigningKey, file)?;
    let secret = kek.0.open(Purpose::SigningKey, id.as_bytes(), &id, &sealed)?;
    let (name, _key_id) =
        id.rsplit_once('+').ok_or(SealError::malformed(Purpose::SigningKey, "it names no key"))?;
    let seed = secret.0.as_slice().try_into();
    let seed: &[u8; 32] = seed.map_err(|_length| SealError::wrong_content(Purpose::SigningKey, id))?;
    let signer = Signer::from_seed(name, seed)?;
    if key_name(&signer) == id { Ok(signer) } else { Err(SealError::wrong_content(Purpose::SigningKey, id)) }
}

/// `<name>+<hex key id>`: the verifier's name of the key.
fn key_name(signer: &Signer) -> String {
    format!("{}+{:08x}", signer.verifier().name(), signer.verifier().id())
}
