//! The seats of a question: who may fill each, who is unavailable, and which delegates answer.

use super::Asking;
use crate::custody::owner_of;
use crate::references::is_available;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::{
    ApprovalRequest, Approver, ApproverSeat, EntitlementName, IdentityId, IdentityKind, Name as _, Phase,
    Reference, ReferenceState,
};
use tenure_policy::{Stage, System};

/// The additional seat when the same change named the approver.
const SECOND: &str = "escalation, as the same change named the approver";

/// Availability of a person whom a rule names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Availability {
    /// Departed, cut off or not known.
    Gone,
    /// Absent: their delegate answers.
    Away,
    /// Available.
    Here,
}

impl Availability {
    /// The availability of an identity in a phase.
    #[must_use]
    pub fn of(phase: Phase, cut_off: bool) -> Self {
        match phase {
            _ if cut_off => Self::Gone,
            Phase::Active => Self::Here,
            Phase::Expected | Phase::Preparing | Phase::Absent => Self::Away,
            Phase::Departed | Phase::Erased => Self::Gone,
        }
    }
}

/// Of two phases, the one that permits less.
#[must_use]
pub fn worse(phase: Phase, other: Phase) -> Phase {
    match Availability::of(other, false) < Availability::of(phase, false) {
        true => other,
        false => phase,
    }
}

/// A seat before it is known who fills it: its name, and whom the rule refers to.
struct Meant {
    name: Arc<str>,
    people: Vec<(IdentityId, Availability)>,
}

