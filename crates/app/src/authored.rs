//! Authors of the parts of the active configuration that grant access: what an author gains by them needs approval.

use crate::decision::Configured;
use crate::directory::Directory;
use crate::text::fold;
use crate::{AppError, DecisionContext, Operation, OperationRefusal, Permit};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use tenure_engine::{OWNER, is_available};
use tenure_model::{
    Authors, ConfigPart, IdentityId, IdentityKind, Name as _, Provenance, ReferenceState, Subject,
};
use tenure_policy::{GlobalSettings, SetUp, given_anew, giving};
use tenure_store::note::{NoteOf as _, kinds, read_note};
use tenure_store::{Change, Keyed, Store};

crate::app::part! {
    /// The authors of the active configuration, and what it grants them.
    Authorship, authored
}

type AuthorsByPart = BTreeMap<ConfigPart, BTreeSet<IdentityId>>;

/// The parts with an author, and the identities that count as each author.
#[derive(Debug, Default)]
pub(crate) struct Authored {
    parts: AuthorsByPart,
    /// Whether the authors cannot be read: then each identity may have written each part.
    unknown: bool,
    /// The author, other identities of the same human, and the delegates who accepted.
    counts: BTreeMap<IdentityId, BTreeSet<IdentityId>>,
    /// The actor, and the identities that count as the actor.
    actor: Option<IdentityId>,
    as_actor: BTreeSet<IdentityId>,
}

/// The note of a configuration that becomes active: new grants belong to its authors; other parts keep their earlier authors.
pub(super) async fn noted(
    store: &dyn Store,
    (previous, setup): (Option<&SetUp>, &SetUp),
    (by, made): (&str, &Made),
) -> Result<Change, AppError> {
    let settings = &previous.unwrap_or(setup).settings;
    let mut parts = AuthorsByPart::new();
    // Before any identity is known, no author can gain.
    if !matches!(made, Made::First) {
        let authors = authors(store, settings, by, made).await?;
        let anew = previous.map_or_else(|| giving(setup), |previous| given_anew(previous, setup));
        let there = giving(setup);
        // Where the earlier authors cannot be read, each part may be theirs: it counts as written by those who write now.
        parts = match read(store).await? {
            Some(parts) => parts,
            None => there.iter().map(|part| (part.clone(), authors.clone())).collect(),
        };
        parts.retain(|part, _| there.contains(part));
        parts.extend(anew.into_iter().map(|part| (part, authors.clone())));
        parts.retain(|_, by| !by.is_empty());
    }
    Ok(kinds::AuthorsOfAccess.is(parts))
}

/// All authors of a configuration, and the person who confirmed it.
async fn authors(
    store: &dyn Store,
    settings: &GlobalSettings,
    by: &str,
    made: &Made,
) -> Result<BTreeSet<IdentityId>, AppError> {
    let mut authors: BTreeSet<IdentityId> = by.lines().filter_map(IdentityId::parse).collect();
    let names = by.lines().map(|one| settings.actors.get(one).map_or(one, |key| key));
    let keys: Vec<Keyed> =
        names.map(|name| Keyed { kind: settings.actor_key.clone(), value: fold(name) }).collect();
    authors.extend(store.by_keys(&keys).await?.into_iter().map(|(_, id)| id));
    if let Made::Alone(permit) | Made::Confirmed(permit) | Made::Exception(permit, _) = made {
        authors.insert(permit.actor()?.id);
    }
    Ok(authors)
}

/// `None` where they cannot be read.
async fn read(store: &dyn Store) -> Result<Option<AuthorsByPart>, AppError> {
    let read = read_note(store, &kinds::AuthorsOfAccess).await?;
    Ok(if read.is_there() { read.readable() } else { Some(AuthorsByPart::new()) })
}

impl Authorship<'_> {
    /// Whether any part of the active configuration has an author.
    pub(crate) async fn has_authors(&self) -> Result<bool, AppError> {
        Ok(read(&*self.app.store).await?.is_none_or(|parts| !parts.is_empty()))
    }

    /// The parts of the active configuration that have an author.
    pub(crate) async fn authored(
        &self,
        directory: &Directory,
        moment: &DecisionContext,
    ) -> Result<Authored, AppError> {
        let read = read(&*self.app.store).await?;
        let unknown = read.is_none();
        let none =
            || giving(&self.app.context.setup).into_iter().map(|part| (part, BTreeSet::new())).collect();
        let parts: AuthorsByPart = read.unwrap_or_else(none);
        let authors: BTreeSet<IdentityId> = parts.values().flatten().copied().collect();
        let mut counts = BTreeMap::new();
        for author in authors {
            counts.insert(author, self.counted_as(author, directory, moment).await?);
        }
        let actor = moment.actor.as_ref().map(|a| a.id);
        let as_actor = match actor {
            Some(actor) => self.counted_as(actor, directory, moment).await?,
            None => BTreeSet::new(),
        };
        Ok(Authored { parts, unknown, counts, actor, as_actor })
    }

    /// The identities that count as a person when a conflict of interest is checked: the present identity, others of the same human, and the
    /// delegates who accepted.
    pub(crate) async fn counted_as(
        &self,
        person: IdentityId,
        directory: &Directory,
        moment: &DecisionContext,
    ) -> Result<BTreeSet<IdentityId>, AppError> {
        let now = self.app.authority().who_is_now(person).await?.unwrap_or(person);
        let mut all = BTreeSet::from([person, now]);
        all.extend(directory.delegates(now, moment.now));
        if let Some(stored) = self.app.stored().readable(&[now]).await?.pop() {
            all.extend(self.app.authority().same_human(&stored, moment).await?);
        }
        Ok(all)
    }
}

