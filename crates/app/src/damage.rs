//! Unreadable data: what it is, and whether it blocks the giving of access.

use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use tenure_store::Unreadable;
use tenure_store::note::{DamageNote, NoteKey, NoteRead};

/// One piece of unreadable data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// What it is and what is wrong, in words.
    pub what: Arc<str>,
    /// Distinguishes this damage from other damage of the same piece.
    pub(crate) mark: Arc<str>,
    /// Whether a member of the escalation group has dealt with it.
    pub(crate) dealt_with: bool,
    /// Whether it blocks only its own subject: it hides no cut-off of another identity.
    apart: bool,
    /// The stored configuration that it is about: with another configuration the damage is over.
    pub(crate) configuration: Option<Arc<str>>,
}

impl Damage {
    /// Damage with its reason and the unreadable bytes.
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

impl From<DamageNote> for Damage {
    fn from(note: DamageNote) -> Self {
        let DamageNote { what, mark, dealt_with, apart, configuration } = note;
        Self { what, mark, dealt_with, apart, configuration }
    }
}

impl Damage {
    /// As it is stored.
    pub(crate) fn noted(self) -> DamageNote {
        let Self { what, mark, dealt_with, apart, configuration } = self;
        DamageNote { what, mark, dealt_with, apart, configuration }
    }

    /// A short name that distinguishes it from other damage.
    pub(crate) fn name(&self) -> Arc<str> {
        Arc::from(self.mark.get(..16).unwrap_or(&self.mark))
    }

    /// The same where it can hide no cut-off: it is reported, and all other identities are given what is due.
    #[must_use]
    pub(crate) fn apart(self) -> Self {
        Self { apart: true, ..self }
    }

    /// A stored configuration, named by its hash, that is not the one that was made active.
    #[must_use]
    pub fn of_configuration(hash: &str, bytes: impl AsRef<[u8]>) -> Self {
        let what = format!("the stored configuration {hash} is not the one that was made active");
        Self { configuration: Some(Arc::from(hash)), ..Self::new(&what, bytes) }
    }

    /// Whether it blocks the giving of access.
    #[must_use]
    pub fn withholds(&self) -> bool {
        !self.dealt_with && !self.apart
    }
}

/// An unreadable stored row is left out, and hides no other row. An unreadable order to cut off matches no identity meanwhile.
pub(crate) fn unreadable(row: &Unreadable) -> Damage {
    let Unreadable { table, key, why } = row;
    let what = format!("of the stored {}, {key} cannot be read: {why}", table.replace('_', " "));
    let damage = Damage::new(&what, &what);
    // The list of damage may have named a line about a cut-off: what it withheld stays withheld.
    let may_hide_cut_off =
        *table == "cut_off_order" || (*table == "note" && **key == *NoteKey::Damaged.text());
    if may_hide_cut_off { damage } else { damage.apart() }
}

/// The outside file lacks the last line that this database knows: it was emptied, truncated or restored; or which one that is cannot be
/// read, so that it is not known whether it does.
pub(crate) fn lines_lost(known: &NoteRead<Arc<str>>, text: &str) -> Option<Damage> {
    if known.is_unreadable() {
        let what = "which line of the file of cut-offs outside the database is the last known one cannot be read: each line is carried out \
            again, and later ones may be missing from the file";
        return Some(Damage::new(&what, what));
    }
    let known = known.known().filter(|id| !id.is_empty())?;
    let is_there = text.lines().any(|l| l.split(' ').nth(1) == Some(&**known));
    let what = "the file of cut-offs outside the database lacks lines that the database knows: it was removed, truncated or \
        replaced by an older one, and later cut-offs may be missing from the database too";
    (!is_there).then(|| Damage::new(&what, &**known))
}
