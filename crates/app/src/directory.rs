//! The people whom the configuration names, and which of them are available.

use crate::text::fold;
use crate::{App, AppError};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_engine::{Asking, Availability, Context};
use tenure_model::{Delegation, Identity, IdentityId, Phase, Subject};
use tenure_policy::{GlobalSettings, SetUp};
use tenure_store::{Keyed, StoredSubject};

/// Kind of the key that every identity with a delegate has.
const DELEGATES: &str = "delegates";
/// Keys that are read together.
const KEYS_AT_ONCE: u32 = 2_048;

/// The people whom the configuration names, by key, and their delegates.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    named: BTreeMap<Arc<str>, IdentityId>,
    /// All of them, including departed ones.
    known: BTreeMap<Arc<str>, IdentityId>,
    /// Whether each of them can answer.
    available: BTreeMap<IdentityId, Availability>,
    /// Each of them, and each delegate, as known now: availability on another day is computed from it.
    identities: BTreeMap<IdentityId, Identity>,
    delegates: BTreeMap<IdentityId, Vec<Delegation>>,
}

/// The key that finds the identities with a delegate.
pub(crate) fn delegates_key() -> Keyed {
    Keyed { kind: Arc::from(DELEGATES), value: Arc::from("yes") }
}

/// The identities that have delegations.
async fn with_delegations(app: &App) -> Result<Vec<IdentityId>, AppError> {
    let (mut ids, mut after) = (Vec::new(), None);
    loop {
        let some = app.store.keys_after(DELEGATES, after, KEYS_AT_ONCE).await?;
        let Some((last, id)) = some.last() else { return Ok(ids) };
        after = Some((last.value.clone(), *id));
        ids.extend(some.iter().map(|(_, id)| *id));
    }
}

/// The delegations from available people to available people, and these delegates.
async fn delegations(
    app: &App,
    now: Option<Timestamp>,
) -> Result<(BTreeMap<IdentityId, Vec<Delegation>>, BTreeMap<IdentityId, Identity>), AppError> {
    let ids = with_delegations(app).await?;
    if ids.is_empty() {
        return Ok(<_>::default());
    }
    let here = |s: &StoredSubject| availability(app, s, now) != Availability::Gone;
    let from: Vec<StoredSubject> = app.stored().readable(&ids).await?.into_iter().filter(here).collect();
    let to: Vec<IdentityId> =
        from.iter().flat_map(|s| &s.identity.decisions.delegations).map(|d| d.to).collect();
    let answers = |s: &StoredSubject| availability(app, s, now) == Availability::Here;
    let here = app.stored().readable(&to).await?.into_iter().filter(answers);
    let here: BTreeMap<IdentityId, Identity> = here.map(|s| (s.identity.id, s.identity)).collect();
    let of = |s: StoredSubject| {
        let mut all = s.identity.decisions.delegations;
        all.retain(|d| here.contains_key(&d.to));
        (s.identity.id, all)
    };
    Ok((from.into_iter().map(of).collect(), here))
}

fn availability(app: &App, subject: &StoredSubject, now: Option<Timestamp>) -> Availability {
    let phase = now.map_or(subject.phase, |now| phase_now(app, subject, now));
    Availability::of(phase, subject.identity.is_cut_off())
}

/// The phase of an identity now, also where time has changed it and it is not settled yet. So identities that are settled in one pass see
/// each other's new phase in any order.
pub(crate) fn phase_now(app: &App, subject: &StoredSubject, now: Timestamp) -> Phase {
    let is_due = subject.next.is_some_and(|next| next <= now) && subject.phase != Phase::Erased;
    if is_due { tenure_engine::phase(&app.context, &subject.identity, now) } else { subject.phase }
}

/// Whether a person is here: neither departed nor cut off.
pub(crate) fn is_here(subject: &StoredSubject) -> bool {
    subject.phase != Phase::Departed && !subject.identity.is_cut_off()
}

