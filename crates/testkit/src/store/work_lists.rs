//! Lists of what waits for people: in a fixed order, a page at a time, no row lost and none twice.

use super::asked::{held, order, question, request, unlinked};
use super::sample::{at, bytes, case, finding, id, name, put_person, task};
use super::{Done, Fixture, committed};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tenure_model::{
    Acknowledgement, ApprovalRequest, ApprovalState, Case, CaseLabel, CaseState, CutOffOrder, CutOffTarget,
    FeedRunId, FindingDetail, FindingId, FindingKind, OrphanClass, Task, TaskState, Urgency,
};
use tenure_store::{
    ApprovalFilter, CaseFilter, Change, CorrelationRow, FindingFilter, FindingRow, HeldChangeRow,
    QuarantineKey, QuarantineRow, StoreError, TaskFilter, UnlinkedAccount, UnlinkedFilter, WaitingCounts,
};

/// Reads a list to its end, `limit` rows at a time: a page has at most that many, and the one after the last has none.
macro_rules! pages {
    ($limit:expr, $row:ty, |$after:ident| $read:expr) => {{
        let mut read: Vec<$row> = Vec::new();
        loop {
            let $after = read.last().cloned();
            let page: Vec<$row> = $read;
            assert!(page.len() <= usize::try_from($limit).unwrap_or(usize::MAX), "over the limit");
            if page.is_empty() {
                break read;
            }
            read.extend(page);
        }
    }};
}

fn unjustified() -> FindingDetail {
    FindingDetail::GrantUnjustified { entitlement: name("vpn:remote") }
}

/// Finding `n` without a deadline of its own.
fn by_kind(n: u64, of: Option<u64>, detail: FindingDetail, since: i64) -> FindingRow {
    let mut row = FindingRow { deadline: None, ..finding(n, of, None, since) };
    row.finding.detail = detail;
    row
}

pub async fn findings_are_listed_by_deadline(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let soon = finding(9, Some(1), None, 5);
    let same = finding(8, None, Some("git"), 6);
    let day = by_kind(7, Some(2), unjustified(), 0);
    let fortnight = by_kind(1, Some(1), FindingDetail::EmergencyReview, 0);
    let three = FindingRow { deadline: None, ..finding(2, None, None, 0) };
    let all = [&fortnight, &three, &day, &same, &soon].map(|r| Change::PutFinding(r.clone()));
    committed(&*store, all.to_vec()).await?;
    let expected = [same.clone(), soon.clone(), day.clone(), three.clone(), fortnight.clone()];
    for limit in [1, 2, 9] {
        let any = FindingFilter::default();
        let read = pages!(limit, (Timestamp, FindingRow), |last| {
            let after = last.map(|(due, row)| (due, row.id));
            store.findings_due(&any, after, limit).await?
        });
        assert!(read.iter().all(|(due, row)| *due == row.due()));
        let read: Vec<FindingRow> = read.into_iter().map(|(_, row)| row).collect();
        assert_eq!(read, expected, "{limit} at a time");
    }
    let list = |filter: FindingFilter| {
        let store = &store;
        async move {
            let found = store.findings_due(&filter, None, 9).await?;
            Ok::<_, StoreError>(found.into_iter().map(|(_, row)| row).collect::<Vec<_>>())
        }
    };
    let of_one = FindingFilter { identity: Some(id(1)), ..FindingFilter::default() };
    assert_eq!(list(of_one.clone()).await?, [soon, fortnight.clone()]);
    let reviews = FindingFilter { kinds: vec![FindingKind::Review, FindingKind::Unjustified], ..of_one };
    assert_eq!(list(reviews).await?, [fortnight]);
    let of_git = FindingFilter { system: Some(name("git")), ..FindingFilter::default() };
    assert_eq!(list(of_git).await?, [same]);
    // What is found again keeps its place, unless its deadline is another.
    let again = by_kind(7, Some(2), unjustified(), 500_000);
    committed(&*store, vec![Change::PutFinding(again)]).await?;
    let any = FindingFilter::default();
    assert_eq!(list(any.clone()).await?, expected);
    let later = FindingRow { deadline: Some(at(9_000_000)), ..day };
    committed(&*store, vec![Change::PutFinding(later.clone())]).await?;
    assert_eq!(list(any).await?.last(), Some(&later));
    Ok(())
}

