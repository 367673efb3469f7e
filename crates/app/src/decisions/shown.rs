//! Lists individual decisions.

use super::IndividualDecisions;
use crate::authority::Target;
use crate::describe::instant_words;
use crate::directory::Directory;
use crate::{AppError, DecisionContext, Operation, Role, called};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_engine::Context;
use tenure_model::{BUNDLE, EntitlementName, Grant, IdentityId, IndividualDecision, JustificationKind};
use tenure_store::StoredSubject;

/// Most questions about one person that are read.
const REQUESTS_MAX: u32 = 1_000;

/// One decision, in words and as JSON.
#[derive(Debug, Clone)]
pub struct IndividualDecisionShown {
    /// The entitlement it grants; `None` for a value by hand.
    gives: Option<EntitlementName>,
    /// One line.
    pub line: String,
    /// The same for programs.
    pub json: Value,
}

impl IndividualDecisionShown {
    /// Whether it grants an entitlement, directly or in a bundle.
    pub(crate) fn gives(&self, context: &Context, entitlement: &EntitlementName) -> bool {
        self.gives.as_ref().is_some_and(|given| {
            let bundle = context.setup.policy.bundles.get(given.local());
            let bundle = bundle.filter(|_| given.system_str() == BUNDLE);
            given == entitlement || bundle.is_some_and(|b| b.entitlements.contains(entitlement))
        })
    }
}

impl IndividualDecisions<'_> {
    /// The individual decisions about an identity, including values by hand.
    ///
    /// # Errors
    /// When the name matches no identity, or the store fails.
    pub async fn individual_decisions_of(
        &self,
        person: &str,
        moment: &DecisionContext,
    ) -> Result<Vec<IndividualDecisionShown>, AppError> {
        let stored = self.app.people().person(person).await?;
        self.app.authority().permit(Operation::ReadIdentity, &Target::of(&stored), moment).await?;
        self.standing_shown(&stored, moment).await
    }

    /// All requests that have not ended, with their identities: the escalation group sees all; others see those that they hold,
    /// requested, own, or are asked about.
    ///
    /// # Errors
    /// When no actor is given, or the store fails.
    pub async fn requests(
        &self,
        moment: &DecisionContext,
    ) -> Result<Vec<(Arc<str>, IndividualDecisionShown)>, AppError> {
        let permit = self.app.authority().permit(Operation::ReadRequests, &Target::all(), moment).await?;
        let actor = permit.actor()?.id;
        let directory = Directory::load(self.app).await?;
        let sees_all = permit.role() == Role::Escalation;
        let settings = &self.app.context.setup.settings;
        let owns = |what: &EntitlementName| {
            self.app
                .authority()
                .owners_of(what)
                .iter()
                .chain(&self.system_owner(what))
                .any(|owner| directory.people(settings, owner).contains(&actor))
        };
        let mut all = Vec::new();
        for stored in self.app.people().everybody().await? {
            let requests = |s: &&IndividualDecision| s.kind == JustificationKind::Request;
            if !stored.identity.decisions.individual.iter().any(|s| requests(&s)) {
                continue;
            }
            let put = self.app.store.approvals(Some(stored.identity.id), REQUESTS_MAX).await?;
            let is_asked = put.iter().any(|r| r.put_to().contains(&actor));
            let theirs = |s: &IndividualDecision| {
                sees_all
                    || is_asked
                    || stored.identity.id == actor
                    || s.requester == Some(actor)
                    || owns(&s.entitlement)
            };
            let mut seen = stored.clone();
            seen.identity.decisions.individual.retain(|s| requests(&s) && theirs(s));
            (seen.identity.decisions.overrides, seen.identity.decisions.delegations) = Default::default();
            let shown = self.standing_shown(&seen, moment).await?;
            all.extend(shown.into_iter().map(|s| (called(&stored.title, &stored.identity).into(), s)));
        }
        Ok(all)
    }

    /// The owner of an entitlement's system, as named in the configuration.
    fn system_owner(&self, what: &EntitlementName) -> Option<Arc<str>> {
        self.app.context.setup.systems.get(what.system_str()).map(|s| s.owner.clone())
    }

    pub(crate) async fn standing_shown(
        &self,
        stored: &StoredSubject,
        moment: &DecisionContext,
    ) -> Result<Vec<IndividualDecisionShown>, AppError> {
        let decisions = &stored.identity.decisions;
        let people: Vec<IdentityId> = decisions
            .individual
            .iter()
            .flat_map(|s| [s.requester, s.owner])
            .flatten()
            .chain(decisions.overrides.iter().map(|o| o.owner))
            .chain(decisions.delegations.iter().map(|d| d.to))
            .collect();
        let known = if people.is_empty() { Vec::new() } else { self.app.stored().readable(&people).await? };
        let names: BTreeMap<IdentityId, Arc<str>> =
            known.into_iter().map(|s| (s.identity.id, s.title)).collect();
        let name = |id: IdentityId| names.get(&id).map_or_else(|| id.short(), ToString::to_string);
        let lasts = |s: &&IndividualDecision| s.until.is_none_or(|u| moment.now < u);
        let decision = decisions.individual.iter().filter(lasts).map(|s| shown(s, &stored.grants, &name));
        let by_hand = decisions.overrides.iter().map(|o| {
            let (until, by) = (instant_words(o.until), name(o.owner));
            IndividualDecisionShown {
                gives: None,
                line: format!(
                    "{} = {} set by hand until {until} by {by}: {}",
                    o.attribute, o.value, o.reason
                ),
                json: json!({
                    "kind": "override", "attribute": o.attribute.to_string(), "value": o.value.to_string(),
                    "until": o.until.to_string(), "owner": by, "reason": &*o.reason,
                }),
            }
        });
        let delegated = decisions.delegations.iter().filter(|d| moment.now < d.until).map(|d| {
            let (to, until) = (name(d.to), instant_words(d.until));
            let accepted = if d.accepted.is_some() { "" } else { " (asked, and has not accepted yet)" };
            IndividualDecisionShown {
                gives: None,
                line: format!("{to} is a delegate until {until}{accepted}: {}", d.reason),
                json: json!({
                    "kind": "delegation", "accepted": d.accepted.map(|at| at.to_string()), "to": to, "until": d.until.to_string(), "reason": &*d.reason,
                }),
            }
        });
        Ok(decision.chain(by_hand).chain(delegated).collect())
    }
}

