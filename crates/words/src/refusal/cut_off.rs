//! Sentences of refusals about cut-offs.

use tenure_app::CutOffRefusal;

super::table::sentences! { CutOffRefusal:
    ReasonMissing => "a reason is missing: a cut-off needs one";
    ReviewPast { review } => format!("{review} is past: the review of a cut-off is at a future instant");
    ReviewInvalid { review, problem } => format!("the review cannot be at {review}: {problem}");
    ReviewTooFar { review, latest } => {
        format!("{review} is too far: this cut-off is reviewed by {latest} at the latest")
    };
    CutOffAlready { holder } => format!("{holder} is cut off already");
    NotCutOff { holder } => format!("{holder} is not cut off");
    WaitsAlready { holder } => format!("the cut-off of {holder} already waits for a second person");
    NoneWaits { holder } => format!("no cut-off of {holder} waits for a second person");
    ConfirmedByActor => "you confirmed this already: a second mapped identity must confirm it";
    MemberProtected { actor } => format!(
        "{actor} may not cut off a member of `cut_off_by` or of the escalation group: ask one of them"
    );
    OneUnreviewed { actor } => format!(
        "{actor} has one cut-off in force that the escalation group has not reviewed: ask one of `cut_off_by`"
    );
    Protected { system, account } => {
        format!("{system}:{account} is a protected account: Tenure does not cut it off")
    };
    AccountOfHolder { system, account, holder } => {
        format!("{system}:{account} has the name of {holder}: cut off that identity")
    };
    KeyOfHolder { kind, value, holder } => {
        format!("{kind} {value} belongs to {holder}: cut off that identity")
    };
    OrderedAlready { target } => format!("{target} has a cut-off order already");
    OrderEnded { target } => format!("the cut-off order about {target} was ended by another person meanwhile");
    OrderedUnread { system, account, problem } => format!(
        "the order is stored, and {system} could not be read for {account}: {problem}; the account is cut off when \
         reconciliation sees it"
    );
}