pub async fn acknowledgements_are_read_by_their_findings(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let said = |n, until| Acknowledgement {
        finding: FindingId::from_bytes(bytes(n)),
        about: Some(id(1)),
        cause: [4; 32],
        by: id(9),
        at: at(1),
        until: at(until),
        reason: Arc::from("known"),
        revision: 1,
    };
    let all = [said(1, 10), said(2, 20), said(3, 30)];
    committed(&*store, all.iter().cloned().map(Change::PutAcknowledgement).collect()).await?;
    let ids = [3, 404, 1].map(|n| FindingId::from_bytes(bytes(n)));
    assert_eq!(store.acknowledgements_of(&ids).await?, [all[2].clone(), all[0].clone()]);
    Ok(())
}

pub async fn requests_are_listed_by_deadline_and_approver(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let by = |r: ApprovalRequest, approver, delegate| {
        let mut r = r;
        (r.seats[0].holders, r.seats[0].delegates) = (vec![id(approver)], vec![id(delegate)]);
        r
    };
    let late = by(request(1, 1, 10, 90), 7, 8);
    let soon = by(request(2, 1, 20, 50), 7, 6);
    let same = by(request(4, 2, 20, 50), 5, 8);
    let earlier = by(request(5, 2, 10, 50), 7, 7);
    let mut changes = vec![put_person(1), put_person(2)];
    changes.extend([&late, &soon, &same, &earlier].map(|r| Change::PutApproval(r.clone())));
    committed(&*store, changes).await?;
    let expected = [earlier.clone(), soon.clone(), same.clone(), late.clone()];
    let place = |r: &ApprovalRequest| match r.state {
        ApprovalState::Pending { deadline } => (deadline, r.asked_at, r.id),
        _ => (at(0), r.asked_at, r.id),
    };
    let any = ApprovalFilter::default();
    for limit in [1, 3, 9] {
        let read = pages!(limit, ApprovalRequest, |last| {
            store.approvals_by_deadline(&any, last.as_ref().map(place), limit).await?
        });
        assert_eq!(read, expected, "{limit} at a time");
    }
    let by = |n| ApprovalFilter { by: Some(id(n)), ..ApprovalFilter::default() };
    assert_eq!(
        store.approvals_by_deadline(&by(7), None, 9).await?,
        [earlier.clone(), soon.clone(), late.clone()]
    );
    assert_eq!(store.approvals_by_deadline(&by(8), None, 9).await?, [same.clone(), late.clone()]);
    let both = ApprovalFilter { about: Some(id(2)), ..by(8) };
    assert_eq!(store.approvals_by_deadline(&both, None, 9).await?, std::slice::from_ref(&same));
    // A page goes on also after a request that was answered meanwhile, and an answered one is put to no approver.
    let answered = ApprovalRequest { state: ApprovalState::Denied { at: at(30) }, ..soon.clone() };
    committed(&*store, vec![Change::PutApproval(answered)]).await?;
    assert_eq!(store.approvals_by_deadline(&any, Some(place(&soon)), 9).await?, [same.clone(), late.clone()]);
    assert_eq!(store.approvals_by_deadline(&by(6), None, 9).await?, []);
    let moved = {
        let mut moved = same;
        moved.seats[0].delegates = vec![id(6)];
        moved
    };
    committed(&*store, vec![Change::PutApproval(moved.clone())]).await?;
    assert_eq!(store.approvals_by_deadline(&by(6), None, 9).await?, [moved]);
    assert_eq!(store.approvals_by_deadline(&by(8), None, 9).await?, [late]);
    Ok(())
}

