//! The owners of an identity's exceptions: while none of them is available, the compensating control is missing too.

use crate::Context;
use crate::grants::{Collected, is_person};
use crate::settle::seats;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::{
    Finding, FindingDetail, Identity, IdentityId, JustificationKind, Name as _, OwnerName, Subject,
};

/// The owners of exceptions about an identity, as the configuration names them.
#[must_use]
pub fn owner_names(context: &Context, identity: &Identity, now: Timestamp) -> BTreeSet<OwnerName> {
    let signed = identity.decisions.individual.iter().filter(|d| d.kind == JustificationKind::Exception);
    let mut names: BTreeSet<OwnerName> = signed.filter_map(|d| d.owner).map(OwnerName::Identity).collect();
    let exceptions = &context.setup.policy.exceptions;
    if !exceptions.is_empty() {
        let seats = seats(context, identity, now, &mut Vec::new());
        let theirs = exceptions.iter().filter(|e| is_person(context, identity, &seats, &e.person));
        names.extend(theirs.map(|e| OwnerName::Configured(e.owner.clone())));
    }
    names
}

/// A finding for each exception in force without an available owner. Returns the identities that it read.
pub(crate) fn owners(context: &Context, subject: &Subject, out: &mut Collected) -> Vec<IdentityId> {
    if subject.owners.is_empty() {
        return Vec::new();
    }
    let in_force: BTreeSet<Arc<str>> = out
        .due
        .values()
        .flatten()
        .filter(|j| j.kind == JustificationKind::Exception)
        .map(|j| j.reference.clone())
        .collect();
    let signed = subject.identity.decisions.individual.iter();
    let signed = signed.filter(|d| d.kind == JustificationKind::Exception);
    let signed =
        signed.filter_map(|d| Some((OwnerName::Identity(d.owner?), &d.reference, d.reference.clone())));
    let names: Vec<(Arc<str>, OwnerName)> = context
        .setup
        .policy
        .exceptions
        .iter()
        .map(|e| (Arc::from(e.name.as_str()), OwnerName::Configured(e.owner.clone())))
        .collect();
    let declared = names.iter().map(|(name, owner)| {
        let about: Arc<str> = Arc::from(format!("exception {name}"));
        (owner.clone(), name, about)
    });
    let (mut findings, mut reads) = (Vec::new(), Vec::new());
    for (owner, _, about) in signed.chain(declared).filter(|(_, reference, ..)| in_force.contains(*reference))
    {
        let Some(people) = subject.owners.get(&owner).filter(|people| !people.is_empty()) else { continue };
        reads.extend(people.iter().map(|(id, _)| *id));
        if people.iter().any(|(_, here)| *here) {
            continue;
        }
        let owner = match owner {
            OwnerName::Configured(name) => Some(name),
            OwnerName::Identity(_) => None,
        };
        findings.push(Finding::new(about, FindingDetail::ExceptionOwnerLeft { owner }));
    }
    out.findings.extend(findings);
    reads
}
