//! The application: a store, a set-up, connected systems, keys and a machine.

use crate::{Machine, Moment, Recorder, Vault};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_connect::{AttributeSpec, Capabilities, Connector, Deliver, Feeds, Outside};
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
pub struct Wired {
    /// Writes.
    pub writer: Arc<dyn Connector>,
    /// Reads back; never the writer's connection.
    pub reader: Arc<dyn Connector>,
    /// What the system can do.
    pub capabilities: Capabilities,
}

impl std::fmt::Debug for Wired {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wired").field("capabilities", &self.capabilities).finish_non_exhaustive()
    }
}

/// The application over one active set-up. Store and keys are its own: edges read through [`App::query`].
pub struct App {
    /// Where everything is kept.
    pub(crate) store: Arc<dyn Store>,
    /// The active set-up, ready for settling.
    pub context: Arc<Context>,
    /// The systems, connected.
    pub systems: BTreeMap<SystemName, Wired>,
    /// Where feeds come from.
    pub feeds: Arc<dyn Feeds>,
    /// Who delivers messages; `None`: nothing leaves (a plan on a copy).
    pub messages: Option<Arc<dyn Deliver>>,
    /// Where cut-offs are kept beside the database; `None`: nowhere (a plan on a copy).
    pub outside: Option<Arc<dyn Outside>>,
    /// The keys.
    pub(crate) vault: Arc<Vault>,
    /// Time and randomness.
    pub machine: Machine,
    /// What this process works on at the same time.
    pub in_hand: Arc<crate::InHand>,
    /// Who hears of every committed decision: what-if collects them, nobody else needs to.
    pub witness: Option<Witness>,
}

/// What an application is made of, by who composes it.
pub struct Parts {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// The keys.
    pub vault: Arc<Vault>,
    /// The active set-up, ready for settling.
    pub context: Arc<Context>,
    /// The systems, connected.
    pub systems: BTreeMap<SystemName, Wired>,
    /// Where feeds come from.
    pub feeds: Arc<dyn Feeds>,
    /// Who delivers messages.
    pub messages: Option<Arc<dyn Deliver>>,
    /// Where cut-offs are kept beside the database.
    pub outside: Option<Arc<dyn Outside>>,
    /// Time and randomness.
    pub machine: Machine,
    /// Who hears of every committed decision.
    pub witness: Option<Witness>,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Parts(set-up {})", self.context.setup.hash)
    }
}

impl From<Parts> for App {
    fn from(parts: Parts) -> Self {
        let Parts { store, vault, context, systems, feeds, messages, outside, machine, witness } = parts;
        let in_hand = Arc::default();
        Self { store, vault, context, systems, feeds, messages, outside, machine, witness, in_hand }
    }
}

/// Hears of committed decisions.
pub type Witness = Arc<dyn Fn(&crate::Decision) + Send + Sync>;

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "App(set-up {})", self.context.setup.hash)
    }
}

/// The attributes of a system as its connector is told of them.
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
    // What only tells whose an account is, or what it is, is read and never written.
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
    /// Makes evidence for a moment under the active set-up.
    pub(crate) fn recorder<'a>(&'a self, moment: &'a Moment) -> Recorder<'a> {
        Recorder { vault: &self.vault, machine: &self.machine, setup: Some(&self.context.setup.hash), moment }
    }

    /// Tells the witness.
    pub(crate) fn witness(&self, decision: &crate::Decision) {
        if let Some(witness) = &self.witness {
            witness(decision);
        }
    }

    /// Who does work that is under way, under this set-up: as [`App::work_kind`], by the system's mode. A cut-off is done
    /// by program wherever one can write, also where the system is only observed.
    pub(crate) fn way(&self, system: &System, urgency: Urgency) -> TaskKind {
        self.work_kind(&system.name, system.mode == Mode::Observe && urgency != Urgency::CutOff)
    }

    /// Whether a system's connector has a way to make a new password or secret of an account of such an identity.
    pub(crate) fn can_reset(&self, system: &SystemName, kind: IdentityKind) -> bool {
        self.systems.get(system).is_some_and(|w| match kind {
            IdentityKind::Shared => w.capabilities.rotate,
            _ => w.capabilities.passwords,
        })
    }

    /// Who does the work on a system: Tenure, or its owner where no program can write.
    #[must_use]
    pub fn work_kind(&self, system: &SystemName, by_owner: bool) -> TaskKind {
        let writes = self.systems.get(system).is_some_and(|w| w.capabilities.disable || w.capabilities.grant);
        if by_owner || !writes { TaskKind::Manual } else { TaskKind::Converge }
    }
}