pub async fn cases_are_read_a_page_at_a_time(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let all = [
        case(4, 1, CaseLabel::Joiner, CaseState::Open, 30),
        case(3, 2, CaseLabel::Mover, CaseState::Open, 30),
        case(9, 3, CaseLabel::Leaver, CaseState::Closed, 20),
        case(1, 4, CaseLabel::Joiner, CaseState::Open, 10),
    ];
    committed(&*store, all.iter().rev().cloned().map(Change::PutCase).collect()).await?;
    let list = |open, limit| {
        let store = &store;
        async move {
            let read = pages!(limit, Case, |last| {
                let after = last.map(|case| (case.clocks.decided_at, case.id));
                let filter = CaseFilter { open, after, limit, ..CaseFilter::default() };
                store.cases(&filter).await?
            });
            Ok::<_, tenure_store::StoreError>(read)
        }
    };
    for limit in [1, 2, 9] {
        assert_eq!(list(false, limit).await?, all, "newest first, {limit} at a time");
        assert_eq!(list(true, limit).await?, [all[0].clone(), all[1].clone(), all[3].clone()]);
    }
    Ok(())
}

pub async fn tasks_are_listed_by_whom_they_wait_for(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let waits = |n, of, system: &str| Task {
        state: TaskState::NeedsPerson { why: Arc::from("no interface") },
        ..task(n, of, system, Urgency::Normal, 1)
    };
    let all = [
        task(1, 1, "git", Urgency::Normal, 9),
        waits(2, 1, "vpn"),
        waits(3, 2, "vpn"),
        task(4, 2, "git", Urgency::CutOff, 1),
    ];
    committed(&*store, all.iter().rev().cloned().map(Change::PutTask).collect()).await?;
    for limit in [1, 3, 9] {
        let read = pages!(limit, Task, |last| {
            store.tasks_listed(&TaskFilter::default(), last.map(|task| task.id), limit).await?
        });
        assert_eq!(read, all, "{limit} at a time");
    }
    let manual = TaskFilter { needs_person: true, ..TaskFilter::default() };
    assert_eq!(store.tasks_listed(&manual, None, 9).await?, all[1..3]);
    let of_two = TaskFilter { identity: Some(id(2)), ..manual.clone() };
    assert_eq!(store.tasks_listed(&of_two, None, 9).await?, all[2..3]);
    let on_git = TaskFilter { system: Some(name("git")), ..TaskFilter::default() };
    assert_eq!(store.tasks_listed(&on_git, None, 9).await?, [all[0].clone(), all[3].clone()]);
    Ok(())
}

pub async fn unlinked_accounts_are_read_a_page_at_a_time(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let orphan = UnlinkedAccount { candidates: vec![], class: OrphanClass::Unknown, ..unlinked("git", "2") };
    let all = [unlinked("git", "1"), orphan.clone(), unlinked("vpn", "1"), unlinked("vpn", "10")];
    committed(&*store, all.iter().rev().cloned().map(Change::PutUnlinked).collect()).await?;
    for limit in [1, 2, 9] {
        let read = pages!(limit, UnlinkedAccount, |last| {
            let after = last.map(|a| (a.system, a.external_id));
            store.unlinked_after(&UnlinkedFilter::default(), after, limit).await?
        });
        assert_eq!(read, all, "{limit} at a time");
    }
    let only = |filter: UnlinkedFilter| {
        let store = &store;
        async move { store.unlinked_after(&filter, None, 9).await }
    };
    let none = UnlinkedFilter { with_candidates: Some(false), ..UnlinkedFilter::default() };
    assert_eq!(only(none).await?, [orphan]);
    let some = UnlinkedFilter { with_candidates: Some(true), ..UnlinkedFilter::default() };
    assert_eq!(only(UnlinkedFilter { system: Some(name("git")), ..some }).await?, all[..1]);
    let services = UnlinkedFilter { class: Some(OrphanClass::Service), ..UnlinkedFilter::default() };
    assert_eq!(only(services).await?.len(), 3);
    Ok(())
}

