//! Steps and reasons as JSON and as words: one form for evidence, `--json` and people.

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;
use tenure_model::{
    AccountKey, ApprovalRequest, EngagementId, Fact, FactState, Finding, Gate, Hold, Justification, Name,
    Obligation, Observation, Plan, Renamed, Step, StepKind, SystemName,
};
use tenure_store::codec::parameters_json;

/// An instant for display: UTC, whole seconds. `2026-06-04T15:30:00Z`.
#[must_use]
pub fn instant_words(instant: Timestamp) -> String {
    // Cannot fail: truncating a fraction leaves no instant outside the calendar.
    let whole = Timestamp::from_second(instant.as_second()).unwrap_or(instant);
    whole.to_string()
}

/// A step in words: `grant git:developer`, `disable directory`.
#[must_use]
pub fn step_words(step: &Step) -> String {
    match &step.kind {
        StepKind::Disable => format!("disable {}", step.account),
        StepKind::EndSessions => format!("end sessions in {}", step.account),
        StepKind::Revoke(e) => format!("revoke {e}"),
        StepKind::Delete => format!("delete {}", step.account),
        StepKind::Create => format!("create {}", step.account),
        StepKind::Rename(name) => format!("rename {} to {name}", step.account),
        StepKind::Update(names) => {
            let names: Vec<&str> = names.iter().map(Name::as_str).collect();
            format!("update {} ({})", step.account, names.join(", "))
        }
        StepKind::Grant(e) => format!("grant {e}"),
        StepKind::Reset => format!("reset the credentials of {}", step.account),
        StepKind::Enable => format!("enable {}", step.account),
        StepKind::Activate => format!("activate {}", step.account),
    }
}

/// The kind of a step, as evidence and `--json` name it.
#[must_use]
pub fn kind_word(kind: &StepKind) -> &'static str {
    match kind {
        StepKind::Disable => "disable",
        StepKind::EndSessions => "end_sessions",
        StepKind::Revoke(_) => "revoke",
        StepKind::Delete => "delete",
        StepKind::Create => "create",
        StepKind::Rename(_) => "rename",
        StepKind::Update(_) => "update",
        StepKind::Grant(_) => "grant",
        StepKind::Reset => "reset",
        StepKind::Enable => "enable",
        StepKind::Activate => "activate",
    }
}

/// The subject of a question to approvers, in words: grants, or `user_name aas → berg2 (the old ones stay theirs, as aliases)`.
#[must_use]
pub fn asked_for_words(request: &ApprovalRequest) -> String {
    let grants: Vec<String> = request.grants.iter().map(ToString::to_string).collect();
    if request.renames.is_empty() {
        return grants.join(", ");
    }
    format!("{} (the old names are kept as aliases)", renames_words(&request.renames))
}

/// Renames in words: `user_name aas → berg2, mail aas@x → berg2@x`.
#[must_use]
pub fn renames_words(renames: &[Renamed]) -> String {
    renames.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A rename as JSON.
#[must_use]
pub fn rename_json(renamed: &Renamed) -> Value {
    json!({ "name": &*renamed.name, "from": &*renamed.from, "to": &*renamed.to })
}

/// What a fact is about, without its state: ``directory: membership `engineering` removed`` only where a read or a person vouches for it,
/// else ``directory: removal of membership `engineering` ``.
#[must_use]
pub fn fact_words(fact: &Fact) -> String {
    let what = match fact.state {
        FactState::Confirmed(_) | FactState::Attested { .. } => done_words(&fact.obligation),
        _ => due_words(&fact.obligation),
    };
    with_account(fact, what)
}

fn with_account(fact: &Fact, what: String) -> String {
    match &fact.account {
        Some(account) => format!("{account}: {what}"),
        None => what,
    }
}

/// An obligation that is met, in words.
fn done_words(obligation: &Obligation) -> String {
    match obligation {
        Obligation::EntitlementGone(entitlement) => format!("membership `{}` removed", entitlement.local()),
        Obligation::SecretRotated(name) => format!("secret of `{name}` rotated"),
        Obligation::HandedOver { name, .. } => format!("`{name}` has a new owner"),
        other => other.to_string(),
    }
}

/// An obligation that is not known to be met, in words: nothing in them says that it is done.
#[must_use]
pub fn due_words(obligation: &Obligation) -> String {
    match obligation {
        Obligation::AccountUnusable => "disabling of the account".to_owned(),
        Obligation::AccountDeleted => "deletion of the account".to_owned(),
        Obligation::EntitlementGone(entitlement) => {
            format!("removal of membership `{}`", entitlement.local())
        }
        Obligation::SessionsEnded => "end of sessions".to_owned(),
        Obligation::CredentialsRevoked => "revocation of keys and tokens".to_owned(),
        Obligation::CredentialsReset(_) => "reset of credentials".to_owned(),
        Obligation::SecretRotated(name) => format!("rotation of the secret of `{name}`"),
        Obligation::Activated(account) => format!("first password of the account in {account}"),
        Obligation::HandedOver { name, .. } => format!("`{name}` needs a new owner"),
    }
}

/// Whether a text is what a fact is called: in a list, in `--json`, or when it is met.
#[must_use]
pub(crate) fn fact_is_called(fact: &Fact, text: &str) -> bool {
    let met = with_account(fact, done_words(&fact.obligation));
    [fact.to_string(), fact_words(fact), met].iter().any(|words| words == text)
}

/// A fact with its state: ``directory: removal of membership `engineering`: not confirmed yet``.
#[must_use]
pub fn fact_line(fact: &Fact) -> String {
    match (&fact.obligation, &fact.state) {
        // No system confirms it: the identity has a new owner, or it has none.
        (Obligation::HandedOver { .. }, FactState::Unknown) => fact_words(fact),
        _ => format!("{}: {}", fact_words(fact), fact_state_words(&fact.state)),
    }
}

/// How far a fact is: the state, since when, by which read, and what was seen.
#[must_use]
pub fn fact_state_words(state: &FactState) -> String {
    let seen = |o: &Observation| format!("at {} ({}: {})", instant_words(o.at), o.by, o.seen);
    match state {
        FactState::Unknown => "not confirmed yet".to_owned(),
        FactState::Claimed(o) => {
            format!("claimed by the system {}, and not confirmed by a later read yet", seen(o))
        }
        FactState::Confirmed(o) => format!("confirmed {}", seen(o)),
        FactState::Attested { observation, .. } => format!("attested by a person {}", seen(observation)),
        FactState::Expiring { until, why } => {
            format!("still in force; it expires at {} ({why})", instant_words(*until))
        }
        FactState::Accepted { reason, until, .. } => {
            format!("not confirmed; its risk is accepted until {} ({reason})", instant_words(*until))
        }
    }
}

/// A gate in words; empty when it is open.
#[must_use]
pub fn gate_words(gate: &Gate) -> String {
    match gate {
        Gate::Open => String::new(),
        Gate::Approval(rule) => format!("waits for approval `{rule}`"),
        Gate::Separation(rule) => format!("kept apart by `{rule}`"),
        Gate::Brake(id) => format!("held by the brake ({})", id.short()),
        Gate::Mode => "manual task of the system's owner".to_owned(),
    }
}

/// A reason in words: `baseline "engineers" until 2026-03-31T15:00:00Z`.
#[must_use]
pub fn reason_words(justification: &Justification) -> String {
    let until = justification.until.map(|u| format!(" until {}", instant_words(u))).unwrap_or_default();
    format!("{} \"{}\"{until}", justification.kind.as_str(), justification.reference)
}

/// A hold in words: `legal hold until 2026-03-31T15:00:00Z: a dispute`.
#[must_use]
pub fn hold_words(hold: &Hold) -> String {
    let until = hold.until.map(|u| format!(" until {}", instant_words(u))).unwrap_or_default();
    format!("{} hold{until}: {}", hold.class.as_str(), hold.reason)
}

/// A value as JSON shows it: by its printed form.
pub(crate) struct Shown<T>(pub(crate) T);

impl<T: fmt::Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(&self.0)
    }
}

