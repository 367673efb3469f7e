//! The proof file for an auditor (C2SP tlog-proof): one entry's place in a signed log, verifiable offline.

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::note::{MAX_NOTE_BYTES, VerifierKey};
use crate::text;
use crate::tree::{Hash, MAX_PROOF_HASHES, ProofError, leaf_hash, verify_inclusion};
use std::fmt;
use thiserror::Error;

/// The first line of the file.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// Maximum size of extra data in a proof, in bytes.
pub const MAX_EXTRA_BYTES: usize = 100_000;

/// Maximum size of the whole file in bytes.
pub const MAX_PROOF_BYTES: usize = MAX_NOTE_BYTES + 2 * MAX_EXTRA_BYTES;

/// A proof that an entry is in the log. Nothing in it is trusted before [`Proof::verify`] has succeeded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proof {
    /// Data for the reader that the proof does not cover, such as the entry itself.
    pub extra: Option<Vec<u8>>,
    /// The index of the entry, from 0.
    pub index: u64,
    /// The inclusion path, the leaf's sibling first.
    pub path: Vec<Hash>,
    /// The signed checkpoint, verbatim.
    pub checkpoint: String,
}

/// Why a proof file does not prove anything.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum ProofFileError {
    /// The file is above a limit.
    #[error("the proof has {bytes} bytes, the limit is {MAX_PROOF_BYTES}")]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// A line does not have the required format.
    #[error("line {line} of the proof is not {expected}")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What it should be.
        expected: &'static str,
    },
    /// The checkpoint is not acceptable.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The path does not lead from the entry to the signed root.
    #[error("entry {index} is not shown to be in the log: {source}")]
    NotIncluded {
        /// The index, from 0.
        index: u64,
        /// What the path showed.
        source: ProofError,
    },
}

impl Proof {
    /// Reads a proof file without verifying it.
    ///
    /// # Errors
    /// When it is not in the format, or above a limit.
    pub fn parse(file: &[u8]) -> Result<Self, ProofFileError> {
        if file.len() > MAX_PROOF_BYTES {
            return Err(ProofFileError::TooLong { bytes: file.len() });
        }
        let refuse = |line, expected| ProofFileError::Line { line, expected };
        let file = std::str::from_utf8(file).map_err(|_utf8| refuse(1, "UTF-8 text"))?;
        let (head, checkpoint) =
            file.split_once("\n\n").ok_or(refuse(1, "followed by a blank line and a checkpoint"))?;
        let mut lines = head.split('\n').zip(1..).peekable();
        if lines.next().map(|(line, _)| line) != Some(HEADER) {
            return Err(refuse(1, "c2sp.org/tlog-proof@v1"));
        }
        let extra = match lines.peek().and_then(|(line, _)| line.strip_prefix("extra ")) {
            None => None,
            Some(data) => {
                lines.next();
                let data = text::unbase64(data).filter(|data| data.len() <= MAX_EXTRA_BYTES);
                Some(data.ok_or(refuse(2, "'extra' and at most 100,000 bytes in base64"))?)
            }
        };
        let (index, number) = lines.next().unwrap_or(("", 2));
        let index = index.strip_prefix("index ").and_then(text::decimal);
        let index = index.ok_or(refuse(number, "'index' and a decimal number"))?;
        let mut path = Vec::new();
        for (line, number) in lines {
            if path.len() == MAX_PROOF_HASHES {
                return Err(refuse(number, "allowed: a path has at most 64 hashes"));
            }
            path.push(Hash::from_base64(line).ok_or(refuse(number, "a hash: 32 bytes in base64"))?);
        }
        Ok(Self { extra, index, path, checkpoint: checkpoint.to_owned() })
    }

    /// Checks that `entry` is in the log of the given key, at [`Proof::index`], and returns the head that proves it.
    ///
    /// # Errors
    /// When the checkpoint is not acceptable or the path does not lead to its root.
    pub fn verify(&self, entry: &[u8], keys: &[VerifierKey]) -> Result<Checkpoint, ProofFileError> {
        let checkpoint = Checkpoint::open(self.checkpoint.as_bytes(), keys)?;
        verify_inclusion(leaf_hash(entry), self.index, &self.path, checkpoint.size, checkpoint.root)
            .map_err(|source| ProofFileError::NotIncluded { index: self.index, source })?;
        Ok(checkpoint)
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", text::base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