pub async fn rows_in_quarantine_are_listed_by_deadline(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let row = |source: &str, key: &str, nth, since, urgent| QuarantineRow {
        source: name(source),
        key: Arc::from(key),
        nth,
        code: Arc::from("R13"),
        place: Arc::from("hr.csv:7"),
        value: Arc::from("x"),
        reason: Arc::from("no such day"),
        since: at(since),
        urgent,
        run: FeedRunId::from_bytes(bytes(3)),
    };
    let all = [
        row("hr", "1", 0, 100, false),
        row("hr", "1", 1, 100, true),
        row("hr", "line 9", 0, 100, false),
        row("vms", "1", 0, 100, false),
        row("hr", "7", 0, 50, false),
    ];
    committed(&*store, all.iter().cloned().map(Change::Quarantine).collect()).await?;
    let within = (SignedDuration::from_secs(1), SignedDuration::from_secs(100));
    let key = |source: &str, key: &str| -> QuarantineKey { (name(source), Arc::from(key)) };
    let expected = [
        (at(101), key("hr", "1")),
        (at(150), key("hr", "7")),
        (at(200), key("hr", "line 9")),
        (at(200), key("vms", "1")),
    ];
    for limit in [1, 2, 9] {
        let read = pages!(limit, (jiff::Timestamp, QuarantineKey), |last| {
            store.quarantine_due(within, last.map(|(at, key)| (at, Some(key))), limit).await?
        });
        assert_eq!(read, expected, "{limit} at a time");
    }
    assert_eq!(
        store.quarantine_due(within, Some((at(200), None)), 9).await?,
        expected[2..],
        "from its first row"
    );
    let rows = [key("vms", "1"), key("hr", "1"), key("hr", "no such row")];
    assert_eq!(store.quarantine_of(&rows).await?, [all[3].clone(), all[0].clone(), all[1].clone()]);
    assert_eq!(store.quarantine_counts().await?, [(name("hr"), 4), (name("vms"), 1)]);
    Ok(())
}

pub async fn questions_held_changes_and_orders_are_read_a_page_at_a_time(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let questions = [question(5, 10), question(6, 10), question(1, 20)];
    let changes = [held(5, 10), held(6, 10), held(1, 20)];
    let orders = [1, 2, 3].map(|n| order(n, CutOffTarget::Person(id(u64::from(n)))));
    let mut all: Vec<Change> = questions.iter().rev().cloned().map(Change::PutCorrelation).collect();
    all.extend(changes.iter().rev().cloned().map(Change::PutHeldChange));
    all.extend(orders.iter().rev().cloned().map(Change::PutCutOffOrder));
    all.extend([request(1, 1, 1, 9), request(2, 1, 1, 9)].map(Change::PutApproval));
    committed(&*store, all).await?;
    let counts = WaitingCounts { approvals: 2, questions: 3, held_changes: 3 };
    assert_eq!(store.waiting_counts().await?, counts);
    for limit in [1, 2, 9] {
        let read = pages!(limit, CorrelationRow, |last| {
            store.correlations_after(last.map(|q| (q.since, q.id)), limit).await?
        });
        assert_eq!(read, questions, "{limit} at a time");
        let read = pages!(limit, HeldChangeRow, |last| {
            store.held_changes_after(last.map(|h| (h.since, h.id)), limit).await?
        });
        assert_eq!(read, changes, "{limit} at a time");
        let read = pages!(limit, CutOffOrder, |last| {
            store.cut_off_orders_after(last.map(|o| o.id), limit).await?
        });
        assert_eq!(read, orders, "{limit} at a time");
    }
    let ended = HeldChangeRow { ended: Some((at(30), Arc::from("anna"))), ..changes[0].clone() };
    let answered = CorrelationRow { answer: Some((at(30), id(9), None)), ..questions[0].clone() };
    let denied = ApprovalRequest { state: ApprovalState::Denied { at: at(5) }, ..request(1, 1, 1, 9) };
    let all =
        vec![Change::PutHeldChange(ended), Change::PutCorrelation(answered), Change::PutApproval(denied)];
    committed(&*store, all).await?;
    let counts = WaitingCounts { approvals: 1, questions: 2, held_changes: 2 };
    assert_eq!(store.waiting_counts().await?, counts);
    assert_eq!(store.held_changes_after(None, 9).await?, changes[1..]);
    assert_eq!(store.correlations_after(None, 9).await?, questions[1..]);
    Ok(())
}
