//! What references (manager, sponsor, owner, deputy) mean for an answer: whom it read, and what is wrong with them.

use crate::Context;
use crate::grants::Seat;
use crate::values::value_on;
use crate::window::window;
use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::{
    AttributeName, EngagementId, Finding, FindingKind, Identity, IdentityId, Name, Phase, Reference,
    ReferenceState, Subject,
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

/// Whether a reference stands: somebody who is not gone and not cut off.
#[must_use]
pub fn stands(state: &ReferenceState) -> bool {
    matches!(state, ReferenceState::Resolved { phase, cut_off: false, .. } if *phase != Phase::Departed)
}
