//! Which identity a cut-off order applies to, which cut-offs need a second person, and when a cut-off is reviewed.

use crate::grants::Collected;
use jiff::Timestamp;
use tenure_model::{
    CutOffOrder, CutOffTarget, Finding, FindingDetail, Identity, IdentityId, Name, SystemName,
};

/// The first order that applies to an identity, by a key from a source or by an issued name.
#[must_use]
pub fn ordered<'o>(identity: &Identity, orders: &'o [CutOffOrder]) -> Option<&'o CutOffOrder> {
    orders.iter().find(|o| means(o, identity))
}

/// Whether an order applies to an identity. An order that waits for a second person applies to none yet.
#[must_use]
pub fn means(order: &CutOffOrder, identity: &Identity) -> bool {
    let CutOffTarget::Key { kind, value } = &order.target else { return false };
    let given =
        identity.engagements.iter().map(|e| &e.keys).chain(identity.supplements.iter().map(|s| &s.keys));
    given.flatten().chain(identity.all_names()).any(|(k, v)| **k == **kind && same(v, value))
}

/// The first order that applies to an account without an identity. `named` is the identifier that names accounts there.
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

/// Whether the escalation group would have no member left (`here`: its available members): one person alone cannot lock out all
/// people who could undo it.
#[must_use]
pub fn leaves_nobody(whom: IdentityId, here: &[IdentityId]) -> bool {
    !here.is_empty() && here.iter().all(|p| *p == whom)
}

/// A cut-off that was not reviewed when due is a finding.
pub(crate) fn review(identity: &Identity, now: Timestamp, out: &mut Collected) {
    let Some(cut) = &identity.decisions.cut_off else { return };
    if now < cut.review {
        out.edges.push(cut.review);
        return;
    }
    let key = identity.engagements.first().map(|e| e.key.as_str());
    let detail = FindingDetail::CutOffReviewDue { by: cut.review };
    out.findings.push(Finding::new(key.unwrap_or("the cut-off"), detail));
}