impl Directory {
    /// Asks the engine who is to answer a question about a subject; with `on`, among those available both now and at that instant.
    pub(crate) fn asking<T>(
        &self,
        context: &Context,
        subject: &Subject,
        (now, on): (Timestamp, Option<Timestamp>),
        ask: impl FnOnce(Asking<'_>) -> T,
    ) -> T {
        // A person who has left by now is not available, even if not settled yet.
        let at = on.map_or(now, |on| on.max(now));
        let people = |name: &str| {
            let mut all = self.all(&context.setup.settings, name);
            for (id, is) in &mut all {
                let then = self.available_on(context, *id, at);
                *is = then.map_or(*is, |then| then.min(*is));
            }
            all
        };
        // A delegation that is over on that day answers nothing about it.
        let delegates = |id| {
            let mut all = self.asked_delegates(id, at);
            let is = |id: &IdentityId| self.available_on(context, *id, at);
            all.retain(|id| is(id).is_none_or(|is| is == Availability::Here));
            all
        };
        let accepted = |id| self.delegates(id, now);
        let cut_by = |id| self.identities.get(&id).and_then(Identity::cut_by);
        let (people, delegates, accepted) = (&people, &delegates, &accepted);
        ask(Asking { context, subject, people, delegates, accepted, cut_by: &cut_by, now })
    }

    /// The people that an owner's or approver's name means, including departed ones, and whether each can answer.
    pub(crate) fn all(&self, settings: &GlobalSettings, name: &str) -> Vec<(IdentityId, Availability)> {
        let one = |n: &str| self.known.get(&fold(n)).copied();
        let is = |id: IdentityId| (id, self.available.get(&id).copied().unwrap_or(Availability::Gone));
        match name.strip_prefix("group:") {
            Some(group) => {
                let members = settings.groups.get(group).into_iter().flatten();
                members.filter_map(|n| one(n)).map(is).collect()
            }
            None => one(name).into_iter().map(is).collect(),
        }
    }

    /// Whether one of them can answer at an instant.
    fn available_on(&self, context: &Context, id: IdentityId, on: Timestamp) -> Option<Availability> {
        let identity = self.identities.get(&id)?;
        Some(Availability::of(tenure_engine::phase(context, identity, on), identity.is_cut_off()))
    }

    /// Loads all people whom the configuration names, as last settled.
    pub(crate) async fn load(app: &App) -> Result<Self, AppError> {
        Self::load_at(app, None).await
    }

    /// The same as of an instant, settled or not.
    pub(crate) async fn load_at(app: &App, now: Option<Timestamp>) -> Result<Self, AppError> {
        let setup = &app.context.setup;
        let names = names(setup);
        let keys: Vec<Keyed> =
            names.iter().map(|n| Keyed { kind: setup.settings.actor_key.clone(), value: fold(n) }).collect();
        let mut found: BTreeMap<Arc<str>, BTreeSet<IdentityId>> = BTreeMap::new();
        for (key, id) in app.store.by_keys(&keys).await? {
            found.entry(key.value).or_default().insert(id);
        }
        let people: Vec<IdentityId> = found.values().flatten().copied().collect();
        // A number that several people have had identifies none of them: it was written for one of them.
        let mut found: BTreeMap<Arc<str>, IdentityId> = found
            .into_iter()
            .filter(|(_, ids)| ids.len() == 1)
            .flat_map(|(k, ids)| ids.into_iter().map(move |id| (k.clone(), id)))
            .collect();
        let subjects = app.stored().readable(&people).await?;
        let available: BTreeMap<IdentityId, Availability> =
            subjects.iter().map(|s| (s.identity.id, availability(app, s, now))).collect();
        let is_here = |id: &IdentityId| available.get(id).is_some_and(|is| *is != Availability::Gone);
        let (delegates, mut identities) = delegations(app, now).await?;
        identities.extend(subjects.into_iter().map(|s| (s.identity.id, s.identity)));
        let known = found.clone();
        found.retain(|_, id| is_here(id));
        Ok(Self { named: found, known, available, identities, delegates })
    }

    /// A person's delegates who accepted: they are barred from decisions about that person.
    pub(crate) fn delegates(&self, id: IdentityId, now: Timestamp) -> Vec<IdentityId> {
        let lasting = self.delegates.get(&id).into_iter().flatten().filter(|d| d.is_accepted_at(now));
        lasting.map(|d| d.to).collect()
    }

    /// All delegates of a person, whether they accepted or not.
    pub(crate) fn asked_delegates(&self, id: IdentityId, now: Timestamp) -> Vec<IdentityId> {
        let lasting = self.delegates.get(&id).into_iter().flatten().filter(|d| now < d.until);
        lasting.map(|d| d.to).collect()
    }

    /// The delegators of a delegate.
    pub(crate) fn delegators(&self, to: IdentityId, now: Timestamp) -> Vec<IdentityId> {
        self.delegates.keys().copied().filter(|of| self.delegates(*of, now).contains(&to)).collect()
    }

    /// The delegators who named this delegate and have no answer yet.
    pub(crate) fn delegators_of(&self, to: IdentityId, now: Timestamp) -> Vec<IdentityId> {
        let asks = |d: &Delegation| d.to == to && now < d.until && d.accepted.is_none();
        self.delegates.iter().filter(|(_, all)| all.iter().any(asks)).map(|(id, _)| *id).collect()
    }

    /// All people whom the configuration names and who are here.
    pub(crate) fn everybody(&self) -> impl Iterator<Item = IdentityId> + '_ {
        self.named.values().copied()
    }

    /// The people that an owner's or approver's name means and who are here: one person, or all members of `group:name`.
    pub(crate) fn people(&self, settings: &GlobalSettings, name: &str) -> Vec<IdentityId> {
        let one = |n: &str| self.named.get(&fold(n)).copied();
        match name.strip_prefix("group:") {
            Some(group) => settings.groups.get(group).into_iter().flatten().filter_map(|n| one(n)).collect(),
            None => one(name).into_iter().collect(),
        }
    }
}

/// The names that the configuration uses for owners, approvers and deciders.
pub(crate) fn names(setup: &SetUp) -> BTreeSet<Arc<str>> {
    let mut names = tenure_engine::named(setup);
    names.extend(setup.settings.groups.values().flatten().cloned());
    // An exception without its owner is a finding about its holder.
    names.extend(setup.policy.exceptions.iter().map(|e| e.owner.clone()));
    names
}
