//! What an approver needs to know to answer a request: the access with its risk, why and until when, conflicts, what peers hold, the
//! answers so far, and what follows without an answer.

use crate::authority::Target;
use crate::directory::Directory;
use crate::{AppError, DecisionContext, Operation};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_engine::{primary_engagement, unfilled, value_on};
use tenure_model::{
    ApprovalRequest, ApprovalState, AskedReason, AttributeName, BUNDLE, EntitlementName, IdentityId,
    Name as _, Phase, Value, ValueType,
};
use tenure_store::StoredSubject;

mod shape;

pub use shape::{
    Answer, AskedBy, Card, CardAccess, CardCause, CardSubject, CardWhy, Conflict, MissingAnswer, Peers,
    Silence,
};

crate::app::part! {
    /// What approvers are shown of a request.
    Cards, cards
}

/// Identities that are read at once to count peers.
const PAGE: u32 = 1_024;
/// Most identities among which peers are counted.
const PEERS_MAX: usize = 20_000;
/// Most attributes by which peers are counted.
const LIKE_MAX: usize = 2;

/// The people and entitlements that cards name.
struct Around<'a> {
    directory: &'a Directory,
    names: &'a BTreeMap<IdentityId, Arc<str>>,
    likes: &'a [Like],
}

/// An active identity as a peer: the values that make peers, and what it holds.
struct Like {
    id: IdentityId,
    values: Vec<(AttributeName, Value)>,
    holds: BTreeSet<EntitlementName>,
}

