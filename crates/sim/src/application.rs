//! The whole application for one scenario: a real store, feeds in memory, a clock that the scenario sets.

use crate::book::Step;
use crate::codes::Failure;
use crate::configuration::{stored, waits, widened};
use crate::files::{Files, change, compiled};
use crate::forecast::{Forecast, is_planned};
use crate::inputs::{Counting, InMemory, Sent, Settable};
use crate::place::TargetSystems;
use crate::plan::Foresight;
use crate::rows::edited;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use tempfile::TempDir;
use tenure_app::{
    Actor, Adoption, App, AppError, AppParts, Born, DecisionContext, Labels, Machine, Made, Notes, Permit,
    Progress, Vault, Waiting, activate, activate_over,
};
use tenure_engine::Context;
use tenure_ledger::seal::KeyEncryptionKey;
use tenure_model::Name as _;
use tenure_model::{IdentityId, SourceName, SystemName, Zones};
use tenure_policy::SetUp;
use tenure_store::Store;
use tenure_store_sqlite::SqliteStore;

/// How long the queue is worked in one pass at most (machine time): a system that is down is waited for by its back-off.
const PATIENCE: jiff::SignedDuration = jiff::SignedDuration::from_secs(20);

/// The database in the scenario's folder.
pub(crate) const DATABASE: &str = "tenure.db";
/// The key that opens the other keys.
pub(crate) const KEY: [u8; 32] = [7; 32];

struct Silent;

impl Progress for Silent {
    fn feed(&self, _: &SourceName, _: u64, _: u64) {}
    fn queue(&self, _: u64, _: u64) {}
}

/// All of it.
pub struct Application {
    pub(crate) app: App,
    /// The store below the application: the scenario reads it directly, without a permit.
    pub(crate) store: Arc<dyn Store>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) place: TargetSystems,
    pub(crate) labels: Labels,
    pub(crate) refused: Vec<String>,
    /// The names of erased identities.
    pub(crate) erased: BTreeMap<IdentityId, Vec<Arc<str>>>,
    /// Every message that was sent.
    pub(crate) sent: Sent,
    /// What was decided in the present step.
    pub(crate) notes: Notes,
    /// What was foreseen of it, where the step is planned.
    pub(crate) foreseen: Option<Foresight>,
    /// What a plan says that brakes hold after the pass of the present step.
    pub(crate) forecast: Option<Forecast>,
    /// How what the brakes hold differs from that.
    pub(crate) misplanned: Vec<String>,
    pub(crate) files: Files,
    pub(crate) feeds: InMemory,
    pub(crate) clock: Settable,
    pub(crate) at: Timestamp,
    pub(crate) folder: TempDir,
}

fn machine(clock: &Settable) -> Machine {
    Machine {
        clock: Arc::new(clock.clone()),
        randomness: Arc::new(Counting::default()),
        name: Arc::from("scenario"),
        one_at_a_time: false,
    }
}

impl Application {
    /// Makes the configuration the active one at an instant.
    pub(crate) async fn begin(
        mut files: Files,
        mut place: TargetSystems,
        at: Timestamp,
    ) -> Result<Self, String> {
        place.wire(&mut files);
        let setup = compiled(&files)?;
        let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
        let path = folder.path().join(DATABASE);
        let clock = Settable::new(at);
        let options = clock.options();
        let store: Arc<dyn Store> = SqliteStore::open(&path, &options).map_err(|e| e.to_string())?;
        let machine = machine(&clock);
        let key = KeyEncryptionKey::from_bytes(KEY);
        let opened = Vault::open(&*store, key, &machine, "scenario/tenure").await;
        let mut vault = opened.map_err(|e| e.to_string())?;
        vault.begin(&*store, &machine, Born::Replay, None).await.map_err(|e| e.to_string())?;
        let moment = DecisionContext { now: at, with_now: true, actor: None, clock_doubt: None };
        activate(&*store, &vault, &machine, &setup, BTreeMap::new(), "unmapped", &moment)
            .await
            .map_err(|e| e.to_string())?;
        let feeds = InMemory::default();
        let sent = Sent::default();
        let vault = Arc::new(vault);
        let parts = AppParts {
            systems: place.connect(&setup),
            context: Arc::new(Context::new(Arc::new(setup), Zones::bundled("scenario"))),
            feeds: Arc::new(feeds.clone()),
            store: store.clone(),
            vault: vault.clone(),
            machine,
            messages: Some(Arc::new(sent.clone())),
            outside: None,
            witness: None,
        };
        let app = App::from(parts);
        let (labels, refused) = (Labels::new(), Vec::new());
        Ok(Self {
            sent,
            app,
            store,
            vault,
            place,
            labels,
            refused,
            erased: BTreeMap::new(),
            notes: Notes::default(),
            foreseen: None,
            forecast: None,
            misplanned: Vec::new(),
            files,
            feeds,
            clock,
            at,
            folder,
        })
    }

