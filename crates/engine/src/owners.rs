//! The owners of an identity's exceptions: while none of them is available, the compensating control is missing too.

use crate::Context;
use crate::grants::{Collected, is_person};
use crate::settle::seats;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::{
    Finding, FindingKind, Identity, IdentityId, JustificationKind, Name as _, OwnerName, Subject,
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
    let signed = signed.filter_map(|d| {
        let remedy = "sign the exception again with another owner";
        Some((OwnerName::Identity(d.owner?), &d.reference, d.reference.clone(), remedy))
    });
    let names: Vec<(Arc<str>, OwnerName)> = context
        .setup
        .policy
        .exceptions
        .iter()
        .map(|e| (Arc::from(e.name.as_str()), OwnerName::Configured(e.owner.clone())))
        .collect();
    let declared = names.iter().map(|(name, owner)| {
        let remedy = "name a successor as its `owner` in the policy";
        (owner.clone(), name, Arc::from(format!("exception {name}")), remedy)
    });
    let (mut findings, mut reads) = (Vec::new(), Vec::new());
    for (owner, _, about, remedy) in
        signed.chain(declared).filter(|(_, reference, ..)| in_force.contains(*reference))
    {
        let Some(people) = subject.owners.get(&owner).filter(|people| !people.is_empty()) else { continue };
        reads.extend(people.iter().map(|(id, _)| *id));
        if people.iter().any(|(_, here)| *here) {
            continue;
        }
        let who = match &owner {
            OwnerName::Configured(name) => format!("its owner `{name}`"),
            OwnerName::Identity(_) => "its owner".to_owned(),
        };
        let text = format!(
            "{who} has left or is cut off, so no identity carries out its compensating control: {remedy}"
        );
        findings.push(Finding { kind: FindingKind::DepartedReference, about, text: text.into() });
    }
    out.findings.extend(findings);
    reads
}
