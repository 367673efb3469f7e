//! Controls who reads what policy withholds, and records the evidence of each reading.

use crate::directory::Directory;
use crate::{About, AppError, DecisionContext, Operation, Role, permitted};
use serde_json::json;
use std::collections::BTreeSet;
use tenure_model::{AttributeName, IdentityId};
use tenure_policy::GlobalSettings;
use tenure_store::{Change, StoredSubject, Unit};

crate::app::part! {
    /// Who may read withheld attributes, and the evidence of each reading.
    Readings, reading
}

/// A reader and the identity read about.
pub(crate) struct Reader<'a> {
    id: Option<IdentityId>,
    about: IdentityId,
    directory: Directory,
    settings: &'a GlobalSettings,
}

impl Reader<'_> {
    /// Whether the reader is one of these readers. Each person may read what is about themselves.
    pub(crate) fn reads(&self, readers: &str) -> bool {
        let Some(id) = self.id else { return false };
        let mut roles: BTreeSet<Role> = (id == self.about).then_some(Role::Holder).into_iter().collect();
        roles.extend(self.directory.people(self.settings, readers).contains(&id).then_some(Role::Reader));
        permitted(Operation::ReadWithheld, &roles, &BTreeSet::new(), false).is_ok()
    }
}

impl<'a> Readings<'a> {
    pub(crate) async fn reader(
        &self,
        about: &StoredSubject,
        moment: &DecisionContext,
    ) -> Result<Reader<'a>, AppError> {
        let directory = Directory::load(self.app).await?;
        let settings = &self.app.context.setup.settings;
        // If the reading cannot be recorded, the value is withheld.
        let id = moment.actor.as_ref().map(|a| a.id).filter(|_| !self.app.store.reads_only());
        Ok(Reader { id, about: about.identity.id, directory, settings })
    }

    /// Whether any rule withholds attributes from any reader.
    pub(crate) fn withholds(&self) -> bool {
        self.app.context.setup.policy.local.iter().any(|l| l.withheld.is_some())
    }

    /// Evidence that a withheld attribute was read.
    pub(crate) async fn note_reading(
        &self,
        stored: &StoredSubject,
        read: &BTreeSet<AttributeName>,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        if read.is_empty() {
            return Ok(());
        }
        let id = stored.identity.id;
        let key = self.app.stored().key_of(id, stored.person_key.as_deref());
        let about = About { identity: key.as_ref().map(|k| (id, k)), ..About::default() };
        let payload =
            json!({ "v": 1, "attributes": read.iter().map(ToString::to_string).collect::<Vec<_>>() });
        let evidence = self.app.recorder(moment).evidence("data.read", about, payload)?;
        self.app
            .store
            .commit(vec![Unit { expects: Vec::new(), changes: vec![Change::Append(evidence)] }])
            .await?;
        Ok(())
    }
}
