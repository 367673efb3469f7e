//! The text of a denial: what is refused, to whom, and who is permitted.

use super::table::{Denial, rule};
use super::{Operation, Role};
use crate::permission::{Bar, Stake, Via};
use crate::{Actor, AppError, Refusal};

/// The error of a denial.
pub(super) fn refused(operation: Operation, denial: Denial, actor: &Actor, owner: Option<&str>) -> AppError {
    match denial {
        Denial::Barred(bar) => AppError::refused_as(code(operation, bar), barred(operation, bar, actor)),
        Denial::NotEntitled if operation == Operation::Answer => {
            AppError::refused_as(Refusal::NotAnApprover, "you are not an approver of this request")
        }
        Denial::NotEntitled => {
            let name = |role: &Role| match (role, owner) {
                (Role::RuleOwner, Some(owner)) => owner.to_owned(),
                _ => role.as_str().to_owned(),
            };
            let may: Vec<String> =
                rule(operation).roles.iter().filter(|r| **r != Role::Tenure).map(name).collect();
            let text = format!("{} may not {}: it is for {}", actor.title, words(operation), list(&may));
            AppError::refused_as(Refusal::NotEntitled, text)
        }
    }
}

/// No mapped identity acts.
pub(super) fn without_actor(operation: Operation) -> AppError {
    let text = format!(
        "your login is mapped to no identity, and to {} needs one: map it in [actors] of tenure.toml",
        words(operation)
    );
    AppError::refused_as(Refusal::NoActor, text)
}

/// The actor has left or is cut off.
pub(super) fn not_here(operation: Operation, actor: &Actor) -> AppError {
    let text = format!("{} has left or is cut off, and therefore may not {}", actor.title, words(operation));
    AppError::refused_as(Refusal::ActorHasLeft, text)
}

fn code(operation: Operation, bar: Bar) -> Refusal {
    match (bar.stake, bar.via) {
        (Stake::Approver, _) => Refusal::ApproverMayNotCertify,
        (_, Via::Delegate) => Refusal::DelegateOfBarred,
        (Stake::Performer, _) => Refusal::PerformerMayNotAttest,
        (Stake::Author, _) => Refusal::AuthorMayNotRelease,
        (Stake::Requester, _) => Refusal::OwnRequest,
        (Stake::Issuer | Stake::Report, _) => Refusal::OwnCutOff,
        (Stake::Holder | Stake::Custodian, _) if is_about_cut_off(operation) => Refusal::OwnCutOff,
        (Stake::Holder | Stake::Custodian, _) => Refusal::OwnRecord,
    }
}

fn is_about_cut_off(operation: Operation) -> bool {
    use Operation::{ConfirmCutOff, Lift, LiftTogether, ReviewCutOff};
    matches!(operation, ConfirmCutOff | Lift | LiftTogether | ReviewCutOff)
}

fn barred(operation: Operation, bar: Bar, actor: &Actor) -> String {
    let (name, doing) = (&actor.title, words(operation));
    let whose = match bar.stake {
        Stake::Holder => "the identity that it is about",
        Stake::Custodian => "the owner of the identity that it is about",
        Stake::Requester => "its requester",
        Stake::Performer => "a performer of the work",
        Stake::Approver => "an approver of this access",
        Stake::Issuer => "the issuer of the cut-off",
        Stake::Report => "its issuer or its holder",
        Stake::Author => "the author of a configuration that may have caused it",
    };
    match (bar.stake, bar.via) {
        (Stake::Approver, Via::Own) => {
            format!("{name} approved this access and therefore cannot certify it")
        }
        (Stake::Holder, Via::Own) => {
            format!("{name} may not {doing}: it is about their own identity; ask another entitled identity")
        }
        (Stake::Report, _) => format!("{name} may not {doing}: they report to {whose}"),
        (_, Via::Own) => format!("{name} may not {doing}: they are {whose}"),
        (_, Via::Delegate) => format!(
            "{name} may not {doing}: a delegate counts as the delegator, and they are a delegate of {whose}"
        ),
        (_, Via::SameHuman) => {
            format!("{name} may not {doing}: they are the same human as {whose}")
        }
    }
}

fn list(roles: &[String]) -> String {
    match roles {
        [] => "no role".to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

/// The refused operation, as a verb.
fn words(operation: Operation) -> String {
    use Operation as O;
    let text = match operation {
        O::Correlate => "link this record to an identity",
        O::Certify => "certify this access",
        O::Except => "sign this exception",
        O::Emergency => "grant this in an emergency",
        O::ReviewEmergency => "review this emergency",
        O::DoManual => "do this manual task",
        O::Attest => "attest this manual task",
        O::HandOver => "hand over this first password",
        O::Lift | O::LiftTogether => "lift this cut-off",
        O::LiftOrder => "lift this order",
        O::TryAgain => "try this task again",
        O::Answer => "answer this request",
        O::Override | O::EndOverride => "set this value",
        O::Apply => "apply a configuration",
        O::ConfirmConfiguration | O::ConfirmConfigurationAlone => "confirm this configuration",
        O::ConfirmClock => "confirm the clock",
        O::SetClockBack => "set the clock back",
        O::Adopt => "adopt these accounts",
        O::LinkAccount => "link this account",
        O::Disclaim => "disclaim this account",
        O::ReadState => "read this",
        O::ReadEntry => "read an entry of the ledger",
        O::Release => "release this",
        other => other.as_str(),
    };
    text.to_owned()
}
