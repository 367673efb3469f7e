//! The writes that race: one for each thing on which a unit can rest.

use super::asked::order;
use super::erasure::held;
use super::sample::{
    account, append, at, bytes, case, fact, finding, id, key, keyed, name, note, note_of, person, put_person,
    record, task,
};
use super::{Done, Fixture, claimed, committed, leased};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{
    Account, Acknowledgement, ApprovalId, ApprovalRequest, ApprovalState, AskReason, Case, CaseLabel,
    CaseState, CorrelationId, CutOffOrder, CutOffTarget, Fact, FactState, FindingId, Obligation, Observation,
    Provenance, SetupHash, Task, TaskState, Urgency,
};
use tenure_store::note::read_note;
use tenure_store::{
    Change, CorrelationRow, Expect, HeldChangeRow, Loss, RecordRow, SetUpRow, Store, StoreError, Unit,
};

/// Who holds the task's lease.
const WORKER: &str = "w1";
/// The named lease under which two units may be written.
const LEASE: &str = "feed hr";

macro_rules! writes {
    ($($name:ident),+ $(,)?) => {
        /// What a writer rests on and moves.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum Write {
            $($name,)+
        }

        impl Write {
            /// All of them: a new one races with each other one.
            pub(super) const ALL: &[Self] = &[$(Self::$name),+];
        }
    };
}

writes! {
    Identity, Account, Identifier, Approval, Held, Correlation, Acknowledgement, Finding, Order, Case, SetUp, Record, Task,
    TaskValue, Fact, Key, Loss, Note, Lease,
}

/// The write that races for an expectation: a new expectation does not compile without one.
pub(super) fn racing(expect: &Expect) -> Write {
    match expect {
        Expect::Version(..) => Write::Identity,
        Expect::Generation(..) => Write::Account,
        Expect::Approval(..) => Write::Approval,
        Expect::HeldChange(..) => Write::Held,
        Expect::Correlation(..) => Write::Correlation,
        Expect::Acknowledgement(..) => Write::Acknowledgement,
        Expect::Finding(..) => Write::Finding,
        Expect::OrderInForce(..) => Write::Order,
        Expect::CaseIs(..) => Write::Case,
        Expect::SetUp(..) => Write::SetUp,
        Expect::Record(..) => Write::Record,
        Expect::TaskLease(..) => Write::Task,
        Expect::TaskIs(..) => Write::TaskValue,
        Expect::FactIs(..) => Write::Fact,
        Expect::HeldOnlyBy(..) => Write::Key,
        Expect::LossesAtMost { .. } => Write::Loss,
        Expect::Note(..) => Write::Note,
        Expect::Lease(..) => Write::Lease,
    }
}

fn set_up(text: &str, when: i64) -> SetUpRow {
    SetUpRow { hash: name(text), files: BTreeMap::new(), at: at(when), by: Arc::from("anna") }
}

fn second_task() -> Task {
    let state = TaskState::NeedsPerson { why: Arc::from("the owner does it") };
    Task { state, ..task(2, 2, "git", Urgency::Normal, 0) }
}

fn first_order() -> CutOffOrder {
    order(1, CutOffTarget::Account { system: name("git"), name: Arc::from("ghost") })
}

fn first_fact() -> Fact {
    fact(1, Obligation::SessionsEnded, FactState::Unknown)
}

fn request() -> ApprovalRequest {
    ApprovalRequest {
        id: ApprovalId::from_bytes(bytes(1)),
        identity: id(1),
        rule: name("outside people need a sponsor"),
        grants: vec![name("git:developer")],
        reasons: Vec::new(),
        renames: Vec::new(),
        bindings: Vec::new(),
        change: CaseLabel::Joiner,
        requester: None,
        provenance: Provenance { by: [].into(), references: [].into(), own: false },
        engagement: None,
        stage: 0,
        floor: 0,
        on: None,
        revision: 0,
        seats: Vec::new(),
        all: false,
        votes: Vec::new(),
        asked_at: at(1),
        state: ApprovalState::Pending { deadline: at(90) },
    }
}

fn question() -> CorrelationRow {
    CorrelationRow {
        id: CorrelationId::from_bytes(bytes(1)),
        source: name("hr"),
        key: name("W1"),
        reason: AskReason::Alike,
        candidates: vec![(id(2), 91)],
        since: at(1),
        answer: None,
        revision: 0,
    }
}

fn said() -> Acknowledgement {
    Acknowledgement {
        finding: FindingId::from_bytes(bytes(1)),
        about: None,
        cause: [7; 32],
        by: id(9),
        at: at(1),
        until: at(90),
        reason: Arc::from("the successor begins in April"),
        revision: 0,
    }
}

