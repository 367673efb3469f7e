//! Policy and configuration as code: parsed with spans, checked, compiled. Ring 0: files come in as texts.

mod condition;
pub mod control;
mod diagnostic;
mod index;
mod lint;
mod load;
mod reference;
pub mod set;

pub use condition::{
    Builtin, Condition, EXPRESSION_CHARS_MAX, Expression, GrantInput, Inputs, Lines, NESTING_MAX, Problem,
    Reads, TEXT_BYTES_MAX,
};
pub use control::{KeyChange, Widening, given_anew, giving, widening};
pub use diagnostic::{Code, Diagnostic, Label, Severity, codes};
pub use index::{CLASSES_CACHED_MAX, ClassAnswer, ClassCache, ClassKey, Index, Read};
pub use load::{FILE_BYTES_MAX, FILES_MAX, Loaded, RULES_MAX, hash, load, load_settings};
pub use reference::{Need, ReferenceKey, reference};
pub use set::{
    AbsenceRule, AccountKind, AccountMatch, Activation, Approval, At, AttributeDecl, Baseline, Blank, Brake,
    Bundle, COMMAND_SOURCE, CUSTODY, CUSTODY_ATTRIBUTES, CorrelateRule, CustodyRule, DateFormat, EXTRACTED,
    EndsAt, EngagementMap, Entitlement, Given, GlobalSettings, Handover, How, Identifier, Letters, Lifecycle,
    LocalRule, Mapping, MatchBy, MissingRule, Mode, OnChange, OnManualDisable, OrphanRule, Outbound, Policy,
    PolicyException, RequestRule, Retention, Separation, SetUp, Source, SourceFormat, Stage, Strength,
    System, Take, Watch, Withheld, ZoneRule, ZoneTable, fits_pattern,
};
