//! Refusals about the actor: who may not do what, and why.

use super::super::Refusal;
use crate::permission::{Operation, Role, Stake, Via};
use std::sync::Arc;
use tenure_model::{Parameter, Typed};

tenure_model::coded! {
    /// A refusal about the actor. A person is the name with the key, as lists show it.
    ActorRefusal {
        /// The login is mapped to no identity.
        NotMapped = "login-not-mapped" { operation: Operation };
        /// The actor has left or is cut off.
        ActorGone = "actor-gone" { actor: Arc<str>, operation: Operation };
        /// The actor has none of the roles. `owner`: the owner, where it is known who that is.
        NotEntitled = "actor-not-entitled" {
            actor: Arc<str>, operation: Operation, roles: Vec<Role>, owner: Option<Arc<str>>,
        };
        /// The question is put to other approvers.
        NotAnApprover = "actor-no-approver";
        /// A stake bars the actor.
        Barred = "actor-barred" { actor: Arc<str>, operation: Operation, stake: Stake, via: Via };
        /// A permit is for another operation.
        PermitOfAnother = "permit-of-another-operation" { permitted: Operation, operation: Operation };
        /// The delegator did not name the actor.
        NotNamedAsDelegate = "not-named-as-delegate" { delegator: Arc<str> };
        /// Acting as another identity is not allowed here.
        ActingAs = "acting-as-another";
    }
}

impl ActorRefusal {
    /// The reason to which it belongs.
    #[must_use]
    pub fn why(&self) -> Refusal {
        match self {
            Self::NotMapped { .. } => Refusal::NoActor,
            Self::ActorGone { .. } => Refusal::ActorHasLeft,
            Self::NotEntitled { .. } | Self::PermitOfAnother { .. } | Self::NotNamedAsDelegate { .. } => {
                Refusal::NotEntitled
            }
            Self::NotAnApprover => Refusal::NotAnApprover,
            Self::Barred { operation, stake, via, .. } => barred(*operation, *stake, *via),
            Self::ActingAs => Refusal::ActingAsNotAllowed,
        }
    }
}

fn barred(operation: Operation, stake: Stake, via: Via) -> Refusal {
    match (stake, via) {
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

macro_rules! words {
    ($($type:ty: $example:expr),+ $(,)?) => {$(
        impl Typed for $type {
            fn state(&self) -> Parameter {
                Parameter::Text(Arc::from(self.as_str()))
            }
            fn read(form: &Parameter) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.state() == *form)
            }
            fn example(_: &str) -> Parameter {
                $example.state()
            }
        }
    )+};
}

words!(
    Operation: Operation::Certify,
    Role: Role::RuleOwner,
    Stake: Stake::Requester,
    Via: Via::Own,
);
