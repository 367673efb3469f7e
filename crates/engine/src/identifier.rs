//! Unique names: the candidates of an identity, in order. Only the store knows which one is free.

use crate::Context;
use crate::letters::issuable;
use crate::settle::rank;
use crate::values::Values;
use crate::window::{Timeline, Window};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{Engagement, Identity, MadeOf, Name as _, Phase, Value};
use tenure_policy::{Expression, Identifier, Inputs};

/// Maximum number of numbered forms of the last candidate that are tried.
pub const NUMBERED_MAX: u32 = 10_000;

/// Where the last candidate has its counter.
const COUNTER: &str = "{n}";

/// A name that an identity still needs: candidates in order, then numbered forms of the last one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The identifier (`user_name`).
    pub name: Arc<str>,
    /// Candidates in order, without duplicates and reserved words.
    pub candidates: Vec<Arc<str>>,
    /// Whether the identity already has such a name, and this one is only proposed.
    pub renames: bool,
    pub(crate) made_of: MadeOf,
    last: Option<Arc<str>>,
    length_max: usize,
    reserved: std::collections::BTreeSet<Arc<str>>,
    /// Candidates that may not be issued: they mix scripts, or contain invisible characters.
    pub(crate) refused: Vec<Arc<str>>,
}

impl Wanted {
    /// The same as a proposed replacement of an existing name.
    pub(crate) fn renaming(self) -> Self {
        Self { renames: true, ..self }
    }

    /// The numbered form: `n` from 2, inserted where the candidate has `{n}`, else at its end; shortened to fit.
    #[must_use]
    pub fn numbered(&self, n: u32) -> Option<Arc<str>> {
        let number = n.to_string();
        let (stem, tail) = self.around_number()?;
        let room = self.length_max.checked_sub(number.chars().count() + tail.chars().count())?;
        let stem: String = stem.chars().take(room).collect();
        Some(Arc::from(format!("{stem}{number}{tail}"))).filter(|c: &Arc<str>| !self.reserved.contains(c))
    }

    /// The text before and after the number.
    fn around_number(&self) -> Option<(&str, &str)> {
        let last = self.last.as_deref()?;
        Some(last.split_once(COUNTER).unwrap_or((last, "")))
    }

    /// Whether a name is a candidate or a numbered form; letter case is ignored.
    #[must_use]
    pub fn fits(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        let is = |c: &Arc<str>| c.to_lowercase() == name;
        if self.candidates.iter().any(is) {
            return true;
        }
        let Some((_, tail)) = self.around_number() else { return false };
        let Some(head) = name.strip_suffix(&tail.to_lowercase()) else { return false };
        // A stem may end in digits itself: each split between stem and number is tried.
        let digits = head.chars().rev().take_while(char::is_ascii_digit).count();
        let mut numbers = (1..=digits).filter_map(|n| head.get(head.len() - n..)?.parse::<u32>().ok());
        numbers.any(|n| (2..NUMBERED_MAX).contains(&n) && self.numbered(n).as_ref().is_some_and(is))
    }
}

/// The engagement that determines an identity's names, with its values.
pub(crate) struct NamingBasis<'a> {
    identity: &'a Identity,
    engagement: &'a Engagement,
    values: Values<'a>,
}

impl<'a> NamingBasis<'a> {
    /// For an identity that is active or expected.
    pub(crate) fn of(context: &Context, identity: &'a Identity, now: Timestamp) -> Option<Self> {
        let (engagement, seat) =
            foremost(context, identity, now).filter(|(_, w)| w.phase != Phase::Departed)?;
        Some(Self { identity, engagement, values: Values::of(context, identity, engagement, seat.day, now) })
    }

    /// The inputs of candidates, given these names.
    pub(crate) fn inputs<'s>(&'s self, names: &'s BTreeMap<Arc<str>, Arc<str>>) -> Inputs<'s> {
        Inputs {
            engagement_type: Some(&self.engagement.kind),
            engagement_source: Some(&self.engagement.source),
            identity_kind: Some(self.identity.kind),
            identifiers: Some(names),
            ..self.values.inputs()
        }
    }
}

/// The names that an identity lacks. A departed identity gets none. A name derived from another one has candidates once that one is
/// issued: call again then.
#[must_use]
pub fn wanted(context: &Context, identity: &Identity, now: Timestamp) -> Vec<Wanted> {
    let missing: Vec<&Identifier> = missing(context, identity).collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let Some(seen) = NamingBasis::of(context, identity, now) else { return Vec::new() };
    let inputs = seen.inputs(&identity.identifiers);
    missing.into_iter().map(|i| candidates(i, &inputs)).collect()
}

fn missing<'c>(context: &'c Context, identity: &'c Identity) -> impl Iterator<Item = &'c Identifier> {
    let all = context.setup.policy.identifiers.iter();
    all.filter(|i| i.kinds.contains(&identity.kind) && !identity.identifiers.contains_key(&i.name))
}

