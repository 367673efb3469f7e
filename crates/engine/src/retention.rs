//! Erasure: which identities policy permits to erase, what prevents it, and what remains of an identity.

use crate::Context;
use crate::window::{Timeline, Window};
use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::when::{add_days, end_of_day, local_date};
use tenure_model::{Erased, HoldClass, Identity, Phase};

/// Why an identity is not erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It is erased.
    Gone,
    /// The identity has not departed.
    Here(Phase),
    /// A hold exists.
    Held(HoldClass),
    /// A case, a task or a request is open.
    Open,
    /// A full feed still has this record (`source:key`): it would come back with the next feed.
    Reported(Arc<str>),
    /// The retention time is not over; it ends at this instant, or never by policy.
    Early(Option<Timestamp>),
}

/// What is known of an identity from outside it.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// Whether a case, a task or a question about it is open.
    pub open: bool,
    /// A record of it that a full feed still has.
    pub reported: Option<Arc<str>>,
    /// Whether the escalation group decides, and states why: then the retention time does not count.
    pub by_last_resort: bool,
}

/// Why an identity is not erased now; `None` if it may be.
#[must_use]
pub fn kept(
    context: &Context,
    identity: &Identity,
    phase: Phase,
    around: &Surroundings,
    now: Timestamp,
) -> Option<Kept> {
    if identity.is_erased() {
        return Some(Kept::Gone);
    }
    if phase != Phase::Departed {
        return Some(Kept::Here(phase));
    }
    if let Some(hold) = identity.held(now) {
        return Some(Kept::Held(hold.class));
    }
    if around.open {
        return Some(Kept::Open);
    }
    if let Some(record) = &around.reported {
        return Some(Kept::Reported(record.clone()));
    }
    let from = erasable_from(context, identity, now);
    (!around.by_last_resort && from.is_none_or(|from| now < from)).then_some(Kept::Early(from))
}

/// The instant from which policy permits to erase a departed identity; `None` if it never does.
#[must_use]
pub fn erasable_from(context: &Context, identity: &Identity, now: Timestamp) -> Option<Timestamp> {
    let days = i32::try_from(context.setup.policy.retention.erase_days?).ok()?;
    let over = |window: &Window| {
        let last = local_date(window.end?, &window.zone);
        Some(end_of_day(add_days(last, days), &window.zone))
    };
    Timeline::of(context, identity, now).windows().filter_map(over).max()
}

/// What remains of an identity: marks of its issued names (identifier and folded name) and of its strong keys, and a cut-off, which is
/// sticky. `mark` computes a keyed hash of a kind and a text.
#[must_use]
pub fn left_of(
    context: &Context,
    identity: &Identity,
    names: &[(Arc<str>, Arc<str>)],
    now: Timestamp,
    mark: &dyn Fn(&str, &str) -> [u8; 32],
) -> Identity {
    let mut left = Identity::new(identity.id, identity.kind);
    left.version = identity.version;
    left.decisions.cut_off = identity.decisions.cut_off.clone();
    if let Some(cut_off) = &mut left.decisions.cut_off {
        cut_off.reason = Arc::from("erased");
    }
    let mut marks: Vec<[u8; 32]> = identity.erased.iter().flat_map(|e| e.marks.iter().copied()).collect();
    marks.extend(names.iter().map(|(name, value)| mark(&name_kind(name), value)));
    let given =
        identity.engagements.iter().map(|e| &e.keys).chain(identity.supplements.iter().map(|s| &s.keys));
    for keys in given {
        marks.extend(context.blocking.strong(keys).map(|(kind, value)| mark(&key_kind(kind), value)));
    }
    marks.sort_unstable();
    marks.dedup();
    left.erased = Some(Erased { at: now, marks });
    left
}

/// The kind under which an issued name is marked.
#[must_use]
pub fn name_kind(name: &str) -> String {
    format!("name {name}")
}

/// The kind under which a strong key is marked.
#[must_use]
pub fn key_kind(kind: &str) -> String {
    format!("key {kind}")
}
