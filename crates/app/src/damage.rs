//! A piece that cannot be read: what it is, and whether what gives access waits for it.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use tenure_store::Unreadable;

/// A piece that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Damage {
    /// What it is and what is wrong, in words.
    pub what: Arc<str>,
    /// What tells this damage from another one of the same piece.
    pub(crate) mark: Arc<str>,
    /// Whether a member of the escalation group has dealt with it.
    #[serde(default)]
    pub(crate) dealt_with: bool,
    /// Whether only what it is about is kept back: it hides nobody's cut-off.
    #[serde(default)]
    apart: bool,
    /// The stored configuration that it is about: with another one it is over.
    #[serde(default)]
    pub(crate) configuration: Option<Arc<str>>,
}

impl Damage {
    /// What cannot be read, and its bytes as they are.
    #[must_use]
    pub fn new(what: &impl ToString, bytes: impl AsRef<[u8]>) -> Self {
        let mark: Vec<String> =
            Sha256::digest(bytes.as_ref()).iter().map(|byte| format!("{byte:02x}")).collect();
        Self {
            what: Arc::from(what.to_string()),
            mark: Arc::from(mark.concat()),
            dealt_with: false,
            apart: false,
            configuration: None,
        }
    }
}

impl Damage {
    /// What tells it from other damage, in short.
    pub(crate) fn name(&self) -> Arc<str> {
        Arc::from(self.mark.get(..16).unwrap_or(&self.mark))
    }

    /// The same where it can hide nobody's cut-off: it is reported, and all others are given what is due.
    #[must_use]
    pub(crate) fn apart(self) -> Self {
        Self { apart: true, ..self }
    }

    /// A stored configuration, named by its hash, that is not what was made active.
    #[must_use]
    pub fn of_configuration(hash: &str, bytes: impl AsRef<[u8]>) -> Self {
        let what = format!("the stored configuration {hash} is not what was made active");
        Self { configuration: Some(Arc::from(hash)), ..Self::new(&what, bytes) }
    }

    /// Whether it withholds what gives access.
    #[must_use]
    pub fn withholds(&self) -> bool {
        !self.dealt_with && !self.apart
    }
}

/// A stored row that cannot be read is left out, and hides no other. An order to cut off is one that nothing meets meanwhile.
pub(crate) fn unreadable(row: &Unreadable) -> Damage {
    let Unreadable { table, key, why } = row;
    let what = format!("of the stored {}, {key} cannot be read: {why}", table.replace('_', " "));
    let damage = Damage::new(&what, &what);
    if *table == "cut_off_order" { damage } else { damage.apart() }
}
