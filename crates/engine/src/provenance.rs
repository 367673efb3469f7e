//! The cause of a gain: a person who causes it does not answer the question about it, and an approver named by the same change does
//! not answer alone.

use crate::Context;
use crate::label::IdentityChange;
use crate::references::{ReferenceText, texts_of};
use jiff::Timestamp;
use std::collections::BTreeSet;
use tenure_model::{AttributeName, Identity, IdentityId, Provenance};

/// The cause of a change: `by` is the person who causes it by an operation; a source or time alone is no person.
#[must_use]
pub(crate) fn provenance(
    context: &Context,
    change: &IdentityChange<'_>,
    by: Option<IdentityId>,
    now: Timestamp,
) -> Provenance {
    let asks = !context.setup.policy.approvals.is_empty();
    let references = change.before.filter(|_| asks);
    let references = references.map(|before| changed_references(context, change, before, now));
    Provenance { by: by.into_iter().collect(), references: references.unwrap_or_default(), own: false }
}

/// The references that change in an existing engagement: what a new engagement names is not a change.
fn changed_references<'a>(
    context: &Context,
    change: &IdentityChange<'a>,
    before: &'a Identity,
    now: Timestamp,
) -> BTreeSet<AttributeName> {
    let was = texts_of(context, before, change.timeline_before(before), change.then());
    let had = |text: &&ReferenceText| was.iter().any(|w| w.engagement == text.engagement);
    let is = texts_of(context, change.after, change.timeline(), now);
    is.iter().filter(|text| !was.contains(text)).filter(had).map(|text| text.attribute.clone()).collect()
}
