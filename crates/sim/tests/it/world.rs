//! An application with a small configuration, a store in a temporary folder and a feed in memory.

use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_app::{
    Actor, App, AppError, AppParts, Born, Clock, DecisionContext, FeedReport, Machine, Made,
    SystemConnections, Vault, WorkReport, activate,
};
use tenure_connect::{Feeds, Operation};
use tenure_engine::Context;
use tenure_ledger::seal::KeyEncryptionKey;
use tenure_model::{Name as _, SourceName, Zones};
use tenure_policy::{ClassCache, SetUp};
use tenure_sim::{Counting, InMemory, Settable};
use tenure_store::{Store, StoredSubject};
use tenure_store_sqlite::SqliteStore;
use tenure_testkit::target::{Fault, Target};

const NOW: &str = "2026-03-02T08:00:00Z";

const FILES: [(&str, &str); 4] = [
    (
        "tenure.toml",
        r#"edition = 1
[organisation]
name = "Test"
[keys]
key_encryption_key = "env:UNUSED"
[groups]
security = ["W1", "W2"]
[governance]
last_resort = "security"
"#,
    ),
    (
        "sources/hr.toml",
        r#"edition = 1
format = "csv"
mode = "snapshot"
path = "hr.csv"
key = "id"
owner = "group:security"
engagement_types = ["employee"]
[engagement]
type = { constant = "employee" }
last_day = "last_day"
[zone]
default = "Europe/Oslo"
[keys]
worker_number = "number"
name = "name"
[map]
family_name = "name"
manager = "manager"
[missing]
rule = "end now"
[brake]
percent = 5
count = 10
[[correlate]]
exact = "worker_number"
"#,
    ),
    (
        "systems/directory.toml",
        r#"edition = 1
connector = "fake"
owner = "W1"
mode = "enforce"
account_name = "user_name"
[brake]
percent = 10
count = 5
[[attribute]]
name = "mail"
value = 'id.mail'
[[entitlement]]
name = "staff"
owner = "W1"
"#,
    ),
    (
        "policy/all.toml",
        r#"edition = 1
owner = "group:security"
[lifecycle]
primary = ["employee"]
[attributes]
family_name = "text"
manager = { type = "text", reference = "worker_number" }
[[baseline]]
name = "all people"
when = 'identity.kind == "person"'
grant = ["directory:staff"]
[[identifier]]
name = "mail"
candidates = ['id.user_name + "@example.test"']
[[identifier]]
name = "user_name"
candidates = ['family_name.lower() + "{n}"']
"#,
    ),
];

fn compiled(files: &[(String, String)]) -> SetUp {
    match tenure_policy::load(files) {
        Ok(loaded) => loaded.setup,
        Err(found) => panic!("{}", found.iter().map(|d| d.render(files, false)).collect::<String>()),
    }
}

/// The file of these rows.
pub(crate) fn table(rows: &[[String; 4]]) -> String {
    let lines: String = rows.iter().map(|row| row.join(",") + ",\n").collect();
    format!("id,number,name,manager,last_day\n{lines}")
}

/// The moment by the clock; in a replay it is stated.
pub(crate) async fn stated(app: &App) -> DecisionContext {
    let now = (app.born() == Born::Replay).then(|| app.machine.clock.now());
    app.clock().moment(now).await.unwrap()
}

/// All of it.
pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) store: Arc<dyn Store>,
    vault: Arc<Vault>,
    feed: InMemory,
    files: Vec<(String, String)>,
    pub(crate) clock: Settable,
    target: Target,
    _folder: tempfile::TempDir,
}

impl World {
    /// A world of a replay, in which time may jump.
    pub(crate) async fn new() -> Self {
        Self::born(Born::Replay).await
    }

