//! Whom an order to cut off means, what one person alone may not cut off, and when somebody looks at a cut-off again.

use crate::grants::Collected;
use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::{CutOffOrder, CutOffTarget, Finding, FindingKind, Identity, IdentityId, Name, SystemName};

/// The first order that means an identity, by a key that a source gives it or by a name that was issued to it.
#[must_use]
pub fn ordered<'o>(identity: &Identity, orders: &'o [CutOffOrder]) -> Option<&'o CutOffOrder> {
    orders.iter().find(|o| means(o, identity))
}

/// Whether an order means an identity. One that waits for a second person means nobody yet.
#[must_use]
pub fn means(order: &CutOffOrder, identity: &Identity) -> bool {
    let CutOffTarget::Key { kind, value } = &order.target else { return false };
    let given =
        identity.engagements.iter().map(|e| &e.keys).chain(identity.supplements.iter().map(|s| &s.keys));
    given.flatten().chain(identity.all_names()).any(|(k, v)| **k == **kind && same(v, value))
}

/// The first order that means an account of nobody. `named` is what the set-up calls the names of accounts there.
#[must_use]
pub fn ordered_account<'o>(
    system: &SystemName,
    named: &str,
    account: &str,
    orders: &'o [CutOffOrder],
) -> Option<&'o CutOffOrder> {
    orders.iter().find(|o| match &o.target {
        CutOffTarget::Account { system: s, name } => s == system && same(name, account),
        CutOffTarget::Key { kind, value } => &**kind == named && same(value, account),
        CutOffTarget::Person(_) => false,
    })
}

fn same(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

/// Whether nobody would be left of those who decide when nobody else is left (`here`: those of them who are here): one
/// person alone cannot lock out everybody who could undo it.
#[must_use]
pub fn leaves_nobody(whom: IdentityId, here: &[IdentityId]) -> bool {
    !here.is_empty() && here.iter().all(|p| *p == whom)
}

/// A cut-off that nobody has looked at when it was due is a finding.
pub(crate) fn review(identity: &Identity, now: Timestamp, out: &mut Collected) {
    let Some(cut) = &identity.decisions.cut_off else { return };
    if now < cut.review {
        out.edges.push(cut.review);
        return;
    }
    let key = identity.engagements.first().map(|e| e.key.as_str());
    out.findings.push(Finding {
        kind: FindingKind::CutOffReview,
        about: Arc::from(key.unwrap_or("the cut-off")),
        text: Arc::from(format!(
            "the cut-off was to be looked at again by {}: lift it, or say until when it stays",
            cut.review
        )),
    });
}
