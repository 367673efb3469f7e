//! The sample organisation while its days pass: its folder, its SCIM services in this process, and the application over them.

use super::Quiet;
use crate::exit::Failure;
use crate::{folder, machine, wire};
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tenure_app::{App, CutOffDone, DecisionContext, Labels, Machine, NewCutOff, PAGE_MAX, Page, RunReport};
use tenure_demo::scim_peer::{PeerOptions, ScimPeer};
use tenure_demo::{Action, Day, Endpoint, Endpoints, Organisation, Run, script};
use tenure_ledger::seal::KeyEncryptionKey;
use tenure_model::Name;
use tokio::net::TcpListener;

/// The systems that the demo runs itself.
const PEERS: [&str; 4] = ["directory", "git", "vpn", "erp"];

/// The first port of the services: below those that systems give to clients.
const FIRST_PORT: u16 = 20_000;
/// Ports of one seed.
const PEERS_MAX: u16 = 4;
/// Seeds with ports of their own.
const PORTS: u64 = 2_500;

/// An organisation of a seed, with its services.
pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) days: Vec<Day>,
    folder: PathBuf,
    clock: Arc<machine::StoryClock>,
    services: Services,
}

/// The SCIM services; they end when they are stopped.
pub(crate) struct Services(Vec<(&'static str, ScimPeer)>);

impl Services {
    pub(crate) async fn stop(self) {
        for (_, peer) in self.0 {
            peer.stop().await;
        }
    }
}

impl World {
    /// Writes the folder, starts the services and makes the configuration active.
    pub(crate) async fn begin(folder: &Path, seed: u64) -> Result<Self, Failure> {
        let days = script(seed);
        let first = days.first().and_then(|d| d.runs.first()).map(|r| r.now).unwrap_or_default();
        let (machine, clock) = machine::story(seed, first);
        let services = Services(peers(folder, &machine, seed).await?);
        write_all(folder, &Organisation::generate(seed).write_configuration(&endpoints(&services.0)))?;
        let files = folder::read(folder)?;
        let loaded = folder::load(&files)?;
        let base = wire::replay_on(folder, &loaded.setup.settings, machine).await?;
        let stored = files.iter().map(|(p, t)| (Arc::from(p.as_str()), Arc::from(t.as_str()))).collect();
        let (store, vault, machine) = (base.store.clone(), base.vault.clone(), base.machine.clone());
        let app = wire::whole(base, loaded.setup)?;
        let moment = app.clock().moment(Some(first)).await?;
        tenure_app::activate(&*store, &vault, &machine, &app.context.setup, stored, "demo", &moment).await?;
        Ok(Self { app, days, folder: folder.to_owned(), clock, services })
    }

    /// What sources say from the morning of a day on.
    pub(crate) fn morning(&self, day: &Day) -> Result<(), Failure> {
        write_all(&self.folder, &day.feeds)
    }

    /// One pass of the story, after those actions of its people that are wanted.
    pub(crate) async fn pass(
        &self,
        run: &Run,
        is_done: impl Fn(&Action) -> bool,
    ) -> Result<(RunReport, Labels), Failure> {
        self.clock.set(run.now);
        let mut labels = Labels::new();
        for action in run.actions.iter().filter(|a| is_done(a)) {
            act(&self.app, run, action, &mut labels).await?;
        }
        let moment = self.app.clock().moment(Some(run.now)).await?;
        Ok((self.app.passes().run(&moment, None, &Quiet).await?, labels))
    }

    /// Closes the database; its services go on.
    pub(crate) fn close(self) -> Services {
        self.services
    }
}

/// The address of a service follows from the seed, because the configuration names it and evidence names the configuration: only so
/// do equal seeds give equal ledgers. Where the port is in use, any free one does.
async fn listener(seed: u64, number: u16) -> Option<TcpListener> {
    let offset = u16::try_from(seed % PORTS).unwrap_or_default().saturating_mul(PEERS_MAX);
    TcpListener::bind((Ipv4Addr::LOCALHOST, FIRST_PORT + offset + number)).await.ok()
}

async fn peers(
    folder: &Path,
    machine: &Machine,
    seed: u64,
) -> Result<Vec<(&'static str, ScimPeer)>, Failure> {
    let mut peers = Vec::new();
    for (number, name) in (0..).zip(PEERS) {
        let token: String = machine.random::<16>().iter().map(|b| format!("{b:02x}")).collect();
        write(folder, &format!("keys/{name}.token"), &token)?;
        let clock = machine.clock.clone();
        let options = PeerOptions::new(name, &token, Arc::new(move || clock.now()));
        let peer = match listener(seed, number).await {
            Some(listener) => ScimPeer::start_on(listener, options),
            None => ScimPeer::start(options).await,
        };
        let peer = peer.map_err(|e| {
            Failure::internal(format!("the demo's SCIM service `{name}` does not start: {e}"))
        })?;
        for group in Organisation::groups().get(name).into_iter().flatten() {
            peer.state()
                .add_group(group)
                .map_err(|e| Failure::internal(format!("{name}: group {group}: {e:?}")))?;
        }
        peers.push((name, peer));
    }
    write(folder, "keys/key-encryption.key", &KeyEncryptionKey::from_bytes(machine.random()).to_base64())?;
    Ok(peers)
}

fn endpoints(peers: &[(&'static str, ScimPeer)]) -> Endpoints {
    let of = |name: &str| {
        let url = peers.iter().find(|(n, _)| *n == name).map(|(_, p)| p.url()).unwrap_or_default();
        Endpoint { url, token: format!("file:keys/{name}.token") }
    };
    Endpoints {
        directory: of("directory"),
        git: of("git"),
        vpn: of("vpn"),
        erp: of("erp"),
        key: "file:keys/key-encryption.key".to_owned(),
        operator: crate::login::login().key(),
    }
}

/// What a person of the story does.
/// A page that has room for everything that waits in the sample organisation.
fn whole_page() -> Page {
    Page { limit: PAGE_MAX, after: None }
}

async fn act(app: &App, run: &Run, action: &Action, labels: &mut Labels) -> Result<(), Failure> {
    let as_person = async |who: &str| -> Result<DecisionContext, Failure> {
        let mut moment = app.clock().moment(Some(run.now)).await?;
        moment.actor = Some(app.people().stand_in(who, None).await?);
        Ok(moment)
    };
    match action {
        Action::Approve { by, about, rule } => {
            let moment = as_person(by).await?;
            let about = app.people().person(about).await?.identity.id;
            for request in app.query(&moment).await?.approvals(Some(about), 100).await? {
                if request.rule.as_str() == *rule {
                    app.votes().vote(request.id, true, "known and needed", &moment).await?;
                }
            }
        }
        Action::SamePerson { by, record, person } => {
            let moment = as_person(by).await?;
            let whose = app.people().person(person).await?.identity.id;
            for question in app.query(&moment).await?.questions(&whole_page()).await?.rows {
                if format!("{}:{}", question.source, question.key) == *record {
                    let decision = app.correlation().resolve(question.id, Some(whose), &moment).await?;
                    decision.label.into_iter().for_each(|l| *labels.entry(l).or_default() += 1);
                }
            }
        }
        Action::Release { by, source } => {
            let moment = as_person(by).await?;
            for held in app.query(&moment).await?.held_changes(&whole_page()).await?.rows {
                if *held.scope == format!("source {source}") {
                    let report = app.brakes().release(held.id, None, &moment).await?;
                    report.labels.iter().for_each(|(l, n)| *labels.entry(*l).or_default() += n);
                }
            }
        }
        Action::CutOff { by, person, reason } => {
            let done = app.cut_off().cut_off(person, &NewCutOff::of(reason), &as_person(by).await?).await?;
            let label = if let CutOffDone::Done(decision) = done { decision.label } else { None };
            label.into_iter().for_each(|l| *labels.entry(l).or_default() += 1);
        }
    }
    Ok(())
}

fn write_all(folder: &Path, files: &[(String, String)]) -> Result<(), Failure> {
    files.iter().try_for_each(|(path, text)| write(folder, path, text))
}

fn write(folder: &Path, path: &str, text: &str) -> Result<(), Failure> {
    let path = folder.join(path);
    let failed = Failure::unwritable(&path);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    fs::write(&path, text).map_err(failed)
}
