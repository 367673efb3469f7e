//! Values to write: small, different from each other, and the same on every run.
#![expect(clippy::panic, reason = "what cannot be made fails the test, with the reason")]

use jiff::Timestamp;
use jiff::civil::{Date, date};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_ledger::seal::PersonKey;
use tenure_ledger::{Commitment, Draft, Entry, Label, Opening, Salt};
use tenure_model::{
    Absence, Account, AccountKey, AccountState, AccountTarget, Case, CaseId, CaseLabel, CaseState, Clocks,
    CutOff, CutOffClass, Decisions, Engagement, EngagementId, EngagementState, Fact, FactState, FeedRunId,
    Finding, FindingDetail, FindingId, Grant, Holding, Identity, IdentityId, IdentityKind, Justification,
    JustificationKind, Kind, LocalEnd, Name, NormalRecord, Obligation, Observed, Phase, RecordState, Task,
    TaskId, TaskKind, TaskState, Timeline, Urgency, Value, Zone, ZoneSource,
};
use tenure_store::note::{NoteOf as _, kinds, read_note};
use tenure_store::{Change, Evidence, FindingRow, IdentityRow, Keyed, RecordRow, Store, StoreError};

/// Sixteen bytes that follow from a number and sort as it does.
#[must_use]
pub fn bytes(n: u64) -> [u8; 16] {
    let mut bytes = [7; 16];
    bytes[8..].copy_from_slice(&n.to_be_bytes());
    bytes
}

/// Identity `n`.
#[must_use]
pub fn id(n: u64) -> IdentityId {
    IdentityId::from_bytes(bytes(n))
}

/// `second` seconds after 1970.
#[must_use]
pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
}

/// A name.
#[must_use]
#[expect(clippy::expect_used, reason = "the texts are constants of this suite")]
pub fn name<T: Name>(text: &str) -> T {
    T::new(text).expect("a name")
}

/// The account of kind `default` in a system.
#[must_use]
pub fn key(system: &str) -> AccountKey {
    AccountKey { system: name(system), kind: Kind::default() }
}

/// An engagement with some of everything.
#[must_use]
pub fn engagement(n: u64) -> Engagement {
    let mut department = Timeline::always(Value::text("Sales"));
    department.set(Some(date(2026, 5, 1)), Some(Value::text("Law \"and\" Öl")));
    Engagement {
        id: EngagementId::from_bytes(bytes(n)),
        source: name("hr"),
        key: name(&format!("W{n}")),
        kind: name("staff"),
        start: Some(date(2020, 1, 1)),
        last_day: Some(LocalEnd::day(date(2027, 3, 31))),
        end: Some(LocalEnd { date: date(2027, 4, 1), time: Some(jiff::civil::time(17, 30, 0, 0)) }),
        zone: Zone::new("Asia/Tokyo", ZoneSource::Location),
        absences: vec![Absence { from: date(2026, 2, 1), until: None }],
        state: EngagementState::Missing { since: at(5), ends: Some(at(6)) },
        keys: BTreeMap::from([(Arc::from("worker_number"), Arc::from(format!("W{n}")))]),
        attributes: BTreeMap::from([
            (name("department"), department),
            (name("level"), Timeline::always(Value::Int(-3))),
            (name("remote"), Timeline::always(Value::Bool(true))),
            (name("projects"), Timeline::always(Value::texts(["b", "a"]))),
            (name("born"), Timeline::always(Value::Date(date(1990, 2, 28)))),
        ]),
    }
}

/// Identity `n`, version 1, as a row with keys, a reference and a class.
#[must_use]
pub fn person(n: u64) -> IdentityRow {
    let mut identity = Identity::new(id(n), IdentityKind::Person);
    identity.version = 1;
    identity.engagements.push(engagement(n));
    identity.identifiers.insert(Arc::from("user_name"), Arc::from(format!("user{n}")));
    identity.decisions = Decisions {
        unanswered: Some(at(7)),
        cut_off: Some(CutOff {
            at: at(9),
            by: id(900),
            reason: Arc::from("lost"),
            class: CutOffClass::Security,
            review: at(99),
        }),
        ..Decisions::default()
    };
    IdentityRow {
        identity,
        title: Arc::from(format!("Mäx Number{n}")),
        search: Arc::from(format!(" max number{n} =maxnumber{n}=")),
        phase: Phase::Active,
        next: Some(at(1_000 + i64::try_from(n).unwrap_or(0))),
        keys: vec![keyed("worker_number", &format!("W{n}")), keyed("block", "max")],
        reads: vec![id(900)],
        classes: vec![(EngagementId::from_bytes(bytes(n)), Arc::from(&b"sales"[..]))],
        person_key: Some(Arc::from(&[1, 2, 3][..])),
    }
}

/// A key.
#[must_use]
pub fn keyed(kind: &str, value: &str) -> Keyed {
    Keyed { kind: Arc::from(kind), value: Arc::from(value) }
}

/// Writes identity `n`.
#[must_use]
pub fn put_person(n: u64) -> Change {
    Change::PutIdentity(Box::new(person(n)))
}

/// An account in a system, decided and seen.
#[must_use]
pub fn account(system: &str, external_id: Option<&str>, user_name: &str) -> Account {
    Account {
        key: key(system),
        target: AccountTarget {
            state: AccountState::Enabled,
            attributes: BTreeMap::from([
                (name("uid"), Value::text(user_name)),
                (name("groups"), Value::texts(["x", "y"])),
            ]),
            name: None,
        },
        generation: 3,
        confirmed: 2,
        external_id: external_id.map(Arc::from),
        observed: Observed::Present {
            at: at(77),
            external_id: Arc::from(external_id.unwrap_or("?")),
            enabled: true,
            name: None,
            through: [(name("git:owner"), Arc::from("team > owner"))].into(),
        },
    }
}

