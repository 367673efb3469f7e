//! Sentences of refusals about the actor.

use crate::phrase::either;
use tenure_app::{ActorRefusal, Operation, Role, Stake, Via};

super::table::sentences! { ActorRefusal:
    NotMapped { operation } => format!(
        "your login is mapped to no identity, and to {} needs one: map it in [actors] of tenure.toml",
        doing(*operation)
    );
    ActorGone { actor, operation } => {
        format!("{actor} has left or is cut off, and therefore may not {}", doing(*operation))
    };
    NotEntitled { actor, operation, roles, owner } => {
        let name = |role: &Role| match (role, owner) {
            (Role::RuleOwner, Some(owner)) => owner.to_string(),
            _ => role.as_str().to_owned(),
        };
        let roles: Vec<String> = roles.iter().map(name).collect();
        format!("{actor} may not {}: it is for {}", doing(*operation), either(&roles))
    };
    NotAnApprover => "you are not an approver of this request";
    Barred { actor, operation, stake, via } => barred(actor, *operation, *stake, *via);
    PermitOfAnother { permitted, operation } => {
        format!("a permit to {} does not permit to {}", permitted.as_str(), operation.as_str())
    };
    NotNamedAsDelegate { delegator } => format!("{delegator} did not name you as a delegate");
    ActingAs => "acting as another identity is not allowed here: it is for replay databases only";
}

fn barred(name: &str, operation: Operation, stake: Stake, via: Via) -> String {
    let doing = doing(operation);
    let whose = match stake {
        Stake::Holder => "the identity that it is about",
        Stake::Custodian => "the owner of the identity that it is about",
        Stake::Requester => "its requester",
        Stake::Performer => "a performer of the work",
        Stake::Approver => "an approver of this access",
        Stake::Issuer => "the issuer of the cut-off",
        Stake::Report => "its issuer or its holder",
        Stake::Author => "the author of a configuration that may have caused it",
    };
    match (stake, via) {
        (Stake::Approver, Via::Own) => format!("{name} approved this access and therefore cannot certify it"),
        (Stake::Holder, Via::Own) => {
            format!("{name} may not {doing}: it is about their own identity; ask another entitled identity")
        }
        (Stake::Report, _) => format!("{name} may not {doing}: they report to {whose}"),
        (_, Via::Own) => format!("{name} may not {doing}: they are {whose}"),
        (_, Via::Delegate) => format!(
            "{name} may not {doing}: a delegate counts as the delegator, and they are a delegate of {whose}"
        ),
        (_, Via::SameHuman) => format!("{name} may not {doing}: they are the same human as {whose}"),
    }
}

/// The refused operation, as a verb.
fn doing(operation: Operation) -> &'static str {
    use Operation as O;
    match operation {
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
    }
}
