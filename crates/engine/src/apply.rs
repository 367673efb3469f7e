//! What a record changes in an identity: engagements begin and end, values get dates, and history is kept.

use crate::Context;
use crate::normalise::Readable;
use crate::relocation::relocate;
use crate::window::window;
use jiff::Timestamp;
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use tenure_model::when::{add_days, local_date};
use tenure_model::{
    AttributeName, Engagement, EngagementId, EngagementState, EngagementType, Identity, Name, NormalRecord,
    Phase, RecordKey, SourceName, Supplement, Timeline, Value, Zone,
};

/// The day from which a value without a stated date holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Since {
    /// The day on which it is stated: it is new.
    Today,
    /// As long as the value that it replaces: the same row was read with another mapping.
    Before,
}

/// Applies a record to its identity.
pub fn apply_record(context: &Context, identity: &mut Identity, record: &NormalRecord, now: Timestamp) {
    apply(context, identity, record, Since::Today, now);
}

/// Applies what another mapping makes of a row that was applied before: nothing happened to the person, so no value begins today and
/// no new engagement is created.
pub fn apply_reread(context: &Context, identity: &mut Identity, record: &NormalRecord, now: Timestamp) {
    apply(context, identity, record, Since::Before, now);
    let kinds: BTreeMap<EngagementId, EngagementType> =
        identity.engagements.iter().map(|e| (e.id, e.kind.clone())).collect();
    for decision in identity.decisions.individual.iter_mut().filter(|d| d.work.is_some()) {
        let kind = decision.engagement.and_then(|id| kinds.get(&id).cloned());
        decision.work = kind.or(decision.work.take());
    }
}

fn apply(context: &Context, identity: &mut Identity, record: &NormalRecord, since: Since, now: Timestamp) {
    let today = today(context, &record.zone, now);
    match &record.engagement {
        Some(kind) => apply_engagement(context, identity, record, kind, (today, since), now),
        None => apply_supplement(identity, record, (today, since)),
    }
}

/// Applies the part of a quarantined row that ends or suspends something. Returns whether there was an engagement.
pub fn apply_readable(
    identity: &mut Identity,
    source: &SourceName,
    readable: &Readable,
    now: Timestamp,
) -> bool {
    let Some(engagement) =
        identity.engagements.iter_mut().rfind(|e| &e.source == source && e.key == readable.key)
    else {
        return false;
    };
    if readable.last_day.is_some() || readable.end.is_some() {
        // A date belongs to the row that states it, and so does its zone: if the zone cannot be read, the earliest one applies.
        engagement.zone = readable.zone.clone();
    }
    engagement.last_day = readable.last_day.or(engagement.last_day);
    engagement.end = readable.end.or(engagement.end);
    if !readable.absences.is_empty() {
        engagement.absences.clone_from(&readable.absences);
    }
    if readable.withdrawn {
        engagement.state = EngagementState::Withdrawn { at: now };
    } else if matches!(engagement.state, EngagementState::Missing { .. }) {
        engagement.state = EngagementState::Stated;
    }
    true
}

/// Applies "no longer in the source": the engagement ends at `ends`, or is only marked as missing. The same applies to an engagement
/// that still runs while the newest one under this key has not begun.
pub fn apply_missing(
    identity: &mut Identity,
    source: &SourceName,
    key: &RecordKey,
    now: Timestamp,
    ends: Option<Timestamp>,
) {
    identity.supplements.retain(|s| !(&s.source == source && &s.key == key));
    let utc = local_date(now, &jiff::tz::TimeZone::UTC);
    // One more day ensures that an earlier end has passed in every time zone.
    let over = |e: &Engagement| e.stated_end().is_some_and(|end| add_days(end.date, 1) < utc);
    let turns = identity.engagements.iter_mut().rev().filter(|e| &e.source == source && &e.key == key);
    for (i, turn) in turns.enumerate() {
        if turn.state == EngagementState::Stated && (i == 0 || !over(turn)) {
            turn.state = EngagementState::Missing { since: now, ends };
        }
    }
}

/// Applies "the row is present": a record whose row is present is not missing, even if the row is quarantined, held by a brake or in
/// question. An end that was reached meanwhile stays: only an accepted record begins access again.
pub fn apply_present(identity: &mut Identity, source: &SourceName, key: &RecordKey, now: Timestamp) {
    for turn in identity.engagements.iter_mut().filter(|e| &e.source == source && &e.key == key) {
        if matches!(turn.state, EngagementState::Missing { ends, .. } if ends.is_none_or(|e| e > now)) {
            turn.state = EngagementState::Stated;
        }
    }
}

