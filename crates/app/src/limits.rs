//! Scopes, windows and limits of brakes; for a day after a change of configuration the stricter of the old and the
//! new brake applies.

use crate::{About, AppError, Decision, DecisionContext};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;
use tenure_model::SystemName;
use tenure_policy::{Brake, SetUp, Source};
use tenure_store::{Change, HeldChangeRow, Store, Unit};

crate::app::part! {
    /// Counts and limits of brakes.
    Limits, limits
}

/// The note with brakes of earlier configurations that still apply.
const EARLIER: &str = "earlier brakes";
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
    let mut kept: Vec<Value> = earlier(store).await?;
    kept.retain(|k| until(k).is_some_and(|u| u > moment.now));
    let ends = tenure_model::range::moved(moment.now, HOLDS_FOR);
    for (scope, new) in brakes(setup) {
        let old = brakes(previous).find(|(s, _)| *s == scope).map(|(_, brake)| brake);
        if let Some(old) = old.filter(|old| stricter(*old, new) != new) {
            kept.push(json!({
                "scope": scope, "percent": old.percent, "count": old.count, "until": ends.to_string(),
            }));
        }
    }
    let text = Value::Array(kept).to_string();
    Ok(Some(Change::PutNote(Arc::from(EARLIER), Arc::from(text.as_bytes()))))
}

async fn earlier(store: &dyn Store) -> Result<Vec<Value>, AppError> {
    let note = store.note(EARLIER).await?;
    Ok(note.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default())
}

fn until(kept: &Value) -> Option<Timestamp> {
    kept["until"].as_str()?.parse().ok()
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
        let mut brake = declared;
        for kept in earlier(&*self.app.store).await? {
            if kept["scope"].as_str() == Some(scope) && until(&kept).is_some_and(|u| u > moment.now) {
                let percent = kept["percent"].as_u64().and_then(|p| u8::try_from(p).ok());
                let count = kept["count"].as_u64().and_then(|c| u32::try_from(c).ok());
                if let (Some(percent), Some(count)) = (percent, count) {
                    brake = stricter(brake, Brake { percent, count });
                }
            }
        }
        Ok(brake)
    }

    /// The held later losses of a configuration.
    pub(crate) async fn held_later(&self) -> Result<Option<HeldChangeRow>, AppError> {
        Ok(self.app.stored().held_changes().await?.into_iter().find(|h| *h.scope == *SCOPE))
    }

    /// Whether any identity was last settled under another configuration.
    pub(crate) async fn is_reconfigured(&self) -> Result<bool, AppError> {
        let settled = self.app.store.note(SETTLED).await?;
        Ok(settled.is_none_or(|under| *under != *self.configuration()))
    }

    pub(crate) fn configuration(&self) -> Arc<[u8]> {
        Arc::from(self.app.context.setup.hash.to_string().into_bytes())
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

/// The note with the configuration under which all identities were settled.
pub(crate) const SETTLED: &str = "all identities settled under";
