//! Refusals about tasks, facts, findings and held changes.

use super::area::refusals;
use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::{FindingKind, TaskId};

refusals! {
    /// A refusal about a task, a finding or a held change.
    WorkRefusal {
        /// An attestation without what was seen.
        SeenMissing = "attestation-without-observation" of ReasonMissing;
        /// No performer has reported the work as done.
        NotDoneYet = "work-not-reported-as-done" of NotDoneYet;
        /// The task is a manual one.
        ManualTask = "task-is-manual" of ManualTask { task: TaskId };
        /// The brake of its system holds the task.
        TaskHeld = "task-held-by-brake" of HeldByBrake { task: TaskId };
        /// No reason to accept a risk.
        RiskReasonMissing = "risk-without-reason" of ReasonMissing;
        /// The end of an accepted risk is past.
        RiskEndPast = "risk-end-past" of DateOver { until: Timestamp, latest: Timestamp };
        /// The end of an accepted risk is too far.
        RiskEndTooFar = "risk-end-too-far" of TooFar { until: Timestamp, latest: Timestamp };
        /// A fact that belongs to no system. `fact`: as a case shows it.
        FactWithoutSystem = "fact-without-system" of NoOwner { fact: Arc<str> };
        /// The finding can never be acknowledged.
        MustBeResolved = "finding-must-be-resolved" of MustBeDealtWith { kind: FindingKind, about: Arc<str> };
        /// The finding is not one that is dismissed.
        NotDismissed = "finding-not-dismissed" of MustBeDealtWith { kind: FindingKind, about: Arc<str> };
        /// The end of an acknowledgement is past.
        AcknowledgedPast = "acknowledgement-past" of DateOver { until: Timestamp };
        /// The end of an acknowledgement is too far.
        AcknowledgedTooFar = "acknowledgement-too-far" of TooFar { until: Timestamp, days: u64, latest: Timestamp };
        /// No reason about a finding, or one that is too long.
        FindingReasonMissing = "finding-without-reason" of ReasonMissing { longest: u64 };
        /// What the held change is about has left the configuration.
        ScopeGone = "scope-gone" of Gone { scope: Arc<str> };
        /// Another process does the job. `seconds`: how long its lease lasts.
        JobUnderWay = "job-of-another-process" of JobUnderWay { job: Arc<str>, seconds: u64 };
        /// No reason about damage.
        DamageReasonMissing = "damage-without-reason" of ReasonMissing;
        /// Nothing is damaged.
        NothingDamaged = "no-damage" of NothingDamaged;
    }
}
