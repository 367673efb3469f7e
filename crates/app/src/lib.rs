//! Use cases and workers: what happens when a feed arrives, a person decides, or a task is due.

// Base: used by every floor.
mod app;
mod born;
mod damage;
mod decision;
pub mod describe;
mod error;
mod evidence;
mod first_entry;
mod in_hand;
mod lease;
mod leased_store;
mod login;
mod machine;
mod permission;
mod stored;
mod text;
mod vault;

// Who: the people that operations name, and their permissions.
mod authority;
mod containment;
mod directory;
mod ids;
mod people;
mod reading;
mod references;

// Kernel: from a changed identity to a commit.
mod authored;
mod cases;
mod correlate;
mod decide;
mod dependents;
mod finding_rows;
mod first_scan;
mod limits;
mod owned;
mod settle;
mod tombstones;

// Features: actions of people and systems.
mod activation;
mod approvals;
mod brakes;
mod clock;
mod configuration;
mod correlation;
mod custody;
mod cut_off;
mod damage_reports;
mod decisions;
mod delegation;
mod feed;
mod findings;
mod later;
mod proof;
mod quarantine;
mod reconcile;
mod retention;
mod vote;
mod worker;

// Queries.
mod card;
mod explain;
mod query;

// Passes.
mod plan;
mod reconfigured;
mod run;

pub use activation::Redeemed;
pub use app::{App, AppParts, DecisionListener, SystemConnections, attribute_specs};
pub use authored::Made;
pub use authority::{Permit, Rule, matrix, permitted, rule};
pub use born::Born;
pub use brakes::Released;
pub use card::{
    Answer, AskedBy, Card, CardAccess, CardCause, CardSubject, CardWhy, Cards, Conflict, MissingAnswer,
    Peers, Silence,
};
pub use configuration::{Confirmed, Waiting, activate, activate_over};
pub use correlation::record_name;
pub use custody::{Custodian, Custody, CustodyChange, NewCustody};
pub use cut_off::{
    CutOffAsked, CutOffDone, CutOffShown, LiftDone, NewCutOff, OrderedBeside, REVIEW_AFTER, REVIEW_MAX,
    Taken, UNREVIEWED_MAX,
};
pub use damage::Damage;
pub use decision::{Candidate, Cause, Configured, Decision};
pub use decisions::{Asked, IndividualDecisionShown, Signed};
pub use error::{
    AccessRefusal, ActorRefusal, AppError, CutOffRefusal, IdentityRefusal, Item, OperationRefusal, Refusal,
    RefusalDetail, Refused, SystemRefusal, WorkRefusal,
};
pub use evidence::{About, Recorder};
pub use explain::{Advice, Explanation, HistoryEntry};
pub use feed::FeedReport;
pub use findings::{ACKNOWLEDGED_MAX, FindingsFilter, FindingsPlace, OpenFinding, Register};
pub use in_hand::InHand;
pub use login::Login;
pub use machine::{Actor, Clock, DecisionContext, Machine, Randomness};
pub use people::{IdentityShown, called};
pub use permission::{Bar, Kind, Operation, Role, Stake, Via};
pub use plan::{Changed, Changes, Foreseen, Notes};
pub use proof::sign_head;
pub use proof::{
    Examined, LedgerCheck, NewPack, PACKED_MAX, PackOf, Reopened, Sink, home, home_if_readable,
    is_checkpoint, proved,
};
pub use quarantine::{FirstQuarantined, InQuarantine, REPAIR_WITHIN, UNREADABLE_END_WITHIN};
pub use query::{
    CutOffListed, EntitlementFilter, EntitlementShown, ExceptionShown, Held, HeldPerson, HeldReason, Holder,
    Listed, PAGE_MAX, Page, PeopleFilter, Query, ReviewOf, ReviewShown, Since, TaskShown, UnlinkedShown,
};
pub use reconcile::{Adoption, AskedAccount, Link, ScanReport};
pub use retention::{Erasable, Erasure};
pub use run::{Progress, RunReport};
pub use settle::Labels;
pub use vault::{SealedKey, Vault};
pub use worker::{LateCases, WorkReport};

pub use activation::Activations;
pub use approvals::Approvals;
pub use authored::Authorship;
pub use authority::Authority;
pub use brakes::Brakes;
pub use cases::Cases;
pub use clock::BusinessClock;
pub use configuration::Configurations;
pub use containment::Nesting;
pub use correlate::Correlator;
pub use correlation::Correlations;
pub use custody::Custodies;
pub use cut_off::{CutOffJournal, CutOffOrders, CutOffs};
pub use damage_reports::DamageReports;
pub use decide::Decider;
pub use decisions::IndividualDecisions;
pub use delegation::Delegations;
pub use explain::Explain;
pub use feed::FeedRuns;
pub use finding_rows::FindingRows;
pub use findings::Findings;
pub use first_scan::FirstScan;
pub use ids::Ids;
pub use later::LaterLosses;
pub use limits::Limits;
pub use owned::Owned;
pub use people::People;
pub use plan::Plans;
pub use proof::Proofs;
pub use quarantine::Quarantine;
pub use reading::Readings;
pub use reconcile::{Adoptions, Reconciliation};
pub use reconfigured::Reconfigured;
pub use references::References;
pub use retention::Retention;
pub use run::Passes;
pub use settle::Settler;
pub use stored::Stored;
pub use tombstones::Tombstones;
pub use vote::Votes;
pub use worker::Worker;
