//! The properties that must hold, each with a name for tables and messages.

use std::fmt;

macro_rules! properties {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal,)+) => {
        /// Something that must be so after every step.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Property {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Property {
            /// Its name in tables and messages.
            pub(crate) const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }

            /// The one of this name.
            pub(crate) fn named(name: &str) -> Option<Self> {
                [$(Self::$name),+].into_iter().find(|p| p.as_str() == name)
            }
        }
    };
}

properties! {
    /// Promise 1: each grant that is decided has a justification that is in force.
    GrantHasReason = "grant-has-reason",
    /// Idea 1: each justification refers to a rule, an individual decision or an exception that there is.
    ReasonExists = "reason-exists",
    /// Idea 1: what belongs to an engagement ends with it.
    ReasonEndsWithEngagement = "reason-ends-with-engagement",
    /// Promise 3: no account of a cut-off identity is usable or decided usable.
    CutOffIsOff = "cut-off-is-off",
    /// Promise 4: what was requested is held only with a yes.
    RequestHasYes = "request-has-yes",
    /// Promise 4: what was denied stays denied until its inputs change or it is asked for again.
    NoStaysNo = "no-stays-no",
    /// Promise 4: what waits for an answer is not given.
    WaitingIsNotGiven = "waiting-is-not-given",
    /// Promise 4: what a rule asks about is given only with a yes.
    RuleHasYes = "rule-has-yes",
    /// Promise 4: a yes is effective at once: nothing that it covers is asked about, or waits.
    YesIsEffective = "yes-is-effective",
    /// Promise 4: what was answered is asked again only where something else changed.
    AnswerStands = "answer-stands",
    /// Hard case "asked in time": a dated change that a rule asks about has its question before the day.
    AskedInTime = "asked-in-time",
    /// Promise 4: separation blocks the new.
    SeparationBlocks = "separation-blocks",
    /// Promise 4: no person is asked who may not answer.
    AskedMayAnswer = "asked-may-answer",
    /// Promises 4 and 19: each open question is put to a person, or a finding says that no person may answer it.
    QuestionIsPut = "question-is-put",
    /// Hard case "approval re-asked?": a question is about what is due and what its rule asks about.
    QuestionIsDue = "question-is-due",
    /// Hard case "asked in time": a changed rule reaches the open question: who is asked, and for how long.
    QuestionIsAsRuled = "question-is-as-ruled",
    /// Promise 5: what is due by now has been settled.
    NothingOverdue = "nothing-overdue",
    /// Promise 20: after a run, deciding again decides nothing new.
    PlanIsEmpty = "plan-is-empty",
    /// Promise 15: approvals gate additions only.
    RemovalNeverWaits = "removal-never-waits",
    /// Promise 9: the generation of an account never falls.
    GenerationRises = "generation-rises",
    /// Idea 4: what was held and is over has a fact that says how that is known.
    RemovedIsEvidenced = "removed-is-evidenced",
    /// Promise 20: what waits and is held in a plan is what is stored as waiting and held.
    WaitingIsStored = "waiting-is-stored",
    /// Promise 1: each difference between observed and decided is a task, a hold or a finding.
    DifferenceIsKnown = "difference-is-known",
    /// Promise 6: no brake holds a cut-off, nor an end that came later than what it counted.
    BrakeHoldsCounted = "brake-holds-counted",
    /// Promise 20: what a plan shows as held by brakes is what the pass holds.
    PlanShowsBrakes = "plan-shows-brakes",
    /// Promise 6: no feed takes access from more people than its brake lets pass.
    BrakeCountsLosses = "brake-counts-losses",
    /// Idea 4: what is confirmed is so in the system.
    ConfirmedIsSo = "confirmed-is-so",
    /// Promise 2: an open fact belongs to an open case.
    OpenFactOpenCase = "open-fact-open-case",
    /// Promise 12: what was decided is evidenced.
    DecidedIsEvidenced = "decided-is-evidenced",
    /// Promise 16: an identifier is never issued twice.
    NameIssuedOnce = "name-issued-once",
    /// Promise 18: what is stored can be read back.
    StoredIsReadable = "stored-is-readable",
}

/// Something that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    /// What must be so.
    pub(crate) property: Property,
    /// The identity and the item for which it is not so.
    pub(crate) about: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.property.as_str(), self.about)
    }
}
