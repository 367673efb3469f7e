//! Sealing of what must not be readable at rest: the signing key, and each person's openings under that person's key.

mod envelope;
mod keys;
mod person;

pub use envelope::{MAX_SEALED_BYTES, NONCE_BYTES, Nonce, SealError};
pub use keys::{KeyEncryptionKey, open_signing_key, seal_signing_key};
pub use person::{PersonKey, StampKey};
