//! The table: the roles that permit each operation and the stakes that bar from it. What it does not name is denied.

use super::{Operation, Role};
use crate::permission::{Bar, Stake, Via};
use std::collections::BTreeSet;

/// The rule of one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The permitting roles, the strongest first: the permit names the first that the actor has.
    pub roles: &'static [Role],
    /// The stakes that bar, directly, through a delegation, or under another identity of the same human.
    pub bars: &'static [Stake],
    /// Whether the operation is for the escalation group alone when one side is a member of it.
    pub protects: bool,
}

const fn of(roles: &'static [Role], bars: &'static [Stake]) -> Rule {
    Rule { roles, bars, protects: false }
}

const fn protecting(roles: &'static [Role], bars: &'static [Stake]) -> Rule {
    Rule { roles, bars, protects: true }
}

/// Roles that grant or keep access by their own decision.
const GIVERS: &[Role] = &[Role::EntitlementOwner, Role::SystemOwner, Role::Manager, Role::Escalation];
/// Roles that sign for access outside policy.
const SIGNERS: &[Role] = &[Role::EntitlementOwner, Role::SystemOwner, Role::Escalation];

/// The rule of an operation. The compiler demands one for each.
#[must_use]
pub const fn rule(operation: Operation) -> Rule {
    use Operation as O;
    use Role as R;
    use Stake as S;
    match operation {
        O::Run | O::Plan | O::Connect => of(&[R::Tenure, R::Operator, R::Escalation], &[]),
        O::Reconcile => of(&[R::Tenure, R::SystemOwner, R::Operator, R::Escalation], &[]),
        O::Apply => of(&[R::Tenure, R::Operator, R::Escalation], &[]),
        O::ConfirmConfiguration => of(&[R::Escalation], &[S::Author, S::Requester]),
        O::ConfirmConfigurationAlone => of(&[R::Escalation], &[]),
        O::ReadState | O::ReadIdentity | O::VerifyLedger => of(&[R::Tenure, R::Mapped], &[]),
        O::ReadWithheld => of(&[R::Holder, R::Reader], &[]),
        O::ReadReason => of(&[R::Issuer, R::CutOffReader, R::LiftBy, R::Escalation], &[S::Holder]),
        O::ReadRequests => of(&[R::Escalation, R::Mapped], &[]),
        O::ReadEntry => of(&[R::Tenure, R::Auditor, R::Escalation], &[]),
        O::Export => of(&[R::Tenure, R::Auditor, R::Operator, R::Escalation], &[]),
        O::ConfirmClock => of(&[R::Operator, R::Escalation], &[]),
        O::Reopen | O::SetClockBack | O::DealWithDamage => of(&[R::Escalation], &[]),
        O::AcknowledgeFinding => of(&[R::RuleOwner, R::Escalation], &[S::Holder, S::Requester]),
        O::Request | O::RequestRename | O::Extend => of(&[R::Mapped], &[]),
        O::EndAccess => of(
            &[R::Holder, R::Requester, R::EntitlementOwner, R::SystemOwner, R::Manager, R::Escalation],
            &[],
        ),
        O::Certify => of(GIVERS, &[S::Holder, S::Custodian, S::Approver]),
        O::Emergency => of(GIVERS, &[S::Holder, S::Custodian]),
        O::ReviewEmergency => of(SIGNERS, &[S::Holder, S::Custodian, S::Requester]),
        O::Except => of(SIGNERS, &[S::Holder, S::Custodian]),
        O::Answer => of(&[R::Approver], &[S::Holder, S::Custodian, S::Requester]),
        O::Override | O::EndOverride => of(&[R::SourceOwner, R::Escalation], &[S::Holder]),
        O::Delegate | O::EndDelegation => of(&[R::Holder], &[]),
        O::AcceptDelegation => of(&[R::Approver], &[]),
        O::Correlate | O::Merge | O::Split => protecting(&[R::SourceOwner, R::Escalation], &[S::Holder]),
        O::StateIdentity => of(&[R::Mapped], &[]),
        O::ChangeIdentity | O::EndIdentity => of(&[R::IdentityOwner, R::IdentityDeputy, R::Escalation], &[]),
        O::DoManual => of(&[R::SystemOwner, R::SystemDeputy], &[]),
        O::Attest => of(&[R::Attester], &[S::Holder, S::Performer]),
        O::TryAgain => of(&[R::SystemOwner, R::SystemDeputy, R::Operator, R::Escalation], &[S::Holder]),
        O::AcceptRisk => of(&[R::SystemOwner], &[S::Holder]),
        O::HandOver => of(&[R::Recipient, R::SystemOwner, R::Escalation], &[S::Holder]),
        O::Activate => of(&[R::Tenure, R::Mapped], &[]),
        O::Adopt | O::Disclaim => of(&[R::SystemOwner], &[]),
        O::AdoptInstead => of(&[R::Escalation], &[]),
        O::EnableAgain => of(&[R::SystemOwner], &[S::Holder]),
        O::KeepDisabled => of(&[R::SystemOwner], &[]),
        O::LinkAccount => of(&[R::SystemOwner], &[S::Holder]),
        O::Release => of(&[R::RuleOwner, R::Escalation], &[S::Author]),
        O::Hold | O::LiftHold | O::Erase => of(&[R::Keeper, R::Escalation], &[S::Holder]),
        O::CutOff => of(
            &[
                R::CutOffBy,
                R::SystemOwner,
                R::Manager,
                R::IdentityOwner,
                R::IdentityDeputy,
                R::Escalation,
                R::Holder,
                R::Mapped,
            ],
            &[],
        ),
        O::OrderCutOff => of(&[R::CutOffBy, R::SystemOwner, R::Escalation, R::Mapped], &[]),
        O::ConfirmCutOff => of(&[R::Named], &[S::Holder, S::Issuer]),
        O::ReviewCutOff => of(&[R::CutOffBy, R::LiftBy, R::Escalation], &[S::Holder]),
        O::Lift => of(&[R::LiftBy], &[S::Holder, S::Custodian, S::Issuer, S::Report]),
        O::LiftTogether => of(&[R::Mapped], &[S::Holder, S::Custodian, S::Issuer, S::Report]),
        O::LiftOrder => of(&[R::LiftBy], &[S::Issuer, S::Report]),
    }
}

