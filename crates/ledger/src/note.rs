//! Signed notes (C2SP signed-note): text that any reader can verify with one line of public key.

use crate::text;
use ed25519_dalek::{Signature as Ed25519Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use std::fmt;
use thiserror::Error;

/// Maximum size of a note in bytes, signatures included.
pub const MAX_NOTE_BYTES: usize = 1_000_000;

/// Maximum number of signatures of a note. C2SP requires at least 16.
pub const MAX_SIGNATURES: usize = 100;

/// The signature type of Ed25519 in key ids and public keys.
const ED25519: u8 = 0x01;

const SIGNATURE_PREFIX: &str = "\u{2014} ";

/// Why a note or a key is not acceptable.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum NoteError {
    /// The key's name cannot be used.
    #[error(
        "{name:?} is not a key name: it must not be empty and must not contain spaces, '+' or control characters"
    )]
    Name {
        /// The name.
        name: String,
    },
    /// The public key is not in the form `<name>+<id>+<key>`.
    #[error("the public key {vkey:?} is not usable: {why}")]
    VerifierKey {
        /// The text.
        vkey: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The note is longer than [`MAX_NOTE_BYTES`].
    #[error("the note has {bytes} bytes, the limit is {MAX_NOTE_BYTES}")]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// The note has more signatures than [`MAX_SIGNATURES`].
    #[error("the note has more than {MAX_SIGNATURES} signatures")]
    TooManySignatures,
    /// The text cannot be signed.
    #[error("the text cannot be signed: {why}")]
    Text {
        /// What is wrong with it.
        why: &'static str,
    },
    /// The note does not have the format.
    #[error("not a signed note: {why}")]
    Malformed {
        /// What is wrong with it.
        why: &'static str,
    },
    /// A line among the signatures is not a signature.
    #[error("line {line} of the signatures is not of the form '\u{2014} <name> <base64>'")]
    SignatureLine {
        /// The line, from 1, counted after the blank line.
        line: usize,
    },
    /// A signature of a known key does not match the text.
    #[error("the signature of {name} does not match: the text or the signature was changed")]
    Invalid {
        /// The key's name.
        name: String,
    },
    /// None of the given keys signed the note.
    #[error("the note is not signed by {expected}; it carries signatures of: {found}")]
    Unsigned {
        /// The keys that were accepted.
        expected: String,
        /// The names found.
        found: String,
    },
}

/// A public key with a name, printed as `<name>+<hex key id>+<base64(0x01 || key)>`.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: u32,
    key: VerifyingKey,
}

impl VerifierKey {
    /// A key from its name and its 32 bytes (RFC 8032).
    ///
    /// # Errors
    /// When the name is not allowed or the bytes are not a point of the curve.
    pub fn new(name: &str, key: &[u8; 32]) -> Result<Self, NoteError> {
        check_name(name)?;
        let parsed = VerifyingKey::from_bytes(key).map_err(|_not_a_point| NoteError::VerifierKey {
            vkey: text::base64(key),
            why: "the 32 bytes are not an Ed25519 public key",
        })?;
        Ok(Self { name: name.to_owned(), id: key_id(name, key), key: parsed })
    }

    /// Reads the printed form. White space around it is ignored, because it often comes from a file.
    ///
    /// # Errors
    /// When it does not have that form, or its parts do not match.
    pub fn parse(vkey: &str) -> Result<Self, NoteError> {
        let vkey = vkey.trim();
        let refuse = |why| NoteError::VerifierKey { vkey: vkey.chars().take(200).collect(), why };
        let (name, rest) = vkey.split_once('+').ok_or(refuse("expected <name>+<key id>+<base64 key>"))?;
        let (id, key) = rest.split_once('+').ok_or(refuse("expected <name>+<key id>+<base64 key>"))?;
        let id =
            text::unhex::<4>(id).ok_or(refuse("the key id is not eight lower-case hexadecimal digits"))?;
        let key = text::unbase64(key).ok_or(refuse("the part after the second '+' is not base64"))?;
        let key = match key.split_first() {
            Some((&ED25519, key)) => {
                <&[u8; 32]>::try_from(key).map_err(|_length| refuse("an Ed25519 key has 32 bytes"))?
            }
            _ => return Err(refuse("only Ed25519 keys (type 1) are supported")),
        };
        let parsed = Self::new(name, key)?;
        if parsed.id != u32::from_be_bytes(id) {
            return Err(refuse("the key id does not belong to this name and key"));
        }
        Ok(parsed)
    }

