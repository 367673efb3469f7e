//! What an open case needs: its deadline, what it waits for, the last error, the next try and the next command, a line each.

use crate::out;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_app::App;
use tenure_app::describe::{due_words, instant_words};
use tenure_engine::deadline_of;
use tenure_model::{
    ApprovalRequest, Case, Fact, FactState, IdentityId, Obligation, SystemName, Task, TaskKind, TaskState,
};

/// What surrounds the cases of one identity.
#[derive(Default)]
pub(super) struct Around {
    /// The unanswered requests about the identity.
    pub(super) requests: Vec<ApprovalRequest>,
    /// To whom manual work in each system is assigned.
    pub(super) assigned: BTreeMap<SystemName, String>,
    /// The names of approvers.
    pub(super) names: BTreeMap<IdentityId, Arc<str>>,
}

/// What is known of one open case.
pub(super) struct Open<'a> {
    pub(super) case: &'a Case,
    pub(super) facts: &'a [&'a Fact],
    pub(super) tasks: &'a [Task],
    pub(super) around: &'a Around,
    /// Business time.
    pub(super) now: Timestamp,
}

/// What an open case needs.
pub(super) struct Needs {
    deadline: Option<Timestamp>,
    late: Option<SignedDuration>,
    waits: Vec<String>,
    error: Option<String>,
    retry: Option<Timestamp>,
    /// With short ids, for people.
    next: Option<String>,
    /// With whole ids, for programs.
    next_whole: Option<String>,
}

impl Open<'_> {
    /// What it needs.
    pub(super) fn needs(&self, app: &App) -> Needs {
        let facts: Vec<Fact> = self.facts.iter().map(|f| (*f).clone()).collect();
        let deadline = deadline_of(&app.context, self.case, &facts);
        let retries = self.tasks.iter().filter(|t| t.attempts > 0).filter_map(|t| match &t.state {
            TaskState::Ready { not_before } => Some(*not_before),
            _ => None,
        });
        Needs {
            deadline,
            late: deadline.filter(|d| *d < self.now).map(|d| self.now.duration_since(d)),
            waits: self.waits(),
            error: self
                .tasks
                .iter()
                .find_map(|t| t.failed.as_ref().map(|why| format!("{}: {why}", t.account))),
            retry: retries.min(),
            next: self.next(false),
            next_whole: self.next(true),
        }
    }

    fn waits(&self) -> Vec<String> {
        let approvals = self.around.requests.iter().map(|r| {
            let who: Vec<&str> =
                r.put_to().iter().filter_map(|id| self.around.names.get(id)).map(|n| &**n).collect();
            format!("approval under rule `{}` by {}", r.rule, who.join(" or "))
        });
        let tasks = self.tasks.iter().filter_map(|t| match &t.state {
            TaskState::Held { .. } => Some(format!("the release of the brake of {}", t.account.system)),
            TaskState::NeedsPerson { .. } if t.kind == TaskKind::Manual => {
                let owner = self.around.assigned.get(&t.account.system).map_or("its owner", |o| &**o);
                Some(format!("a manual task in {}, assigned to {owner}", t.account))
            }
            TaskState::NeedsPerson { .. } => Some(format!("a person: the work in {} failed", t.account)),
            TaskState::Ready { .. } if t.kind == TaskKind::Confirm => {
                Some(format!("the read that confirms the work in {}", t.account))
            }
            TaskState::Ready { .. } | TaskState::Leased { .. } => Some(format!("the work in {}", t.account)),
            TaskState::Done => None,
        });
        let facts = self.facts.iter().filter_map(|f| match (&f.obligation, &f.state) {
            (Obligation::HandedOver { name, .. }, state) if state.is_open() => {
                Some(format!("a new owner of `{name}`"))
            }
            (_, FactState::Expiring { until, .. }) => {
                Some(format!("{}: it expires at {}", due_words(&f.obligation), instant_words(*until)))
            }
            _ => None,
        });
        approvals.chain(tasks).chain(facts).collect()
    }

    /// The next command: what only a person can do comes first.
    fn next(&self, whole: bool) -> Option<String> {
        let id = |t: &Task| if whole { t.id.to_string() } else { t.id.short() };
        let by_state = |is: &dyn Fn(&Task) -> bool| self.tasks.iter().find(|t| is(t)).map(id);
        let by_hand =
            by_state(&|t| t.kind == TaskKind::Manual && matches!(t.state, TaskState::NeedsPerson { .. }));
        let failed = by_state(&|t| matches!(t.state, TaskState::NeedsPerson { .. }));
        let handed = self.facts.iter().find_map(|f| match &f.obligation {
            Obligation::HandedOver { name, .. } if f.state.is_open() => Some(name),
            _ => None,
        });
        if let Some(request) = self.around.requests.first() {
            let id = if whole { request.id.to_string() } else { request.id.short() };
            return Some(format!("tenure approve {id}  (or tenure deny {id})"));
        }
        if let Some(task) = by_hand {
            return Some(format!("tenure case --done {task}"));
        }
        if let Some(task) = failed {
            return Some(format!("tenure case --again {task}"));
        }
        if by_state(&|t| matches!(t.state, TaskState::Held { .. })).is_some() {
            return Some("tenure release".to_owned());
        }
        if let Some(name) = handed {
            return Some(format!("tenure identity change '{name}' --owner PERSON"));
        }
        (!self.tasks.is_empty() || self.facts.iter().any(|f| f.state.is_open()))
            .then(|| "tenure run".to_owned())
    }
}

impl Needs {
    /// A line each; nothing for what there is none of.
    pub(super) fn lines(&self, paint: out::Paint) -> Vec<String> {
        let deadline = match (self.deadline, self.late) {
            (None, _) => "none: no access is to be removed".to_owned(),
            (Some(at), Some(late)) => {
                format!("{}, {}", instant_words(at), paint.red(&format!("late by {}", rough(late))))
            }
            (Some(at), None) => instant_words(at),
        };
        let mut lines = vec![format!("  deadline: {deadline}")];
        if !self.waits.is_empty() {
            lines.push(format!("  waits for: {}", self.waits.join("; ")));
        }
        lines.extend(self.error.as_ref().map(|e| format!("  last error: {e}")));
        lines.extend(self.retry.map(|at| format!("  next try: {}", instant_words(at))));
        lines.extend(self.next.as_ref().map(|next| format!("  next: {next}")));
        lines
    }

    /// The same as JSON.
    pub(super) fn json(&self) -> Value {
        json!({
            "deadline": self.deadline.map(|d| d.to_string()), "late_seconds": self.late.map(|l| l.as_secs()),
            "waits_for": self.waits, "last_error": self.error, "next_try": self.retry.map(|r| r.to_string()),
            "next": self.next_whole,
        })
    }
}

/// A length of time in its largest unit: `10 days`, `5 hours`.
fn rough(span: SignedDuration) -> String {
    let (days, hours, minutes) = (span.as_hours() / 24, span.as_hours(), span.as_mins());
    match (days, hours) {
        (2.., _) => out::count(days, "day"),
        (_, 2..) => out::count(hours, "hour"),
        _ => out::count(minutes, "minute"),
    }
}