fn shown(
    decision: &IndividualDecision,
    grants: &[Grant],
    name: &dyn Fn(IdentityId) -> String,
) -> IndividualDecisionShown {
    let given = grants.iter().filter(|g| g.holding.is_decided()).any(|g| {
        g.justifications.iter().any(|j| j.kind == decision.kind && j.reference == decision.reference)
    });
    let state = if given { "given" } else { "waits" };
    let mut line = format!("{} {} ({state})", decision.kind.as_str(), decision.entitlement);
    line.extend(decision.until.map(|u| format!(", until {}", instant_words(u))));
    line.extend(decision.requester.map(|r| format!(", requested by {}", name(r))));
    line.extend(decision.owner.map(|o| format!(", owner {}", name(o))));
    line.push_str(&format!(": {}", decision.reason));
    if !decision.compensating.is_empty() {
        line.push_str(&format!("; compensating control: {}", decision.compensating));
    }
    let json = json!({
        "kind": decision.kind.as_str(), "entitlement": decision.entitlement.to_string(), "state": state,
        "from": decision.from.map(|t| t.to_string()), "until": decision.until.map(|t| t.to_string()),
        "requester": decision.requester.map(name), "owner": decision.owner.map(name),
        "reason": &*decision.reason, "instead": &*decision.compensating,
        "reviewed": decision.reviewed.map(|t| t.to_string()),
    });
    IndividualDecisionShown { gives: Some(decision.entitlement.clone()), line, json }
}
