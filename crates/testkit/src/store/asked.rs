//! What waits for people or for confirmation.

use super::sample::{at, bytes, case, fact, finding, id, key, name};
use super::{Done, Fixture, commit, committed};
use jiff::Timestamp;
use std::slice::from_ref;
use std::sync::Arc;
use tenure_model::{
    AccountKey, ApprovalId, ApprovalRequest, ApprovalState, ApproverSeat, AskReason, AskedReason, Case,
    CaseLabel, CaseState, CorrelationId, CutOff, CutOffClass, CutOffOrder, CutOffOrderId, CutOffTarget,
    EngagementId, Fact, FactState, FindingDetail, HeldChangeId, JustificationKind, Kind, Obligation,
    Observation, OrphanClass, Provenance, Reason, Renamed, Vote,
};
use tenure_store::{
    CaseFilter, Change, ContainmentRow, CorrelationRow, HeldChangeRow, Loss, UnlinkedAccount, UnlinkedFilter,
};

/// The numbers of cases.
fn numbers(cases: &[Case]) -> Vec<u8> {
    cases.iter().map(|case| case.id.as_bytes()[15]).collect()
}

pub async fn cases_are_found_by_identity_label_and_date(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let joiner = case(1, 1, CaseLabel::Joiner, CaseState::Closed, 10);
    let mut mover = case(2, 1, CaseLabel::Mover, CaseState::Open, 20);
    let leaver = case(3, 2, CaseLabel::Leaver, CaseState::Open, 30);
    committed(&*store, [&joiner, &mover, &leaver].map(|c| Change::PutCase(c.clone())).to_vec()).await?;
    assert_eq!(store.case(joiner.id).await?, Some(joiner));
    assert_eq!(store.open_cases(&[id(2), id(404), id(1)]).await?, [leaver.clone(), mover.clone()]);
    let filter = CaseFilter { limit: 9, ..CaseFilter::default() };
    let one = Some(id(1));
    let span = CaseFilter { decided: Some((at(10), at(30))), ..filter.clone() };
    for (filter, expected) in [
        (CaseFilter::default(), &[3, 2, 1][..]),
        (CaseFilter { limit: 1, ..filter.clone() }, &[3]),
        (CaseFilter { identity: one, ..filter.clone() }, &[2, 1]),
        (CaseFilter { open: true, ..filter.clone() }, &[3, 2]),
        (CaseFilter { label: Some(CaseLabel::Joiner), ..filter }, &[1]),
        (span.clone(), &[2, 1]),
        (CaseFilter { identity: one, open: true, label: Some(CaseLabel::Mover), ..span }, &[2]),
    ] {
        assert_eq!(numbers(&store.cases(&filter).await?), expected, "{filter:?}");
    }
    assert_eq!(store.case_labels(at(0), at(30)).await?, [(CaseLabel::Joiner, 1), (CaseLabel::Mover, 1)]);

    (mover.state, mover.clocks.confirmed_at) = (CaseState::ClosedWithReservations, Some(at(40)));
    committed(&*store, vec![Change::PutCase(mover.clone())]).await?;
    assert_eq!(store.case(mover.id).await?, Some(mover));
    assert_eq!(store.open_cases(&[id(1)]).await?, []);
    Ok(())
}

pub async fn an_identity_has_one_open_case(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let put = |case: &Case| Change::PutCase(case.clone());
    let first = case(1, 1, CaseLabel::Joiner, CaseState::Open, 10);
    let second = case(2, 1, CaseLabel::Mover, CaseState::Open, 20);
    committed(&*store, vec![put(&first)]).await?;
    assert!(!commit(&*store, vec![put(&second)]).await?.is_committed());
    let closed = Case { state: CaseState::Closed, ..first };
    committed(&*store, vec![put(&closed), put(&second)]).await?;
    assert_eq!(store.open_cases(&[id(1)]).await?, [second]);
    Ok(())
}