    /// The name, which for the key of a log is the log's origin.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key id: the first four bytes of a hash of name, type and key.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The 32 bytes of the key.
    #[must_use]
    pub fn key_bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    fn accepts(&self, text: &str, signature: &[u8]) -> bool {
        Ed25519Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(text.as_bytes(), &signature).is_ok())
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{:08x}+", self.name, self.id)?;
        let mut key = [ED25519; 33];
        key[1..].copy_from_slice(self.key.as_bytes());
        f.write_str(&text::base64(&key))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({self})")
    }
}

/// A private key with a name. It is overwritten in memory when dropped, and never printed.
pub struct Signer {
    key: SigningKey,
    verifier: VerifierKey,
}

impl Signer {
    /// A key from its name and the 32 random bytes that it is made from (RFC 8032 §5.1.5), drawn by the caller.
    ///
    /// # Errors
    /// When the name is not allowed.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        let key = SigningKey::from_bytes(seed);
        let verifier = VerifierKey::new(name, key.verifying_key().as_bytes())?;
        Ok(Self { key, verifier })
    }

    /// The same key under a different name.
    ///
    /// # Errors
    /// When the name is not allowed.
    pub fn renamed(&self, name: &str) -> Result<Self, NoteError> {
        Self::from_seed(name, self.seed())
    }

    /// The public half.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// The seed, for sealing.
    pub(crate) fn seed(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// Signs a text, which must end with a newline.
    ///
    /// # Errors
    /// When the text cannot be the text of a note.
    pub fn sign(&self, text: &str) -> Result<SignedNote, NoteError> {
        check_text(text)?;
        let signature = NoteSignature {
            name: self.verifier.name.clone(),
            id: self.verifier.id,
            bytes: self.key.sign(text.as_bytes()).to_bytes().to_vec(),
        };
        Ok(SignedNote { text: text.to_owned(), signatures: vec![signature] })
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({}, private key not shown)", self.verifier)
    }
}

/// One signature line. It proves nothing before it is verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoteSignature {
    /// The key's name.
    pub name: String,
    /// The key's id.
    pub id: u32,
    /// The signature itself.
    pub bytes: Vec<u8>,
}