impl Authored {
    /// The parts whose authors count for an identity: those written by it or by an identity that counts as it; all parts, where another
    /// configuration is the cause of the decision.
    pub(crate) fn of(&self, subject: &Subject, configured: &Configured) -> BTreeMap<ConfigPart, Authors> {
        if self.parts.is_empty() {
            return BTreeMap::new();
        }
        let subject = counted(subject);
        let seen = self.parts.iter().map(|(part, by)| (part.clone(), self.seen_from(&subject, by)));
        seen.filter(|(_, authors)| authors.own || *configured != Configured::Before).collect()
    }

    fn seen_from(&self, subject: &BTreeSet<IdentityId>, by: &BTreeSet<IdentityId>) -> Authors {
        let is_theirs = |author: &IdentityId| {
            self.counts.get(author).is_some_and(|as_author| !as_author.is_disjoint(subject))
        };
        Authors { by: by.clone(), own: self.unknown || by.iter().any(is_theirs) }
    }

    /// Adds to the provenance of a change who changed the mapping of its source, and whether the change benefits the person who causes it: an
    /// operation on another identity that counts as the actor.
    pub(crate) fn add_to(&self, subject: &Subject, configured: &Configured, provenance: &mut Provenance) {
        let counted = counted(subject);
        if let Some(actor) = self.actor.filter(|actor| provenance.by.contains(actor)) {
            let is_another = actor != subject.identity.id && !self.as_actor.is_disjoint(&counted);
            provenance.own |= is_another && !subject.changes.is_empty();
        }
        let Configured::Mapped(source) = configured else { return };
        let Some(by) = self.parts.get(&ConfigPart::Source(source.clone())) else { return };
        provenance.by.extend(by);
        provenance.own |= self.seen_from(&counted, by).own;
    }
}

/// An identity, and the owner where it is a non-human identity.
fn counted(subject: &Subject) -> BTreeSet<IdentityId> {
    let mut all = BTreeSet::from([subject.identity.id]);
    if subject.identity.kind != IdentityKind::Person {
        let owners =
            subject.references.iter().filter(|r| r.attribute.as_str() == OWNER && is_available(&r.state));
        all.extend(owners.filter_map(|r| match &r.state {
            ReferenceState::Resolved { id, .. } => Some(*id),
            _ => None,
        }));
    }
    all
}

/// How a configuration came to be active.
#[derive(Debug, Clone)]
pub enum Made {
    /// Before any identity is known: there is nothing to gain yet, and no second person.
    First,
    /// It widens nothing: one person is enough.
    Alone(Permit),
    /// A second person confirmed it.
    Confirmed(Permit),
    /// No second person was available: one member of the escalation group confirmed it, as an exception that ends then.
    Exception(Permit, Timestamp),
    /// By no person: tests, demos and plans on a copy.
    Fixture,
}

impl Made {
    /// The kind of the ledger entry: an exception is visible in every pack without its opening.
    pub(crate) const fn entry_kind(&self) -> &'static str {
        match self {
            Self::Exception(..) => "setup.exception",
            _ => "setup.activated",
        }
    }

    pub(crate) const fn as_str(&self) -> &'static str {
        match self {
            Self::First => "bootstrap",
            Self::Alone(_) => "widens nothing",
            Self::Confirmed(_) => "second person",
            Self::Exception(..) => "exception",
            Self::Fixture => "fixture",
        }
    }

    /// Refuses a configuration that was not permitted, and a first one where one is active.
    pub(crate) async fn is_permitted(&self, store: &dyn Store) -> Result<(), AppError> {
        match self {
            Self::First if store.active_set_up().await?.is_some() && store.identity_count().await? > 0 => {
                Err(AppError::refused(OperationRefusal::PermitNeeded))
            }
            Self::First | Self::Fixture => Ok(()),
            Self::Alone(permit) => permit.is_for(Operation::Apply),
            Self::Confirmed(permit) => permit.is_for(Operation::ConfirmConfiguration),
            Self::Exception(permit, _) => permit.is_for(Operation::ConfirmConfigurationAlone),
        }
    }
}