pub async fn facts_are_replaced_dropped_and_counted(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let seen = || Observation { at: at(3), by: Arc::from("read account"), seen: Arc::from("disabled") };
    let gone = Obligation::EntitlementGone(name("git:project/a b"));
    let states = [
        (Obligation::AccountUnusable, FactState::Claimed(seen())),
        (Obligation::AccountDeleted, FactState::Confirmed(seen())),
        (gone.clone(), FactState::Unknown),
        (Obligation::SessionsEnded, FactState::Expiring { until: at(9), why: Arc::from("token lifetime") }),
        (Obligation::CredentialsRevoked, FactState::Attested { by: id(9), observation: seen() }),
    ];
    let mut written: Vec<_> = states.into_iter().map(|(o, s)| fact(1, o, s)).collect();
    let reason = Arc::from("old printer");
    written.push(fact(2, gone.clone(), FactState::Accepted { by: id(8), reason, until: at(90) }));
    committed(&*store, written.iter().map(|f| Change::PutFact(f.clone())).collect()).await?;
    let mut found = store.facts(&[id(2), id(1), id(404), id(2)]).await?;
    assert_eq!((found[0].identity, found.len()), (id(2), written.len()), "in the order asked, each once");
    found.sort_by(|a, b| (a.identity, &a.obligation).cmp(&(b.identity, &b.obligation)));
    written.sort_by(|a, b| (a.identity, &a.obligation).cmp(&(b.identity, &b.obligation)));
    assert_eq!(found, written);
    let one = |state: &str| (Arc::<str>::from(state), 1);
    let accepted = store.accepted(9).await?;
    assert_eq!(accepted.iter().map(|f| f.identity).collect::<Vec<_>>(), [id(2)]);
    let all = ["accepted", "attested", "claimed", "confirmed", "expiring", "unknown"].map(one);
    assert_eq!(store.fact_counts().await?, all);

    committed(&*store, vec![Change::PutFact(fact(1, gone.clone(), FactState::Claimed(seen())))]).await?;
    committed(&*store, vec![Change::DropFact(id(1), Some(key("git")), Obligation::AccountUnusable)]).await?;
    let claimed: Vec<_> =
        store.facts(&[id(1)]).await?.into_iter().filter(|f| f.state.as_str() == "claimed").collect();
    assert_eq!(claimed, [fact(1, gone, FactState::Claimed(seen()))]);
    Ok(())
}

pub async fn what_no_account_bears_is_listed_while_it_is_owed(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let seen = || Observation { at: at(3), by: Arc::from("inventory"), seen: Arc::from("owner is W2") };
    let owed = |of, what: u64, state| {
        let obligation = Obligation::HandedOver { identity: id(what), name: Arc::from("nightly build") };
        Fact { account: None, ..fact(of, obligation, state) }
    };
    let (first, second) = (owed(1, 7, FactState::Unknown), owed(2, 8, FactState::Claimed(seen())));
    let met = owed(2, 9, FactState::Confirmed(seen()));
    let of_an_account = fact(3, Obligation::SessionsEnded, FactState::Unknown);
    let all = [&first, &second, &met, &of_an_account];
    committed(&*store, all.map(|f| Change::PutFact(f.clone())).to_vec()).await?;
    assert_eq!(store.owed(10).await?, [first.clone(), second.clone()]);
    assert_eq!(store.owed(1).await?, std::slice::from_ref(&first));
    assert_eq!(store.facts(&[id(2)]).await?, [second.clone(), met]);
    committed(&*store, vec![Change::DropFact(id(1), None, first.obligation)]).await?;
    assert_eq!(store.owed(10).await?, [second]);
    Ok(())
}

fn asked_reason(until: Option<Timestamp>) -> AskedReason {
    let account = AccountKey { system: name("git"), kind: Kind::default() };
    let engagement = Some(EngagementId::from_bytes(bytes(6)));
    let (kind, reference) = (JustificationKind::Baseline, Arc::from("developers"));
    let reason =
        Reason { account, entitlement: name("git:developer"), kind, reference, engagement, from: None };
    AskedReason { reason, until, inputs: [3; 32] }
}

