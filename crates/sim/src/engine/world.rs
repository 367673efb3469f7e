//! All identities that the engine knows, and what each step of a scenario does to them.

use super::feed::Feed;
use super::inventory::{Inventory, Nested};
use super::keys::Index;
use crate::application::{as_expected, versions_rise};
use crate::book::Step;
use crate::codes::Failure;
use crate::configuration::{waits, widened};
use crate::files::{Files, change, compiled};
use crate::rows::edited;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_app::Configured;
use tenure_engine::Context;
use tenure_model::{
    ApprovalRequest, CaseLabel, ConfigPart, Containment, CutOffOrder, Finding, IdentityId, Name as _, Phase,
    RecordState, SourceName, Subject, Zones,
};
use tenure_policy::{Brake, ClassCache, SetUp};

/// Most rounds of telling others: a chain of managers is not longer.
const ROUNDS_MAX: u32 = 64;

/// An identity as it was last decided.
pub(super) struct DecidedIdentity {
    pub(super) subject: Subject,
    pub(super) phase: Phase,
    pub(super) next: Option<Timestamp>,
    pub(super) findings: Vec<Finding>,
    /// The identities that the answer read.
    pub(super) reads: Vec<IdentityId>,
    /// The label of the change that is still open.
    pub(super) open: Option<CaseLabel>,
}

/// A key that a source gives an identity: what kind, and the value folded.
pub(super) type Key = (Arc<str>, Arc<str>);

/// All identities, and what waits for people.
pub(crate) struct World {
    pub(super) context: Context,
    pub(super) cache: ClassCache,
    pub(super) now: Timestamp,
    pub(super) known: BTreeMap<IdentityId, DecidedIdentity>,
    pub(super) index: Index,
    /// Names that were ever issued: what each is called, the name folded, and to whom, while that is known.
    pub(super) issued: BTreeMap<Key, Option<IdentityId>>,
    pub(super) feeds: BTreeMap<SourceName, Feed>,
    /// Orders to cut off that are in force.
    pub(super) orders: Vec<CutOffOrder>,
    /// Identities whose cut-off one of two people, who lift together, wants to lift.
    pub(super) first_words: BTreeSet<IdentityId>,
    /// Requests for approval that wait.
    pub(super) asked: Vec<ApprovalRequest>,
    /// Identities whose phase or names changed, and whose dependents are not settled again yet.
    pub(super) changed: BTreeSet<IdentityId>,
    /// Keys that identities were given since dependents were settled last.
    pub(super) new_keys: BTreeSet<Key>,
    pub(super) labels: BTreeMap<CaseLabel, u64>,
    /// Sources whose feed was refused in the last pass.
    pub(super) refused: Vec<SourceName>,
    /// What administrators made in systems.
    pub(super) inventory: Inventory,
    /// What administrators nested in systems, and what scans saw of it.
    pub(super) nested: Nested,
    pub(super) contained: Arc<Containment>,
    /// What the last pass found about the organisation.
    pub(super) found: Vec<Finding>,
    /// Whether all identities are still to be settled under this configuration.
    unsettled: bool,
    files: Files,
    /// A configuration that waits for a second person, with its authors.
    waiting: Option<(Files, BTreeSet<IdentityId>)>,
    /// Who wrote the parts of the configuration that give access.
    pub(super) authored: BTreeMap<ConfigPart, BTreeSet<IdentityId>>,
    /// Whether another configuration is why identities are decided now.
    pub(super) configured: Configured,
    /// Sources whose feed was read last by another mapping than the time before.
    pub(super) remapped: BTreeSet<SourceName>,
    /// Brakes of earlier configurations, and until when they hold.
    pub(super) earlier_brakes: Vec<(SourceName, Brake, Timestamp)>,
    /// Identities for which a brake holds what the configuration takes away later.
    pub(super) kept_back: BTreeSet<IdentityId>,
    ids: u64,
}

