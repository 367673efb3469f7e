//! Sentences of refusals about identities, their records and their data.

use tenure_app::IdentityRefusal;

super::table::sentences! { IdentityRefusal:
    // Non-human identities.
    PeopleFromSources => "people come from sources: only services, agents and shared accounts are added by command";
    IsAPerson { identity } => format!("{identity} is a person, and people start and end in their sources");
    NameTaken { name, kind, record } => format!(
        "`{name}` is the name of {} {record} already: choose another name, or change that identity",
        kind.as_str()
    );
    OwnerOrPurposeMissing => "the owner or the purpose is missing";
    PurposeBlank => "the purpose is blank";
    ExpiryMissing { latest } => {
        format!("an expiry is missing: {latest} at the latest, by [custody] of the policy")
    };
    ExpiryInvalid { expiry, problem } => format!("the expiry {expiry} is not valid: {problem}");
    ExpiryOutside { expiry, from, latest } => {
        format!("the expiry {expiry} is not within {from} to {latest}, by [custody] of the policy")
    };
    DeputyIsOwner => "the deputy is the owner: name another person, or no deputy";
    NoReference { attribute, key } => format!(
        "the attribute `{attribute}` does not refer to people: declare \
         {attribute} = {{ type = \"text\", reference = \"{key}\" }} in [attributes] of the policy"
    );
    KeyMissing { person, key, attribute } => format!(
        "no source gives {person} a `{key}`, by which the attribute `{attribute}` refers to people"
    );
    AnswererNoPerson { identity, attribute } => {
        format!("{identity} cannot be the {attribute}: only a person can be it")
    };
    AnswererCutOff { identity, attribute } => format!("{identity} cannot be the {attribute}: cut off");
    AnswererDeparted { identity, attribute } => format!("{identity} cannot be the {attribute}: departed");
    NotSetLikeThis { attribute } => {
        format!("`{attribute}` is not an attribute to set: it is stated as owner, deputy or purpose")
    };
    NotAValue { attribute, value, expected } => {
        format!("{attribute} = `{value}` is not {}", expected.in_words())
    };
    ZoneUnknown { problem } => problem.to_string();
    LastDayInvalid { problem } => format!("the last day is not valid: {problem}");
    EndsAlready { identity, end } => {
        format!("{identity} ends at {end} already: change its last day to move the end")
    };
    StatedBySource { identity, record } => format!("{identity} comes from {record}: change it there");

    // Records.
    RecordGone => "the record or its source no longer exists";
    SameIdentity => "the two are one identity already";
    OnlyRecord { source, key, identity } => {
        format!("{source}:{key} is the only record of identity {}, so it cannot be split off", identity.short())
    };

    // Retention.
    HoldReasonMissing { longest } => {
        format!("a reason is missing or longer than {longest} characters: a hold needs one")
    };
    HoldEndPast => "the end of the hold is past: give a later one";
    HoldEndInvalid { problem } => format!("the end of the hold is not valid: {problem}; or give no end");
    HeldAlready { identity, class } => {
        format!("{identity} already has a {} hold: lift it first", class.as_str())
    };
    NotHeld { identity, class } => format!("{identity} has no {} hold", class.as_str());
    ErasedAlready { identity } => format!("{identity} is erased already");
    NotDeparted { identity, phase } => {
        format!("{identity} is {}: only an identity that has left is erased", phase.as_str())
    };
    KeptByHold { identity, class } => format!("{identity} is held ({}): lift the hold first", class.as_str());
    WorkOpen { identity } => format!("{identity} has an open case, task or question");
    StillReported { identity, record } => format!(
        "{identity} is still reported as {record}: remove the record from the source first, or it comes back"
    );
    KeptUntil { identity, until } => format!(
        "{identity} is kept until {until} by [retention]: before that only the escalation group erases, with a reason"
    );
    KeptForGood { identity } => format!(
        "{identity} is kept: [retention] has no `erase`, so only the escalation group erases, with a reason"
    );

    // First passwords.
    PasswordEmpty => "the new password is empty: enter the code again, then a password with characters";
    PasswordRefused { account, problem, again } => {
        let then = if *again { "choose another one and use the same code" } else { "ask for a new link" };
        format!("{account} did not take the password ({problem}): {then}")
    };
    CodeInvalid => "this activation code is invalid or already used; request a new link";
    CodeExpired { expired } => format!("this activation code expired at {expired}; request a new link");
    AccountNotEnabled { account } => format!("the account in {account} is not enabled");
    NoFirstPassword { identity } => format!("no link was made: no account of {identity} waits for a first password");
}
