//! A configuration that widens control waits for a second person: entitled by the active one, neither author nor gainer.

use super::Configurations;
use super::notes::{NOTED, digests};
use crate::authority::Target;
use crate::directory::Directory;
use crate::text::fold;
use crate::{About, Actor, AppError, Born, DecisionContext, Item, Made, Operation, OperationRefusal, Permit};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::IdentityId;
use tenure_policy::{SetUp, Widening};
use tenure_store::note::{NoteOf as _, NoteRead, SingleConfirmation, kinds, read_note};
use tenure_store::{Change, Expect, Keyed, Outcome, Unit};

/// Under which the waiting configuration is sealed.
const WAITING: &str = "waiting configuration";
/// How long a second person must be missing before one member of the escalation group may decide alone.
const ALONE_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// How long such an exception lasts before it counts as overdue.
const EXCEPTION_LASTS: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A configuration that waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its content hash.
    pub hash: Arc<str>,
    /// The hash of the configuration that was active when it was proposed.
    pub over: Arc<str>,
    /// Its files.
    pub files: BTreeMap<Arc<str>, Arc<str>>,
    /// Its authors, one per line: each an id, or a key of a person. A person who changes a waiting configuration is added as author.
    pub by: Arc<str>,
    /// When it was proposed.
    pub at: Timestamp,
    /// What it widens, in words.
    pub widens: Vec<Arc<str>>,
    /// Names that occur in what it widens, and did not before.
    pub named: BTreeSet<String>,
}

/// A second person's confirmation.
#[derive(Debug, Clone)]
pub struct Confirmed {
    /// What was confirmed.
    pub waiting: Waiting,
    /// Whether it was a second person, or one alone as an exception.
    pub made: Made,
}

impl Waiting {
    /// A proposed configuration with what it widens.
    #[must_use]
    pub fn new(
        (active, proposed): (&SetUp, &SetUp),
        files: BTreeMap<Arc<str>, Arc<str>>,
        by: &str,
        widening: &Widening,
        at: Timestamp,
    ) -> Self {
        let value = |v: &Option<Arc<str>>| v.as_deref().unwrap_or("nothing").to_owned();
        let words = |k: &tenure_policy::KeyChange| {
            Arc::from(format!("{}: {} -> {}", k.key, value(&k.from), value(&k.to)))
        };
        Self {
            hash: Arc::from(proposed.hash.to_string()),
            over: Arc::from(active.hash.to_string()),
            files,
            by: Arc::from(by),
            at,
            widens: widening.keys.iter().map(words).collect(),
            named: widening.named.clone(),
        }
    }

    fn encode(&self) -> Value {
        json!({
            "v": 1, "hash": &*self.hash, "over": &*self.over, "files": self.files, "by": &*self.by,
            "at": self.at.to_string(), "widens": self.widens, "named": self.named,
        })
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let text = |key: &str| value[key].as_str().map(Arc::from);
        let texts = |key: &str| value[key].as_array()?.iter().map(|v| v.as_str()).collect::<Option<Vec<_>>>();
        let files = value["files"].as_object()?.iter();
        Some(Self {
            hash: text("hash")?,
            over: text("over")?,
            files: files
                .map(|(p, t)| Some((Arc::from(p.as_str()), Arc::from(t.as_str()?))))
                .collect::<Option<_>>()?,
            by: text("by")?,
            at: value["at"].as_str()?.parse().ok()?,
            widens: texts("widens")?.into_iter().map(Arc::from).collect(),
            named: texts("named")?.into_iter().map(str::to_owned).collect(),
        })
    }
}

/// The note of an exception, which outputs show until a second person has confirmed.
pub(super) fn exception_note(setup: &SetUp, by: &str, until: Timestamp) -> Change {
    let hash = Arc::from(setup.hash.to_string());
    kinds::ConfigurationException.is(SingleConfirmation { hash, by: Arc::from(by), until })
}