/// The id of an engagement: derived from source, key and how many times this key began a new engagement.
#[must_use]
pub fn engagement_id(source: &SourceName, key: &RecordKey, turn: usize) -> EngagementId {
    let mut hash = Sha256::new();
    for part in [source.as_str(), key.as_str(), &turn.to_string()] {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut id = [0; 16];
    id.copy_from_slice(&digest[..16]);
    EngagementId::from_digest(id)
}

fn today(context: &Context, zone: &Zone, now: Timestamp) -> Date {
    let zone = context.zones.get(&zone.name).unwrap_or(jiff::tz::TimeZone::UTC);
    local_date(now, &zone)
}

fn apply_engagement(
    context: &Context,
    identity: &mut Identity,
    record: &NormalRecord,
    kind: &EngagementType,
    (today, since): (Date, Since),
    now: Timestamp,
) {
    let place = stated_turn(identity, record, today, now);
    let place = place.filter(|i| !begins_anew(context, identity, &identity.engagements[*i], record, now));
    let turn = identity.engagements.iter().filter(|e| is_of(e, record)).count();
    if let Some(place) = place {
        relocate(context, identity, place, &record.zone, now);
    }
    let mut engagement = match place {
        Some(i) => identity.engagements[i].clone(),
        None => Engagement {
            id: engagement_id(&record.source, &record.key, turn),
            source: record.source.clone(),
            key: record.key.clone(),
            kind: kind.clone(),
            start: None,
            last_day: None,
            end: None,
            zone: record.zone.clone(),
            absences: Vec::new(),
            state: EngagementState::Stated,
            keys: BTreeMap::new(),
            attributes: BTreeMap::new(),
        },
    };
    engagement.kind = kind.clone();
    engagement.start = record.start;
    engagement.last_day = record.last_day;
    engagement.end = record.end;
    engagement.zone = record.zone.clone();
    engagement.absences.clone_from(&record.absences);
    engagement.keys.clone_from(&record.keys);
    engagement.state = match (&engagement.state, record.withdrawn) {
        (EngagementState::Withdrawn { at }, true) => EngagementState::Withdrawn { at: *at },
        (_, true) => EngagementState::Withdrawn { at: now },
        (_, false) => EngagementState::Stated,
    };
    apply_values(&mut engagement.attributes, record, (today, since));
    match place {
        Some(i) => identity.engagements[i] = engagement,
        None => identity.engagements.push(engagement),
    }
    // The record is present again: an engagement still running under its key is not missing either.
    apply_present(identity, &record.source, &record.key, now);
}

fn is_of(engagement: &Engagement, record: &NormalRecord) -> bool {
    engagement.source == record.source && engagement.key == record.key
}

/// The engagement that a record describes: the newest under its key. A future engagement that is no longer stated is withdrawn: the
/// record then describes the previous one again.
fn stated_turn(identity: &mut Identity, record: &NormalRecord, today: Date, now: Timestamp) -> Option<usize> {
    let newest = identity.engagements.iter().rposition(|e| is_of(e, record))?;
    let [before @ .., next] = identity.engagements.get_mut(..=newest)? else { return None };
    let withdrawn = matches!(next.state, EngagementState::Withdrawn { .. });
    let ahead = withdrawn || next.start.is_some_and(|s| s > today);
    let same = |e: &Engagement| is_of(e, record) && e.start == record.start;
    let again = before.iter().rposition(same).filter(|_| ahead && next.start != record.start);
    if again.is_some() && !withdrawn {
        next.state = EngagementState::Withdrawn { at: now };
    }
    Some(again.unwrap_or(newest))
}

/// Whether a record states a new engagement under the key of an old one: it begins after the old end. The old one is over, or it is
/// running and its stated values stay valid: exports overwrite the current engagement with the next one.
fn begins_anew(
    context: &Context,
    identity: &Identity,
    engagement: &Engagement,
    record: &NormalRecord,
    now: Timestamp,
) -> bool {
    let over = window(context, identity, engagement, now);
    let ended = engagement.stated_end().map(|e| e.date);
    let after = |s: Date| match over.phase {
        Phase::Departed | Phase::Erased => ended.is_none_or(|e| s > e),
        Phase::Active | Phase::Absent => ended.is_some_and(|e| s > e),
        Phase::Expected | Phase::Preparing => false,
    };
    !record.withdrawn && record.start.is_some_and(|s| engagement.start != Some(s) && after(s))
}

fn apply_supplement(identity: &mut Identity, record: &NormalRecord, day: (Date, Since)) {
    let place = identity.supplements.iter().position(|s| s.source == record.source && s.key == record.key);
    let mut supplement = match place {
        Some(i) => identity.supplements.remove(i),
        None => Supplement {
            source: record.source.clone(),
            key: record.key.clone(),
            keys: BTreeMap::new(),
            attributes: BTreeMap::new(),
        },
    };
    supplement.keys.clone_from(&record.keys);
    apply_values(&mut supplement.attributes, record, day);
    let place = place.unwrap_or(identity.supplements.len());
    identity.supplements.insert(place, supplement);
}

/// Merges stated values. A value without a date holds from today, or always if it is the first one. A scheduled value that is no
/// longer stated is cancelled. A timeline without entries stays: it states that there is no value.
fn apply_values(
    lines: &mut BTreeMap<AttributeName, Timeline<Value>>,
    record: &NormalRecord,
    day: (Date, Since),
) {
    if lines.is_empty() {
        // Cloning a map is faster than building it.
        lines.clone_from(&record.attributes);
    } else {
        for (name, stated) in &record.attributes {
            merge(lines.entry(name.clone()).or_default(), stated, day);
        }
    }
    for (name, from) in &record.cleared {
        lines.entry(name.clone()).or_default().set_rest(Some(*from), None);
    }
}

fn merge(line: &mut Timeline<Value>, stated: &Timeline<Value>, (today, since): (Date, Since)) {
    if line.is_empty() {
        *line = stated.clone();
        return;
    }
    let dated = stated.entries().iter().any(|e| e.from.is_some());
    if !dated {
        let value = stated.at(today).cloned();
        if line.at(today) != value.as_ref() || line.next_change(today).is_some() {
            let from = match since {
                Since::Today => Some(today),
                Since::Before => line.entry_at(today).and_then(|e| e.from),
            };
            line.set_rest(from, value);
        }
        return;
    }
    let current = line.at(today).cloned();
    line.set_rest(Some(today), current);
    let past = stated.entry_at(today).map(|e| e.from);
    for entry in stated.entries() {
        // A value that holds today has held since its day: no value known for the days in between contradicts it.
        match past == Some(entry.from) {
            true => line.set_rest(entry.from, entry.value.clone()),
            false => line.set(entry.from, entry.value.clone()),
        }
    }
}
