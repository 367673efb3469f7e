//! `docs/states.md`: the states of cases, facts, tasks and people, found out by asking the model itself.

use super::table::table;
use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::{
    Case, CaseEvent, CaseId, CaseLabel, CaseState, Clocks, FactState, IdentityId, Observation, Phase,
    TaskKind,
};

/// The page.
pub(crate) fn page() -> String {
    let mut text = "# States\n\nWhat a case, a fact and an engagement can be, and what takes them from one to the next.\n"
        .to_owned();
    text.push_str("\n## Labels of cases\n\n");
    text.push_str("A label is read off the change; nothing but approval rules that name it decides by it. When several\nfit, the first one names the case, unless policy declares another order.\n\n");
    let labels: Vec<String> = CaseLabel::ALL.iter().map(|l| format!("1. `{l}`\n")).collect();
    text.push_str(&labels.concat());
    text.push_str("\n## A case\n\n");
    text.push_str(&cases());
    text.push_str("\n\"refused\" is an error that names the state and the event: it never happens silently.\n\n## A fact\n\n");
    text.push_str(&facts());
    text.push_str("\n## An engagement\n\nIn order: an identity is in the last phase of this list that one of its engagements is in.\n\n");
    let phases: Vec<String> = Phase::ALL.iter().map(|p| format!("1. `{}`\n", p.as_str())).collect();
    text.push_str(&phases.concat());
    text.push_str("\n## A task\n\n");
    text.push_str(&tasks());
    text
}

/// Every state with every event, through [`Case::on`].
fn cases() -> String {
    let at = Timestamp::UNIX_EPOCH;
    let events = [
        (
            "a further change joins",
            CaseEvent::Joined { label: CaseLabel::Mover, leads: false, effective_at: at, at },
        ),
        ("all is settled and confirmed", CaseEvent::Settled { at, reserved: false }),
        ("all is settled, some by attestation or accepted risk", CaseEvent::Settled { at, reserved: true }),
        ("what was confirmed is no longer so", CaseEvent::Regressed { at }),
    ];
    let states = [CaseState::Open, CaseState::Closed, CaseState::ClosedWithReservations];
    let rows: Vec<Vec<String>> = states
        .into_iter()
        .map(|state| {
            let next = events.iter().map(|(_, event)| match case(state).on(*event) {
                Ok(after) => after.state.as_str().to_owned(),
                Err(_) => "refused".to_owned(),
            });
            std::iter::once(format!("**{}**", state.as_str())).chain(next).collect()
        })
        .collect();
    let head: Vec<&str> = std::iter::once("state").chain(events.iter().map(|(name, _)| *name)).collect();
    table(&head, &rows)
}

fn case(state: CaseState) -> Case {
    let at = Timestamp::UNIX_EPOCH;
    Case {
        id: CaseId::new(0, [0; 10]),
        identity: IdentityId::new(0, [0; 10]),
        label: CaseLabel::Joiner,
        clocks: Clocks { effective_at: at, known_at: at, decided_at: at, confirmed_at: None },
        state,
    }
}

/// What each state of a fact means for its case.
fn facts() -> String {
    let at = Timestamp::UNIX_EPOCH;
    let seen = || Observation { at, by: Arc::from(""), seen: Arc::from("") };
    let by = IdentityId::new(0, [0; 10]);
    let states = [
        (FactState::Unknown, "nothing is known yet"),
        (FactState::Claimed(seen()), "the system said so when it was written"),
        (FactState::Confirmed(seen()), "a later read by another connection shows it"),
        (FactState::Expiring { until: at, why: Arc::from("") }, "it expires by itself at a proved time"),
        (
            FactState::Attested { by, observation: seen() },
            "a person vouches for a system that cannot be read",
        ),
        (
            FactState::Accepted { by, reason: Arc::from(""), until: at },
            "a residual risk, signed, with an expiry",
        ),
    ];
    let rows: Vec<Vec<String>> = states
        .iter()
        .map(|(state, meaning)| {
            let case = match (state.is_open(), state.is_reserved()) {
                (true, _) => "stays open",
                (false, true) => "closes with reservations",
                (false, false) => "closes",
            };
            vec![format!("**{}**", state.as_str()), (*meaning).to_owned(), case.to_owned()]
        })
        .collect();
    table(&["state", "what is known", "its case"], &rows)
}

fn tasks() -> String {
    let kinds = [
        (
            TaskKind::Converge,
            "reads the account, writes the least that brings it to its decided state, notes what the system claimed",
        ),
        (TaskKind::Confirm, "reads the account by another connection and notes what is there"),
        (TaskKind::Manual, "is assigned to the owner of the system, who does the work by hand"),
    ];
    let rows: Vec<Vec<String>> =
        kinds.iter().map(|(kind, what)| vec![format!("**{}**", kind.as_str()), (*what).to_owned()]).collect();
    let attempts = tenure_model::ATTEMPTS_MAX;
    format!(
        "{}\nA task is ready from an instant on, leased to a worker, done, held by a brake, or assigned to a person: after {attempts} attempts, or at \
         once\nif trying again cannot help. A newer decision about an account refreshes its open task.\n",
        table(&["task", "what it does"], &rows)
    )
}