    /// Now, with this person as actor.
    pub(crate) async fn moment(&self, who: Option<&str>) -> Result<DecisionContext, AppError> {
        let mut moment = self.app.clock().moment(Some(self.at)).await?;
        if let Some(who) = who {
            let subject = self.app.people().person(who).await?;
            moment.actor =
                Some(Actor { id: subject.identity.id, title: subject.title, stood_in: false, login: None });
        }
        Ok(moment)
    }

    /// Executes one step.
    pub(crate) async fn step(&mut self, step: &Step) -> Result<(), String> {
        if let Some(at) = step.at {
            self.at = at;
            self.clock.set(at);
            self.place.pass_time(at);
        }
        let known = self.app.context.setup.sources.keys().map(ToString::to_string).collect::<Vec<_>>();
        for (source, text) in &step.feed {
            if !known.contains(source) {
                return Err(format!("the configuration has no source `{source}`"));
            }
            self.feeds.report(source, text);
        }
        for (source, rows) in &step.rows {
            let known = self.app.context.setup.sources.values().find(|s| s.name.as_str() == source);
            let known = known.ok_or_else(|| format!("the configuration has no source `{source}`"))?;
            self.feeds.report(source, &edited(known, &self.feeds.reported(source), rows)?);
        }
        self.sent.begin_step();
        self.labels.clear();
        self.misplanned.clear();
        let foreseen = if step.plan || is_planned(step) { Some(self.foresee(step).await?) } else { None };
        self.foreseen = foreseen.filter(|_| step.plan);
        if step.plan {
            self.listen();
        }
        if let Some(by) = &step.set_up_confirmed_by {
            let done = self.confirm(by, step.run).await;
            as_expected("the confirmation", done, step.set_up_confirm_refused.as_deref())?;
        }
        if !step.set_up.is_empty() {
            let done = self.set_up(step).await;
            as_expected("the configuration", done, step.set_up_refused.as_deref())?;
        }
        for event in &step.system {
            self.place.happen(event)?;
        }
        // The time after which a system says that its writes are visible may have changed.
        self.app.systems.values_mut().for_each(|wired| wired.capabilities = wired.writer.capabilities());
        for act in &step.acts {
            self.remember_erased(act).await.map_err(said)?;
            self.act(act).await?;
        }
        if step.run {
            self.pass().await.map_err(said)?;
            self.compare_brakes().await.map_err(said)?;
        }
        for (names, adopt) in [(&step.adopt, true), (&step.scan, false)] {
            for name in names {
                let done = self.scan(name, adopt, step.adopt_by.as_deref()).await.map_err(Failure::from);
                as_expected("the scan", done, step.scan_refused.as_deref())?;
            }
        }
        Ok(())
    }

    async fn pass(&mut self) -> Result<(), AppError> {
        let moment = self.moment(None).await?;
        let until = self.app.machine.clock.now() + PATIENCE;
        let report = self.app.passes().run(&moment, Some(until), &Silent).await?;
        for (label, n) in &report.labels {
            *self.labels.entry(*label).or_default() += n;
        }
        let refused = report.feeds.iter().filter(|f| f.refused.is_some());
        self.refused = refused.filter_map(|f| f.source.as_ref().map(ToString::to_string)).collect();
        Ok(())
    }

    async fn scan(&self, system: &str, adopt: bool, by: Option<&str>) -> Result<(), AppError> {
        let name = SystemName::new(system).unwrap_or_else(|e| panic!("{system}: {e}"));
        if adopt {
            let owner = self.app.context.setup.systems.get(&name).map(|s| s.owner.to_string());
            let moment = self.moment(by.or(owner.as_deref())).await?;
            let previewed = self.app.adoption().adopt(&name, false, &moment).await;
            let adopted = self.app.adoption().adopt(&name, true, &moment).await?;
            let previewed = Adoption { done: true, adopted: adopted.adopted, ..previewed? };
            assert_eq!(previewed, adopted, "what taking {system} in was said to do is not what it did");
        } else {
            self.app.reconcile().scan(&name, &self.moment(None).await?).await?;
        }
        let moment = self.moment(None).await?;
        let until = self.app.machine.clock.now() + PATIENCE;
        self.app.work().work(&moment, Some(until), &|_, _| ()).await?;
        Ok(())
    }

