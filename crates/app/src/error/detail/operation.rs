//! Refusals about the installation as a whole: its clock, its configuration, its feeds and its ledger.

use super::area::refusals;
use jiff::Timestamp;
use std::sync::Arc;

refusals! {
    /// A refusal about the clock, the configuration, a feed or the ledger.
    OperationRefusal {
        // The clock.
        /// A time is stated in a live database.
        NowNotAllowed = "stated-time-in-live-database" of NowNotAllowed;
        /// The stated time is outside the calendar. `problem`: as the calendar said it.
        TimeInvalid = "stated-time-not-valid" of TooFar { problem: Arc<str> };
        /// The stated time is before the last decision.
        TimeGoesBack = "stated-time-goes-back" of TimeGoesBack { stated: Timestamp, last: Timestamp };
        /// No reason to set the clock back.
        ClockReasonMissing = "clock-without-reason" of ReasonMissing;
        /// Business time is not ahead of the clock.
        ClockNotAhead = "business-time-not-ahead" of ClockNotAhead { now: Timestamp };
        /// Erasing waits until a person confirms the clock.
        ErasingWaits = "erasing-waits-for-clock" of ClockUnsure { from: Timestamp, now: Timestamp };
        /// The instant is not over yet, so the ledger does not have it.
        InstantAhead = "instant-ahead" of TooFar { at: Timestamp, now: Timestamp };

        // The configuration.
        /// With the configuration too few members of the escalation group could act.
        TooFewCouldAct = "too-few-could-act" of LastWhoCanAct { group: Arc<str>, then: u64, now: u64 };
        /// Another configuration became active meanwhile.
        Overtaken = "configuration-no-longer-over-active" of ConfigurationOvertaken;
        /// A second person confirms the configuration.
        SecondPersonNeeded = "configuration-needs-second-person" of SecondPersonNeeded { actor: Arc<str>, group: Arc<str> };
        /// No second person is available yet.
        NoSecondPerson = "configuration-without-second-person" of SecondPersonNeeded {
            actor: Arc<str>, group: Arc<str>, alone_from: Timestamp,
        };
        /// A configuration without a permit, while identities are known.
        PermitNeeded = "configuration-needs-permit" of SecondPersonNeeded;

        // Feeds.
        /// The feed lacks columns that it had.
        ColumnsLost = "feed-columns-lost" of ColumnsLost { columns: Vec<Arc<str>> };

        // The ledger.
        /// The ledger has no checkpoint yet.
        NoCheckpoint = "ledger-without-checkpoint" of NoCheckpoint;
        /// There is no checkpoint outside the database.
        NoCheckpointOutside = "no-checkpoint-outside" of NoCheckpoint;
        /// No reason for a new origin.
        OriginReasonMissing = "origin-without-reason" of ReasonMissing;
        /// The database is not behind the checkpoint outside it.
        NotBehind = "database-not-behind" of NotBehind;
        /// No reason to move the folder.
        FolderReasonMissing = "folder-without-reason" of ReasonMissing;
        /// The database belongs to the folder already.
        FolderNotMoved = "folder-same" of FolderNotMoved { folder: Arc<str> };
        /// The pack would have too many entries.
        PackTooLarge = "pack-with-too-many-entries" of PackTooLarge { most: u64 };
        /// The period is not a past one.
        PeriodNotOver = "period-not-past" of PeriodNotOver { from: Timestamp, before: Timestamp };
    }
}
