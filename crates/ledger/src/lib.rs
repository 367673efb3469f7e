//! The ledger makes every decision verifiable without trust in Tenure: formats and mathematics, no I/O.

pub mod checkpoint;
pub mod commitment;
pub mod draft;
pub mod entry;
pub mod links;
pub mod note;
pub mod proof;
pub mod seal;
pub mod tiles;
pub mod tree;
pub mod verify;

mod read_error;
mod text;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use commitment::{Commitment, Inner, Opening, Salt};
pub use draft::{Draft, Finished};
pub use entry::{Entry, EntryError, Label, OldHead};
pub use links::{Break, Chain, Links, Place, State, StateDigest, Subject, SubjectKind};
pub use note::{NoteError, Signer, VerifierKey};
pub use proof::{Proof, ProofFileError};
pub use read_error::ReadError;
pub use tree::{Appended, Frontier, FullTile, Hash, HashReader, Tree, TreeError, leaf_hash};
pub use verify::{Discrepancy, Files, verify_log};