/// The present inputs of a name.
pub(crate) fn made_of(identifier: &Identifier, inputs: &Inputs<'_>) -> MadeOf {
    let mut of = MadeOf::new();
    for reads in identifier.candidates.iter().map(Expression::reads) {
        let text = |value: Option<&Value>| value.map(|v| Arc::from(v.to_string())).unwrap_or_default();
        of.extend(reads.attributes.iter().map(|a| (Arc::from(a.as_str()), text(inputs.attribute(a)))));
        let issued = |name: &Arc<str>| inputs.identifiers.and_then(|all| all.get(name)).cloned();
        of.extend(
            reads.identifiers.iter().map(|n| (Arc::from(format!("id.{n}")), issued(n).unwrap_or_default())),
        );
        of.extend(reads.builtins.iter().map(|b| (Arc::from(b.as_str()), inputs.word(*b))));
    }
    of
}

/// The engagement that single-valued attributes come from, also for a departed identity.
fn foremost<'i>(
    context: &Context,
    identity: &'i Identity,
    now: Timestamp,
) -> Option<(&'i Engagement, Window)> {
    Timeline::of(context, identity, now).into_iter().min_by_key(|(e, w)| rank(context, e, w.phase))
}

/// The names that an identity would have been issued that departed before any were: identifier and candidates.
pub(crate) fn would_be(context: &Context, identity: &Identity, now: Timestamp) -> Vec<(Arc<str>, Arc<str>)> {
    let Some((engagement, seat)) =
        foremost(context, identity, now).filter(|(_, w)| w.phase == Phase::Departed)
    else {
        return Vec::new();
    };
    let values = Values::of(context, identity, engagement, seat.day, now);
    let seen = NamingBasis { identity, engagement, values };
    let inputs = seen.inputs(&identity.identifiers);
    let wanted = missing(context, identity).map(|i| candidates(i, &inputs));
    wanted.flat_map(|w| w.candidates.into_iter().map(move |c| (w.name.clone(), c))).collect()
}

pub(crate) fn candidates(identifier: &Identifier, inputs: &Inputs<'_>) -> Wanted {
    let length_max = usize::try_from(identifier.length_max).unwrap_or(usize::MAX);
    let mut candidates: Vec<Arc<str>> = Vec::new();
    let (mut last, mut refused) = (None, Vec::new());
    for expression in &identifier.candidates {
        // A name that is not issued yet reads as blank: a candidate derived from it waits for it.
        let issued = inputs.identifiers;
        if expression.reads().identifiers.iter().any(|name| issued.is_none_or(|all| !all.contains_key(name)))
        {
            continue;
        }
        // A candidate that cannot be computed for this person is skipped; the next one is tried.
        let Ok(text) = expression.text(inputs) else { continue };
        // A name made of blank values is no name: otherwise the first such person would get `.` or `.@office.example`.
        if !names_someone(&text) {
            continue;
        }
        let Some(text) = issuable(&text, identifier.letters) else {
            refused.push(text);
            continue;
        };
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
        renames: false,
        made_of: made_of(identifier, inputs),
        last,
        length_max,
        reserved: identifier.reserved.clone(),
        refused,
    }
}

/// Whether a name has a letter or a digit; an address, before its `@`.
fn names_someone(text: &str) -> bool {
    text.split('@').next().unwrap_or_default().replace(COUNTER, "").chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_punctuation_is_none() {
        for none in ["", ".", "-", " . ", ".@office.example", "@x", "{n}", ".{n}@x"] {
            assert!(!names_someone(none), "{none}");
        }
        for name in ["a", "李.", "7@x", "o'@x", "a{n}"] {
            assert!(names_someone(name), "{name}");
        }
    }

    fn wanted(candidates: &[&str], last: &str) -> Wanted {
        Wanted {
            name: Arc::from("user_name"),
            candidates: candidates.iter().map(|c| Arc::from(*c)).collect(),
            renames: false,
            made_of: MadeOf::new(),
            last: Some(Arc::from(last)),
            length_max: 8,
            reserved: [Arc::from("berg7")].into(),
            refused: Vec::new(),
        }
    }

    #[test]
    fn a_numbered_form_of_the_last_candidate_fits() {
        let all = wanted(&["berg", "ada.berg"], "berg{n}");
        for name in ["berg", "Ada.Berg", "berg2", "BERG12", "berg9999"] {
            assert!(all.fits(name), "{name}");
        }
        for name in ["aas", "berg1", "berg02", "berg7", "berg10000", "bergx", "bergen2"] {
            assert!(!all.fits(name), "{name}");
        }
        // A stem that is shortened for its number also fits, and a stem that ends in digits is distinguished from it.
        assert!(wanted(&["montgome"], "montgomery{n}").fits("montgom2"));
        assert!(wanted(&["unit42"], "unit42").fits("unit4213"));
        assert!(wanted(&["a@x"], "a{n}@x").fits("a3@x"));
        assert!(!wanted(&["a@x"], "a{n}@x").fits("a3"));
    }
}