/// A pending request.
pub(super) fn request(n: u64, of: u64, asked: i64, deadline: i64) -> ApprovalRequest {
    ApprovalRequest {
        id: ApprovalId::from_bytes(bytes(n)),
        identity: id(of),
        rule: name("outside people need a sponsor"),
        grants: vec![name("git:developer"), name("vpn:standard")],
        reasons: [None, Some(at(9))].map(asked_reason).to_vec(),
        renames: vec![Renamed {
            name: Arc::from("user_name"),
            from: Arc::from("aas"),
            to: Arc::from("berg"),
        }],
        bindings: vec![[1; 32], [2; 32]],
        change: CaseLabel::Joiner,
        requester: Some(id(5)),
        provenance: Provenance { by: [id(6)].into(), references: [name("manager")].into(), own: true },
        engagement: Some(EngagementId::from_bytes(bytes(6))),
        stage: 1,
        floor: 1,
        on: Some(at(99)),
        revision: 0,
        seats: vec![ApproverSeat {
            name: Arc::from("manager"),
            holders: vec![id(7)],
            delegates: vec![id(8)],
            missing: Some(id(7)),
            escalated: false,
            since: Some(at(3)),
        }],
        all: true,
        votes: vec![Vote {
            by: id(7),
            approved: true,
            at: at(4),
            comment: Arc::from("fine\n"),
            seats: vec![Arc::from("manager")],
            instead_of: vec![id(9)],
        }],
        asked_at: at(asked),
        state: ApprovalState::Pending { deadline: at(deadline) },
    }
}

pub async fn approvals_wait_until_they_are_answered(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let (a, b, c) = (request(1, 1, 30, 50), request(2, 1, 20, 90), request(3, 2, 10, 60));
    committed(&*store, [&a, &b, &c].map(|r| Change::PutApproval(r.clone())).to_vec()).await?;
    assert_eq!(store.approvals(None, 9).await?, [c.clone(), b.clone(), a.clone()]);
    assert_eq!(store.approvals(Some(id(1)), 9).await?, [b.clone(), a.clone()]);
    assert_eq!(store.approvals(None, 1).await?, from_ref(&c));
    assert_eq!(store.approvals_due(at(49), 9).await?, []);
    assert_eq!(store.approvals_due(at(60), 9).await?, [a.clone(), c]);
    let answered = ApprovalRequest { state: ApprovalState::Denied { at: at(55) }, ..a };
    committed(&*store, vec![Change::PutApproval(answered.clone())]).await?;
    assert_eq!(store.approval(answered.id).await?, Some(answered));
    assert_eq!(store.approvals(Some(id(1)), 9).await?, [b]);
    assert_eq!(store.approvals_due(at(55), 9).await?, []);
    Ok(())
}

/// An order in force.
pub(super) fn order(n: u8, target: CutOffTarget) -> CutOffOrder {
    CutOffOrder {
        id: CutOffOrderId::from_bytes([n; 16]),
        target,
        cut: CutOff {
            at: at(1),
            by: id(9),
            reason: Arc::from("lost"),
            class: CutOffClass::Death,
            review: at(9),
        },
        ended: None,
    }
}

pub async fn orders_to_cut_off_are_listed_until_they_end(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let key = CutOffTarget::Key { kind: Arc::from("worker_number"), value: Arc::from("W99") };
    let account = CutOffTarget::Account { system: name("git"), name: Arc::from("ghost") };
    let mut all = [order(1, key), order(2, account), order(3, CutOffTarget::Person(id(4)))];
    committed(&*store, all.iter().rev().map(|o| Change::PutCutOffOrder(o.clone())).collect()).await?;
    assert_eq!(store.cut_off_orders_after(None, 9).await?, all);
    all[1].ended = Some((at(5), id(8)));
    committed(&*store, vec![Change::PutCutOffOrder(all[1].clone())]).await?;
    assert_eq!(store.cut_off_orders_after(None, 9).await?, [all[0].clone(), all[2].clone()]);
    Ok(())
}

pub async fn findings_keep_their_since(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let (of_one, of_system) = (finding(1, Some(1), None, 10), finding(2, None, Some("git"), 20));
    let put = |row: &tenure_store::FindingRow| Change::PutFinding(row.clone());
    committed(&*store, vec![put(&of_one), put(&of_system)]).await?;
    let mut later = finding(1, Some(1), None, 99);
    later.finding.detail =
        FindingDetail::OrphanDeclared { account: Arc::from("other"), owner: Arc::from("group:security") };
    committed(&*store, vec![put(&later)]).await?;
    later.since = at(10);
    assert_eq!(store.findings(None, 9).await?, [later.clone(), of_system.clone()]);
    assert_eq!(store.findings(Some(id(1)), 9).await?, [later.clone()]);
    committed(&*store, vec![Change::EndFinding(later.id)]).await?;
    assert_eq!(store.findings(None, 9).await?, [of_system]);
    Ok(())
}

