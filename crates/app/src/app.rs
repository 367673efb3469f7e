//! The application: a store, a configuration, connected systems, keys and a machine.

use crate::leased_store::{DatabaseClock, Held, LeasedStore};
use crate::{DecisionContext, Machine, Recorder, Vault};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_connect::{AttributeSpec, Capabilities, Connector, CutOffJournal, Deliver, Feeds};
use tenure_engine::Context;
use tenure_model::{IdentityKind, SystemName, TaskKind, Urgency, ValueType};
use tenure_policy::{Mode, Outbound, System};
use tenure_store::Store;

/// Declares the use cases of one module over the application, and how they are reached: `app.cut_off()`. Each module has its own type,
/// so that a call upwards from a lower floor names the module that it calls (`cargo xtask tidy` refuses it).
macro_rules! part {
    ($(#[$doc:meta])* $name:ident, $reach:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name<'a> {
            app: &'a $crate::App,
        }

        impl $crate::App {
            $(#[$doc])*
            #[must_use]
            pub fn $reach(&self) -> $name<'_> {
                $name { app: self }
            }
        }
    };
}
pub(crate) use part;

/// A downstream system with its two connections.
#[derive(Clone)]
pub struct SystemConnections {
    /// Writes.
    pub writer: Arc<dyn Connector>,
    /// Reads back; never the writer's connection.
    pub reader: Arc<dyn Connector>,
    /// What the system can do.
    pub capabilities: Capabilities,
}

impl std::fmt::Debug for SystemConnections {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SystemConnections").field("capabilities", &self.capabilities).finish_non_exhaustive()
    }
}

/// The application over one active configuration. Store and keys are its own: edges read through [`App::query`].
pub struct App {
    /// Where all data is stored.
    pub(crate) store: LeasedStore,
    /// The active configuration, ready for settling.
    pub context: Arc<Context>,
    /// The systems, connected.
    pub systems: BTreeMap<SystemName, SystemConnections>,
    /// Where feeds come from.
    pub feeds: Arc<dyn Feeds>,
    /// Delivers messages; `None`: nothing is sent (a plan on a copy).
    pub messages: Option<Arc<dyn Deliver>>,
    /// The file outside the database that keeps cut-offs; `None`: none (a plan on a copy).
    pub outside: Option<Arc<dyn CutOffJournal>>,
    /// The keys.
    pub(crate) vault: Arc<Vault>,
    /// Time and randomness.
    pub machine: Machine,
    /// What this process works on concurrently.
    pub in_hand: Arc<crate::InHand>,
    /// Receives every committed decision: used by what-if only.
    pub witness: Option<DecisionListener>,
}

/// The parts of an application, for the code that composes it.
pub struct AppParts {
    /// Where all data is stored.
    pub store: Arc<dyn Store>,
    /// The keys.
    pub vault: Arc<Vault>,
    /// The active configuration, ready for settling.
    pub context: Arc<Context>,
    /// The systems, connected.
    pub systems: BTreeMap<SystemName, SystemConnections>,
    /// Where feeds come from.
    pub feeds: Arc<dyn Feeds>,
    /// Delivers messages.
    pub messages: Option<Arc<dyn Deliver>>,
    /// The file outside the database that keeps cut-offs.
    pub outside: Option<Arc<dyn CutOffJournal>>,
    /// Randomness, the name of the process, and its own clock: the application goes by the store's.
    pub machine: Machine,
    /// Receives every committed decision.
    pub witness: Option<DecisionListener>,
}

impl std::fmt::Debug for AppParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AppParts(configuration {})", self.context.setup.hash)
    }
}

impl From<AppParts> for App {
    fn from(parts: AppParts) -> Self {
        let AppParts { store, vault, context, systems, feeds, messages, outside, machine, witness } = parts;
        let in_hand = Arc::default();
        // Machine time is the database's: processes whose own clocks differ agree on what is ready and what has expired.
        let clock = DatabaseClock { store: store.clone(), machine: machine.clock };
        let machine = Machine { clock: Arc::new(clock), ..machine };
        let store = LeasedStore::from(store);
        Self { store, vault, context, systems, feeds, messages, outside, machine, witness, in_hand }
    }
}

/// Receives committed decisions.
pub type DecisionListener = Arc<dyn Fn(&crate::Decision) + Send + Sync>;

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "App(configuration {})", self.context.setup.hash)
    }
}

/// The attributes of a system as passed to its connector.
#[must_use]
pub fn attribute_specs(system: &System) -> Vec<AttributeSpec> {
    let spec = |o: &Outbound| AttributeSpec {
        name: o.name.clone(),
        value_type: o.value_type,
        reference: o.reference.is_some(),
    };
    let mut specs: Vec<AttributeSpec> = Vec::new();
    for outbound in system.all_attributes() {
        if !specs.iter().any(|s| s.name == outbound.name) {
            specs.push(spec(outbound));
        }
    }
    // An attribute that only matches or classifies accounts is read and never written.
    let told = system.matches.iter().filter_map(|m| m.attribute.as_ref());
    let told = told.chain(system.orphans.iter().filter_map(|o| o.attribute.as_ref().map(|(name, _)| name)));
    for name in told {
        if !specs.iter().any(|s| s.name == *name) {
            specs.push(AttributeSpec { name: name.clone(), value_type: ValueType::Text, reference: false });
        }
    }
    specs
}

impl App {
    /// Creates evidence for a moment under the active configuration.
    pub(crate) fn recorder<'a>(&'a self, moment: &'a DecisionContext) -> Recorder<'a> {
        Recorder { vault: &self.vault, machine: &self.machine, setup: Some(&self.context.setup.hash), moment }
    }

    /// The same application under one more lease: all that it commits depends on it.
    pub(crate) fn under(&self, held: Arc<Held>) -> Self {
        Self {
            store: self.store.under(held),
            context: self.context.clone(),
            systems: self.systems.clone(),
            feeds: self.feeds.clone(),
            messages: self.messages.clone(),
            outside: self.outside.clone(),
            vault: self.vault.clone(),
            machine: self.machine.clone(),
            in_hand: self.in_hand.clone(),
            witness: self.witness.clone(),
        }
    }

    /// Passes a decision to the witness.
    pub(crate) fn witness(&self, decision: &crate::Decision) {
        if let Some(witness) = &self.witness {
            witness(decision);
        }
    }

    /// The performer of open work under this configuration: as [`App::work_kind`], by the system's mode. A cut-off is written
    /// by program wherever possible, also where the system is in `observe`.
    pub(crate) fn way(&self, system: &System, urgency: Urgency) -> TaskKind {
        self.work_kind(&system.name, system.mode == Mode::Observe && urgency != Urgency::CutOff)
    }

    /// Whether a system's connector can reset the password or secret of an account of such an identity.
    pub(crate) fn can_reset(&self, system: &SystemName, kind: IdentityKind) -> bool {
        self.systems.get(system).is_some_and(|w| match kind {
            IdentityKind::Shared => w.capabilities.rotate,
            _ => w.capabilities.passwords,
        })
    }

    /// The performer of work on a system: Tenure, or the owner where no program can write.
    #[must_use]
    pub fn work_kind(&self, system: &SystemName, by_owner: bool) -> TaskKind {
        let writes = self.systems.get(system).is_some_and(|w| w.capabilities.disable || w.capabilities.grant);
        if by_owner || !writes { TaskKind::Manual } else { TaskKind::Converge }
    }
}