impl Cards<'_> {
    /// The cards of requests, in their order.
    ///
    /// # Errors
    /// When the actor is not permitted to read them, or the store fails.
    pub async fn of(
        &self,
        requests: &[ApprovalRequest],
        moment: &DecisionContext,
    ) -> Result<Vec<Card>, AppError> {
        self.app.authority().permit(Operation::ReadState, &Target::all(), moment).await?;
        if requests.is_empty() {
            return Ok(Vec::new());
        }
        let directory = Directory::load_at(self.app, Some(moment.now)).await?;
        let people = |r: &ApprovalRequest| {
            let answered = r.votes.iter().map(|v| v.by).collect::<Vec<_>>();
            r.put_to()
                .into_iter()
                .chain(r.requesters().collect::<Vec<_>>())
                .chain(answered)
                .chain([r.identity])
        };
        let mut ids: BTreeSet<IdentityId> = requests.iter().flat_map(people).collect();
        let about: Vec<IdentityId> = requests.iter().map(|r| r.identity).collect();
        let subjects = self.app.stored().readable(&about).await?;
        ids.extend(
            subjects.iter().flat_map(|s| &s.identity.decisions.individual).filter_map(|s| s.requester),
        );
        for request in requests {
            ids.extend(
                self.next_approvers(request, &subjects, &directory, moment).await?.into_iter().flatten(),
            );
        }
        let ids: Vec<IdentityId> = ids.into_iter().collect();
        let known = self.app.stored().readable(&ids).await?.into_iter();
        let names = known.map(|s| (s.identity.id, s.title)).collect();
        let likes = self.likes(moment).await?;
        let around = Around { directory: &directory, names: &names, likes: &likes };
        let mut cards = Vec::with_capacity(requests.len());
        for request in requests {
            cards.push(self.card(request, &subjects, &around, moment).await?);
        }
        Ok(cards)
    }

    async fn card(
        &self,
        request: &ApprovalRequest,
        subjects: &[StoredSubject],
        around: &Around<'_>,
        moment: &DecisionContext,
    ) -> Result<Card, AppError> {
        let subject = subjects.iter().find(|s| s.identity.id == request.identity);
        let name = |id: &IdentityId| around.names.get(id).cloned().unwrap_or_else(|| id.short().into());
        let answers = request.votes.iter().map(|v| Answer {
            by: name(&v.by),
            approved: v.approved,
            at: v.at,
            comment: v.comment.clone(),
        });
        let missing = unfilled(request).into_iter().map(|seat| MissingAnswer {
            seat: seat.name.clone(),
            may_give: seat.holders.iter().chain(&seat.delegates).map(name).collect(),
        });
        let silence = match self.next_approvers(request, subjects, around.directory, moment).await? {
            Some(next) => Silence::PutTo(next.iter().map(name).collect()),
            None if request.renames.is_empty() => Silence::AccessDenied,
            None => Silence::NamesDenied,
        };
        let deadline = match request.state {
            ApprovalState::Pending { deadline } if deadline < ApprovalRequest::UNTIMED => Some(deadline),
            _ => None,
        };
        let access = request.grants.iter().map(|e| self.access(e, request, subject, around, moment));
        Ok(Card {
            who: subject.map_or_else(|| CardSubject::unknown(name(&request.identity)), CardSubject::of),
            access: access.collect(),
            asked_by: asked_by(request, subject, &name),
            answers: answers.collect(),
            missing: missing.collect(),
            deadline,
            silence,
        })
    }

    /// To whom a request is put when its time is over; `None` where that is a denial.
    async fn next_approvers(
        &self,
        request: &ApprovalRequest,
        subjects: &[StoredSubject],
        directory: &Directory,
        moment: &DecisionContext,
    ) -> Result<Option<BTreeSet<IdentityId>>, AppError> {
        let Some(stored) = subjects.iter().find(|s| s.identity.id == request.identity) else {
            return Ok(None);
        };
        let subject = self.app.references().subject_on(stored, request.on, moment).await?;
        let at = (moment.now, request.on);
        let next = directory.asking(&self.app.context, &subject, at, |asking| asking.escalated(request));
        Ok(next.map(|next| next.put_to()))
    }

    fn access(
        &self,
        entitlement: &EntitlementName,
        request: &ApprovalRequest,
        subject: Option<&StoredSubject>,
        around: &Around<'_>,
        moment: &DecisionContext,
    ) -> CardAccess {
        let why = request.reasons.iter().filter(|r| r.reason.entitlement == *entitlement);
        CardAccess {
            entitlement: entitlement.clone(),
            risk: self.app.context.entitlement(entitlement).map(|e| e.risk),
            why: why.map(|asked| self.why(asked, subject)).collect(),
            conflicts: self.conflicts(entitlement, request, subject),
            peers: subject.map(|s| self.peers(entitlement, s, around.likes, moment)).unwrap_or_default(),
        }
    }

    /// The reason: the rule with its condition, or what the requester wrote; and until when.
    fn why(&self, asked: &AskedReason, subject: Option<&StoredSubject>) -> CardWhy {
        let reason = &asked.reason;
        let standing = subject.into_iter().flat_map(|s| &s.identity.decisions.individual);
        let stated = standing
            .filter(|s| s.kind == reason.kind && s.reference == reason.reference && !s.reason.is_empty())
            .find(|s| s.entitlement == reason.entitlement || s.entitlement.system_str() == BUNDLE);
        let baselines = &self.app.context.setup.policy.baselines;
        let rule = baselines.iter().find(|b| *b.name.as_str() == *reason.reference);
        let reference = || reason.reference.clone();
        let cause = match (stated, rule) {
            (Some(stated), _) => CardCause::Stated { reason: stated.reason.clone() },
            (None, Some(rule)) => {
                CardCause::Rule { reference: reference(), condition: rule.when.source().clone() }
            }
            (None, None) => CardCause::Reference { reference: reference() },
        };
        CardWhy { kind: reason.kind, cause, until: asked.until }
    }

    /// Separation rules with this entitlement on one side and, on another, what is held or asked for.
    fn conflicts(
        &self,
        entitlement: &EntitlementName,
        request: &ApprovalRequest,
        subject: Option<&StoredSubject>,
    ) -> Vec<Conflict> {
        let held = subject.into_iter().flat_map(|s| &s.grants).filter(|g| g.holding.is_decided());
        let held: BTreeSet<&EntitlementName> = held.map(|g| &g.entitlement).chain(&request.grants).collect();
        let mut found = Vec::new();
        for rule in &self.app.context.setup.policy.separations {
            let Some(own) = rule.not_both.iter().position(|side| side.contains(entitlement)) else {
                continue;
            };
            let others = rule.not_both.iter().enumerate().filter(|(side, _)| *side != own);
            let with = others.flat_map(|(_, side)| side).filter(|e| held.contains(e));
            let with: Vec<EntitlementName> = with.cloned().collect();
            if !with.is_empty() {
                found.push(Conflict { rule: rule.name.clone(), with });
            }
        }
        found
    }

    fn peers(
        &self,
        entitlement: &EntitlementName,
        subject: &StoredSubject,
        likes: &[Like],
        moment: &DecisionContext,
    ) -> Vec<Peers> {
        let own = self.values(subject, moment).into_iter().map(|(attribute, value)| {
            let same = |l: &&Like| {
                l.id != subject.identity.id && l.values.iter().any(|(a, v)| *a == attribute && *v == value)
            };
            let same: Vec<&Like> = likes.iter().filter(same).collect();
            let hold = same.iter().filter(|l| l.holds.contains(entitlement)).count();
            Peers { attribute, value, hold, of: same.len() }
        });
        own.filter(|p| p.of > 0).collect()
    }

    /// The active identities, up to a limit, as peers.
    async fn likes(&self, moment: &DecisionContext) -> Result<Vec<Like>, AppError> {
        let (mut all, mut after) = (Vec::new(), None);
        while all.len() < PEERS_MAX {
            let ids = self.app.store.identities(after, PAGE).await?;
            let Some(last) = ids.last() else { break };
            after = Some(*last);
            let active = |s: &StoredSubject| s.phase == Phase::Active && s.identity.merged_into.is_none();
            for subject in self.app.stored().readable(&ids).await?.into_iter().filter(active) {
                let values = self.values(&subject, moment);
                let holds = subject.grants.iter().filter(|g| g.holding.is_decided());
                let holds = holds.map(|g| g.entitlement.clone()).collect();
                all.push(Like { id: subject.identity.id, values, holds });
            }
        }
        Ok(all)
    }

    /// The values that make peers: attributes whose change makes a mover, without references and those that only some may read.
    fn values(&self, subject: &StoredSubject, moment: &DecisionContext) -> Vec<(AttributeName, Value)> {
        let identity = &subject.identity;
        let id = primary_engagement(&self.app.context, identity, moment.now);
        let Some(engagement) = identity.engagements.iter().find(|e| Some(e.id) == id) else {
            return Vec::new();
        };
        let zone = self.app.context.zones.get(&engagement.zone.name).unwrap_or(jiff::tz::TimeZone::UTC);
        let day = tenure_model::when::local_date(moment.now, &zone);
        let setup = &self.app.context.setup;
        let withheld = tenure_engine::withheld(&self.app.context, identity, engagement, day, moment.now);
        let is_like = |(name, declared): &(&AttributeName, &tenure_policy::AttributeDecl)| {
            declared.moves
                && declared.reference.is_none()
                && declared.value_type != ValueType::Texts
                && !withheld.contains_key(*name)
        };
        let names = setup.attributes.iter().filter(is_like).map(|(name, _)| name);
        let values = names.filter_map(|name| {
            let (value, _) = value_on(&self.app.context, identity, engagement, name, day, moment.now)?;
            (!value.is_blank()).then(|| (name.clone(), value.clone()))
        });
        values.take(LIKE_MAX).collect()
    }
}

/// Who asked: people, or the record that changed.
fn asked_by(
    request: &ApprovalRequest,
    subject: Option<&StoredSubject>,
    name: &dyn Fn(&IdentityId) -> Arc<str>,
) -> AskedBy {
    let people: BTreeSet<IdentityId> = request.requesters().collect();
    if !people.is_empty() {
        return AskedBy::People(people.iter().map(name).collect());
    }
    let mut engagements = subject.into_iter().flat_map(|s| &s.identity.engagements);
    let engagement = engagements.rfind(|e| request.engagement.is_none_or(|id| e.id == id));
    engagement.map_or(AskedBy::Records, |e| AskedBy::Record { key: e.key.clone(), source: e.source.clone() })
}
