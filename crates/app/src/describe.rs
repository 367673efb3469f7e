//! Steps and reasons as JSON and as words: one form for evidence, `--json` and people.

use jiff::Timestamp;
use serde_json::{Value, json};
use tenure_model::{Gate, Justification, Name, Plan, Settlement, Step, StepKind};

/// An instant as people read it: UTC, whole seconds. `2026-06-04T15:30:00Z`.
#[must_use]
pub fn instant_words(instant: Timestamp) -> String {
    // Cannot fail: no instant is rounded out of the calendar by cutting a fraction off.
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
        StepKind::Update(names) => {
            let names: Vec<&str> = names.iter().map(Name::as_str).collect();
            format!("update {} ({})", step.account, names.join(", "))
        }
        StepKind::Grant(e) => format!("grant {e}"),
        StepKind::Enable => format!("enable {}", step.account),
    }
}

/// A gate in words; empty when it is open.
#[must_use]
pub fn gate_words(gate: &Gate) -> String {
    match gate {
        Gate::Open => String::new(),
        Gate::Approval(rule) => format!("waits for approval `{rule}`"),
        Gate::Separation(rule) => format!("kept apart by `{rule}`"),
        Gate::Brake(id) => format!("held by the brake ({id})"),
        Gate::Mode => "left to the system's owner".to_owned(),
    }
}

/// A reason in words: `baseline "engineers" until 2026-03-31T15:00:00Z`.
#[must_use]
pub fn reason_words(justification: &Justification) -> String {
    let until = justification.until.map(|u| format!(" until {}", instant_words(u))).unwrap_or_default();
    format!("{} \"{}\"{until}", justification.kind.as_str(), justification.reference)
}

/// A reason as JSON.
#[must_use]
pub fn reason_json(justification: &Justification) -> Value {
    json!({
        "kind": justification.kind.as_str(),
        "reference": &*justification.reference,
        "engagement": justification.engagement.map(|e| e.to_string()),
        "from": justification.from.map(|t| t.to_string()),
        "until": justification.until.map(|t| t.to_string()),
    })
}

/// A step as JSON.
#[must_use]
pub fn step_json(step: &Step) -> Value {
    let mut value = json!({ "step": step_words(step), "account": step.account.to_string() });
    if let Value::Object(fields) = &mut value {
        if !step.because.is_empty() {
            fields.insert("because".to_owned(), step.because.iter().map(reason_json).collect());
        }
        if !step.note.is_empty() {
            fields.insert("note".to_owned(), json!(&*step.note));
        }
        if step.gate != Gate::Open {
            fields.insert("gate".to_owned(), json!(gate_words(&step.gate)));
        }
    }
    value
}

/// A plan as JSON: its steps in order.
#[must_use]
pub fn plan_json(plan: &Plan) -> Value {
    plan.steps.iter().map(step_json).collect()
}

/// The findings of a settlement as JSON.
#[must_use]
pub fn findings_json(settlement: &Settlement) -> Value {
    let findings = settlement.findings.iter();
    findings.map(|f| json!({ "kind": f.kind.as_str(), "about": &*f.about, "text": &*f.text })).collect()
}
