//! The accounts, grants and obligations of one decision, and the tasks that bring them about.

use super::batch::BatchContext;
use super::owed;
use super::unit::UnitDraft;
use crate::App;
use crate::describe::by_hand as by_owner;
use tenure_engine::Work;
use tenure_model::{Account, Case, Obligation, Phase, Task, TaskId, TaskKind, TaskState, Urgency};
use tenure_store::Change;

/// Accounts, grants, obligations and tasks.
pub(super) fn access(
    app: &App,
    parts: &UnitDraft<'_>,
    known: &BatchContext,
    case: Option<&Case>,
    changes: &mut Vec<Change>,
) {
    let id = parts.subject.identity.id;
    changes.extend(parts.decided.accounts.iter().map(|a| Change::PutAccount(id, a.clone())));
    changes.extend(parts.decided.grants.iter().map(|g| Change::PutGrant(id, g.clone())));
    for (account, obligation) in &parts.decided.overtaken {
        let bearer = (!matches!(obligation, Obligation::Activated(_))).then(|| account.clone());
        changes.push(Change::DropFact(id, bearer, obligation.clone()));
    }
    owed::facts(app, parts, case, changes);
    let goes = |work: &&Work| !waits_for_scan(parts, known, work);
    changes.extend(parts.decided.work.iter().filter(goes).map(|work| task(app, parts, work)));
    changes.extend(hurried(parts).map(|work| task(app, parts, &work)));
}

/// Whether an account is due to be created in a system that must be scanned first: it may exist already.
fn waits_for_scan(parts: &UnitDraft<'_>, known: &BatchContext, work: &Work) -> bool {
    let mut accounts = parts.decided.accounts.iter().chain(&parts.subject.accounts);
    known.unscanned.contains(&work.account.system)
        && accounts.find(|a| a.key == work.account).is_some_and(crate::first_scan::is_to_be_made)
}

fn task(app: &App, parts: &UnitDraft<'_>, work: &Work) -> Change {
    let (ms, random) = app.machine.id();
    let by_hand = owed::by_hand(app, parts, &work.account);
    let kind = app.work_kind(&work.account.system, work.by_owner || by_hand.is_some());
    let is_counted = work.braked && !parts.foreseen && !passes(parts, work);
    let joins = work.behind && !work.braked && !passes(parts, work);
    // The brake of a system that no program writes is looked at before its owner is asked.
    let is_braked = (is_counted || joins) && !work.by_owner && by_hand.is_none();
    let state = match kind {
        TaskKind::Manual if !is_braked => TaskState::NeedsPerson { why: by_hand.unwrap_or_else(by_owner) },
        _ => TaskState::Ready { not_before: app.machine.clock.now() },
    };
    let task = Task {
        id: TaskId::new(ms, random),
        identity: parts.subject.identity.id,
        account: work.account.clone(),
        kind,
        generation: work.generation,
        urgency: work.urgency,
        attempts: 0,
        uncertain_creates: 0,
        contradictions: 0,
        failed: None,
        brake_passed: matches!(state, TaskState::NeedsPerson { .. }) || !is_counted,
        state,
    };
    // Work that is no loss itself takes over what a brake holds on the account, and releases nothing of it.
    if joins { Change::JoinTask(task) } else { Change::PutTask(task) }
}

/// Work in progress or held when an identity is cut off or leaves: it passes every brake, although it is not new. A cut-off
/// goes ahead of all queues. No brake holds an end that is not counted or that the source's brake has counted.
fn hurried<'a>(parts: &'a UnitDraft<'_>) -> impl Iterator<Item = Work> + 'a {
    let (cut_off, begins) = (is_cut_off_now(parts), is_cut_off_now(parts) || leaves_counted(parts));
    let known = |a: &&Account| !parts.decided.work.iter().any(|w| w.account == a.key);
    let open = parts.subject.accounts.iter().filter(move |a| begins && a.confirmed != a.generation);
    open.filter(known).map(move |account| Work {
        account: account.key.clone(),
        generation: account.generation,
        urgency: if cut_off { Urgency::CutOff } else { Urgency::Removal },
        braked: false,
        behind: true,
        by_owner: false,
    })
}

fn is_cut_off_now(parts: &UnitDraft<'_>) -> bool {
    parts.gated.settlement.cut_off && parts.before.is_some_and(|b| !b.identity.is_cut_off())
}

/// Whether it is an end that the brakes of systems do not count: known before, or counted by the brake of its source.
fn leaves_counted(parts: &UnitDraft<'_>) -> bool {
    parts.gated.settlement.phase == Phase::Departed
        && parts.before.is_some_and(|b| b.phase != Phase::Departed)
        && (parts.foreseen || parts.cause.counted)
}

/// Whether work ends access on an account with an earlier open loss: an end that no brake of the system counts
/// releases what a brake holds there.
fn passes(parts: &UnitDraft<'_>, work: &Work) -> bool {
    work.behind && (is_cut_off_now(parts) || leaves_counted(parts))
}
