//! Late-known changes: what became known about an identity's engagements after it had happened.

use jiff::Timestamp;

/// A move, an absence, an end or a beginning that became known after it had taken effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learnt {
    /// What happened.
    pub what: Happened,
    /// When it took effect: the first instant of a move, an absence or a beginning, the first one after an end.
    pub from: Timestamp,
    /// When it became known.
    pub known: Timestamp,
}

/// An event of the engagement of a decision, or of another engagement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// A mover attribute changed.
    Move,
    /// An absence began.
    Absence,
    /// The engagement ended.
    End,
    /// Another engagement of the identity began.
    Beginning,
}

impl Happened {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Move, Self::Absence, Self::End, Self::Beginning];

    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Move => "move",
            Self::Absence => "absence",
            Self::End => "end",
            Self::Beginning => "beginning",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|w| w.as_str() == text)
    }
}
