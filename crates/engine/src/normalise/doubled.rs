//! Rows of one feed with the same key that contradict each other: a person decides which is right, and until then the earliest end
//! that any of them states applies.

use super::outcome::{Normalised, Readable};
use sha2::{Digest, Sha256};
use tenure_model::{Absence, Engagement, LocalEnd, NormalRecord, RecordKey};

/// What the further rows of one key state.
#[derive(Debug, Clone, Default)]
pub struct Doubled {
    says: Vec<Readable>,
    digests: Vec<[u8; 32]>,
}

impl Doubled {
    /// Adds a further row.
    pub fn add(&mut self, row: &Normalised) {
        self.digests.push(*row.digest());
        let says = match row {
            Normalised::Taken(record) => Readable::of(record),
            Normalised::Partial { applies, .. } => (**applies).clone(),
            Normalised::Gone { .. } | Normalised::Bad { .. } => return,
        };
        self.says.extend(Some(says).filter(|s| s.says_something()));
    }

    /// Whether any of them states an end, an absence or a withdrawal.
    #[must_use]
    pub fn says_something(&self) -> bool {
        !self.says.is_empty()
    }

    /// The first row with the earliest end of all rows. Its digest differs: when the other rows are gone, it is read again.
    #[must_use]
    pub fn merged(&self, mut first: NormalRecord) -> NormalRecord {
        let stated = (first.last_day, first.end, first.absences.len(), first.withdrawn);
        first.last_day = self.earliest(first.last_day, |r| r.last_day);
        first.end = self.earliest(first.end, |r| r.end);
        first.withdrawn |= self.says.iter().any(|r| r.withdrawn);
        if first.absences.is_empty() {
            first.absences = self.absences();
        }
        if stated != (first.last_day, first.end, first.absences.len(), first.withdrawn) {
            first.digest = self.digest(&first.digest);
        }
        first
    }

    /// The ends that are earlier than those of the engagement taken from the first row.
    #[must_use]
    pub fn earlier(&self, key: &RecordKey, engagement: &Engagement) -> Option<(Readable, [u8; 32])> {
        let zone = self.says.first()?.zone.clone();
        let new = |is: Option<LocalEnd>, of: fn(&Readable) -> Option<LocalEnd>| {
            self.earliest(is, of).filter(|end| Some(*end) != is)
        };
        let absences = if engagement.absences.is_empty() { self.absences() } else { Vec::new() };
        let says = Readable {
            key: key.clone(),
            zone,
            last_day: new(engagement.last_day, |r| r.last_day),
            end: new(engagement.end, |r| r.end),
            absences,
            withdrawn: self.says.iter().any(|r| r.withdrawn),
        };
        says.says_something().then(|| (says, self.digest(&[0; 32])))
    }

    fn earliest(&self, stated: Option<LocalEnd>, of: fn(&Readable) -> Option<LocalEnd>) -> Option<LocalEnd> {
        // A day without a time ends at its end.
        let instant = |end: &LocalEnd| (end.date, end.time.is_none(), end.time);
        stated.into_iter().chain(self.says.iter().filter_map(of)).min_by_key(instant)
    }

    fn absences(&self) -> Vec<Absence> {
        self.says.iter().map(|r| &r.absences).find(|a| !a.is_empty()).cloned().unwrap_or_default()
    }

    fn digest(&self, first: &[u8; 32]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"doubled");
        hash.update(first);
        self.digests.iter().for_each(|digest| hash.update(digest));
        hash.finalize().into()
    }
}
