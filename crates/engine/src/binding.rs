//! What an answer binds to, as a digest: a different identity, rule, reason, end or input is a different question.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tenure_model::{IdentityId, Name as _, Reason, RuleName};

/// What an answer binds to: identity, rule, reason, end and inputs; instants as they are stored, to the microsecond.
pub(crate) fn binding(
    identity: IdentityId,
    rule: &RuleName,
    (reason, until, inputs): (&Reason, Option<Timestamp>, &[u8; 32]),
) -> [u8; 32] {
    let mut hash = Hash::new("tenure approval v2");
    hash.part(identity.as_bytes());
    hash.part(rule.as_str().as_bytes());
    hash.part(reason.account.to_string().as_bytes());
    hash.part(reason.entitlement.as_str().as_bytes());
    hash.part(reason.kind.as_str().as_bytes());
    hash.part(reason.reference.as_bytes());
    hash.part(reason.engagement.as_ref().map_or(&[][..], |e| e.as_bytes()));
    hash.instant(reason.from);
    hash.instant(until);
    hash.part(inputs);
    hash.done()
}

/// A digest over parts, each with its length.
struct Hash(Sha256);

impl Hash {
    fn new(what: &str) -> Self {
        let mut hash = Self(Sha256::new());
        hash.part(what.as_bytes());
        hash
    }
    fn part(&mut self, bytes: &[u8]) {
        self.0.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(bytes);
    }
    fn instant(&mut self, at: Option<Timestamp>) {
        self.part(&at.map(|at| at.as_microsecond().to_be_bytes().to_vec()).unwrap_or_default());
    }
    fn done(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

pub(crate) fn digest(parts: impl IntoIterator<Item = String>) -> [u8; 32] {
    let mut hash = Hash::new("tenure approval inputs v1");
    parts.into_iter().for_each(|part| hash.part(part.as_bytes()));
    hash.done()
}