    /// Makes a changed configuration the active one, or keeps it for a second person. All identities are settled by the
    /// pass of this step, else at once. One that cannot be loaded changes nothing.
    async fn set_up(&mut self, step: &Step) -> Result<(), Failure> {
        let (changed, by) = (&step.set_up, step.set_up_by.as_deref());
        let mut files = self.files.clone();
        let mut changed = changed.clone();
        self.place.wire(&mut changed);
        change(&mut files, &changed);
        let setup = compiled(&files)?;
        versions_rise(&setup, &self.app.context)?;
        let widening = widened(&self.files, &files);
        let waits = waits(&widening, step.set_up_waits.as_deref(), by)?;
        let moment = self.moment(None).await?;
        let permit = match by {
            Some(_) => Some(self.permit_to_apply(by).await?),
            None => None,
        };
        if let Some(permit) = permit.as_ref().filter(|_| waits) {
            let over = (&*self.app.context.setup, &setup);
            let waiting = Waiting::new(over, stored(&files), by.unwrap_or_default(), &widening, moment.now);
            return self
                .app
                .configuration()
                .propose_configuration(waiting, permit)
                .await
                .map(drop)
                .map_err(Failure::from);
        }
        self.files = files;
        let made = permit.map_or(Made::Fixture, Made::Alone);
        self.make_active(setup, (by.unwrap_or("unmapped"), made), step.run, &moment).await
    }

    async fn permit_to_apply(&self, by: Option<&str>) -> Result<Permit, AppError> {
        self.app.permit_for(tenure_app::Operation::Apply, &self.moment(by).await?).await
    }

    /// Confirms, as a person, the configuration that waits, and makes it the active one.
    async fn confirm(&mut self, by: &str, runs: bool) -> Result<(), Failure> {
        let moment = self.moment(Some(by)).await?;
        let waiting = self.app.configuration().waiting_configuration().await?;
        let hash = waiting.ok_or_else(|| "no configuration waits for a second person".to_owned())?.hash;
        let confirmed = self.app.configuration().confirm_configuration(&hash, &moment).await?;
        let files = confirmed.waiting.files.iter().map(|(p, t)| (p.to_string(), t.to_string()));
        self.files = files.collect();
        let setup = compiled(&self.files)?;
        self.make_active(setup, (&confirmed.waiting.by, confirmed.made), runs, &moment).await
    }

    async fn make_active(
        &mut self,
        setup: SetUp,
        how: (&str, Made),
        runs: bool,
        moment: &DecisionContext,
    ) -> Result<(), Failure> {
        let (store, vault, machine) = (&*self.store, &self.vault, &self.app.machine);
        let (previous, files) = (self.app.context.setup.clone(), BTreeMap::new());
        activate_over(store, vault, machine, (Some(&*previous), &setup), files, how, moment).await?;
        self.app.systems = self.place.connect(&setup);
        self.app.context = Arc::new(Context::new(Arc::new(setup), Zones::bundled("scenario")));
        if !runs {
            let labels = self.app.reconfigured().settle_everybody(moment).await?;
            self.labels.extend(labels);
        }
        Ok(())
    }
}

/// What failed, for the report of a scenario.
fn said(e: AppError) -> String {
    Failure::from(e).text
}

/// Checks that an act succeeded, or was refused as it should be.
pub(crate) fn as_expected(
    what: &str,
    done: Result<(), Failure>,
    refused: Option<&str>,
) -> Result<(), String> {
    match (refused, done) {
        (None, done) => done.map_err(|e| e.text),
        (Some(why), Ok(())) => Err(format!("{what} went through, and should be refused: {why}")),
        (Some(why), Err(e)) if e.is(why) => Ok(()),
        (Some(why), Err(e)) => Err(format!("{what} was refused for another reason than {why:?}: {}", e.text)),
    }
}

/// A bundle whose content changes has a new version, or the configuration is not made active.
pub(crate) fn versions_rise(proposed: &SetUp, active: &Context) -> Result<(), String> {
    match proposed.policy.unversioned(&active.setup.policy).first() {
        Some((bundle, old, new)) => Err(format!(
            "the bundle `{bundle}` holds something else than in version {old}, and says version {new}"
        )),
        None => Ok(()),
    }
}