pub async fn replacing_findings_leaves_those_of_systems(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let system = finding(3, Some(1), Some("git"), 5);
    let other = finding(4, Some(2), None, 6);
    let first = vec![finding(1, Some(1), None, 10), finding(2, Some(1), None, 10)];
    let put = |row: &tenure_store::FindingRow| Change::PutFinding(row.clone());
    committed(&*store, vec![put(&system), put(&other), Change::ReplaceFindings(id(1), first)]).await?;
    let second = vec![finding(2, Some(1), None, 77), finding(5, Some(1), None, 77)];
    committed(&*store, vec![Change::ReplaceFindings(id(1), second)]).await?;
    let kept = [system.clone(), finding(2, Some(1), None, 10), finding(5, Some(1), None, 77)];
    assert_eq!(store.findings(Some(id(1)), 9).await?, kept);
    committed(&*store, vec![Change::ReplaceFindings(id(1), vec![])]).await?;
    assert_eq!(store.findings(None, 9).await?, [system, other]);
    Ok(())
}

/// A held change of two identities.
pub(super) fn held(n: u64, since: i64) -> HeldChangeRow {
    HeldChangeRow {
        id: HeldChangeId::from_bytes(bytes(n)),
        scope: Arc::from("source hr"),
        reason: Arc::from("33 % of the rows are missing"),
        owner: Arc::from("hr-desk"),
        since: at(since),
        deadline: at(99),
        people: vec![(id(1), Arc::from("git:developer")), (id(2), Arc::from("everything"))],
        ended: None,
        revision: 1,
    }
}

pub async fn held_changes_are_listed_until_they_end(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let (a, b) = (held(1, 20), held(2, 10));
    committed(&*store, [&a, &b].map(|h| Change::PutHeldChange(h.clone())).to_vec()).await?;
    assert_eq!(store.held_changes_after(None, 9).await?, [b.clone(), a.clone()]);
    let released = HeldChangeRow { people: vec![], ended: Some((at(30), Arc::from("anna"))), ..b };
    committed(&*store, vec![Change::PutHeldChange(released.clone())]).await?;
    assert_eq!(store.held_changes_after(None, 9).await?, [a]);
    assert_eq!(store.held_change(released.id).await?, Some(released));
    assert_eq!(store.held_change(HeldChangeId::from_bytes(bytes(404))).await?, None);
    Ok(())
}

/// An open question.
pub(super) fn question(n: u64, since: i64) -> CorrelationRow {
    CorrelationRow {
        id: CorrelationId::from_bytes(bytes(n)),
        source: name("hr"),
        key: name("W1"),
        reason: AskReason::Contradicted { key: Arc::from("email"), by: Arc::from("birth_date") },
        candidates: vec![(id(2), 91), (id(1), 40)],
        since: at(since),
        answer: None,
        revision: 1,
    }
}

pub async fn correlations_are_listed_until_they_are_answered(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let (a, b) = (question(1, 20), question(2, 10));
    committed(&*store, [&a, &b].map(|q| Change::PutCorrelation(q.clone())).to_vec()).await?;
    assert_eq!(store.correlations_after(None, 9).await?, [b.clone(), a.clone()]);
    let same = CorrelationRow { answer: Some((at(30), id(9), Some(id(2)))), ..a };
    let new = CorrelationRow { answer: Some((at(31), id(9), None)), ..b };
    committed(&*store, [&same, &new].map(|q| Change::PutCorrelation(q.clone())).to_vec()).await?;
    assert_eq!(store.correlations_after(None, 9).await?, []);
    assert_eq!(store.correlation(same.id).await?, Some(same.clone()));
    assert_eq!(store.correlation(new.id).await?, Some(new));
    let moot = CorrelationRow { answer: None, ..same };
    committed(&*store, vec![Change::PutCorrelation(moot.clone()), Change::EndCorrelation(moot.id)]).await?;
    assert_eq!((store.correlations_after(None, 9).await?, store.correlation(moot.id).await?), (vec![], None));
    Ok(())
}