/// What is there before the first race.
pub(super) async fn prepare(store: &dyn Store) -> Done {
    let mut first = task(1, 1, "git", Urgency::Normal, 0);
    first.state = TaskState::Leased { owner: Arc::from(WORKER), until: at(99) };
    let account = Account { generation: 1, ..account("git", None, "user1") };
    committed(
        store,
        vec![
            put_person(1),
            Change::PutAccount(id(1), account),
            Change::PutTask(first),
            Change::PutTask(second_task()),
            Change::PutFact(first_fact()),
            Change::PutCase(case(1, 1, CaseLabel::Joiner, CaseState::Open, 0)),
            Change::PutRecord(Box::new(record("hr", "1", Some(1)))),
            Change::Activate(set_up("start", 0)),
        ],
    )
    .await
}

/// What the last race took away is there again: the lease of the task, the named lease, the finding, the cut-off order.
pub(super) async fn before_each(f: &dyn Fixture, store: &dyn Store) -> Done {
    claimed((f, store), WORKER, (1, 99), 9, 9).await?;
    leased((f, store), LEASE, WORKER, (1, 99)).await?;
    let again =
        vec![Change::PutFinding(finding(7, None, Some("git"), 5)), Change::PutCutOffOrder(first_order())];
    committed(store, again).await
}

impl Write {
    /// Whether two of it exclude each other: units under one lease do not.
    pub(super) fn excludes_itself(self) -> bool {
        self != Self::Lease
    }

    /// Reads what the write rests on, and decides. `who` is the racer, 1 or 2.
    pub(super) async fn decide(self, store: &dyn Store, round: u32, who: u64) -> Result<Unit, StoreError> {
        let mark = format!("{round}/{who}");
        let (expect, change) = match self {
            Self::Identity | Self::Account | Self::Identifier | Self::Key => {
                self.of_an_identity(store, round, who).await?
            }
            Self::Task | Self::TaskValue | Self::Fact => self.of_a_task(store, &mark).await?,
            Self::Approval
            | Self::Held
            | Self::Correlation
            | Self::Acknowledgement
            | Self::Finding
            | Self::Order => self.of_a_question(store).await?,
            Self::Case | Self::SetUp | Self::Record | Self::Loss | Self::Note | Self::Lease => {
                self.of_the_rest(store, round, who).await?
            }
        };
        let expects: Vec<Expect> = expect.into_iter().collect();
        assert!(expects.iter().all(|e| racing(e) == self), "{self:?} rests on {expects:?}");
        Ok(Unit { expects, changes: vec![note(&mark, "x"), change, append(&mark)] })
    }

    async fn of_an_identity(
        self,
        store: &dyn Store,
        round: u32,
        who: u64,
    ) -> Result<RacingWrite, StoreError> {
        let found = store.subjects(&[id(1)]).await?;
        let before = found.first();
        let value: Arc<str> = Arc::from(round.to_string());
        Ok(match self {
            Self::Account => {
                let generation = before.and_then(|s| s.accounts.first()).map_or(0, |a| a.generation);
                let account = Account { generation: generation + 1, ..account("git", None, "user1") };
                (Some(Expect::Generation(id(1), key("git"), generation)), Change::PutAccount(id(1), account))
            }
            Self::Identifier => {
                let name: Arc<str> = Arc::from("user_name");
                assert_eq!(store.identifiers(&[(name.clone(), value.clone())]).await?, []);
                (None, Change::IssueIdentifier { identity: id(10 + who), name, value })
            }
            Self::Key => {
                let of = keyed("worker_number", &format!("race {value}"));
                let holders = store.by_keys(std::slice::from_ref(&of)).await?;
                let holders = holders.into_iter().map(|(_, id)| id).collect();
                let mut row = person(1_000 + u64::from(round) * 10 + who);
                row.keys = vec![of.clone()];
                (Some(Expect::HeldOnlyBy(of, holders)), Change::PutIdentity(Box::new(row)))
            }
            _ => {
                let version = before.map_or(0, |s| s.identity.version);
                let mut row = person(1);
                row.identity.version = version + 1;
                (Some(Expect::Version(id(1), version)), Change::PutIdentity(Box::new(row)))
            }
        })
    }

