//! An identity as lists show it: what tells it from others of the same name.

use super::People;
use crate::AppError;
use crate::describe::instant_words;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;
use tenure_engine::{primary_engagement, value_on, withheld};
use tenure_model::when::local_date;
use tenure_model::{AttributeName, Engagement, Identity, IdentityId, IdentityKind, Name as _, Phase};
use tenure_store::StoredSubject;

/// The attribute that lists show as the department, where the configuration declares it.
const DEPARTMENT: &[&str] = &["department"];
/// Attributes that lists show as the site: the first that the configuration declares and the identity has.
const SITE: &[&str] = &["site", "location", "office"];

/// An identity in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityShown {
    /// Its id.
    pub id: IdentityId,
    /// Its display name.
    pub title: Arc<str>,
    /// The key of its primary engagement, else of its last one.
    pub number: Option<Arc<str>>,
    /// Its user name, or another issued name.
    pub user_name: Option<Arc<str>>,
    /// Its department, unless policy withholds it.
    pub department: Option<Arc<str>>,
    /// Its site, unless policy withholds it.
    pub site: Option<Arc<str>>,
    /// What it is.
    pub kind: IdentityKind,
    /// Its phase as last settled.
    pub phase: Phase,
    /// Since when it is cut off.
    pub cut_off: Option<Timestamp>,
    /// The identity that it was merged into.
    pub merged_into: Option<IdentityId>,
}

impl IdentityShown {
    /// Name, number, department, site, phase and short id.
    #[must_use]
    pub fn line(&self) -> String {
        let number = self.number.as_ref().filter(|n| **n != self.title);
        let name = number.map_or_else(|| self.title.to_string(), |n| format!("{} ({n})", self.title));
        let kind = (self.kind != IdentityKind::Person).then(|| self.kind.as_str().to_owned());
        let parts = [Some(name), kind, self.department.as_ref().map(ToString::to_string)];
        let parts =
            parts.into_iter().chain([self.site.as_ref().map(ToString::to_string), Some(self.state())]);
        let line = parts.flatten().collect::<Vec<_>>().join(", ");
        tenure_model::text::shown(&format!("{line}, id {}", self.id.short())).into_owned()
    }

    /// Its phase, and whether it is cut off or merged.
    fn state(&self) -> String {
        match (self.merged_into, self.cut_off) {
            (Some(into), _) => format!("merged into {}", into.short()),
            (None, Some(at)) => format!("{} and cut off since {}", self.phase.as_str(), instant_words(at)),
            (None, None) => self.phase.as_str().to_owned(),
        }
    }

    /// The same for programs.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "id": self.id.to_string(), "short_id": self.id.short(), "person": &*self.title,
            "number": self.number.as_deref(), "user_name": self.user_name.as_deref(),
            "department": self.department.as_deref(), "site": self.site.as_deref(), "kind": self.kind.as_str(),
            "phase": self.phase.as_str(), "cut_off_since": self.cut_off.map(|at| at.to_string()),
            "merged_into": self.merged_into.map(|id| id.to_string()),
        })
    }
}

impl People<'_> {
    /// Identities as lists show them, in the order of `ids`.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn shown(&self, ids: &[IdentityId]) -> Result<Vec<IdentityShown>, AppError> {
        let now = self.app.store.business_time().await?.unwrap_or_else(|| self.app.machine.clock.now());
        let subjects = self.app.stored().readable(ids).await?;
        Ok(subjects.iter().map(|s| self.shown_at(s, now)).collect())
    }

    /// One identity as lists show it at an instant.
    pub(crate) fn shown_at(&self, stored: &StoredSubject, now: Timestamp) -> IdentityShown {
        let identity = &stored.identity;
        let primary = primary_engagement(&self.app.context, identity, now);
        let engagement = identity.engagements.iter().find(|e| Some(e.id) == primary);
        let engagement = engagement.or_else(|| identity.engagements.last());
        let first = |names: &[&str]| self.first_value(identity, engagement?, names, now);
        let issued = &identity.identifiers;
        IdentityShown {
            id: identity.id,
            title: stored.title.clone(),
            number: engagement.map(|e| Arc::from(e.key.as_str())),
            user_name: issued.get("user_name").or_else(|| issued.values().next()).cloned(),
            department: first(DEPARTMENT),
            site: first(SITE),
            kind: identity.kind,
            phase: stored.phase,
            cut_off: identity.cut_off_at(),
            merged_into: identity.merged_into,
        }
    }

    /// The first of these attributes that has a value which policy withholds from no reader.
    fn first_value(
        &self,
        identity: &Identity,
        engagement: &Engagement,
        names: &[&str],
        now: Timestamp,
    ) -> Option<Arc<str>> {
        let context = &self.app.context;
        let zone = context.zones.get(&engagement.zone.name).unwrap_or(jiff::tz::TimeZone::UTC);
        let day = local_date(now, &zone);
        let withheld = withheld(context, identity, engagement, day, now);
        let declared = names.iter().filter_map(|name| AttributeName::new(name).ok());
        let mut read =
            declared.filter(|n| context.setup.attributes.contains_key(n) && !withheld.contains_key(n));
        read.find_map(|name| value_on(context, identity, engagement, &name, day, now))
            .map(|(value, _)| Arc::from(value.to_string()))
    }
}

/// The display name of an identity, with its strong key, for lists.
#[must_use]
pub fn called(title: &str, identity: &Identity) -> String {
    let key = identity.engagements.last().map(|e| e.key.to_string()).unwrap_or_default();
    if key.is_empty() || key == title { title.to_owned() } else { format!("{title} ({key})") }
}
