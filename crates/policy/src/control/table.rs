//! The class of every key of a configuration, in one table. A key that is missing here is `control`, and a test reports it.

/// The subject of a file of the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// `tenure.toml`.
    Settings,
    /// A file of `sources/`.
    Source,
    /// A file of `systems/`.
    System,
    /// The files of `policy/`, together: a rule that moves to another file is the same rule.
    Policy,
}

/// Whether a key concerns control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// It states who works here, what they have and what is written to systems: brakes, approvals and plans examine its effect.
    Data,
    /// It states permissions, approvals, holding and separation, identification, the place of evidence and of its reading, which
    /// secret is sent where, or when access ends and how that becomes known.
    Control(Direction),
}

/// Which change of a control key widens. The opposite change narrows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Every difference.
    Any,
    /// Changing or removing it; adding it narrows.
    Kept,
    /// Adding or changing it; removing it narrows.
    Given,
    /// Adding a member to a group; removing one too, if the group's members order cut-offs, lift them and run passes.
    Group,
    /// Removing a text from the list.
    Protected,
    /// A larger number or a longer time than this default.
    Higher(i64),
    /// A smaller number than this default.
    Lower(i64),
    /// Ranked rules by which records or accounts find their identity: changing or removing one, or adding one that links without
    /// asking (`exact`); adding one that asks narrows.
    Rules,
    /// From `all` to `any`.
    Need,
    /// Changing where a system is reached and which secret is sent there. For a new system: only where a secret is sent.
    Connection,
    /// Away from `enforce`: decisions are kept in place less strictly.
    Mode,
    /// The kind of key by which an attribute refers to people, and that its change is no longer a move.
    Attribute,
    /// Where the value of an attribute comes from. Every difference, if it refers to people, is a move, or is read by an approval or
    /// withholding rule. Otherwise only a difference that may keep a value unchanged: an expression, a constant, a blank that keeps, a
    /// day of its own.
    Mapped,
}

use Class::{Control, Data};
use Direction::{
    Any, Attribute, Connection, Given, Group, Higher, Kept, Lower, Mapped, Mode, Need, Protected, Rules,
};
use FileKind::{Policy, Settings, Source, System};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// A time that is never over: if not stated, nothing is watched.
const NEVER: i64 = i64::MAX;

