//! Finds people by user input, and determines the actor.

mod shown;

pub use shown::{IdentityShown, called};

use crate::text::fold;
use crate::{Actor, ActorRefusal, AppError, Born, Item, Login};
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_engine::correlate::fold as folded_name;
use tenure_model::{IdPart, IdentityId, Name as _, RecordKey};
use tenure_policy::CorrelateRule;
use tenure_store::{IdentityFilter, IdsOf, Keyed, SearchText, StoredSubject};

crate::app::part! {
    /// Identities by their names, and the people behind logins.
    People, people
}

/// Most matches that are listed when a text fits several identities.
const MATCHES_MAX: usize = 10;
/// Most matches among which the one whose name is exactly the text is looked for.
const COMPARED_MAX: u32 = 1_000;
/// Identities that are read at once when all are read.
const PAGE: u32 = 1_024;
/// Kinds of keys that are searched besides those that identify an identity alone.
const SEARCHED: [&str; 3] = ["email", "name", "previous_number"];

impl People<'_> {
    /// The identity that a text means: its id or a part of it, one of its keys, an issued name, or its name in any order, script or
    /// transliteration, or a part of it, when only one fits. For reading, and for giving: [`Self::keyed`] is for ending.
    ///
    /// # Errors
    /// When no identity or several match.
    pub async fn person(&self, text: &str) -> Result<StoredSubject, AppError> {
        if let Some(found) = self.exactly(text).await? {
            return Ok(found);
        }
        let found = self.by_name(text).await?;
        let words = folded_name(text).words;
        let same = found.iter().filter(|(_, title)| {
            fold(title) == fold(text) || (!words.is_empty() && folded_name(title).words == words)
        });
        match (&*found, &*same.collect::<Vec<_>>()) {
            ([], _) => Err(AppError::unknown(Item::Person, text)),
            ([(id, _)], _) | (_, [(id, _)]) => self.loaded(*id, text).await,
            (several, _) => {
                let (matches, more) = self.matches(several.iter().map(|(id, _)| *id)).await?;
                Err(AppError::Ambiguous { name: Arc::from(text), matches, more })
            }
        }
    }

    /// The identity that a key, an issued name, an id or a part of an id means. Operations that end access, erase or merge take no other
    /// text: a name that is typed by heart could mean another person tomorrow.
    ///
    /// # Errors
    /// When no identity or several match, or the text is (a part of) a name.
    pub async fn keyed(&self, text: &str) -> Result<StoredSubject, AppError> {
        if let Some(found) = self.exactly(text).await? {
            return Ok(found);
        }
        let named = self.by_name(text).await?;
        if named.is_empty() {
            return Err(AppError::unknown(Item::Person, text));
        }
        let (matches, more) = self.matches(named.iter().map(|(id, _)| *id)).await?;
        Err(AppError::NameOnly { name: Arc::from(text), matches, more })
    }

    /// The identity that a text names exactly: by its id or a part of it, a key, or an issued name; `None` for a weaker match.
    ///
    /// # Errors
    /// When several identities have the key or the part of the id, or the store fails.
    pub async fn exactly(&self, text: &str) -> Result<Option<StoredSubject>, AppError> {
        if let Some(id) = IdentityId::parse(text) {
            return self.loaded(id, text).await.map(Some);
        }
        let kinds = [self.app.context.setup.settings.actor_key.clone(), Arc::from("email")];
        let mut several = self.having(kinds, text).await?;
        if several.len() != 1 {
            // An issued name belongs to one identity, also where it is part of another identity's name.
            let issued =
                self.app.context.setup.policy.identifiers.iter().map(|i| (i.name.clone(), fold(text)));
            let issued = self.app.store.identifiers(&issued.collect::<Vec<_>>()).await?;
            let bearers: BTreeSet<IdentityId> = issued.into_iter().map(|(_, _, id)| id).collect();
            several = if several.is_empty() || bearers.len() == 1 { bearers } else { several };
        }
        if several.is_empty() {
            several = self.having(self.strong_kinds(), text).await?;
            several.extend(self.of_record(text).await?);
        }
        if several.is_empty() {
            several = self.by_part_of_id(text).await?;
        }
        if several.is_empty() && text.contains(':') {
            several = self.of_account(text).await?;
        }
        match several.first() {
            None => Ok(None),
            Some(one) if several.len() == 1 => Ok(self.app.store.subjects(&[*one]).await?.pop()),
            Some(_) => {
                let (matches, more) = self.matches(several.into_iter()).await?;
                Err(AppError::Ambiguous { name: Arc::from(text), matches, more })
            }
        }
    }

    /// Identities that have a key of one of these kinds.
    async fn having(
        &self,
        kinds: impl IntoIterator<Item = Arc<str>>,
        text: &str,
    ) -> Result<BTreeSet<IdentityId>, AppError> {
        let keys: Vec<Keyed> = kinds.into_iter().map(|kind| Keyed { kind, value: fold(text) }).collect();
        Ok(self.app.store.by_keys(&keys).await?.into_iter().map(|(_, id)| id).collect())
    }

    /// Kinds of keys that the rules of any source take as identifying alone.
    fn strong_kinds(&self) -> BTreeSet<Arc<str>> {
        let rules = self.app.context.setup.sources.values().flat_map(|s| &s.correlate);
        let exact = rules.filter_map(|rule| match rule {
            CorrelateRule::Exact { key, .. } => Some(key.clone()),
            CorrelateRule::Fuzzy { .. } => None,
        });
        exact.collect()
    }

    /// Identities whose record has this key in any source: it is shown with their names.
    async fn of_record(&self, text: &str) -> Result<BTreeSet<IdentityId>, AppError> {
        let mut found = BTreeSet::new();
        if let Ok(key) = RecordKey::new(text.trim()) {
            for source in self.app.context.setup.sources.keys() {
                let records = self.app.store.records(source, std::slice::from_ref(&key)).await?;
                found.extend(records.into_iter().filter_map(|r| r.identity));
            }
        }
        Ok(found)
    }

    /// The identity that stands for an account without a holder: its name is the account's, `system:name`.
    async fn of_account(&self, text: &str) -> Result<BTreeSet<IdentityId>, AppError> {
        let found = self.by_name(text).await?.into_iter();
        Ok(found.filter(|(_, title)| fold(title) == fold(text)).map(|(id, _)| id).collect())
    }

    async fn by_part_of_id(&self, text: &str) -> Result<BTreeSet<IdentityId>, AppError> {
        let Some(part) = IdPart::parse(text) else { return Ok(BTreeSet::new()) };
        let ids = self.app.store.ids(IdsOf::Identities, &part, COMPARED_MAX).await?;
        Ok(ids.into_iter().map(IdentityId::from_bytes).collect())
    }

    /// Identities whose name, key or issued name has a text as a part.
    async fn by_name(&self, text: &str) -> Result<Vec<(IdentityId, Arc<str>)>, AppError> {
        if text.trim().is_empty() {
            return Ok(Vec::new());
        }
        let filter = IdentityFilter { text: Some(self.search(text)), ..IdentityFilter::default() };
        let mut found = self.app.store.find(&filter, None, COMPARED_MAX).await?;
        // Only marks remain of an erased identity; a text that is part of a mark matches by chance.
        let marked = |title: &str| title == crate::text::TITLE && !title.contains(&*fold(text));
        found.retain(|(_, title)| !marked(title));
        Ok(found)
    }

    /// A text as identities are searched by it.
    pub(crate) fn search(&self, text: &str) -> SearchText {
        let folded = folded_name(text);
        let mut keys = self.strong_kinds();
        keys.insert(self.app.context.setup.settings.actor_key.clone());
        keys.extend(SEARCHED.map(Arc::from));
        SearchText {
            text: Arc::from(text.trim()),
            words: folded.words,
            joined: folded.joined,
            keys: keys.into_iter().collect(),
        }
    }

    /// What tells several matches apart, a line each, and whether there are more.
    async fn matches(
        &self,
        ids: impl Iterator<Item = IdentityId>,
    ) -> Result<(Vec<Arc<str>>, usize), AppError> {
        let ids: Vec<IdentityId> = ids.collect();
        let listed = ids.get(..MATCHES_MAX).unwrap_or(&ids);
        let shown = self.shown(listed).await?;
        Ok((shown.iter().map(|one| Arc::from(one.line())).collect(), ids.len() - listed.len()))
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
        self.app.store.subjects(&[id]).await?.pop().ok_or_else(|| AppError::unknown(Item::Person, text))
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
            return Err(AppError::refused(ActorRefusal::ActingAs));
        }
        let subject = self.person(person).await?;
        Ok(Actor { id: subject.identity.id, title: subject.title, stood_in: true, login })
    }
}
