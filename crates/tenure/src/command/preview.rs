//! What a command is about to do to one identity, for the question before it: accounts, systems, access, sessions, and holds.

use tenure_app::describe::{hold_words, instant_words};
use tenure_app::{App, DecisionContext, called};
use tenure_engine::account_name;
use tenure_model::{AccountState, Observed};
use tenure_store::StoredSubject;

/// The identity and each of its accounts that is there or is to be there, with how much it holds.
pub(super) fn identity(app: &App, subject: &StoredSubject) -> Vec<String> {
    let mut lines = vec![called(&subject.title, &subject.identity)];
    for account in &subject.accounts {
        let is_there = matches!(account.observed, Observed::Present { .. });
        if account.target.state == AccountState::Absent && !is_there {
            continue;
        }
        let system = app.context.setup.systems.get(&account.key.system);
        let name = system.and_then(|system| account_name(system, &subject.identity, account));
        let name = name.map(|name| format!(" `{name}`")).unwrap_or_default();
        let held = subject.grants.iter().filter(|g| g.account == account.key && g.holding.is_decided());
        let held: Vec<&str> = held.map(|g| g.entitlement.local()).collect();
        let held = if held.is_empty() { "no entitlement".to_owned() } else { held.join(", ") };
        let sessions = app.systems.get(&account.key.system).is_some_and(|wired| wired.capabilities.sessions);
        let sessions = if sessions { "; its sessions can be ended" } else { "" };
        let state = account.target.state.as_str();
        lines.push(format!("  account{name} in {}: {state}; {held}{sessions}", account.key));
    }
    if lines.len() == 1 {
        lines.push("  no account".to_owned());
    }
    lines
}

/// The holds that are on, and what they stop.
pub(super) fn holds(subject: &StoredSubject, moment: &DecisionContext) -> Vec<String> {
    let on = subject.identity.decisions.holds.iter().filter(|h| h.is_on(moment.now));
    on.map(|hold| format!("  {}: nothing is deleted or erased while it is on", hold_words(hold))).collect()
}

/// What a cut-off does.
pub(super) fn cut_off(app: &App, subject: &StoredSubject, review: Option<jiff::Timestamp>) -> Vec<String> {
    let mut lines = vec!["this is cut off at once, in every system, until a person lifts it:".to_owned()];
    lines.extend(identity(app, subject));
    lines.extend(review.map(|at| format!("  to be reviewed by {}", instant_words(at))));
    lines
}
