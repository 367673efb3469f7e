//! Names that must be unique: the candidates of an identity, in order. Which one is free only the store knows.

use crate::Context;
use crate::values::Values;
use crate::window::{Window, window};
use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::{Engagement, Identity, Phase};
use tenure_policy::{Identifier, Inputs};

/// Most numbered forms of the last candidate that are tried.
pub const NUMBERED_MAX: u32 = 10_000;

/// Where the last candidate counts up.
const COUNTER: &str = "{n}";

/// A name that an identity is still to be given: candidates in order, then numbered forms of the last one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What it is called (`user_name`).
    pub name: Arc<str>,
    /// Candidates in order, without doubles and reserved words.
    pub candidates: Vec<Arc<str>>,
    last: Option<Arc<str>>,
    length_max: usize,
    reserved: std::collections::BTreeSet<Arc<str>>,
}

impl Wanted {
    /// The numbered form: `n` from 2, put where the candidate says `{n}`, else at its end; shortened to fit.
    #[must_use]
    pub fn numbered(&self, n: u32) -> Option<Arc<str>> {
        let last = self.last.as_ref()?;
        let number = n.to_string();
        let (stem, tail) = last.split_once(COUNTER).unwrap_or((last, ""));
        let room = self.length_max.checked_sub(number.chars().count() + tail.chars().count())?;
        let stem: String = stem.chars().take(room).collect();
        Some(Arc::from(format!("{stem}{number}{tail}"))).filter(|c: &Arc<str>| !self.reserved.contains(c))
    }
}

/// The names that an identity lacks. Somebody who has left is given none. A name that is made of another one has
/// candidates once that one is issued: ask again.
#[must_use]
pub fn wanted(context: &Context, identity: &Identity, now: Timestamp) -> Vec<Wanted> {
    let policy = &context.setup.policy;
    let missing: Vec<&Identifier> = policy
        .identifiers
        .iter()
        .filter(|i| i.kinds.contains(&identity.kind) && !identity.identifiers.contains_key(&i.name))
        .collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let Some((engagement, seat)) =
        foremost(context, identity, now).filter(|(_, w)| w.phase != Phase::Departed)
    else {
        return Vec::new();
    };
    let values = Values::of(context, identity, engagement, seat.day, now);
    let inputs = inputs(identity, engagement, &values);
    missing.into_iter().map(|i| candidates(i, &inputs)).collect()
}

/// What candidates may be made of.
fn inputs<'a>(identity: &'a Identity, engagement: &'a Engagement, values: &'a Values<'a>) -> Inputs<'a> {
    Inputs {
        engagement_type: Some(&engagement.kind),
        engagement_source: Some(&engagement.source),
        identity_kind: Some(identity.kind),
        identifiers: Some(&identity.identifiers),
        ..values.inputs()
    }
}

/// The engagement that is most active.
fn foremost<'i>(
    context: &Context,
    identity: &'i Identity,
    now: Timestamp,
) -> Option<(&'i Engagement, Window)> {
    let all = identity.engagements.iter().map(|e| (e, window(context, identity, e, now, &mut Vec::new())));
    all.max_by_key(|(_, w)| w.phase)
}

/// The names that somebody would have been given who left before they were given any: what is called how, and the candidates.
pub(crate) fn would_be(context: &Context, identity: &Identity, now: Timestamp) -> Vec<(Arc<str>, Arc<str>)> {
    let missing =
        |i: &&Identifier| i.kinds.contains(&identity.kind) && !identity.identifiers.contains_key(&i.name);
    let Some((engagement, seat)) =
        foremost(context, identity, now).filter(|(_, w)| w.phase == Phase::Departed)
    else {
        return Vec::new();
    };
    let values = Values::of(context, identity, engagement, seat.day, now);
    let inputs = inputs(identity, engagement, &values);
    let missing = context.setup.policy.identifiers.iter().filter(missing);
    let wanted = missing.map(|i| candidates(i, &inputs));
    wanted.flat_map(|w| w.candidates.into_iter().map(move |c| (w.name.clone(), c))).collect()
}

fn candidates(identifier: &Identifier, inputs: &Inputs<'_>) -> Wanted {
    let length_max = usize::try_from(identifier.length_max).unwrap_or(usize::MAX);
    let mut candidates: Vec<Arc<str>> = Vec::new();
    let mut last = None;
    for expression in &identifier.candidates {
        // A name that is not issued yet reads as blank: a candidate made of it waits for it.
        let issued = inputs.identifiers;
        if expression.reads().identifiers.iter().any(|name| issued.is_none_or(|all| !all.contains_key(name)))
        {
            continue;
        }
        // A candidate that cannot be computed for this person is none; the next one is tried.
        let Ok(text) = expression.text(inputs) else { continue };
        if text.is_empty() {
            continue;
        }
        last = Some(text.clone());
        let plain: String = text.replace(COUNTER, "").chars().take(length_max).collect();
        let plain: Arc<str> = Arc::from(plain);
        if !plain.is_empty() && !identifier.reserved.contains(&plain) && !candidates.contains(&plain) {
            candidates.push(plain);
        }
    }
    Wanted {
        name: identifier.name.clone(),
        candidates,
        last,
        length_max,
        reserved: identifier.reserved.clone(),
    }
}
