//! Tenure's terms as types. Ring 0: no I/O, no clock, no randomness, nothing `Serialize`.

mod access;
mod acknowledgement;
mod approval;
mod ask_reason;
mod authored;
mod case;
mod coded;
mod containment;
mod cut_off;
mod decision;
mod engagement;
mod fact;
mod feed;
mod finding;
mod finding_detail;
mod hold;
mod identity;
mod ids;
mod joined;
mod learnt;
mod names;
mod naming;
mod parameter;
mod plan;
pub mod range;
mod record;
mod settlement;
mod task;
pub mod text;
mod timeline;
mod value;
pub mod when;

pub use access::{
    Account, AccountKey, AccountState, AccountTarget, Grant, Holding, Justification, JustificationKind,
    Observed, OrphanClass,
};
pub use acknowledgement::Acknowledgement;
pub use approval::{
    Answer, AnsweredAhead, ApprovalRequest, ApprovalState, Approver, ApproverSeat, AskedReason, Vote,
};
pub use ask_reason::AskReason;
pub use authored::{Authors, ConfigPart};
pub use case::{Case, CaseEvent, CaseLabel, CaseState, Clocks, InvalidTransition};
pub use containment::Containment;
pub use cut_off::{CutOff, CutOffClass, CutOffOrder, CutOffTarget};
pub use decision::{
    BUNDLE, Decisions, Delegation, IndividualDecision, Link, OffByHand, Override, Provenance, Reason,
    Suspended, Waiting,
};
pub use engagement::{Absence, Engagement, EngagementState, Phase};
pub use fact::{Fact, FactState, Obligation, Observation};
pub use feed::{FeedError, FeedFault, FeedFormat, FeedLimits, FeedShape, Inspected, MissingColumn};
pub use finding::{Finding, FindingKind};
pub use finding_detail::FindingDetail;
pub use hold::{Hold, HoldClass};
pub use identity::{
    Erased, Identity, IdentityKind, OwnerName, Owners, Reference, ReferenceState, Subject, Supplement,
};
pub use ids::{
    ApprovalId, CaseId, CorrelationId, CutOffOrderId, EngagementId, FeedRunId, FindingId, HeldChangeId,
    IdPart, IdentityId, SHORT_DIGITS, TaskId,
};
pub use learnt::{Happened, Learnt};
pub use names::{
    AttributeName, BundleName, EngagementType, EntitlementName, Kind, Name, NameError, RecordKey, RuleName,
    SetupHash, SourceName, SystemName,
};
pub use naming::{MadeOf, Naming, Renamed, Renaming};
pub use parameter::{
    AccountDoubt, Overdue, Parameter, PossibleHolder, RequestEnd, RowFault, SeparationPath, Typed, Vacancy,
    taken,
};
pub use plan::{Gate, Plan, Step, StepKind};
pub use range::{Day, Instant, OutOfRange};
pub use record::{Columns, FieldFault, NormalRecord, RawRecord, RecordState, RowError, Where};
pub use settlement::{DueAccount, DueGrant, DueQuestion, Forgone, Pause, Settlement};
pub use task::{
    ATTEMPTS_MAX, Backoff, CONTRADICTIONS_MAX, CONTRADICTIONS_REMOVAL_MAX, PAUSE_ASKED_LONGEST,
    PAUSE_ASKED_REMOVAL_LONGEST, PAUSE_FIRST, PAUSE_LONGEST, Task, TaskKind, TaskState, Urgency,
};
pub use text::MailAddress;
pub use timeline::{Timeline, TimelineEntry};
pub use value::{Value, ValueType};
pub use when::{LocalEnd, Zone, ZoneError, ZoneSource, Zones};
