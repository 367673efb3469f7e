//! The port to downstream systems: the contract, the registry, the layers.

mod contract;
mod error;
mod feed;
mod layer;
mod message;
mod operation;
mod outside;
mod regular;
mod settings;
mod unusable;
mod way;

pub use contract::{
    AccountChange, AccountRef, Capabilities, Connector, Created, Credential, EntitlementRef, Gap, Health,
    Holds, NewAccount, Page, RemoteAccount, RemoteEntitlement, Session, Unread, Written,
};
pub use error::{ConnectError, ErrorKind, Status};
pub use feed::{Feeds, Fetched, Rows};
pub use layer::{
    ChaosPlan, Jitter, LEFT_ALONE, LayerLimits, Layers, PAUSE_MAX, UNANSWERED_MAX, WAIT_MAX, chaos,
};
pub use message::{Deliver, Message, Topic};
pub use operation::Operation;
pub use outside::CutOffJournal;
pub use regular::{FILE_PATIENCE, Links, ReadError, ReadFile, file_id, read_regular};
pub use settings::{
    AttributeSpec, Connect, Registry, Secret, SettingError, SettingKind, SettingSpec, Settings,
};
pub use unusable::unusable;
pub use way::{longer, steps_to};
