//! Which source has authority: the values of an engagement's attributes on a local day.

use crate::Context;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;
use tenure_model::when::start_of_day;
use tenure_model::{AttributeName, Engagement, Identity, SourceName, Timeline, Value};
use tenure_policy::{Inputs, Lines};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Won {
    /// The source with the best rank that states it.
    Source(SourceName),
    /// A person's manual override, for a limited time.
    Override,
}

/// The values of an engagement's attributes on a day: read from its timelines, unless another source or an override applies.
#[derive(Debug, Clone)]
pub(crate) enum Values<'a> {
    Lines(Lines<'a>),
    Own(BTreeMap<AttributeName, Value>),
}

impl<'a> Values<'a> {
    pub(crate) fn of(
        context: &Context,
        identity: &Identity,
        engagement: &'a Engagement,
        day: Date,
        now: Timestamp,
    ) -> Self {
        if identity.supplements.is_empty() && identity.decisions.overrides.is_empty() {
            return Self::Lines(Lines { lines: &engagement.attributes, day });
        }
        Self::Own(values_on(context, identity, engagement, day, now))
    }
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Lines(l) => l.lines.get(name)?.at(l.day),
            Self::Own(values) => values.get(name),
        }
    }
    /// Inputs that hold only these values.
    pub(crate) fn inputs(&self) -> Inputs<'_> {
        match self {
            Self::Lines(lines) => Inputs { lines: Some(*lines), ..Inputs::default() },
            Self::Own(values) => Inputs { attributes: Some(values), ..Inputs::default() },
        }
    }
}

/// The values of all attributes of an engagement on a day: manual overrides first, then the source with the lowest rank.
#[must_use]
pub fn values_on(
    context: &Context,
    identity: &Identity,
    engagement: &Engagement,
    day: Date,
    now: Timestamp,
) -> BTreeMap<AttributeName, Value> {
    let mut values: BTreeMap<AttributeName, Value> = engagement
        .attributes
        .iter()
        .filter_map(|(name, line)| Some((name.clone(), line.at(day)?.clone())))
        .collect();
    if !identity.supplements.is_empty() || !identity.decisions.overrides.is_empty() {
        for name in other_names(identity) {
            match value_on(context, identity, engagement, name, day, now) {
                Some((value, _)) => values.insert(name.clone(), value.clone()),
                None => values.remove(name),
            };
        }
    }
    values
}

fn other_names(identity: &Identity) -> impl Iterator<Item = &AttributeName> {
    let supplied = identity.supplements.iter().flat_map(|s| s.attributes.keys());
    supplied.chain(identity.decisions.overrides.iter().map(|o| &o.attribute))
}

/// The value of one attribute and where it came from.
#[must_use]
pub fn value_on<'a>(
    context: &Context,
    identity: &'a Identity,
    engagement: &'a Engagement,
    name: &AttributeName,
    day: Date,
    now: Timestamp,
) -> Option<(&'a Value, Won)> {
    let by_hand = identity.decisions.overrides.iter().find(|o| &o.attribute == name && now < o.until);
    if let Some(o) = by_hand {
        return Some((&o.value, Won::Override));
    }
    let (line, source) = winning(context, identity, engagement, name, day)?;
    Some((line.at(day)?, Won::Source(source.clone())))
}

/// The timeline that counts on a day, and its source: of those that state something for that day, the one of the source with the best
/// rank, even if it states that there is no value.
pub(crate) fn winning<'a>(
    context: &Context,
    identity: &'a Identity,
    engagement: &'a Engagement,
    name: &AttributeName,
    day: Date,
) -> Option<(&'a Timeline<Value>, &'a SourceName)> {
    let rank = |s: &SourceName| context.ranks.get(s).copied().unwrap_or(u16::MAX);
    let own = engagement.attributes.get(name).map(|line| (line, &engagement.source));
    let added = identity.supplements.iter().filter_map(|s| Some((s.attributes.get(name)?, &s.source)));
    // Of equal ranks the first wins: the engagement's own source.
    own.into_iter()
        .chain(added)
        .filter(|(line, _)| line.speaks_of(day))
        .min_by_key(|(_, source)| rank(source))
}

/// The next instant after `day` at which a wake attribute of this engagement changes by itself.
pub(crate) fn next_value_change(
    context: &Context,
    identity: &Identity,
    engagement: &Engagement,
    day: Date,
    zone: &jiff::tz::TimeZone,
) -> Option<Timestamp> {
    let own = engagement.attributes.iter();
    let added = identity.supplements.iter().flat_map(|s| s.attributes.iter());
    own.chain(added)
        .filter(|(name, _)| context.watched.contains(*name))
        .filter_map(|(_, line)| line.next_change(day))
        .min()
        .map(|date| start_of_day(date, zone))
}
