//! Scopes, windows and limits of brakes; for a day after a change of configuration the stricter of the old and the
//! new brake applies.

use crate::{About, AppError, Decision, DecisionContext};
use jiff::SignedDuration;
use serde_json::json;
use std::sync::Arc;
use tenure_model::SystemName;
use tenure_policy::{Brake, SetUp, Source};
use tenure_store::note::{EarlierBrake, NoteOf as _, kinds, read_note};
use tenure_store::{Change, HeldChangeRow, Store, Unit};

crate::app::part! {
    /// Counts and limits of brakes.
    Limits, limits
}

/// How long the stricter brake applies.
const HOLDS_FOR: SignedDuration = SignedDuration::from_hours(24);

/// The stricter of two brakes, limit by limit.
fn stricter(one: Brake, other: Brake) -> Brake {
    Brake { percent: one.percent.min(other.percent), count: one.count.min(other.count) }
}

/// Every brake of a configuration, by the scope under which losses are counted.
fn brakes(setup: &SetUp) -> impl Iterator<Item = (String, Brake)> + '_ {
    let sources = setup.sources.values().map(|s| (format!("source {}", s.name), s.brake));
    sources.chain(setup.systems.values().map(|s| (format!("system {}", s.name), s.brake)))
}

/// The change that keeps the brakes of `previous` where those of `setup` allow more.
pub(super) async fn loosened(
    store: &dyn Store,
    previous: &SetUp,
    setup: &SetUp,
    moment: &DecisionContext,
) -> Result<Option<Change>, AppError> {
    let ends = tenure_model::range::moved(moment.now, HOLDS_FOR);
    let strictest = |(scope, _)| EarlierBrake { scope: Arc::from(scope), percent: 0, count: 0, until: ends };
    // What cannot be read applies for a day at most, and holds back everything that is counted: also under this configuration.
    let all_held = brakes(setup).map(strictest).collect();
    let mut kept =
        read_note(store, &kinds::EarlierBrakes).await?.or_if_unreadable(all_held).unwrap_or_default();
    kept.retain(|k| k.until > moment.now);
    for (scope, new) in brakes(setup) {
        let old = brakes(previous).find(|(s, _)| *s == scope).map(|(_, brake)| brake);
        if let Some(old) = old.filter(|old| stricter(*old, new) != new) {
            let (percent, count) = (old.percent, old.count);
            kept.push(EarlierBrake { scope: Arc::from(scope), percent, count, until: ends });
        }
    }
    Ok(Some(kinds::EarlierBrakes.is(kept)))
}

/// The scope under which a system's losses are counted and held.
pub(crate) fn system_scope(system: &SystemName) -> Arc<str> {
    Arc::from(format!("system {system}"))
}

/// The scope under which a source's losses are counted.
pub(crate) fn source_scope(source: &Source) -> Arc<str> {
    Arc::from(format!("source {}", source.name))
}

impl Limits<'_> {
    /// The brake that applies now: the declared one, or a stricter one of a configuration that was active within the last day.
    pub(crate) async fn brake_now(
        &self,
        scope: &str,
        declared: Brake,
        moment: &DecisionContext,
    ) -> Result<Brake, AppError> {
        let read = read_note(&*self.app.store, &kinds::EarlierBrakes).await?;
        if read.is_unreadable() {
            return self.brake_unread(declared, moment).await;
        }
        let mut kept = read.readable().unwrap_or_default();
        kept.retain(|kept| *kept.scope == *scope && kept.until > moment.now);
        let apply =
            |brake, kept: &EarlierBrake| stricter(brake, Brake { percent: kept.percent, count: kept.count });
        Ok(kept.iter().fold(declared, apply))
    }

    /// The brake that applies where the earlier ones cannot be read: the declared one if no configuration became active within the time for
    /// which they apply; else any of them may be the stricter one, and everything that is counted is held.
    async fn brake_unread(&self, declared: Brake, moment: &DecisionContext) -> Result<Brake, AppError> {
        let began = tenure_model::range::moved(moment.now, -HOLDS_FOR);
        match self.app.store.set_ups_since(began, None, 1).await?.is_empty() {
            true => Ok(declared),
            false => Ok(Brake { percent: 0, count: 0 }),
        }
    }

    /// The held later losses of a configuration.
    pub(crate) async fn held_later(&self) -> Result<Option<HeldChangeRow>, AppError> {
        Ok(self.app.stored().held_changes().await?.into_iter().find(|h| *h.scope == *SCOPE))
    }

    /// Whether any identity was last settled under another configuration.
    pub(crate) async fn is_reconfigured(&self) -> Result<bool, AppError> {
        // One that cannot be read settles all identities once more.
        let settled = read_note(&*self.app.store, &kinds::SettledUnder).await?.readable();
        Ok(settled.is_none_or(|under| under != self.app.context.setup.hash))
    }

    /// The write of a held change whose list became shorter because newer decisions took the rest back, with its evidence. Without
    /// identities it ends.
    pub(crate) fn shortened(
        &self,
        mut held: HeldChangeRow,
        moment: &DecisionContext,
    ) -> Result<Unit, AppError> {
        let is_over = held.people.is_empty();
        held.ended = is_over.then(|| (moment.now, Arc::from("newer decisions took all of it back")));
        let kind = if is_over { "brake.ended" } else { "brake.shortened" };
        let payload = json!({ "v": 1, "held": held.id.to_string(), "left": held.people.len() });
        let evidence = self.app.recorder(moment).evidence(kind, About::default(), payload)?;
        let (expect, put) = held.rewritten();
        Ok(Unit { expects: vec![expect], changes: vec![put, Change::Append(evidence)] })
    }
}

/// Whether a brake trips: both limits are exceeded.
#[must_use]
pub(crate) fn trips(brake: tenure_policy::Brake, losing: u64, population: u64) -> bool {
    losing > u64::from(brake.count) && losing * 100 > u64::from(brake.percent) * population
}

/// The largest number of identities that may lose access before a brake trips.
#[must_use]
pub(crate) fn most(brake: tenure_policy::Brake, population: u64) -> u64 {
    u64::from(brake.count).max(u64::from(brake.percent) * population / 100)
}

/// The window in which losses are counted.
pub(crate) const WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// The releaser, for the evidence.
pub(crate) fn released_by(moment: &DecisionContext) -> Arc<str> {
    moment.actor.as_ref().map_or_else(|| Arc::from("tenure"), |a| a.title.clone())
}

/// The scope that holds the losses by a configuration.
pub(crate) const SCOPE: &str = "configuration";

/// What an identity would lose, in words, without a name: the text is stored next to the id, also where no person's key seals it.
pub(crate) fn loses(decision: &Decision) -> Arc<str> {
    let steps: Vec<String> =
        decision.plan.steps.iter().filter(|s| s.kind.removes()).map(crate::describe::step_words).collect();
    let renamed = decision.renames().then(|| "is to be renamed".to_owned());
    let later = (!decision.later.is_empty()).then(|| loses_later(decision));
    let what: Vec<String> = steps.into_iter().chain(renamed).chain(later).collect();
    Arc::from(what.join(", "))
}

/// The later losses, in words.
pub(crate) fn loses_later(decision: &Decision) -> String {
    match decision.first_loss() {
        Some(at) => format!("loses access at {at} that was to last longer"),
        None => "does not get back access that is suspended".to_owned(),
    }
}
