//! Of two who act on the same thing at once, one is told that it changed: neither overwrites the other one.

use crate::world::World;
use tenure_app::{AppError, NewCutOff, Refusal};
use tenure_model::{ApprovalState, CutOffClass, FindingKind, TaskState};

fn rows(of: std::ops::Range<usize>) -> Vec<[String; 4]> {
    of.map(|n| [format!("R{n}"), format!("W{n}"), format!("Name{n}"), String::new()]).collect()
}

/// One of two succeeded, and the other one was told why not.
fn one_of<T: std::fmt::Debug>(both: [Result<T, AppError>; 2]) -> AppError {
    let (done, told): (Vec<_>, Vec<_>) = both.into_iter().partition(Result::is_ok);
    assert_eq!((done.len(), told.len()), (1, 1), "{done:?} {told:?}");
    told.into_iter().next().unwrap().unwrap_err()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_make_a_configuration_active_one_is_told() {
    let world = World::new().await;
    let (one, two) = tokio::join!(
        world.activate_over("policy/all.toml", "all people", "all of them"),
        world.activate_over("policy/all.toml", "all people", "the staff"),
    );
    let told = one_of([one, two]);
    assert!(
        matches!(told, AppError::ConcurrentChange(_)) || told.refusal() == Some(Refusal::JobUnderWay),
        "{told}"
    );
    // Nor does one become active that was compared with an older one.
    let late = world.activate_over("policy/all.toml", "all people", "too late").await.unwrap_err();
    assert!(matches!(late, AppError::ConcurrentChange(_)), "{late}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_release_a_held_change_or_report_a_task_one_is_told() {
    let mut world = World::new().await;
    world.take(&rows(1..41)).await;
    world.work().await;
    world.change("policy/all.toml", r#"identity.kind == "person""#, r#"identity.kind == "shared""#).await;
    world.work().await;
    let held = world.store.held_changes_after(None, 10).await.unwrap().remove(0);
    let (first, second) = (world.moment(Some("W1")).await, world.moment(Some("W2")).await);
    let brakes = world.app.brakes();
    let (one, two) =
        tokio::join!(brakes.release(held.id, None, &first), brakes.release(held.id, None, &second));
    let told = one_of([one, two]);
    assert!(
        matches!(told, AppError::ConcurrentChange(_) | AppError::Unknown { .. })
            || told.refusal() == Some(Refusal::NotInForce),
        "{told}"
    );

    let mut world = World::new().await;
    world.change("systems/directory.toml", "mode = \"enforce\"", "mode = \"observe\"").await;
    world.take(&rows(1..4)).await;
    let tasks = world.store.tasks(None, 9).await.unwrap();
    let task = tasks.iter().find(|t| matches!(t.state, TaskState::NeedsPerson { .. })).unwrap();
    let moment = world.moment(Some("W1")).await;
    let worker = world.app.work();
    let (one, two) = tokio::join!(worker.manual_done(task.id, &moment), worker.manual_done(task.id, &moment));
    let told = one_of([one, two]);
    assert!(matches!(told, AppError::ConcurrentChange(_) | AppError::Unknown { .. }), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_approvers_at_once_one_decides() {
    let mut world = World::new().await;
    let mut all = rows(1..4);
    world.take(&all).await;
    let ask = "[[approval]]\nname = \"ask\"\nwhen = 'change == \"joiner\"'\nby = [\"group:security\"]\nwithin = \"2 days\"\n\n[[baseline]]";
    world.change("policy/all.toml", "[[baseline]]", ask).await;
    all.extend(rows(5..9));
    world.take(&all).await;
    let (first, second) = (world.moment(Some("W1")).await, world.moment(Some("W2")).await);
    let asked = world.store.approvals(None, 9).await.unwrap();
    assert_eq!(asked.len(), 4);
    for request in asked {
        let votes = world.app.votes();
        let (yes, no) = tokio::join!(
            votes.vote(request.id, true, "needed", &first),
            votes.vote(request.id, false, "not needed", &second)
        );
        let approved = yes.is_ok();
        let told = one_of([yes, no]);
        assert!(
            told.refusal() == Some(Refusal::AlreadyAnswered) || matches!(told, AppError::Unknown { .. }),
            "{told}"
        );
        let stored = world.store.approval(request.id).await.unwrap().unwrap();
        assert_eq!(matches!(stored.state, ApprovalState::Approved { .. }), approved, "{:?}", stored.state);
        assert_eq!(stored.votes.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_answers_to_one_question_one_counts() {
    let world = World::new().await;
    let mut all = rows(1..4);
    all[2][0] = "0012".to_owned();
    world.take(&all).await;
    all.push(["12", "W77", "Another", ""].map(str::to_owned));
    world.take(&all).await;
    let question = world.store.correlations_after(None, 10).await.unwrap().remove(0);
    let known = question.candidates[0].0;
    let (first, second) = (world.moment(Some("W1")).await, world.moment(Some("W2")).await);
    let correlations = world.app.correlation();
    let (new, same) = tokio::join!(
        correlations.resolve(question.id, None, &first),
        correlations.resolve(question.id, Some(known), &second)
    );
    let is_new = new.is_ok();
    let told = one_of([new, same]);
    assert!(matches!(told, AppError::ConcurrentChange(_) | AppError::Unknown { .. }), "{told}");
    let people = world.store.identities(None, 9).await.unwrap();
    assert_eq!(people.len(), if is_new { 4 } else { 3 });
    let (_, _, whose) = world.store.correlation(question.id).await.unwrap().unwrap().answer.unwrap();
    assert_eq!(whose, (!is_new).then_some(known));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_lift_one_order_the_second_is_refused() {
    let mut world = World::new().await;
    world.take(&rows(1..5)).await;
    let group = "last_resort = \"security\"";
    let lifters = format!("{group}\ncut_off_by = [\"group:security\"]\nlift_by = \"group:security\"");
    world.change("tenure.toml", group, &lifters).await;
    let issuer = world.moment(Some("W1")).await;
    let (first, second) = (world.moment(Some("W2")).await, world.moment(Some("W2")).await);
    for round in 0..8 {
        let (key, orders) = (format!("X{round}"), world.app.cut_off_orders());
        let new = NewCutOff { class: CutOffClass::Security, ..NewCutOff::of("stolen laptop") };
        let order = orders.cut_off_key("worker_number", &key, &new, &issuer).await.unwrap();
        let target = order.target.to_string();
        let (one, two) =
            tokio::join!(orders.lift_order(&target, &first), orders.lift_order(&target, &second));
        let told = one_of([one, two]);
        let is_over = told.refusal() == Some(Refusal::NotInForce) || matches!(told, AppError::Unknown { .. });
        assert!(is_over, "{told}");
        assert_eq!(world.store.cut_off_orders_after(None, 9).await.unwrap(), []);
    }
}

/// Two rules give the same entitlement, which no owner answers for: each is a finding, and each is stored.
#[tokio::test]
async fn two_findings_of_one_kind_about_one_thing_are_two_rows() {
    let mut world = World::new().await;
    world.change("systems/directory.toml", "name = \"staff\"\nowner = \"W1\"", "name = \"staff\"").await;
    let second = "[[baseline]]\nname = \"second\"\nwhen = 'identity.kind == \"person\"'\ngrant = [\"directory:staff\"]\n[[identifier]]\nname = \"mail\"";
    world.change("policy/all.toml", "[[identifier]]\nname = \"mail\"", second).await;
    world.take(&rows(1..4)).await;
    for id in world.store.identities(None, 9).await.unwrap() {
        let found = world.store.findings_about(&[id]).await.unwrap();
        let unknown: Vec<_> =
            found.iter().filter(|f| f.finding.kind() == FindingKind::UnknownEntitlement).collect();
        assert_eq!(unknown.len(), 2, "{found:?}");
        assert_eq!(unknown[0].finding.about, unknown[1].finding.about);
        assert_ne!(unknown[0].finding.detail, unknown[1].finding.detail);
    }
}
