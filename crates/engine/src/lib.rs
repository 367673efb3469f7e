//! Settle, diff, label: what is due, what differs, and the name of the change.

pub mod access_request;
mod accounts;
mod ahead;
mod apply;
mod asking;
mod binding;
mod by_time;
mod class;
mod containment;
mod context;
pub mod correlate;
mod custody;
pub mod cut_off;
mod dated;
mod deadline;
mod decide;
mod diff;
mod ended;
mod estate;
mod evaluate;
mod foreseen;
mod gap;
mod gate;
mod grants;
mod identifier;
mod individual;
mod label;
mod learnt;
mod letters;
mod lifted;
mod local;
pub mod normalise;
mod organisation;
mod overruled;
mod owners;
mod provenance;
mod reasons;
mod references;
mod rehired;
mod released;
mod relocation;
mod remembered;
mod rename;
mod renamed;
mod reset;
mod retention;
mod separation;
mod settle;
mod sourceless;
mod stated;
mod suspended;
mod takeover;
mod used_up;
mod values;
mod watch;
mod window;
mod zones;

pub use access_request::DecisionRefusal;
pub use apply::{apply_missing, apply_present, apply_readable, apply_record, apply_reread, engagement_id};
pub use asking::{
    Asking, Availability, has_answered, outcome, remember, seats_for, stands_in_for, unfilled, worse,
};
pub use by_time::Earlier;
pub use class::{decode_class, encode_class};
pub use containment::{Reach, circles};
pub use context::Context;
pub use custody::owner_of;
pub use deadline::{deadline_of, overdue};
pub use decide::{ACCOUNT_ITSELF, Decided, Work, decide};
pub use diff::diff;
pub use ended::note_ended;
pub use estate::{
    AccountSeen, Estate, Orphan, OrphanIdentity, ScannedAccount, TakenIn, Whose, account_name, as_seen,
    classify, give_up, is_unused, kept_names, named_by, note_adopter, orphan_identity, take_in, take_name,
};
pub use evaluate::{Draft, Evaluation, Occasion, Others, evaluate};
pub use foreseen::LaterLoss;
pub use gap::is_gone_between;
pub use gate::{Gated, Question, gate};
pub use identifier::{NUMBERED_MAX, Wanted, wanted};
pub use individual::advance_decisions;
pub use label::{IdentityChange, changes, label, precedes};
pub use letters::look;
pub use lifted::reapprove;
pub use local::withheld;
pub use organisation::{ESCALATION_MIN, Organisation, named, overdue_feed, without_approver};
pub use owners::owner_names;
pub use references::{
    Bearing, DEPUTY, OWNER, ReferenceText, bearing, circle, is_available, meant, phase_meant,
    reference_texts, reference_texts_ahead,
};
pub use rename::{ask_again, give, nameless, reconsider, to_rename};
pub use renamed::carried;
pub use retention::{Kept, Surroundings, erasable_from, kept, key_kind, left_of, name_kind};
pub use settle::{classes, phase, primary_engagement, settle};
pub use stated::{MACHINE, newly_stated, stated_again};
pub use used_up::{note_reasons, use_up};
pub use values::{Won, value_on, values_on};