/// An account in question.
pub(super) fn unlinked(system: &str, external_id: &str) -> UnlinkedAccount {
    UnlinkedAccount {
        system: name(system),
        external_id: Arc::from(external_id),
        name: Arc::from("root"),
        enabled: true,
        entitlements: vec![name("git:owner")],
        class: OrphanClass::Service,
        owner: Arc::from("W1"),
        kind: name("admin"),
        candidates: vec![(id(2), 90), (id(1), 85)],
        said: None,
        seen: at(8),
    }
}

pub async fn unlinked_accounts_come_and_go(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let (a, b) = (unlinked("git", "1"), unlinked("vpn", "1"));
    let any = UnlinkedFilter::default();
    let of = |system: &str, with_candidates| UnlinkedFilter {
        system: Some(name(system)),
        with_candidates,
        ..UnlinkedFilter::default()
    };
    committed(&*store, [&a, &b].map(|u| Change::PutUnlinked(u.clone())).to_vec()).await?;
    assert_eq!(store.unlinked_after(&any, None, 9).await?, [a.clone(), b.clone()]);
    assert_eq!(store.unlinked_after(&of("vpn", None), None, 9).await?, from_ref(&b));
    assert_eq!(store.unlinked_after(&of("git", Some(true)), None, 9).await?, from_ref(&a));
    let said = Some((at(9), id(3)));
    let seen =
        UnlinkedAccount { enabled: false, entitlements: vec![], candidates: vec![], said, seen: at(9), ..a };
    committed(&*store, vec![Change::PutUnlinked(seen.clone())]).await?;
    assert_eq!(store.unlinked_after(&any, None, 1).await?, [seen]);
    assert_eq!(store.unlinked_after(&of("git", Some(true)), None, 9).await?, []);
    committed(&*store, vec![Change::EndUnlinked(name("git"), Arc::from("1"))]).await?;
    assert_eq!(store.unlinked_after(&any, None, 9).await?, [b]);
    Ok(())
}

pub async fn what_contains_what_keeps_its_since(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let row = |outer: &str, inner: &str, since, seen| ContainmentRow {
        outer: name(outer),
        inner: name(inner),
        since: at(since),
        seen: at(seen),
    };
    let all = [row("git:b", "git:c", 8, 8), row("git:a", "git:b", 8, 8), row("vpn:a", "vpn:b", 8, 8)];
    committed(&*store, all.map(Change::PutContainment).to_vec()).await?;
    committed(&*store, vec![Change::PutContainment(row("git:a", "git:b", 9, 9))]).await?;
    let (a, b, vpn) = (row("git:a", "git:b", 8, 9), row("git:b", "git:c", 8, 8), row("vpn:a", "vpn:b", 8, 8));
    let (git, of_vpn) = (name("git"), name("vpn"));
    assert_eq!(store.containment(&git, None, 9).await?, [a.clone(), b.clone()]);
    assert_eq!(store.containment(&of_vpn, None, 9).await?, [vpn]);
    let after = |row: &ContainmentRow| Some((row.outer.clone(), row.inner.clone()));
    assert_eq!(store.containment(&git, None, 1).await?, from_ref(&a));
    assert_eq!(store.containment(&git, after(&a), 1).await?, from_ref(&b));
    assert_eq!(store.containment(&git, after(&b), 1).await?, []);
    committed(&*store, vec![Change::EndContainment(name("git:a"), name("git:b"))]).await?;
    assert_eq!(store.containment(&git, None, 9).await?, [b]);
    Ok(())
}

pub async fn losses_count_people_once(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let loss = |scope: &str, of, when| {
        Change::PutLoss(Loss { scope: Arc::from(scope), at: at(when), identity: id(of) })
    };
    let git = "system git";
    let all = vec![
        loss(git, 1, 10),
        loss(git, 1, 20),
        loss(git, 2, 20),
        loss(git, 2, 20),
        loss("source hr", 3, 20),
    ];
    committed(&*store, all).await?;
    let mut counts = Vec::new();
    for since in [10, 11, 20, 21] {
        counts.push(store.losses(git, at(since), None, 9).await?.len());
    }
    assert_eq!(counts, [2, 2, 2, 0]);
    assert_eq!(store.losses(git, at(10), None, 1).await?, [id(1)]);
    assert_eq!(store.losses(git, at(10), Some(id(1)), 1).await?, [id(2)]);
    assert_eq!(store.losses(git, at(10), Some(id(2)), 1).await?, []);
    Ok(())
}
