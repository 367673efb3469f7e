//! Sentences of refusals about tasks, facts, findings and held changes.

use tenure_app::WorkRefusal;

super::table::sentences! { WorkRefusal:
    SeenMissing => "an attestation needs what was seen";
    NotDoneYet => "no performer has reported it as done";
    ManualTask { task } => format!("task {} is manual: its performer reports when it is done", task.short());
    TaskHeld { task } => {
        format!("task {} is held by the brake of its system: release the held change", task.short())
    };
    RiskReasonMissing => "a reason is missing: accepting a risk needs one";
    RiskEndPast { until, latest } => {
        format!("{until} is past: a risk is accepted until a future instant, {latest} at the latest")
    };
    RiskEndTooFar { until, latest } => {
        format!("{until} is too far: a risk is accepted until a future instant, {latest} at the latest")
    };
    FactWithoutSystem { fact } => format!("{fact} belongs to no system, so no owner can accept the risk");
    MustBeResolved { kind, about } => format!("the finding `{}` about {about} cannot be acknowledged: resolve its cause", kind.as_str());
    NotDismissed { kind, about } => format!(
        "{} {about} is not dismissed: only a row without a key of a source that states changes is, because no later file \
         repairs it",
        kind.as_str()
    );
    AcknowledgedPast { until } => {
        format!("{until} is past: a finding is acknowledged until a future instant")
    };
    AcknowledgedTooFar { until, days, latest } => format!(
        "{until} is too far: a finding is acknowledged for at most {days} days, until {latest}"
    );
    FindingReasonMissing { longest } => format!("a reason is missing or longer than {longest} characters");
    ScopeGone { scope } => format!("{scope} is no longer in the configuration");
    JobUnderWay { job, seconds } => format!(
        "another process is working on `{job}`: wait until it has finished; if that process died, its lease expires \
         within {}",
        lasting(*seconds)
    );
    DamageReasonMissing => "a reason is missing: recording a repair needs one";
    NothingDamaged => "nothing was recorded: no damage is open";
}

/// As `1m`, `1m 30s` or `45s`.
fn lasting(seconds: u64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, rest) => format!("{rest}s"),
        (minutes, 0) => format!("{minutes}m"),
        (minutes, rest) => format!("{minutes}m {rest}s"),
    }
}
