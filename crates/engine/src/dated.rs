//! Losses from a known day on, as stated now: on that day time alone removes the access, which no brake counts.

use crate::ahead::{on, take};
use crate::suspended::counts;
use crate::{Context, advance_decisions, settle};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use tenure_model::when::{add_days, local_date};
use tenure_model::{
    AccountKey, AccountState, AttributeName, Engagement, EntitlementName, Forgone, Identity, RecordKey,
    Settlement, SourceName, Subject, Value,
};
use tenure_policy::ClassCache;

/// Maximum number of future instants examined.
const INSTANTS_MAX: u32 = 16;

/// A value that holds from a day on: source, record, attribute, first day and value.
type Dated<'i> = (&'i SourceName, &'i RecordKey, &'i AttributeName, Date, Option<&'i Value>);

/// Adds to a settlement the access that the identity will lose on a future day, or earlier than in `before`. The identity must have
/// stored what the settlement remembers.
pub(crate) fn forgo_ahead(
    context: &Context,
    before: &Identity,
    subject: &Subject,
    settlement: &mut Settlement,
    cache: &mut ClassCache,
    now: Timestamp,
) {
    let day = add_days(local_date(now, &jiff::tz::TimeZone::UTC), -1);
    let is = dated(&subject.identity, day);
    let away = leaves(&subject.identity, day);
    // An absence, or a gap before an engagement, suspends access that comes back; a changed value ends it permanently.
    let by_leave = !away.is_empty() && away != leaves(before, day);
    let by_gap = coming(before, day).any(|e| !subject.identity.engagements.contains(e));
    let pauses = by_leave || by_gap;
    if !pauses && (is.is_empty() || is == dated(before, day)) {
        return;
    }
    let after = lost(context, subject, settlement.clone(), pauses, cache, now);
    if after.is_empty() {
        return;
    }
    let mut earlier = Subject { identity: before.clone(), ..subject.clone() };
    advance_decisions(context, None, &mut earlier.identity, now);
    let then = settle(context, &earlier, cache, now);
    let known = lost(context, &earlier, then, pauses, cache, now);
    for ((account, entitlement), at) in after {
        let key = (account, entitlement);
        if known.get(&key).is_none_or(|before| at < *before) {
            let (account, entitlement) = key;
            settlement.forgone.push(Forgone { account, entitlement, at: Some(at) });
        }
    }
}

/// The engagements that begin on later days. One that is postponed, or withdrawn before it begins, leaves a gap where access was to
/// go on.
fn coming(identity: &Identity, day: Date) -> impl Iterator<Item = &Engagement> {
    identity.engagements.iter().filter(move |e| e.start.is_some_and(|start| start > day))
}

/// Whether an identity still holds, at the instant of a known end, what it holds now: another engagement gives it from then on.
pub(crate) fn goes_on(
    context: &Context,
    subject: &Subject,
    settlement: &Settlement,
    (account, entitlement): (&AccountKey, &EntitlementName),
    at: Timestamp,
) -> bool {
    if subject.identity.engagements.len() < 2 {
        return false;
    }
    let mut before = subject.clone();
    take(&mut before, settlement);
    let then = settle(context, &on(context, &before, settlement.phase, at), &mut ClassCache::default(), at);
    let is_on =
        |s: &Settlement| s.accounts.iter().any(|a| a.key == *account && a.state == AccountState::Enabled);
    let mut due = then.grants.iter();
    due.any(|g| g.account == *account && g.entitlement == *entitlement)
        && (is_on(&then) || !is_on(settlement))
}

/// The absences that begin on later days: engagement, first day, last day.
fn leaves(identity: &Identity, day: Date) -> BTreeSet<(&SourceName, &RecordKey, Date, Option<Date>)> {
    let all = identity.engagements.iter().flat_map(|e| e.absences.iter().map(move |a| (e, a)));
    let later = all.filter(|(_, a)| a.from > day);
    later.map(|(e, a)| (&e.source, &e.key, a.from, a.until)).collect()
}

/// The values that hold from later days on.
fn dated(identity: &Identity, day: Date) -> BTreeSet<Dated<'_>> {
    let own = identity.engagements.iter().map(|e| (&e.source, &e.key, &e.attributes));
    let added = identity.supplements.iter().map(|s| (&s.source, &s.key, &s.attributes));
    let lines = own
        .chain(added)
        .flat_map(|(source, key, lines)| lines.iter().map(move |(name, line)| (source, key, name, line)));
    let entries = lines.flat_map(|(source, key, name, line)| {
        let dated = line.entries().iter().filter_map(|e| Some((e.from.filter(|from| *from > day)?, e)));
        dated.map(move |(from, entry)| (source, key, name, from, entry.value.as_ref()))
    });
    entries.collect()
}

/// The access, held or suspended, that is absent at a later instant as far as dates are known, and when first. `usable`: usable
/// access, not only access that comes back.
fn lost(
    context: &Context,
    subject: &Subject,
    settlement: Settlement,
    usable: bool,
    cache: &mut ClassCache,
    now: Timestamp,
) -> BTreeMap<(AccountKey, EntitlementName), Timestamp> {
    let held = |s: &Settlement| -> BTreeSet<(AccountKey, EntitlementName)> {
        let is_on = |key: &AccountKey| {
            !usable || s.accounts.iter().any(|a| a.key == *key && a.state == AccountState::Enabled)
        };
        let due = s.grants.iter().filter(|g| is_on(&g.account));
        let due = due.map(|g| (g.account.clone(), g.entitlement.clone()));
        due.chain(s.suspended.keys().filter(|_| !usable).cloned()).collect()
    };
    let decided = subject.grants.iter().filter(|g| g.holding.is_decided());
    let decided = decided.map(|g| (g.account.clone(), g.entitlement.clone()));
    let had: BTreeSet<_> = decided.chain(subject.identity.decisions.suspended.keys().cloned()).collect();
    let mut left: BTreeSet<_> = held(&settlement).intersection(&had).cloned().collect();
    left.retain(|(_, entitlement)| counts(context, entitlement));
    let mut lost = BTreeMap::new();
    let (mut before, mut phase) = (subject.clone(), settlement.phase);
    take(&mut before, &settlement);
    let mut edge = settlement.next.filter(|next| *next > now);
    for _ in 0..INSTANTS_MAX {
        let Some(at) = edge else { break };
        let then = on(context, &before, phase, at);
        let later = settle(context, &then, cache, at);
        let there = held(&later);
        lost.extend(left.iter().filter(|key| !there.contains(key)).map(|key| (key.clone(), at)));
        left.retain(|key| there.contains(key));
        (phase, edge) = (later.phase, later.next.filter(|next| *next > at));
        before = then;
        take(&mut before, &later);
    }
    lost
}