impl Configurations<'_> {
    /// The configuration that waits for a second person. Its authors and those who gain by it are sealed with it: a note that was changed
    /// outside Tenure is ignored.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn waiting_configuration(&self) -> Result<Option<Waiting>, AppError> {
        Ok(self.unsealed(read_note(&*self.app.store, &kinds::WaitingConfiguration).await?))
    }

    fn unsealed(&self, read: NoteRead<Option<Arc<str>>>) -> Option<Waiting> {
        let sealed = read.readable().flatten()?;
        Waiting::decode(&self.app.vault.open_outside(WAITING, &sealed).ok()?)
    }

    /// The configuration that one person alone confirmed: its hash, and the end of the exception.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn configuration_exception(&self) -> Result<Option<(Arc<str>, Timestamp)>, AppError> {
        // One that cannot be read is shown as damage instead.
        let read = read_note(&*self.app.store, &kinds::ConfigurationException).await?.readable();
        Ok(read.map(|exception| (exception.hash, exception.until)))
    }

    /// Stores a configuration that widens control until a second person confirms it, and returns what waits then. The same proposal
    /// again changes nothing; another one replaces it, and its authors stay authors.
    ///
    /// # Errors
    /// When the permit is for something else, or the store fails.
    pub async fn propose_configuration(
        &self,
        mut waiting: Waiting,
        permit: &Permit,
    ) -> Result<Waiting, AppError> {
        permit.is_for(Operation::Apply)?;
        let read = read_note(&*self.app.store, &kinds::WaitingConfiguration).await?;
        let expect = read.expect();
        if let Some(before) = self.unsealed(read) {
            if before.hash == waiting.hash && before.over == waiting.over {
                return Ok(before);
            }
            let mut authors: Vec<&str> = before.by.lines().collect();
            authors.extend(waiting.by.lines().filter(|by| !before.by.lines().any(|b| b == *by)));
            waiting.by = Arc::from(authors.join("\n"));
        }
        let payload = json!({
            "v": 1, "set_up": &*waiting.hash, "by": &*waiting.by, "widens": waiting.widens,
            "files": waiting.files.keys().collect::<Vec<_>>(),
        });
        let note = waiting.encode().to_string();
        self.note_waiting("setup.proposed", (expect, Some(note)), payload, permit.moment()).await?;
        Ok(waiting)
    }

    /// Drops the waiting configuration; returns whether there was one.
    ///
    /// # Errors
    /// When the actor is not permitted to apply one, or the store fails.
    pub async fn withdraw_configuration(&self, moment: &DecisionContext) -> Result<bool, AppError> {
        let permit = self.app.authority().permit(Operation::Apply, &Target::all(), moment).await?;
        let read = read_note(&*self.app.store, &kinds::WaitingConfiguration).await?;
        let expect = read.expect();
        let Some(waiting) = self.unsealed(read) else { return Ok(false) };
        let payload = json!({ "v": 1, "set_up": &*waiting.hash });
        self.note_waiting("setup.withdrawn", (expect, None), payload, permit.moment()).await?;
        Ok(true)
    }

    async fn note_waiting(
        &self,
        kind: &'static str,
        (expect, waiting): (Expect, Option<String>),
        mut payload: Value,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let seal = |text: String| {
            self.app.vault.seal_outside(WAITING, text.into_bytes(), &self.app.machine).map(Arc::from)
        };
        let note = kinds::WaitingConfiguration.is(waiting.map(seal).transpose()?);
        payload[NOTED] = digests([&note])?;
        let evidence = self.app.recorder(moment).evidence(kind, About::default(), payload)?;
        let changes = vec![note, Change::BusinessTime(moment.now), Change::Append(evidence)];
        // Of two who propose at once, none loses the place as an author: authors never confirm their own.
        let expects = vec![expect];
        match self.app.store.commit(vec![Unit { expects, changes }]).await?.iter().all(Outcome::is_committed)
        {
            true => Ok(()),
            false => Err(AppError::ConcurrentChange(Arc::from("the waiting configuration"))),
        }
    }

    /// Whether the actor may confirm the waiting configuration, and how. The caller then makes it active.
    ///
    /// # Errors
    /// When no configuration with this hash waits, another one became active meanwhile, or the actor is not permitted.
    pub async fn confirm_configuration(
        &self,
        hash: &str,
        moment: &DecisionContext,
    ) -> Result<Confirmed, AppError> {
        let waiting = self.waiting_configuration().await?;
        let Some(waiting) = waiting.filter(|w| hash.len() >= 8 && w.hash.starts_with(hash)) else {
            return Err(AppError::unknown(Item::Configuration, hash));
        };
        if *waiting.over != *self.app.context.setup.hash.to_string() {
            return Err(AppError::precondition(OperationRefusal::Overtaken));
        }
        let target = self.concerned(&waiting).await?;
        let refused =
            match self.app.authority().permit(Operation::ConfirmConfiguration, &target, moment).await {
                Ok(permit) => return Ok(Confirmed { waiting, made: Made::Confirmed(permit) }),
                Err(refused @ AppError::Forbidden(..)) => refused,
                Err(other) => return Err(other),
            };
        let Ok(alone) =
            self.app.authority().permit(Operation::ConfirmConfigurationAlone, &Target::all(), moment).await
        else {
            return Err(refused);
        };
        let group = &self.app.context.setup.settings.last_resort;
        let (actor, group) = (alone.actor()?.title.clone(), group.clone());
        if self.is_second_available(&target, moment).await? {
            return Err(AppError::refused(OperationRefusal::SecondPersonNeeded { actor, group }));
        }
        let alone_from = tenure_model::range::moved(waiting.at, ALONE_AFTER);
        if moment.now < alone_from {
            return Err(AppError::refused(OperationRefusal::NoSecondPerson { actor, group, alone_from }));
        }
        let until = tenure_model::range::moved(moment.now, EXCEPTION_LASTS);
        Ok(Confirmed { waiting, made: Made::Exception(alone, until) })
    }

    /// Its authors, and those who gain by it: neither they nor their delegates may confirm it.
    async fn concerned(&self, waiting: &Waiting) -> Result<Target<'static>, AppError> {
        let settings = &self.app.context.setup.settings;
        let directory = Directory::load(self.app).await?;
        let groups = waiting.named.iter().filter(|n| n.starts_with("group:"));
        let mut gainers: Vec<IdentityId> = groups.flat_map(|name| directory.people(settings, name)).collect();
        let keys: Vec<Keyed> = waiting
            .named
            .iter()
            .map(|n| Keyed { kind: settings.actor_key.clone(), value: fold(n) })
            .collect();
        gainers.extend(self.app.store.by_keys(&keys).await?.into_iter().map(|(_, id)| id));
        let authors = self.app.people().authors(&waiting.by).await?;
        Ok(Target { authors, requesters: gainers, ..Target::all() })
    }

    /// Whether a member of the escalation group is available who may confirm it and can log in.
    async fn is_second_available(
        &self,
        target: &Target<'_>,
        moment: &DecisionContext,
    ) -> Result<bool, AppError> {
        let Some(asking) = &moment.actor else { return Ok(false) };
        let settings = &self.app.context.setup.settings;
        let group = format!("group:{}", settings.last_resort);
        let escalation = Directory::load(self.app).await?.people(settings, &group).into_iter().collect();
        for id in self.able_to_log_in(&escalation).await? {
            let as_them = DecisionContext { actor: Some(Actor { id, ..asking.clone() }), ..moment.clone() };
            if self.app.authority().may(Operation::ConfirmConfiguration, target, &as_them).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Those of some people whom `[actors]` maps; in a replay all of them, because `--as` acts for each.
    async fn able_to_log_in(&self, people: &BTreeSet<IdentityId>) -> Result<BTreeSet<IdentityId>, AppError> {
        if self.app.vault.born() == Born::Replay {
            return Ok(people.clone());
        }
        let settings = &self.app.context.setup.settings;
        let keys: Vec<Keyed> = settings
            .actors
            .values()
            .map(|key| Keyed { kind: settings.actor_key.clone(), value: fold(key) })
            .collect();
        let mapped = self.app.store.by_keys(&keys).await?.into_iter().map(|(_, id)| id);
        Ok(mapped.filter(|id| people.contains(id)).collect())
    }
}
