//! A configuration as the engine and the application read it: the whole folder, checked and compiled.

mod bundles;
mod policy;
mod rules;
mod setup;
mod source;
mod system;

pub use policy::Policy;
pub use rules::{
    AbsenceRule, Approval, Baseline, Bundle, CustodyRule, EndsAt, Given, Handover, Identifier, Letters,
    Lifecycle, LocalRule, OnChange, PolicyException, RequestRule, Retention, Separation, Stage, Watch,
    Withheld,
};
pub use setup::{At, AttributeDecl, GlobalSettings, SetUp};
pub use source::{
    Blank, Brake, COMMAND_SOURCE, CUSTODY, CUSTODY_ATTRIBUTES, CorrelateRule, DateFormat, EXTRACTED,
    EngagementMap, Mapping, MissingRule, Source, SourceFormat, Take, ZoneRule, ZoneTable,
};
pub use system::{
    AccountKind, AccountMatch, Activation, Entitlement, How, MatchBy, Mode, OnManualDisable, OrphanRule,
    Outbound, Strength, System, fits_pattern,
};