impl World {
    /// No identities yet, under a configuration.
    pub(crate) fn begin(files: Files, now: Timestamp) -> Result<Self, String> {
        let setup = compiled(&files)?;
        Ok(Self {
            context: context(setup),
            cache: ClassCache::default(),
            now,
            known: BTreeMap::new(),
            index: Index::default(),
            issued: BTreeMap::new(),
            feeds: BTreeMap::new(),
            orders: Vec::new(),
            first_words: BTreeSet::new(),
            asked: Vec::new(),
            changed: BTreeSet::new(),
            new_keys: BTreeSet::new(),
            labels: BTreeMap::new(),
            refused: Vec::new(),
            inventory: Inventory::new(),
            nested: Nested::new(),
            contained: Arc::default(),
            found: Vec::new(),
            unsettled: false,
            files,
            waiting: None,
            authored: BTreeMap::new(),
            configured: Configured::Before,
            remapped: BTreeSet::new(),
            earlier_brakes: Vec::new(),
            kept_back: BTreeSet::new(),
            ids: 0,
        })
    }

    /// The next id: rising, so that the order of ids is that in which people became known.
    pub(super) fn id(&mut self) -> [u8; 10] {
        self.ids += 1;
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&self.ids.to_be_bytes());
        bytes
    }

    /// Executes one step. Of what happens to systems only the accounts that are made by hand exist here.
    pub(crate) fn step(&mut self, step: &Step) -> Result<(), String> {
        // As the application cuts each instant: it is stored to the microsecond.
        let at = step.at.unwrap_or(self.now);
        self.now = Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at);
        for (source, text) in &step.feed {
            let Some((name, _)) = self.context.setup.sources.get_key_value(source.as_str()) else {
                return Err(format!("the configuration has no source `{source}`"));
            };
            let feed = self.feeds.entry(name.clone()).or_default();
            feed.text.clone_from(text);
            feed.reports = true;
        }
        for (source, rows) in &step.rows {
            let known = self.context.setup.sources.values().find(|s| s.name.as_str() == source);
            let known = known.ok_or_else(|| format!("the configuration has no source `{source}`"))?;
            let feed = self.feeds.entry(known.name.clone()).or_default();
            feed.text = edited(known, &feed.text, rows)?;
            feed.reports = true;
        }
        self.labels.clear();
        if step.set_up_confirmed_by.is_some() && step.set_up_confirm_refused.is_none() {
            // Who may confirm is decided by the application alone.
            let (files, mut authors) =
                self.waiting.take().ok_or("no configuration waits for a second person")?;
            authors.extend(self.author(step.set_up_confirmed_by.as_deref()));
            self.make_active(files, &authors, step.run)?;
        }
        if !step.set_up.is_empty() {
            let done = self.set_up(step);
            as_expected("the configuration", done.map_err(Failure::from), step.set_up_refused.as_deref())?;
        }
        step.system.iter().for_each(|event| self.by_hand(event));
        let labels = self.labels.clone();
        for act in &step.acts {
            self.act(act)?;
        }
        // As in the application, only passes and changed configurations are counted.
        self.labels = labels;
        if step.run {
            self.pass();
        }
        let labels = self.labels.clone();
        if step.scan_refused.is_none() {
            for system in &step.adopt {
                self.adopt(system, step.adopt_by.as_deref())?;
            }
            step.scan.iter().for_each(|system| self.scan(system));
        }
        self.labels = labels;
        Ok(())
    }

    /// Makes a changed configuration the active one. All identities are settled by the pass of this step, else at once. One that cannot be
    /// loaded changes nothing.
    fn set_up(&mut self, step: &Step) -> Result<(), String> {
        let mut files = self.files.clone();
        change(&mut files, &step.set_up);
        versions_rise(&compiled(&files)?, &self.context)?;
        let widening = widened(&self.files, &files);
        if waits(&widening, step.set_up_waits.as_deref(), step.set_up_by.as_deref())? {
            let mut authors = self.author(step.set_up_by.as_deref());
            authors.extend(self.waiting.take().into_iter().flat_map(|(_, before)| before));
            self.waiting = Some((files, authors));
            return Ok(());
        }
        let authors = self.author(step.set_up_by.as_deref());
        self.make_active(files, &authors, step.run)
    }

    fn make_active(
        &mut self,
        files: Files,
        authors: &BTreeSet<IdentityId>,
        runs: bool,
    ) -> Result<(), String> {
        let setup = compiled(&files)?;
        self.keep_brakes(&setup);
        self.note_authors(&setup, authors);
        self.waiting = None;
        self.context = context(setup);
        self.files = files;
        self.cache = ClassCache::default();
        self.index = Index::of(&self.context, self.known.values().map(|k| &k.subject.identity));
        self.unsettled = true;
        if !runs {
            self.settle_everybody();
        }
        Ok(())
    }

    /// Settles all identities except those whose feed is still to be read by another mapping, and those whose changed mapping a brake holds.
    fn settle_everybody(&mut self) {
        let waits = |id: &IdentityId| {
            self.feeds.iter().any(|(name, feed)| {
                let source = self.context.setup.sources.get(name);
                let other = source.is_some_and(|s| feed.is_mapped_otherwise(s));
                let mut of_them = feed.records.values().filter(|r| r.identity == Some(*id));
                of_them.any(|r| other || r.state == RecordState::HeldReread)
            })
        };
        let all: Vec<IdentityId> = self.known.keys().copied().filter(|id| !waits(id)).collect();
        let sources = &self.context.setup.sources;
        self.unsettled =
            self.feeds.iter().any(|(n, f)| sources.get(n).is_some_and(|s| f.is_mapped_otherwise(s)));
        self.configured = Configured::Anew;
        let held = self.held_later(&all);
        let all: Vec<IdentityId> = all.into_iter().filter(|id| !held.contains(id)).collect();
        let (decided, usable) = (self.decided(), self.usable());
        self.settle_again(&all);
        self.configured = Configured::Before;
        self.kept_back = held;
        self.resettle_dependents();
        self.hold_in_systems(&decided, &usable);
    }

    /// What time changed, the feeds, what waits for people, and what time changed by then.
    fn pass(&mut self) {
        // Under another configuration the feeds come first: what is known of people has the names of the mapping before.
        let reconfigured = self.unsettled;
        if !reconfigured {
            self.settle_due();
        }
        self.refused.clear();
        let sources: Vec<SourceName> = self.context.setup.sources.keys().cloned().collect();
        for source in sources {
            self.take_feed(&source);
        }
        self.look_at_held_again();
        if reconfigured {
            self.settle_everybody();
        }
        let labels = self.labels.clone();
        self.expire_approvals();
        self.labels = labels;
        self.put_requests_again();
        self.settle_due();
        self.shorten_later();
        // Every write has succeeded by now: only what waits for an answer keeps a change open.
        for (id, known) in &mut self.known {
            if !self.asked.iter().any(|r| r.identity == *id) {
                known.open = None;
            }
        }
        self.look_at_organisation();
    }

    /// Settles all identities whose answer changes by itself by now.
    fn settle_due(&mut self) {
        loop {
            let is_due = |k: &DecidedIdentity| k.next.is_some_and(|next| next <= self.now);
            let due: Vec<IdentityId> =
                self.known.iter().filter(|(_, k)| is_due(k)).map(|(id, _)| *id).collect();
            if due.is_empty() {
                return;
            }
            self.settle_again(&due);
            self.resettle_dependents();
        }
    }

    pub(super) fn settle_again(&mut self, ids: &[IdentityId]) {
        for id in ids {
            let same = self.known[id].subject.identity.clone();
            let decision = self.weigh(same, None, None);
            self.commit(decision);
        }
    }

    /// Settles the identities that read a changed one, and those that waited for a key that is known now.
    pub(super) fn resettle_dependents(&mut self) {
        for _ in 0..ROUNDS_MAX {
            let (changed, keys) = (std::mem::take(&mut self.changed), std::mem::take(&mut self.new_keys));
            let hears = |k: &DecidedIdentity| {
                k.reads.iter().any(|r| changed.contains(r)) || self.waits_for(&k.subject, &keys)
            };
            let told: Vec<IdentityId> =
                self.known.iter().filter(|(_, k)| hears(k)).map(|(id, _)| *id).collect();
            if told.is_empty() {
                return;
            }
            self.settle_again(&told);
        }
        panic!("after {ROUNDS_MAX} rounds identities still change because others do");
    }
}

fn context(setup: SetUp) -> Context {
    Context::new(Arc::new(setup), Zones::bundled("scenario"))
}
