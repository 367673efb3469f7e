//! Finds people by user input, and determines the actor.

use crate::text::fold;
use crate::{Actor, AppError, Born, Login, Refusal};
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::{Identity, IdentityId};
use tenure_store::{Keyed, StoredSubject};

crate::app::part! {
    /// Identities by their names, and the people behind logins.
    People, people
}

/// Most matches that are listed when a name fits several identities.
const MATCHES_MAX: u32 = 10;
/// Identities that are read at once when all are read.
const PAGE: u32 = 1_024;

impl People<'_> {
    /// The identity that a text means: its id, one of its strong keys, an issued name, or part of its name when only one fits.
    ///
    /// # Errors
    /// When no identity or several match.
    pub async fn person(&self, text: &str) -> Result<StoredSubject, AppError> {
        if let Some(id) = self.by_exact_text(text).await? {
            return self.loaded(id, text).await;
        }
        self.found_by_name(text).await
    }

    /// The identity that a text names exactly: by its id, a strong key, or an issued name; `None` for a weaker match.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn exactly(&self, text: &str) -> Result<Option<StoredSubject>, AppError> {
        match self.by_exact_text(text).await? {
            Some(id) => Ok(self.app.store.subjects(&[id]).await?.pop()),
            None => Ok(None),
        }
    }

    async fn by_exact_text(&self, text: &str) -> Result<Option<IdentityId>, AppError> {
        if let Some(id) = IdentityId::parse(text) {
            return Ok(Some(id));
        }
        let kinds = [self.app.context.setup.settings.actor_key.clone(), Arc::from("email")];
        let keys: Vec<Keyed> = kinds.into_iter().map(|kind| Keyed { kind, value: fold(text) }).collect();
        let exact = self.app.store.by_keys(&keys).await?;
        if let [(_, id)] = &*exact {
            return Ok(Some(*id));
        }
        // An issued name belongs to one identity, also where it is part of another identity's name.
        let issued = self.app.context.setup.policy.identifiers.iter().map(|i| (i.name.clone(), fold(text)));
        let issued = self.app.store.identifiers(&issued.collect::<Vec<_>>()).await?;
        let bearers: BTreeSet<IdentityId> = issued.into_iter().map(|(_, _, id)| id).collect();
        Ok(bearers.first().copied().filter(|_| bearers.len() == 1))
    }

    async fn found_by_name(&self, text: &str) -> Result<StoredSubject, AppError> {
        let mut found = self.app.store.find(text, MATCHES_MAX).await?;
        // Only marks remain of an erased identity; a text that is part of a mark matches by chance.
        let marked = |title: &str| title == crate::text::TITLE && !title.contains(&*fold(text));
        found.retain(|(_, title)| !marked(title));
        match &*found {
            [(id, _)] => self.loaded(*id, text).await,
            [] => Err(unknown(
                text,
                ": try a worker number, a user name, an e-mail address or part of the name",
            )),
            several => {
                let same: Vec<&(IdentityId, Arc<str>)> =
                    several.iter().filter(|(_, title)| fold(title) == fold(text)).collect();
                if let [(id, _)] = &*same {
                    return self.loaded(*id, text).await;
                }
                let names: Vec<String> =
                    several.iter().map(|(id, title)| format!("{title} ({id})")).collect();
                Err(unknown(text, &format!(" as one person: it fits {}", names.join(", "))))
            }
        }
    }

    /// All identities, page by page, complete: for lists that no index answers.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn everybody(&self) -> Result<Vec<StoredSubject>, AppError> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let ids = self.app.store.identities(after, PAGE).await?;
            let Some(last) = ids.last() else { return Ok(all) };
            after = Some(*last);
            all.extend(self.app.stored().readable(&ids).await?);
        }
    }

    async fn loaded(&self, id: IdentityId, text: &str) -> Result<StoredSubject, AppError> {
        self.app.store.subjects(&[id]).await?.pop().ok_or_else(|| unknown(text, ""))
    }

    /// The person that the configuration maps a login to; `None` where it maps to no known person.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn actor_of(&self, login: &Login) -> Result<Option<Actor>, AppError> {
        let settings = &self.app.context.setup.settings;
        let Some(key) = settings.actor(&login.uid_key(), login.name.as_deref()) else { return Ok(None) };
        let keyed = Keyed { kind: settings.actor_key.clone(), value: fold(key) };
        let found = self.app.store.by_keys(&[keyed]).await?;
        let [(_, id)] = &*found else { return Ok(None) };
        let subject = self.loaded(*id, key).await?;
        Ok(Some(Actor { id: *id, title: subject.title, stood_in: false, login: Some(login.clone()) }))
    }

    /// The authors of a configuration, as stored with it, one per line.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn authors(&self, by: &str) -> Result<Vec<IdentityId>, AppError> {
        let mut authors = Vec::new();
        for one in by.lines() {
            authors.extend(self.author(one).await?);
        }
        Ok(authors)
    }

    /// One author: an id, or a login or a key that the configuration maps.
    async fn author(&self, by: &str) -> Result<Option<IdentityId>, AppError> {
        if let Some(id) = IdentityId::parse(by) {
            return Ok(Some(id));
        }
        let settings = &self.app.context.setup.settings;
        let key = settings.actors.get(by).map_or(by, |key| key);
        let found =
            self.app.store.by_keys(&[Keyed { kind: settings.actor_key.clone(), value: fold(key) }]).await?;
        Ok(match &*found {
            [(_, id)] => Some(*id),
            _ => None,
        })
    }

    /// The person named by `--as`, where the configuration allows it (demo and replay).
    ///
    /// # Errors
    /// When the configuration does not allow it, or the name matches no identity.
    pub async fn stand_in(&self, person: &str, login: Option<Login>) -> Result<Actor, AppError> {
        if self.app.vault.born() == Born::Live || !self.app.context.setup.settings.allow_as {
            let text = "acting as another identity is not allowed here: it is for replay databases only";
            return Err(AppError::Forbidden(Refusal::ActingAsNotAllowed, Arc::from(text)));
        }
        let subject = self.person(person).await?;
        Ok(Actor { id: subject.identity.id, title: subject.title, stood_in: true, login })
    }
}

fn unknown(text: &str, hint: &str) -> AppError {
    AppError::Unknown { what: "person", name: Arc::from(text), hint: Arc::from(hint) }
}

/// The display name of an identity, with its strong key, for lists.
#[must_use]
pub fn called(title: &str, identity: &Identity) -> String {
    let key = identity.engagements.last().map(|e| e.key.to_string()).unwrap_or_default();
    if key.is_empty() || key == title { title.to_owned() } else { format!("{title} ({key})") }
}
