//! One identity's change, from the first fact to the last confirmation.

use crate::{CaseId, IdentityId};
use jiff::Timestamp;
use std::fmt;

/// Label of a change of engagements, derived from the change. No code decides by it.
/// Order: if several apply, the first one names the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaseLabel {
    /// Everything ended at once.
    CutOff,
    /// The last engagement ended.
    Leaver,
    /// A known end was rescinded.
    Rescinded,
    /// The engagement never began.
    Withdrawn,
    /// A departed person came back.
    Rehire,
    /// The type of the engagement changed.
    Conversion,
    /// The first engagement began or became known.
    Joiner,
    /// An absence began.
    Absence,
    /// An absence ended.
    Return,
    /// The end moved later.
    Extension,
    /// The person's work changed.
    Mover,
    /// The past was corrected.
    Correction,
    /// Access, or a later end of it, was requested.
    Request,
    /// A system differs from what was decided.
    Drift,
    /// Existing accounts were linked or adopted.
    Onboarding,
    /// Something that access depends on changed: policy, a reference, a date.
    Policy,
}

impl CaseLabel {
    /// All labels, in order of precedence.
    pub const ALL: [Self; 16] = [
        Self::CutOff,
        Self::Leaver,
        Self::Rescinded,
        Self::Withdrawn,
        Self::Rehire,
        Self::Conversion,
        Self::Joiner,
        Self::Absence,
        Self::Return,
        Self::Extension,
        Self::Mover,
        Self::Correction,
        Self::Request,
        Self::Drift,
        Self::Onboarding,
        Self::Policy,
    ];
    /// As stored and shown to people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CutOff => "cut-off",
            Self::Leaver => "leaver",
            Self::Rescinded => "rescinded",
            Self::Withdrawn => "withdrawn",
            Self::Rehire => "rehire",
            Self::Conversion => "conversion",
            Self::Joiner => "joiner",
            Self::Absence => "absence",
            Self::Return => "return",
            Self::Extension => "extension",
            Self::Mover => "mover",
            Self::Correction => "correction",
            Self::Request => "request",
            Self::Drift => "drift",
            Self::Onboarding => "onboarding",
            Self::Policy => "policy",
        }
    }
    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.as_str() == text)
    }
}

/// The four times of a case (business time).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clocks {
    /// When the change takes effect.
    pub effective_at: Timestamp,
    /// When it became known to Tenure.
    pub known_at: Timestamp,
    /// When the work was decided.
    pub decided_at: Timestamp,
    /// When the last fact was confirmed.
    pub confirmed_at: Option<Timestamp>,
}

impl Clocks {
    /// From when the deadline runs: the later of effective and known.
    #[must_use]
    pub fn runs_from(&self) -> Timestamp {
        self.effective_at.max(self.known_at)
    }
}

/// State of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseState {
    /// Work or facts are open.
    Open,
    /// Everything is confirmed.
    Closed,
    /// Everything is settled, but some facts are only attested or accepted.
    ClosedWithReservations,
}

impl CaseState {
    /// As stored and shown to people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::ClosedWithReservations => "closed with reservations",
        }
    }
    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Open, Self::Closed, Self::ClosedWithReservations].into_iter().find(|s| s.as_str() == text)
    }
}

/// What can happen to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseEvent {
    /// A further change of the same identity.
    Joined {
        /// Its label.
        label: CaseLabel,
        /// Whether it names the case from now on, by the declared precedence.
        leads: bool,
        /// When it takes effect.
        effective_at: Timestamp,
        /// When it became known and was decided.
        at: Timestamp,
    },
    /// Nothing is open any more.
    Settled {
        /// When the last fact was confirmed.
        at: Timestamp,
        /// Whether some facts are only attested or accepted.
        reserved: bool,
    },
    /// A confirmed fact is no longer true.
    Regressed {
        /// When this was observed.
        at: Timestamp,
    },
}

/// An event that is not valid in the state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a case that is {from} cannot take the event {event}")]
pub struct InvalidTransition {
    /// The state.
    pub from: &'static str,
    /// The event.
    pub event: &'static str,
}

/// One identity's change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// The identity.
    pub identity: IdentityId,
    /// Its label: the first of its changes by precedence.
    pub label: CaseLabel,
    /// Its times.
    pub clocks: Clocks,
    /// Its state.
    pub state: CaseState,
}

impl fmt::Display for CaseLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Case {
    /// The case after an event.
    ///
    /// # Errors
    /// When the event is not valid: a closed case does not settle again, an open one does not regress.
    pub fn on(mut self, event: CaseEvent) -> Result<Self, InvalidTransition> {
        match (self.state, event) {
            (CaseState::Open, CaseEvent::Joined { label, leads, effective_at, at }) => {
                // The change that names the case sets its deadline; any other change is work of the same case.
                if leads {
                    self.label = label;
                    self.clocks.effective_at = effective_at;
                    self.clocks.known_at = at;
                }
                self.clocks.decided_at = at;
            }
            (CaseState::Open, CaseEvent::Settled { at, reserved }) => {
                self.state = if reserved { CaseState::ClosedWithReservations } else { CaseState::Closed };
                self.clocks.confirmed_at = Some(at);
            }
            (CaseState::Closed | CaseState::ClosedWithReservations, CaseEvent::Regressed { at }) => {
                // What is open now became known now: the first deadline was kept.
                self.state = CaseState::Open;
                self.clocks.known_at = at;
                self.clocks.confirmed_at = None;
            }
            (from, event) => {
                let event = match event {
                    CaseEvent::Joined { .. } => "joined",
                    CaseEvent::Settled { .. } => "settled",
                    CaseEvent::Regressed { .. } => "regressed",
                };
                return Err(InvalidTransition { from: from.as_str(), event });
            }
        }
        Ok(self)
    }
}