    pub(crate) async fn born(born: Born) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Settable::new(NOW.parse().unwrap());
        let store: Arc<dyn Store> =
            SqliteStore::open(&folder.path().join("tenure.db"), &clock.options()).unwrap();
        let machine = Machine {
            clock: Arc::new(clock.clone()),
            randomness: Arc::new(Counting::default()),
            name: Arc::from("test"),
            one_at_a_time: false,
        };
        let key = KeyEncryptionKey::from_bytes([7; 32]);
        let mut vault = Vault::open(&*store, key, &machine, "test/tenure").await.unwrap();
        vault.begin(&*store, &machine, born, None).await.unwrap();
        let files: Vec<(String, String)> =
            FILES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        let setup = compiled(&files);
        let moment =
            DecisionContext { now: NOW.parse().unwrap(), with_now: true, actor: None, clock_doubt: None };
        activate(&*store, &vault, &machine, &setup, BTreeMap::new(), "test", &moment).await.unwrap();
        let target = Target::new(&["staff"]);
        let wired = SystemConnections {
            writer: target.connector(),
            reader: target.connector(),
            capabilities: Target::able(),
        };
        let feed = InMemory::default();
        let vault = Arc::new(vault);
        let parts = AppParts {
            systems: setup.systems.keys().map(|name| (name.clone(), wired.clone())).collect(),
            context: Arc::new(Context::new(Arc::new(setup), Zones::bundled("test"))),
            feeds: Arc::new(feed.clone()),
            store: store.clone(),
            vault: vault.clone(),
            machine,
            messages: None,
            outside: None,
            witness: None,
        };
        let app = App::from(parts);
        Self { app, store, vault, feed, files, clock, target, _folder: folder }
    }

    /// Sets both clocks.
    pub(crate) fn at(&self, instant: &str) {
        self.clock.set(instant.parse().unwrap());
    }

    /// Now, with this person as actor.
    pub(crate) async fn moment(&self, who: Option<&str>) -> DecisionContext {
        let mut moment = stated(&self.app).await;
        if let Some(who) = who {
            let subject = self.app.people().person(who).await.unwrap();
            moment.actor =
                Some(Actor { id: subject.identity.id, title: subject.title, stood_in: false, login: None });
        }
        moment
    }

    /// Works the queue until it is idle.
    pub(crate) async fn work(&self) -> WorkReport {
        self.app.work().work(&self.moment(None).await, None, &|_, _| ()).await.unwrap()
    }

    /// Settles all identities that are due.
    pub(crate) async fn settle_due(&self) {
        self.app.settle().settle_due(&mut ClassCache::default(), &self.moment(None).await).await.unwrap();
    }

    /// Whether the system has an account of this name, asked without Tenure.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.target.account(name).is_some()
    }

    /// How many accounts can be used in the system, asked without Tenure.
    pub(crate) fn usable(&self) -> usize {
        self.target.names().iter().filter(|name| self.target.account(name).is_some_and(|a| a.enabled)).count()
    }

    /// The given number of next calls of an operation fail.
    pub(crate) fn fault_next(&self, calls: u64, operation: Operation, fault: Fault) {
        self.target.fault_next(calls, operation, fault);
    }

    /// Edits a file of the configuration, makes it the active one and settles all identities.
    pub(crate) async fn change(&mut self, path: &str, from: &str, to: &str) {
        let (_, text) = self.files.iter_mut().find(|(p, _)| p == path).unwrap();
        assert!(text.contains(from), "{path} does not say {from}");
        *text = text.replace(from, to);
        let setup = compiled(&self.files);
        let moment = self.moment(None).await;
        let (store, vault, machine) = (&*self.store, &self.vault, &self.app.machine);
        activate(store, vault, machine, &setup, BTreeMap::new(), "test", &moment).await.unwrap();
        self.app.context = Arc::new(Context::new(Arc::new(setup), Zones::bundled("test")));
        self.app.reconfigured().settle_everybody(&moment).await.unwrap();
    }

    /// Makes the edited configuration the active one instead of the present one; the application goes on with the present one.
    pub(crate) async fn activate_over(&self, path: &str, from: &str, to: &str) -> Result<(), AppError> {
        let edit = |text: &str| text.replace(from, to);
        let files: Vec<(String, String)> = self
            .files
            .iter()
            .map(|(p, text)| (p.clone(), if p == path { edit(text) } else { text.clone() }))
            .collect();
        let (present, edited) = (self.app.context.setup.clone(), compiled(&files));
        let (moment, how) = (self.moment(None).await, ("test", Made::Fixture));
        let over = (Some(&*present), &edited);
        let machine = &self.app.machine;
        tenure_app::activate_over(&*self.store, &self.vault, machine, over, BTreeMap::new(), how, &moment)
            .await
    }

    /// Adds sources like the first one, and makes the configuration the active one.
    pub(crate) async fn add_sources(&mut self, names: &[&str]) {
        let like = self.files.iter().find(|(path, _)| path == "sources/hr.toml").unwrap().1.clone();
        for (rank, name) in (1..).zip(names) {
            let ranked = like.replacen("edition = 1", &format!("edition = 1\nrank = {rank}"), 1);
            self.files.push((format!("sources/{name}.toml"), ranked));
        }
        self.change("policy/all.toml", "edition = 1", "edition = 1").await;
    }

    /// Takes a feed of these rows: id, worker number, family name, the manager's worker number.
    pub(crate) async fn take(&self, rows: &[[String; 4]]) -> FeedReport {
        self.take_text(table(rows)).await
    }

    /// Another process over the same store, with feeds and a clock of its own.
    pub(crate) fn node(&self, name: &str, feeds: Arc<dyn Feeds>, clock: Arc<dyn Clock>) -> App {
        App::from(AppParts {
            store: self.store.clone(),
            context: self.app.context.clone(),
            systems: self.app.systems.clone(),
            feeds,
            vault: self.vault.clone(),
            machine: Machine { clock, name: Arc::from(name), ..self.app.machine.clone() },
            messages: None,
            outside: None,
            witness: None,
        })
    }

    /// A worker over the same store that takes these rows from a source, when it is awaited.
    pub(crate) fn worker(
        &self,
        source: &str,
        rows: &[[String; 4]],
    ) -> impl Future<Output = FeedReport> + Send + 'static {
        let feed = InMemory::default();
        feed.report(source, &table(rows));
        let app = self.node("worker", Arc::new(feed), self.app.machine.clock.clone());
        let source = SourceName::new(source).unwrap();
        async move {
            let moment = stated(&app).await;
            app.feed().take_feed(&source, &moment, &mut ClassCache::default(), &|_, _| ()).await.unwrap()
        }
    }

    /// The same with a last day for each.
    pub(crate) async fn take_with_ends(&self, rows: &[[String; 5]]) -> FeedReport {
        let lines: String = rows.iter().map(|row| row.join(",") + "\n").collect();
        self.take_text(format!("id,number,name,manager,last_day\n{lines}")).await
    }

    async fn take_text(&self, text: String) -> FeedReport {
        self.feed.report("hr", &text);
        let source = self.app.context.setup.sources.keys().next().cloned().unwrap();
        let moment = stated(&self.app).await;
        self.app.feed().take_feed(&source, &moment, &mut ClassCache::default(), &|_, _| ()).await.unwrap()
    }

    /// All identities, by the first record key.
    pub(crate) async fn everybody(&self) -> BTreeMap<String, StoredSubject> {
        let ids = self.store.identities(None, 10_000).await.unwrap();
        let all = self.store.subjects(&ids).await.unwrap();
        all.into_iter().map(|s| (s.identity.engagements[0].key.to_string(), s)).collect()
    }
}