/// Why an operation is denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    /// This bars the actor in any role.
    Barred(Bar),
    /// The actor has none of the roles.
    NotEntitled,
}

/// Whether an actor with these roles and bars is permitted. `protected`: a side is in the escalation group.
///
/// # Errors
/// Why not.
pub fn permitted(
    operation: Operation,
    roles: &BTreeSet<Role>,
    bars: &BTreeSet<Bar>,
    protected: bool,
) -> Result<Role, Denial> {
    let rule = rule(operation);
    if let Some(bar) = bars.iter().find(|b| bars_from(operation, b)) {
        return Err(Denial::Barred(*bar));
    }
    let counts = |role: &&Role| !(rule.protects && protected) || **role == Role::Escalation;
    let entitled = rule.roles.iter().filter(counts).find(|r| roles.contains(r));
    entitled.copied().ok_or(Denial::NotEntitled)
}

/// Whether a bar counts for an operation.
fn bars_from(operation: Operation, bar: &Bar) -> bool {
    // A report's delegate is not a report.
    rule(operation).bars.contains(&bar.stake) && !(bar.stake == Stake::Report && bar.via == Via::Delegate)
}

#[cfg(test)]
mod tests {
    use super::{permitted, rule};
    use crate::permission::{Bar, Operation, Role, Stake, Via};
    use std::collections::BTreeSet;

    /// Relations of an actor to the target, apart from the role.
    fn relations() -> [(&'static str, Option<Role>, Option<Bar>); 5] {
        let bar = |stake, via| Some(Bar { stake, via });
        [
            ("self", Some(Role::Holder), bar(Stake::Holder, Via::Own)),
            ("delegate", None, bar(Stake::Holder, Via::Delegate)),
            ("requester", Some(Role::Requester), bar(Stake::Requester, Via::Own)),
            ("performer", None, bar(Stake::Performer, Via::Own)),
            ("other", None, None),
        ]
    }

    fn may(operation: Operation, role: Role, also: Option<Role>, bar: Option<Bar>) -> bool {
        let roles: BTreeSet<Role> = [role].into_iter().chain(also).collect();
        permitted(operation, &roles, &bar.into_iter().collect(), false).is_ok()
    }

    #[test]
    fn each_operation_names_at_least_one_role_and_no_role_twice() {
        for operation in Operation::ALL {
            let roles = rule(*operation).roles;
            assert!(!roles.is_empty(), "{operation:?} is denied to every role");
            assert_eq!(roles.iter().collect::<BTreeSet<_>>().len(), roles.len(), "{operation:?}");
        }
    }

    #[test]
    fn over_all_operations_roles_and_relations_only_what_the_table_names_is_permitted() {
        for operation in Operation::ALL {
            for role in Role::ALL {
                for (relation, also, bar) in relations() {
                    let named = |r: Role| rule(*operation).roles.contains(&r);
                    let barred = bar.is_some_and(|b| rule(*operation).bars.contains(&b.stake));
                    let expected = (named(*role) || also.is_some_and(named)) && !barred;
                    let got = may(*operation, *role, also, bar);
                    assert_eq!(got, expected, "{operation:?} by {role:?} as {relation}");
                }
            }
        }
    }

    #[test]
    fn the_holder_and_their_delegates_cause_no_gain_of_their_own() {
        use Operation as O;
        let gains = [
            O::Certify,
            O::Emergency,
            O::Except,
            O::Answer,
            O::Override,
            O::Correlate,
            O::Merge,
            O::Split,
            O::LinkAccount,
            O::LiftHold,
            O::Lift,
            O::LiftTogether,
            O::Attest,
            O::AcceptRisk,
            O::TryAgain,
        ];
        for operation in gains {
            for role in Role::ALL {
                for via in Via::ALL {
                    let bar = Some(Bar { stake: Stake::Holder, via: *via });
                    assert!(!may(operation, *role, Some(Role::Holder), bar), "{operation:?} by {role:?}");
                }
            }
        }
    }

    #[test]
    fn being_mapped_alone_entitles_only_to_what_takes_nothing_from_others_for_good() {
        use Operation as O;
        let mapped: Vec<O> =
            Operation::ALL.iter().filter(|o| rule(**o).roles.contains(&Role::Mapped)).copied().collect();
        let expected = [
            O::ReadState,
            O::ReadIdentity,
            O::ReadRequests,
            O::VerifyLedger,
            O::Request,
            O::RequestRename,
            O::Extend,
            O::StateIdentity,
            O::Activate,
            O::CutOff,
            O::OrderCutOff,
            O::LiftTogether,
        ];
        assert_eq!(mapped, expected);
    }

    #[test]
    fn where_a_side_is_of_the_escalation_group_only_that_group_merges_and_splits() {
        for operation in [Operation::Correlate, Operation::Merge, Operation::Split] {
            let by = |role| permitted(operation, &BTreeSet::from([role]), &BTreeSet::new(), true).is_ok();
            assert!(by(Role::Escalation) && !by(Role::SourceOwner), "{operation:?}");
        }
    }
}