/// The JSON form of a reason.
#[derive(Serialize)]
struct ReasonForm<'a> {
    kind: &'static str,
    reference: &'a str,
    engagement: Option<Shown<EngagementId>>,
    from: Option<Shown<Timestamp>>,
    until: Option<Shown<Timestamp>>,
}

impl<'a> From<&'a Justification> for ReasonForm<'a> {
    fn from(justification: &'a Justification) -> Self {
        Self {
            kind: justification.kind.as_str(),
            reference: &justification.reference,
            engagement: justification.engagement.map(Shown),
            from: justification.from.map(Shown),
            until: justification.until.map(Shown),
        }
    }
}

/// The JSON form of a step.
#[derive(Serialize)]
pub(crate) struct StepForm<'a> {
    step: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    entitlement: Option<&'a str>,
    account: Shown<&'a AccountKey>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    because: Vec<ReasonForm<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    note: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    gate: Option<String>,
    /// The kind of gate, while it is closed: `approval`, `separation`, `brake` or `mode`.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for: Option<&'static str>,
}

impl<'a> From<&'a Step> for StepForm<'a> {
    fn from(step: &'a Step) -> Self {
        Self {
            step: step_words(step),
            kind: kind_word(&step.kind),
            entitlement: step.kind.entitlement().map(Name::as_str),
            account: Shown(&step.account),
            because: step.because.iter().map(ReasonForm::from).collect(),
            note: &step.note,
            gate: (step.gate != Gate::Open).then(|| match &step.gate {
                Gate::Brake(id) => format!("held by the brake ({id})"),
                gate => gate_words(gate),
            }),
            waits_for: match &step.gate {
                Gate::Open => None,
                Gate::Approval(_) => Some("approval"),
                Gate::Separation(_) => Some("separation"),
                Gate::Brake(_) => Some("brake"),
                Gate::Mode => Some("mode"),
            },
        }
    }
}

/// The JSON form of a finding: its sentence is added at the edge.
#[derive(Serialize)]
pub(crate) struct FindingForm<'a> {
    kind: &'static str,
    about: &'a str,
    code: &'static str,
    parameters: Value,
}

impl<'a> From<&'a Finding> for FindingForm<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            kind: finding.kind().as_str(),
            about: &finding.about,
            code: finding.detail.code(),
            parameters: parameters_json(finding.detail.parameters()),
        }
    }
}

/// A reason as JSON.
#[must_use]
pub fn reason_json(justification: &Justification) -> Value {
    json!(ReasonForm::from(justification))
}

/// A step as JSON.
#[must_use]
pub fn step_json(step: &Step) -> Value {
    json!(StepForm::from(step))
}

/// A plan as JSON: its steps in order.
#[must_use]
pub fn plan_json(plan: &Plan) -> Value {
    plan.steps.iter().map(step_json).collect()
}

/// A finding as JSON, without a sentence.
#[must_use]
pub fn finding_json(finding: &Finding) -> Value {
    json!(FindingForm::from(finding))
}

/// Why a manual task waits.
pub(crate) fn by_hand() -> Arc<str> {
    Arc::from("manual task of the system's owner")
}

/// Why a task of a system that the configuration no longer has waits.
pub(crate) fn without_system(system: &SystemName) -> Arc<str> {
    Arc::from(format!("the configuration no longer has the system `{}`", system.as_str()))
}