impl Asking<'_> {
    /// The seats of a stage, without the escalation group.
    pub(super) fn seats(&self, stage: &Stage, request: &ApprovalRequest) -> Vec<ApproverSeat> {
        let barred = self.barred(request);
        let meant: Vec<Meant> = stage.by.iter().flat_map(|by| self.meant(by, request)).collect();
        meant.into_iter().map(|seat| self.filled(seat, &barred)).collect()
    }

    fn filled(&self, seat: Meant, barred: &BTreeSet<IdentityId>) -> ApproverSeat {
        let can = |id: &IdentityId| !barred.contains(id);
        let holders: BTreeSet<IdentityId> = seat
            .people
            .iter()
            .filter(|(_, is)| *is == Availability::Here)
            .map(|(id, _)| *id)
            .filter(can)
            .collect();
        // A person who may not answer may not answer through a delegate either.
        let behind = seat.people.iter().filter(|(id, is)| *is != Availability::Gone && can(id));
        let delegates: BTreeSet<IdentityId> = behind
            .flat_map(|(id, _)| (self.delegates)(*id))
            .filter(|d| can(d) && !holders.contains(d))
            .collect();
        let missing = match *seat.people {
            [(id, _)] => Some(id),
            _ => None,
        };
        ApproverSeat {
            name: seat.name,
            holders: holders.into_iter().collect(),
            delegates: delegates.into_iter().collect(),
            missing,
            escalated: false,
            since: None,
        }
    }

    /// The people named by stages who are departed or cut off.
    pub(super) fn gone(&self, stages: &[Stage], request: &ApprovalRequest) -> BTreeSet<IdentityId> {
        let named = stages.iter().flat_map(|stage| &stage.by).flat_map(|by| self.meant(by, request));
        let people = named.flat_map(|seat| seat.people);
        people.filter(|(_, is)| *is == Availability::Gone).map(|(id, _)| id).collect()
    }

    /// The people named by stages who are only absent, each with the seat's name: also one of several for whom another can answer.
    pub(super) fn away(
        &self,
        stages: &[Stage],
        request: &ApprovalRequest,
    ) -> BTreeSet<(Arc<str>, IdentityId)> {
        let named = stages.iter().flat_map(|stage| &stage.by).flat_map(|by| self.meant(by, request));
        let each =
            named.flat_map(|seat| seat.people.into_iter().map(move |(id, is)| (seat.name.clone(), id, is)));
        each.filter(|(_, _, is)| *is == Availability::Away).map(|(name, id, _)| (name, id)).collect()
    }

    /// The members of the escalation group who are available.
    pub(super) fn escalation_group(&self, request: &ApprovalRequest) -> Vec<IdentityId> {
        let barred = self.barred(request);
        let group = format!("group:{}", self.context.setup.settings.last_resort);
        let people = (self.people)(&group).into_iter();
        let able: BTreeSet<IdentityId> = people
            .flat_map(|(id, is)| {
                let itself = (is == Availability::Here).then_some(id);
                let behind = if is == Availability::Gone { Vec::new() } else { (self.delegates)(id) };
                itself
                    .into_iter()
                    .chain(behind.into_iter().filter(|_| !barred.contains(&id)).collect::<Vec<_>>())
            })
            .filter(|id| !barred.contains(id))
            .collect();
        able.into_iter().collect()
    }

    /// An approver named by the same change that brought the gain does not answer alone: if one yes is enough, the other approvers
    /// answer; if there are none, or each seat is needed, a member of the escalation group answers as well. Returns whether each seat
    /// is needed.
    pub(super) fn second(&self, all: bool, seats: &mut Vec<ApproverSeat>, request: &ApprovalRequest) -> bool {
        let named = |s: &ApproverSeat| {
            !s.escalated && request.provenance.references.iter().any(|r| *s.name == *r.as_str())
        };
        if !seats.iter().any(named) {
            return all;
        }
        if !all && seats.iter().any(|s| s.is_filled() && !named(s)) {
            seats.retain(|s| !named(s));
            return all;
        }
        seats.push(ApproverSeat {
            name: Arc::from(SECOND),
            holders: Vec::new(),
            delegates: self.escalation_group(request),
            missing: None,
            escalated: true,
            since: None,
        });
        true
    }

    /// The seats of one expression: one for each owner that it names.
    fn meant(&self, approver: &Approver, request: &ApprovalRequest) -> Vec<Meant> {
        let setup = &self.context.setup;
        let one = |name: String, people| vec![Meant { name: Arc::from(name), people }];
        match approver {
            Approver::Reference(attribute) => one(attribute.to_string(), self.referred(attribute, request)),
            Approver::Named(name) => one(format!("person:{name}"), (self.people)(name)),
            Approver::Group(group) => {
                let name = format!("group:{group}");
                one(name.clone(), (self.people)(&name))
            }
            Approver::SystemOwner => {
                let mut systems: BTreeSet<&str> =
                    request.grants.iter().map(EntitlementName::system_str).collect();
                let named = |s: &&System| request.renames.iter().any(|r| s.is_named_by(&r.name));
                systems.extend(setup.systems.values().filter(named).map(|s| s.name.as_str()));
                let seat = |system: &&str| Meant {
                    name: Arc::from(format!("system_owner {system}")),
                    people: setup.systems.get(*system).map(|s| (self.people)(&s.owner)).unwrap_or_default(),
                };
                systems.iter().map(seat).collect()
            }
            Approver::EntitlementOwner => {
                let owner =
                    |g: &EntitlementName| Some((self.people)(self.context.entitlement(g)?.owner.as_ref()?));
                let seat = |g: &EntitlementName| Meant {
                    name: Arc::from(format!("entitlement_owner {g}")),
                    people: owner(g).unwrap_or_default(),
                };
                request.grants.iter().map(seat).collect()
            }
        }
    }

    /// The people that references of the engagement point at; the lead of another engagement is considered only if this one names
    /// none.
    fn referred(
        &self,
        attribute: &tenure_model::AttributeName,
        request: &ApprovalRequest,
    ) -> Vec<(IdentityId, Availability)> {
        let all = self.subject.references.iter().filter(|r| &r.attribute == attribute);
        let own: Vec<&Reference> = all.clone().filter(|r| Some(r.engagement) == request.engagement).collect();
        let meant: Vec<&Reference> = if own.is_empty() { all.collect() } else { own };
        let person = |r: &&Reference| match &r.state {
            ReferenceState::Resolved { id, phase, cut_off, .. } => {
                Some((*id, Availability::of(*phase, *cut_off)))
            }
            _ => None,
        };
        let mut people: Vec<_> = meant.iter().filter_map(person).collect();
        // If one of several engagements' managers is available, departed ones are not reported as missing.
        if meant.iter().any(|r| is_available(&r.state)) {
            people.retain(|(_, is)| *is != Availability::Gone);
        }
        people
    }

    /// The people who cut off an approver while the question waited: they chose by it who else answers.
    fn choosers(&self, request: &ApprovalRequest) -> BTreeSet<IdentityId> {
        let by_reference = |id: IdentityId| {
            self.subject.references.iter().find_map(|r| match &r.state {
                ReferenceState::Resolved { id: of, cut_by, .. } if *of == id => *cut_by,
                _ => None,
            })
        };
        let stages = self.declared(request).unwrap_or_default();
        let gone = self.gone(&stages, request).into_iter();
        let cuts = gone.filter_map(|id| by_reference(id).or_else(|| (self.cut_by)(id)));
        cuts.filter(|(_, at)| *at >= request.asked_at).map(|(by, _)| by).collect()
    }

    /// The people who may not answer: the subject, its owner if it is a non-human identity, the requester, those who cut off an
    /// approver, and accepted delegates of any of them.
    pub(super) fn barred(&self, request: &ApprovalRequest) -> BTreeSet<IdentityId> {
        let is_person = self.subject.identity.kind == IdentityKind::Person;
        let owner = owner_of(self.subject).filter(|_| !is_person);
        let own = [request.identity].into_iter().chain(owner).chain(request.requesters());
        let own: Vec<IdentityId> = own.chain(self.choosers(request)).collect();
        own.iter().copied().chain(own.iter().flat_map(|id| (self.accepted)(*id))).collect()
    }
}