/// Every key: the file, the path (`*` for any name, `[]` for each table of a list) and its class. A path includes everything below it.
pub const KEYS: &[(FileKind, &str, Class)] = &[
    (Settings, "edition", Data),
    (Settings, "organisation.name", Data),
    (Settings, "storage.path", Control(Any)),
    (Settings, "ledger.checkpoints", Control(Any)),
    (Settings, "outbox.path", Control(Any)),
    (Settings, "outbox.from", Control(Any)),
    (Settings, "keys.key_encryption_key", Control(Any)),
    (Settings, "people.key", Control(Any)),
    (Settings, "actors", Control(Any)),
    (Settings, "groups", Control(Group)),
    (Settings, "governance.last_resort", Control(Any)),
    (Settings, "governance.cut_off_readers", Control(Given)),
    (Settings, "governance.cut_off_by", Control(Any)),
    (Settings, "governance.lift_by", Control(Any)),
    (Settings, "governance.operators", Control(Any)),
    (Settings, "governance.auditors", Control(Given)),
    (Settings, "governance.reapprove_after", Control(Any)),
    (Settings, "governance.allow_as", Data),
    (Source, "edition", Data),
    (Source, "format", Control(Any)),
    (Source, "path", Control(Any)),
    (Source, "encoding", Control(Any)),
    (Source, "delimiter", Control(Any)),
    (Source, "quote", Control(Any)),
    (Source, "dates", Control(Any)),
    (Source, "extracted", Control(Any)),
    (Source, "mode", Control(Any)),
    (Source, "every", Control(Higher(NEVER))),
    (Source, "owner", Control(Any)),
    (Source, "identity", Control(Any)),
    (Source, "key", Control(Any)),
    (Source, "keys", Control(Any)),
    (Source, "rank", Control(Any)),
    (Source, "engagement_types", Control(Any)),
    (Source, "engagement.type", Control(Any)),
    (Source, "engagement.start", Control(Any)),
    (Source, "engagement.last_day", Control(Kept)),
    (Source, "engagement.end", Control(Kept)),
    (Source, "engagement.absence_from", Control(Any)),
    (Source, "engagement.absence_until", Control(Any)),
    (Source, "engagement.withdrawn", Control(Kept)),
    (Source, "engagement.gone", Control(Kept)),
    (Source, "zone.default", Control(Any)),
    (Source, "zone.earliest", Control(Any)),
    (Source, "zone.location", Control(Any)),
    (Source, "zone.column", Control(Any)),
    (Source, "zone.table", Control(Any)),
    (Source, "zone.entity", Control(Any)),
    (Source, "zone.entity_table", Control(Any)),
    (Source, "map.*", Control(Mapped)),
    (Source, "missing", Control(Any)),
    (Source, "brake.percent", Control(Higher(10))),
    (Source, "brake.count", Control(Higher(5))),
    (Source, "brake.additions", Control(Kept)),
    (Source, "correlate", Control(Rules)),
    (System, "edition", Data),
    (System, "connector", Control(Any)),
    (System, "connection", Control(Connection)),
    (System, "limits", Data),
    (System, "delete", Control(Given)),
    (System, "attribute", Data),
    (System, "owner", Control(Kept)),
    (System, "mode", Control(Mode)),
    (System, "account_name", Control(Any)),
    (System, "account", Control(Any)),
    (System, "match", Control(Rules)),
    (System, "orphan", Control(Rules)),
    (System, "protected", Control(Protected)),
    (System, "activation", Control(Any)),
    (System, "attested_by", Control(Any)),
    (System, "on_manual_disable", Control(Any)),
    (System, "brake.percent", Control(Higher(10))),
    (System, "brake.count", Control(Higher(5))),
    (System, "entitlement[].name", Control(Given)),
    (System, "entitlement[].owner", Control(Any)),
    (System, "entitlement[].risk", Control(Lower(0))),
    (System, "entitlement[].max", Control(Kept)),
    (System, "entitlement[].kind", Control(Kept)),
    (System, "entitlement[].contains", Control(Protected)),
    (System, "entitlement[].opens", Control(Kept)),
    (Policy, "edition", Data),
    (Policy, "owner", Control(Kept)),
    (Policy, "attributes.*", Control(Attribute)),
    (Policy, "lifecycle.prepare", Data),
    (Policy, "lifecycle.activate", Control(Any)),
    (Policy, "lifecycle.end_access", Control(Any)),
    (Policy, "lifecycle.end_grace", Control(Higher(0))),
    (Policy, "lifecycle.keep_account", Control(Lower(0))),
    (Policy, "lifecycle.short_gap", Control(Higher(3 * DAY))),
    (Policy, "lifecycle.sourceless", Control(Any)),
    (Policy, "lifecycle.primary", Control(Any)),
    (Policy, "lifecycle.end_required", Control(Protected)),
    (Policy, "lifecycle.deadline", Control(Higher(0))),
    (Policy, "lifecycle.cut_off_deadline", Control(Higher(0))),
    (Policy, "absence", Control(Kept)),
    (Policy, "baseline[].name", Data),
    (Policy, "baseline[].when", Data),
    (Policy, "baseline[].grant", Data),
    (Policy, "baseline[].during", Data),
    (Policy, "baseline[].owner", Control(Kept)),
    (Policy, "handover", Control(Given)),
    (Policy, "watch", Data),
    (Policy, "bundle[].name", Control(Given)),
    (Policy, "bundle[].version", Data),
    (Policy, "bundle[].entitlements", Data),
    (Policy, "bundle[].owner", Control(Any)),
    (Policy, "local[].name", Data),
    (Policy, "local[].end_access", Control(Any)),
    (Policy, "local[].keep_account", Control(Any)),
    (Policy, "local[].when", Control(Kept)),
    (Policy, "local[].withhold", Control(Protected)),
    (Policy, "local[].readers", Control(Kept)),
    (Policy, "approval[].name", Control(Kept)),
    (Policy, "approval[].when", Control(Kept)),
    (Policy, "approval[].by", Control(Kept)),
    (Policy, "approval[].need", Control(Need)),
    (Policy, "approval[].within", Control(Kept)),
    (Policy, "approval[].then", Control(Any)),
    (Policy, "approvals.ask_ahead", Data),
    (Policy, "separation[].name", Control(Kept)),
    (Policy, "separation[].not_both", Control(Kept)),
    (Policy, "separation[].owner", Control(Kept)),
    (Policy, "exception", Control(Given)),
    (Policy, "identifier[].name", Data),
    (Policy, "identifier[].candidates", Control(Kept)),
    (Policy, "identifier[].kinds", Control(Kept)),
    (Policy, "identifier[].length_max", Data),
    (Policy, "identifier[].letters", Data),
    (Policy, "identifier[].reserved", Control(Protected)),
    (Policy, "identifier[].rename", Control(Any)),
    (Policy, "request.on_move", Control(Any)),
    (Policy, "request.on_conversion", Control(Any)),
    (Policy, "request.on_absence", Control(Any)),
    (Policy, "request.emergency_max", Control(Higher(8 * HOUR))),
    (Policy, "request.exception_max", Control(Higher(90 * DAY))),
    (Policy, "request.exception_total", Control(Higher(180 * DAY))),
    (Policy, "request.override_max", Control(Higher(90 * DAY))),
    (Policy, "request.review_risk", Control(Higher(50))),
    (Policy, "custody.max_expiry", Control(Higher(366 * DAY))),
    (Policy, "custody.allow_no_expiry", Control(Given)),
    (Policy, "custody.ownerless_grace", Control(Higher(14 * DAY))),
    (Policy, "custody.last_used", Control(Any)),
    (Policy, "custody.unused", Control(Higher(90 * DAY))),
    (Policy, "custody.notice", Control(Higher(14 * DAY))),
    (Policy, "retention.erase", Control(Any)),
    (Policy, "retention.by", Control(Any)),
    (Policy, "governance.labels", Control(Any)),
];

/// The class of a path of a file, or of the nearest path above it in the table.
pub(crate) fn class_of(kind: FileKind, path: &str) -> Option<(&'static str, Class)> {
    let fits = |pattern: &str| {
        let (mut given, mut wanted) = (path.split('.'), pattern.split('.'));
        loop {
            match (wanted.next(), given.next()) {
                (None, _) => return true,
                (Some(_), None) => return false,
                (Some("*"), Some(_)) => {}
                (Some(want), Some(is)) if want == is || is.strip_suffix("[]") == Some(want) => {}
                _ => return false,
            }
        }
    };
    KEYS.iter()
        .find(|(of, pattern, _)| *of == kind && fits(pattern))
        .map(|(_, pattern, class)| (*pattern, *class))
}
