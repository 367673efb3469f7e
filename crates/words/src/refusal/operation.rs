//! Sentences of refusals about the clock, the configuration, feeds and the ledger.

use crate::phrase::listed;
use tenure_app::OperationRefusal;
use tenure_app::describe::instant_words;

super::table::sentences! { OperationRefusal:
    // The clock.
    NowNotAllowed => "a stated time is for replay databases only: a live database takes its time from the clock";
    TimeInvalid { problem } => format!("the stated time is not valid: {problem}");
    TimeGoesBack { stated, last } => format!(
        "the stated time {stated} is before {last}, the time of the last decision: business time never goes back"
    );
    ClockReasonMissing => "a reason is missing: setting the clock back needs one";
    ClockNotAhead { now } => format!("business time is not ahead of {now}: it needs no correction");
    ErasingWaits { from, now } => format!(
        "erasing waits: business time jumped from {from} to {now}, and no operator has confirmed that the clock is right"
    );
    InstantAhead { at, now } => format!(
        "the ledger says nothing about {}: it is after {}, the present instant",
        instant_words(*at),
        instant_words(*now)
    );

    // The configuration.
    TooFewCouldAct { group, then, now } => format!(
        "with this configuration only {then} members of the escalation group `{group}` could act ({now} can now): keep \
         the logins of two active members in [actors]"
    );
    Overtaken => "another configuration became active since it was proposed: apply it again";
    SecondPersonNeeded { actor, group } => format!(
        "{actor} may not confirm this configuration: a member of the group `{group}` confirms it who neither wrote it nor \
         gains by it"
    );
    NoSecondPerson { actor, group, alone_from } => format!(
        "{actor} wrote this configuration, gains by it, or is a delegate of such a person, and no second person is \
         available: from {alone_from} on a member of the group `{group}` may confirm it alone, as an exception"
    );
    PermitNeeded => "identities are known: only a configuration before them needs no permit";

    // Feeds.
    ColumnsLost { columns } => format!("the feed lost the columns {}", listed(columns));

    // The ledger.
    NoCheckpoint => "the ledger has no checkpoint yet: the next pass signs one";
    NoCheckpointOutside => "there is no checkpoint outside the database to compare with";
    OriginReasonMissing => "a reason is missing: a new origin needs one";
    NotBehind => "the database is not behind the checkpoint outside it: the ledger was not reopened, and continues unchanged";
    FolderReasonMissing => "a reason is missing: moving the folder needs one";
    FolderNotMoved { folder } => format!("the database belongs to {folder} already");
    PackTooLarge { most } => format!("a pack has at most {most} entries: name a shorter period or one case");
    PeriodNotOver { from, before } => format!(
        "{from} to {before} is not a past period: its start is before its end, and its end not in the future"
    );
}