/// A text with signature lines. The text must not be used before [`SignedNote::verify`] has succeeded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedNote {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl SignedNote {
    /// Reads a note without verifying it.
    ///
    /// # Errors
    /// When it is not in the format, or above a limit.
    pub fn parse(note: &[u8]) -> Result<Self, NoteError> {
        if note.len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLong { bytes: note.len() });
        }
        let malformed = |why| NoteError::Malformed { why };
        let note = std::str::from_utf8(note).map_err(|_utf8| malformed("it is not UTF-8"))?;
        if note.chars().any(|c| c < ' ' && c != '\n') {
            return Err(malformed("it contains control characters"));
        }
        let blank = note.rfind("\n\n").ok_or(malformed("there is no blank line before the signatures"))?;
        let (text, lines) = (&note[..=blank], &note[blank + 2..]);
        let lines = lines.strip_suffix('\n').ok_or(malformed("it does not end with a signature line"))?;
        let mut signatures = Vec::new();
        for (position, line) in lines.split('\n').enumerate() {
            if position == MAX_SIGNATURES {
                return Err(NoteError::TooManySignatures);
            }
            signatures.push(parse_signature(line).ok_or(NoteError::SignatureLine { line: position + 1 })?);
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// The text with its final newline.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines, verified or not.
    #[must_use]
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds the signatures of another note over the same text, such as a witness's. Duplicates are dropped.
    ///
    /// # Errors
    /// When the texts differ or there are too many signatures.
    pub fn add_signatures(&mut self, other: &Self) -> Result<(), NoteError> {
        if self.text != other.text {
            return Err(NoteError::Text { why: "the signatures are for another text" });
        }
        for signature in &other.signatures {
            if self.signatures.contains(signature) {
                continue;
            }
            if self.signatures.len() == MAX_SIGNATURES {
                return Err(NoteError::TooManySignatures);
            }
            self.signatures.push(signature.clone());
        }
        Ok(())
    }

    /// The keys among `known` that signed the text, each once. Signatures of other keys are ignored, even if they share a name or an
    /// id with a known one.
    ///
    /// # Errors
    /// When a signature of a known key does not match, or if no known key signed.
    pub fn verify<'k>(&self, known: &'k [VerifierKey]) -> Result<Vec<&'k VerifierKey>, NoteError> {
        let mut verified: Vec<&VerifierKey> = Vec::new();
        for signature in &self.signatures {
            let same = |key: &&VerifierKey| key.id == signature.id && key.name == signature.name;
            let Some(key) = known.iter().find(same) else { continue };
            if !key.accepts(&self.text, &signature.bytes) {
                return Err(NoteError::Invalid { name: key.name.clone() });
            }
            if !verified.contains(&key) {
                verified.push(key);
            }
        }
        if verified.is_empty() {
            return Err(NoteError::Unsigned {
                expected: names(known.iter().map(|key| (key.name.as_str(), key.id))),
                found: names(self.signatures.iter().map(|signature| (signature.name.as_str(), signature.id))),
            });
        }
        Ok(verified)
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for signature in &self.signatures {
            let mut bytes = signature.id.to_be_bytes().to_vec();
            bytes.extend_from_slice(&signature.bytes);
            writeln!(f, "{SIGNATURE_PREFIX}{} {}", signature.name, text::base64(&bytes))?;
        }
        Ok(())
    }
}

fn names<'a>(keys: impl Iterator<Item = (&'a str, u32)>) -> String {
    keys.map(|(name, id)| format!("{name}+{id:08x}")).collect::<Vec<_>>().join(", ")
}

fn parse_signature(line: &str) -> Option<NoteSignature> {
    let (name, base64) = line.strip_prefix(SIGNATURE_PREFIX)?.split_once(' ')?;
    check_name(name).ok()?;
    let bytes = text::unbase64(base64)?;
    let (id, signature) = bytes.split_first_chunk::<4>()?;
    if signature.is_empty() {
        return None;
    }
    Some(NoteSignature { name: name.to_owned(), id: u32::from_be_bytes(*id), bytes: signature.to_vec() })
}

fn key_id(name: &str, key: &[u8; 32]) -> u32 {
    let mut hasher = Sha256::new();
    hasher.update(name);
    hasher.update([b'\n', ED25519]);
    hasher.update(key);
    let hash: [u8; 32] = hasher.finalize().into();
    u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
}

/// Key names are not empty and have no Unicode spaces, no plus sign and no control characters.
fn check_name(name: &str) -> Result<(), NoteError> {
    if name.is_empty() || name.chars().any(|c| c == '+' || c.is_whitespace() || c.is_control()) {
        return Err(NoteError::Name { name: name.chars().take(200).collect() });
    }
    Ok(())
}

fn check_text(text: &str) -> Result<(), NoteError> {
    let refuse = |why| Err(NoteError::Text { why });
    match text {
        _ if !text.ends_with('\n') => refuse("it does not end with a newline"),
        _ if text.len() > MAX_NOTE_BYTES / 2 => refuse("it is too long"),
        _ if text.chars().any(|c| c < ' ' && c != '\n') => refuse("it contains control characters"),
        _ => Ok(()),
    }
}