    async fn of_a_task(self, store: &dyn Store, mark: &str) -> Result<RacingWrite, StoreError> {
        if self == Self::Fact {
            let found = store.facts(&[id(1)]).await?.pop().unwrap_or_else(first_fact);
            let seen = Observation { at: at(3), by: Arc::from("read account"), seen: Arc::from(mark) };
            let claimed = Fact { state: FactState::Claimed(seen), ..found.clone() };
            return Ok((Some(Expect::FactIs(Box::new(found))), Change::PutFact(claimed)));
        }
        let fresh = if self == Self::Task { task(1, 1, "git", Urgency::Normal, 0) } else { second_task() };
        let found = store.task(fresh.id).await?.unwrap_or(fresh);
        Ok(match self {
            Self::TaskValue => {
                let failed = Some(Arc::from(mark));
                (Some(Expect::TaskIs(Box::new(found.clone()))), Change::EndTask(Task { failed, ..found }))
            }
            _ => {
                let state = TaskState::Ready { not_before: at(0) };
                let expect = Expect::TaskLease(found.id, Arc::from(WORKER));
                (Some(expect), Change::EndTask(Task { state, ..found }))
            }
        })
    }

    async fn of_a_question(self, store: &dyn Store) -> Result<RacingWrite, StoreError> {
        Ok(match self {
            Self::Approval => {
                let found = store.approval(request().id).await?.unwrap_or_else(request);
                let next = ApprovalRequest { revision: found.revision + 1, ..found };
                (Some(Expect::Approval(next.id, next.revision - 1)), Change::PutApproval(next))
            }
            Self::Held => {
                let new = || HeldChangeRow { revision: 0, ..held() };
                let (expect, change) = store.held_change(held().id).await?.unwrap_or_else(new).rewritten();
                (Some(expect), change)
            }
            Self::Correlation => {
                let found = store.correlation(question().id).await?.unwrap_or_else(question);
                let (expect, change) = found.rewritten();
                (Some(expect), change)
            }
            Self::Acknowledgement => {
                let found = store.acknowledgement(said().finding).await?.unwrap_or_else(said);
                let next = Acknowledgement { revision: found.revision + 1, ..found };
                let expect = Expect::Acknowledgement(next.finding, next.revision - 1);
                (Some(expect), Change::PutAcknowledgement(next))
            }
            Self::Order => {
                let ended = CutOffOrder { ended: Some((at(2), id(9))), ..first_order() };
                (Some(Expect::OrderInForce(ended.id)), Change::PutCutOffOrder(ended))
            }
            _ => {
                let row = finding(7, None, Some("git"), 5);
                let all = store.findings(None, 9).await?;
                let since = all.iter().find(|f| f.id == row.id).map(|f| f.since);
                (Some(Expect::Finding(row.id, since)), Change::EndFinding(row.id))
            }
        })
    }

    async fn of_the_rest(self, store: &dyn Store, round: u32, who: u64) -> Result<RacingWrite, StoreError> {
        Ok(match self {
            Self::Case => {
                let sample = case(1, 1, CaseLabel::Joiner, CaseState::Open, 0);
                let found = store.case(sample.id).await?.unwrap_or(sample);
                let state = if found.state == CaseState::Open { CaseState::Closed } else { CaseState::Open };
                let expect = Expect::CaseIs(found.id, found.state);
                (Some(expect), Change::PutCase(Case { state, ..found }))
            }
            Self::SetUp => {
                let active: SetupHash =
                    store.active_set_up().await?.map_or_else(|| name("none"), |row| row.hash);
                (Some(Expect::SetUp(active)), Change::Activate(set_up(&format!("{round}/{who}"), 1)))
            }
            Self::Record => {
                let found = store.records(&name("hr"), &[name("1")]).await?.pop();
                let found = found.unwrap_or_else(|| record("hr", "1", Some(1)));
                let mut digest = [0; 32];
                (digest[..4]).copy_from_slice(&round.to_be_bytes());
                digest[31] = u8::try_from(who).unwrap_or(0);
                let expect = Expect::Record(found.source.clone(), found.key.clone(), found.digest);
                (Some(expect), Change::PutRecord(Box::new(RecordRow { digest, ..found })))
            }
            Self::Loss => {
                let scope: Arc<str> = Arc::from(format!("system {round}"));
                let lost = store.losses(&scope, at(0), None, 1_000).await?.len();
                let most = u64::try_from(lost).unwrap_or(u64::MAX) + 1;
                let loss = Loss { scope: scope.clone(), at: at(1), identity: id(10 + who) };
                (Some(Expect::LossesAtMost { scope, since: at(0), most }), Change::PutLoss(loss))
            }
            Self::Note => {
                let found = read_note(store, &note_of("said")).await?;
                (Some(found.expect()), note("said", &format!("{round}/{who}")))
            }
            _ => {
                let expect = Expect::Lease(Arc::from(LEASE), Arc::from(WORKER));
                (Some(expect), note("under a lease", "x"))
            }
        })
    }
}

/// What a write rests on, and the write.
type RacingWrite = (Option<Expect>, Change);
