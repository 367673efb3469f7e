//! A checkpoint (C2SP tlog-checkpoint) is the signed head of the log: origin, number of entries, root.

use crate::note::{NoteError, SignedNote, Signer, VerifierKey};
use crate::text;
use crate::tree::{Hash, MAX_TREE_SIZE, ProofError, verify_consistency};
use std::fmt;
use thiserror::Error;

/// Extension lines that a checkpoint may have.
pub const MAX_EXTENSION_LINES: usize = 16;

/// The head of a log at one size. Its text is signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// The name of the log; the key that signs has the same name.
    pub origin: String,
    /// The number of entries.
    pub size: u64,
    /// The root of the tree over these entries.
    pub root: Hash,
    /// Opaque lines after the root; usually none.
    pub extensions: Vec<String>,
}

/// Why a checkpoint is not acceptable.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum CheckpointError {
    /// It is not a note, or not signed by a known key.
    #[error("checkpoint: {0}")]
    Note(#[from] NoteError),
    /// A line does not have the required format.
    #[error("line {line} of the checkpoint is not {expected}")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What it should be.
        expected: &'static str,
    },
    /// The signing key belongs to another log.
    #[error(
        "the checkpoint is of log {origin}, but it is signed by {signers}: take the public key of {origin}"
    )]
    OtherLog {
        /// The log that it names.
        origin: String,
        /// The known keys that signed it.
        signers: String,
    },
    /// Two checkpoints of different logs cannot be compared.
    #[error("the checkpoints are of different logs: {old} and {new}")]
    DifferentLogs {
        /// The origin of the earlier one.
        old: String,
        /// The origin of the later one.
        new: String,
    },
    /// The later checkpoint does not continue the earlier one.
    #[error("the log did not only grow between the checkpoints of {old} and {new} entries: {source}")]
    Inconsistent {
        /// Entries of the earlier one.
        old: u64,
        /// Entries of the later one.
        new: u64,
        /// What the proof showed.
        source: ProofError,
    },
}

impl Checkpoint {
    /// A checkpoint without extension lines.
    ///
    /// # Errors
    /// When the origin cannot be a line, or the size is above [`MAX_TREE_SIZE`].
    pub fn new(origin: &str, size: u64, root: Hash) -> Result<Self, CheckpointError> {
        let checkpoint = Self { origin: origin.to_owned(), size, root, extensions: Vec::new() };
        Self::parse_text(&checkpoint.to_string())
    }

    /// Reads the text of a checkpoint, without signatures.
    ///
    /// # Errors
    /// When a line does not have the required format.
    pub fn parse_text(text: &str) -> Result<Self, CheckpointError> {
        let refuse = |line, expected| CheckpointError::Line { line, expected };
        let mut lines = text.strip_suffix('\n').ok_or(refuse(1, "ended by a newline"))?.split('\n');
        let origin = lines.next().unwrap_or_default();
        if origin.is_empty() || origin.chars().any(char::is_control) {
            return Err(refuse(1, "the origin: a name without control characters"));
        }
        let size = lines.next().and_then(text::decimal).filter(|size| *size <= MAX_TREE_SIZE);
        let size = size.ok_or(refuse(2, "the size: a decimal number below 2^63 without leading zeros"))?;
        let root =
            lines.next().and_then(Hash::from_base64).ok_or(refuse(3, "the root: 32 bytes in base64"))?;
        let mut extensions = Vec::new();
        for (position, line) in lines.enumerate() {
            if position == MAX_EXTENSION_LINES {
                return Err(refuse(position + 4, "allowed: a checkpoint has at most 16 extension lines"));
            }
            if line.is_empty() || line.chars().any(char::is_control) {
                return Err(refuse(
                    position + 4,
                    "an extension: a line with text and without control characters",
                ));
            }
            extensions.push(line.to_owned());
        }
        Ok(Self { origin: origin.to_owned(), size, root, extensions })
    }

    /// Signs the checkpoint. The result is the file `checkpoint` of a published log.
    ///
    /// # Errors
    /// When the checkpoint's lines are not permitted by the format, or the signer's name is not its origin.
    pub fn sign(&self, signer: &Signer) -> Result<SignedNote, CheckpointError> {
        let text = self.to_string();
        if Self::parse_text(&text)? != *self {
            return Err(CheckpointError::Line {
                line: 4,
                expected: "one line: an extension contains a line break",
            });
        }
        if signer.verifier().name() != self.origin {
            let signers = signer.verifier().name().to_owned();
            return Err(CheckpointError::OtherLog { origin: self.origin.clone(), signers });
        }
        Ok(signer.sign(&text)?)
    }

    /// Reads a signed checkpoint and verifies it: one of the keys must have signed it, and that key's name must be the origin, so that
    /// a key names the log for which it is trusted.
    ///
    /// # Errors
    /// When it is malformed, changed, unsigned, or of another log.
    pub fn open(note: &[u8], keys: &[VerifierKey]) -> Result<Self, CheckpointError> {
        let note = SignedNote::parse(note)?;
        let signers = note.verify(keys)?;
        let checkpoint = Self::parse_text(note.text())?;
        if signers.iter().any(|key| key.name() == checkpoint.origin) {
            return Ok(checkpoint);
        }
        let signers = signers.iter().map(|key| key.name()).collect::<Vec<_>>().join(", ");
        Err(CheckpointError::OtherLog { origin: checkpoint.origin, signers })
    }

    /// Checks that this checkpoint continues an earlier one of the same log.
    ///
    /// # Errors
    /// When it is of another log, or the proof shows no continuation.
    pub fn continues(&self, old: &Self, proof: &[Hash]) -> Result<(), CheckpointError> {
        if self.origin != old.origin {
            return Err(CheckpointError::DifferentLogs { old: old.origin.clone(), new: self.origin.clone() });
        }
        verify_consistency((old.size, old.root), (self.size, self.root), proof)
            .map_err(|source| CheckpointError::Inconsistent { old: old.size, new: self.size, source })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, self.root)?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
