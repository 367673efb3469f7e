//! For a day after a change of configuration the stricter of the old and the new brake holds.

use crate::{App, AppError, Moment};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;
use tenure_policy::{Brake, SetUp};
use tenure_store::{Change, Store};

/// The note with brakes of earlier configurations that hold still.
const EARLIER: &str = "earlier brakes";
/// How long the stricter one holds.
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
    moment: &Moment,
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

impl App {
    /// The brake that holds now: the declared one, or a stricter one of a configuration that was active within the last day.
    pub(crate) async fn brake_now(
        &self,
        scope: &str,
        declared: Brake,
        moment: &Moment,
    ) -> Result<Brake, AppError> {
        let mut brake = declared;
        for kept in earlier(&*self.store).await? {
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
}
