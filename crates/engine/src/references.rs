//! What references (manager, sponsor, owner, deputy) mean for an answer: whom it read, and what is wrong with them.

use crate::Context;
use crate::grants::Seat;
use crate::values::value_on;
use crate::window::window;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{
    AttributeName, Engagement, EngagementId, EngagementState, Finding, FindingKind, Identity, IdentityId,
    Name, Phase, Reference, ReferenceState, Subject,
};

/// The attribute that names who answers for a non-human identity.
pub const OWNER: &str = "owner";
/// The attribute that names who answers when the owner is gone.
pub const DEPUTY: &str = "deputy";

/// Reports references that do not hold and returns the identities that were read, sorted.
pub(crate) fn references(
    subject: &Subject,
    seats: &[Seat<'_>],
    findings: &mut Vec<Finding>,
) -> Vec<IdentityId> {
    let mut reads = Vec::new();
    let deputy = subject.references.iter().find(|r| r.attribute.as_str() == DEPUTY && stands(&r.state));
    for reference in &subject.references {
        if let ReferenceState::Resolved { id, .. } = reference.state {
            reads.push(id);
        }
        let at_work = seats
            .iter()
            .any(|s| s.engagement.id == reference.engagement && s.window.phase != Phase::Departed);
        if at_work {
            findings.extend(finding(reference, deputy.map(|d| &*d.text)));
        }
    }
    reads.sort();
    reads.dedup();
    reads
}

fn finding(reference: &Reference, deputy: Option<&str>) -> Option<Finding> {
    let (name, text) = (&reference.attribute, &reference.text);
    let meanwhile = match deputy.filter(|_| name.as_str() == OWNER) {
        Some(deputy) => format!("; the deputy `{deputy}` answers meanwhile and is asked to take over"),
        None => String::new(),
    };
    let (kind, what) = match &reference.state {
        ReferenceState::Resolved { phase: Phase::Departed, .. } => (
            FindingKind::DepartedReference,
            format!("{name} `{text}` has left: name another one in the source{meanwhile}"),
        ),
        ReferenceState::Resolved { cut_off: true, .. } => (
            FindingKind::DepartedReference,
            format!("{name} `{text}` is cut off: name another one in the source{meanwhile}"),
        ),
        ReferenceState::Resolved { .. } => return None,
        ReferenceState::Unresolved => {
            (FindingKind::UnresolvedReference, format!("{name} `{text}` matches nobody: correct the source"))
        }
        ReferenceState::Ambiguous => (
            FindingKind::UnresolvedReference,
            format!("{name} `{text}` matches several people: let the source give a key instead"),
        ),
        ReferenceState::Circular => (
            FindingKind::CircularReference,
            format!("{name} `{text}` leads back to its holder: correct the source"),
        ),
    };
    Some(Finding { kind, about: Arc::from(name.as_str()), text: what.into() })
}

/// A reference that an engagement makes, still as text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReferenceText {
    /// The engagement that makes it.
    pub engagement: EngagementId,
    /// The attribute that holds it.
    pub attribute: AttributeName,
    /// The kind of key that the text is.
    pub key: Arc<str>,
    /// The text.
    pub text: Arc<str>,
}

/// The references that the engagements of an identity make at `now`; those that are over make none.
#[must_use]
pub fn reference_texts(context: &Context, identity: &Identity, now: Timestamp) -> Vec<ReferenceText> {
    let declared: Vec<(&AttributeName, &Arc<str>)> =
        context.setup.attributes.iter().filter_map(|(n, d)| Some((n, d.reference.as_ref()?))).collect();
    let mut texts = Vec::new();
    if declared.is_empty() {
        return texts;
    }
    for engagement in &identity.engagements {
        let seat = window(context, identity, engagement, now, &mut Vec::new());
        if seat.phase == Phase::Departed {
            continue;
        }
        for (attribute, key) in &declared {
            let value = value_on(context, identity, engagement, attribute, seat.day, now);
            let Some(text) = value.and_then(|(v, _)| v.as_text()).filter(|t| !t.is_empty()) else { continue };
            texts.push(ReferenceText {
                engagement: engagement.id,
                attribute: (*attribute).clone(),
                key: (*key).clone(),
                text: Arc::from(text),
            });
        }
    }
    texts
}

/// How much of a key's bearer somebody is: numbers are given to others once their holders have left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bearing {
    /// They had it, in an engagement that is over.
    Past,
    /// They have it, and the source does not state it any more.
    Missing,
    /// They have it.
    Now,
}

/// How much of a bearer of a key somebody is; `is` compares a value that a source gives.
#[must_use]
pub fn bearing(
    context: &Context,
    identity: &Identity,
    kind: &str,
    is: &dyn Fn(&str) -> bool,
    now: Timestamp,
) -> Bearing {
    let has = |keys: &BTreeMap<Arc<str>, Arc<str>>| keys.get(kind).is_some_and(|v| is(v));
    if identity.supplements.iter().any(|s| has(&s.keys)) {
        return Bearing::Now;
    }
    let theirs = identity.engagements.iter().filter(|e| has(&e.keys));
    let of = |e: &Engagement| match (window(context, identity, e, now, &mut Vec::new()).phase, &e.state) {
        (Phase::Departed, _) => Bearing::Past,
        (_, EngagementState::Missing { .. }) => Bearing::Missing,
        _ => Bearing::Now,
    };
    theirs.map(of).max().unwrap_or(Bearing::Past)
}

/// Whom a key means of those who bear it: the only one who bears it most; `None` where several do.
#[must_use]
pub fn meant(bearers: &[(IdentityId, Bearing)]) -> Option<IdentityId> {
    let most = bearers.iter().map(|(_, bearing)| *bearing).max()?;
    let mut ids = bearers.iter().filter(|(_, bearing)| *bearing == most).map(|(id, _)| *id);
    let first = ids.next();
    first.filter(|_| ids.next().is_none())
}

/// Whether a reference stands: somebody who is not gone and not cut off.
#[must_use]
pub fn stands(state: &ReferenceState) -> bool {
    matches!(state, ReferenceState::Resolved { phase, cut_off: false, .. } if *phase != Phase::Departed)
}