/// A grant with two reasons.
#[must_use]
pub fn grant(entitlement: &str) -> Grant {
    let system = entitlement.split(':').next().unwrap_or_default();
    let reason = |kind, reference: &str, until| Justification {
        kind,
        reference: Arc::from(reference),
        engagement: Some(EngagementId::from_bytes(bytes(1))),
        from: Some(at(1)),
        until,
    };
    Grant {
        account: key(system),
        entitlement: name(entitlement),
        justifications: vec![
            reason(JustificationKind::Baseline, "engineers", None),
            reason(JustificationKind::Request, "R-1", Some(at(500))),
        ],
        holding: Holding::Ordered,
    }
}

/// Task `n` of identity `of`, ready at `ready`.
#[must_use]
pub fn task(n: u64, of: u64, system: &str, urgency: Urgency, ready: i64) -> Task {
    Task {
        id: TaskId::from_bytes(bytes(n)),
        identity: id(of),
        account: key(system),
        kind: TaskKind::Converge,
        generation: 1,
        urgency,
        attempts: 0,
        uncertain_creates: 0,
        contradictions: 0,
        failed: None,
        brake_passed: true,
        state: TaskState::Ready { not_before: at(ready) },
    }
}

/// Case `n` of identity `of`, decided at `decided`.
#[must_use]
pub fn case(n: u64, of: u64, label: CaseLabel, state: CaseState, decided: i64) -> Case {
    let clocks = Clocks { effective_at: at(1), known_at: at(2), decided_at: at(decided), confirmed_at: None };
    Case { id: CaseId::from_bytes(bytes(n)), identity: id(of), label, clocks, state }
}

/// A fact of identity `of`.
#[must_use]
pub fn fact(of: u64, obligation: Obligation, state: FactState) -> Fact {
    let case = CaseId::from_bytes(bytes(of));
    Fact { identity: id(of), account: Some(key("git")), obligation, generation: 4, case, state }
}

/// Finding `n`.
#[must_use]
pub fn finding(n: u64, of: Option<u64>, system: Option<&str>, since: i64) -> FindingRow {
    FindingRow {
        id: FindingId::from_bytes(bytes(n)),
        identity: of.map(id),
        system: system.map(name),
        finding: Finding::new(
            format!("thing {n}"),
            FindingDetail::OrphanDeclared {
                account: Arc::from("backup"),
                owner: Arc::from("group:security"),
            },
        ),
        owner: Some(Arc::from("group:security")),
        deadline: Some(at(900)),
        since: at(since),
    }
}

/// Record `key` of a source.
#[must_use]
pub fn record(source: &str, key: &str, of: Option<u64>) -> RecordRow {
    let normal = NormalRecord {
        source: name(source),
        key: name(key),
        engagement: Some(name("staff")),
        start: Some(date(2020, 1, 1)),
        last_day: None,
        end: Some(LocalEnd::day(Date::MAX)),
        zone: Zone::new("Europe/Oslo", ZoneSource::SourceDefault),
        absences: Vec::new(),
        withdrawn: true,
        keys: BTreeMap::from([(Arc::from("e-mail"), Arc::from("a@b.example"))]),
        attributes: engagement(1).attributes,
        cleared: BTreeMap::from([(name("team"), date(2026, 1, 1))]),
        digest: [5; 32],
    };
    RecordRow {
        source: name(source),
        key: name(key),
        identity: of.map(id),
        state: RecordState::Taken,
        digest: [6; 32],
        waiting: Some(normal),
        run: FeedRunId::from_bytes(bytes(1)),
    }
}

/// An entry of the ledger.
#[must_use]
pub fn evidence(text: &str) -> Evidence {
    let key = PersonKey::new([1; 16], [2; 32]);
    let opening = Opening::new(Salt::new([3; 32]), *key.identity(), text.as_bytes().to_vec());
    let entry = Entry {
        kind: Label::new("sample").unwrap_or_else(|e| panic!("{e}")),
        at: 0,
        setup: None,
        with_now: false,
        role: None,
        case: None,
        task: None,
        commitment: Commitment::from_bytes([0; 32]),
        continues: None,
    };
    let draft = opening.map(|opening| Draft::new(&entry, &opening, &key));
    let draft = draft.unwrap_or_else(|e| panic!("{e}")).unwrap_or_else(|e| panic!("{e}"));
    Evidence {
        draft,
        identity: Some(id(1)),
        case: None,
        closes: false,
        opening: Some(Arc::from(text.as_bytes())),
    }
}

/// Appends an entry.
#[must_use]
pub fn append(text: &str) -> Change {
    Change::Append(evidence(text))
}

/// A small named value.
#[must_use]
pub fn note(name: &str, value: &str) -> Change {
    note_of(name).is(Arc::from(value))
}

/// A note that may have any name.
pub fn note_of(name: &str) -> kinds::RefusedLine {
    kinds::RefusedLine(Arc::from(name))
}

/// The value of such a note.
///
/// # Errors
/// When the store fails, or the note cannot be read.
pub async fn noted(store: &dyn Store, name: &str) -> Result<Option<Arc<str>>, StoreError> {
    read_note(store, &note_of(name)).await?.value()
}
