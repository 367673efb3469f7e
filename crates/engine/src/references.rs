//! What references (manager, sponsor, owner, deputy) mean for an answer: whom it read, and what is wrong with them.

use crate::grants::Seat;
use std::sync::Arc;
use tenure_model::{
    Finding, FindingKind, IdentityId, IdentityKind, Name, Phase, Reference, ReferenceState, Subject,
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
    for reference in &subject.references {
        if let ReferenceState::Resolved { id, .. } = reference.state {
            reads.push(id);
        }
        let at_work = seats
            .iter()
            .any(|s| s.engagement.id == reference.engagement && s.window.phase != Phase::Departed);
        if at_work {
            findings.extend(finding(reference));
        }
    }
    reads.sort();
    reads.dedup();
    reads
}

fn finding(reference: &Reference) -> Option<Finding> {
    let (name, text) = (&reference.attribute, &reference.text);
    let (kind, what) = match &reference.state {
        ReferenceState::Resolved { phase: Phase::Departed, .. } => (
            FindingKind::DepartedReference,
            format!("{name} `{text}` has left: name another one in the source"),
        ),
        ReferenceState::Resolved { cut_off: true, .. } => (
            FindingKind::DepartedReference,
            format!("{name} `{text}` is cut off: name another one in the source"),
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

/// Whether a reference stands: somebody who is not gone and not cut off.
#[must_use]
pub fn stands(state: &ReferenceState) -> bool {
    matches!(state, ReferenceState::Resolved { phase, cut_off: false, .. } if *phase != Phase::Departed)
}

/// Whether a non-human identity has somebody who answers for it. People always pass.
pub(crate) fn can_be_activated(
    subject: &Subject,
    primary: Option<&Seat<'_>>,
    findings: &mut Vec<Finding>,
) -> bool {
    if subject.identity.kind == IdentityKind::Person {
        return true;
    }
    let Some(primary) = primary else { return false };
    let answers = subject.references.iter().any(|r| {
        r.engagement == primary.engagement.id
            && [OWNER, DEPUTY].contains(&r.attribute.as_str())
            && stands(&r.state)
    });
    if !answers {
        findings.push(Finding {
            kind: FindingKind::NoOwner,
            about: primary.engagement.key_text(),
            text: Arc::from("nobody answers for it, so it cannot be activated: name an owner who is here"),
        });
    }
    answers
}
