//! Parts of an explanation in words: names, holds, the path through bundles, and inherited entitlements.

use super::Explain;
use crate::DecisionContext;
use crate::describe::{hold_words, instant_words, reason_words};
use serde_json::{Value, json};
use tenure_connect::steps_to;
use tenure_model::{
    Account, BundleName, EntitlementName, Grant, Holding, Identity, Justification, Name as _, Observed,
};

impl Explain<'_> {
    /// A reason, and the bundles through which it grants an entitlement.
    pub(super) fn reason_and_way(
        &self,
        reason: &Justification,
        entitlement: &EntitlementName,
    ) -> Vec<String> {
        let said = format!("  because of {}", reason_words(reason));
        [said].into_iter().chain(self.way_words(reason, entitlement)).collect()
    }

    /// The bundles through which a rule grants an entitlement: `through money ← desk ← kit`.
    fn way_words(&self, reason: &Justification, entitlement: &EntitlementName) -> Option<String> {
        let policy = &self.app.context.setup.policy;
        let rule = policy.baselines.iter().find(|b| *b.name.as_str() == *reason.reference)?;
        let bundle = |name: &&BundleName| {
            policy
                .bundles
                .get(*name)
                .map_or_else(|| name.to_string(), |b| format!("{name} (version {})", b.version))
        };
        let way: Vec<String> = policy.way(rule, entitlement).iter().rev().map(bundle).collect();
        (!way.is_empty()).then(|| format!("    through the bundle {}", way.join(" ← ")))
    }
}

/// The identity's present names and why, its former and proposed names, and its holds.
pub(super) fn names_and_holds(identity: &Identity, moment: &DecisionContext) -> impl Iterator<Item = String> {
    let names = identity.identifiers.iter().map(|(name, value)| {
        let former = identity.naming.former.get(name).map(|all| format!(", formerly {}", all.join(", ")));
        format!("  {name}: {value}{}{}", made_of_words(identity, name), former.unwrap_or_default())
    });
    let denied = identity.naming.renaming.as_ref().and_then(|r| r.denied);
    let state = denied.map_or_else(
        || "waits for approval".to_owned(),
        |(_, at)| format!("was refused at {}", instant_words(at)),
    );
    let names = names.chain(identity.proposed().map(move |r| format!("  proposed: {r}, which {state}")));
    let holds = identity.decisions.holds.iter().filter(|h| h.is_on(moment.now));
    names.chain(holds.map(hold_words))
}

/// The expression that made a name, where it is known.
fn made_of_words(identity: &Identity, name: &str) -> String {
    let Some(of) = identity.naming.made_of.get(name).filter(|of| !of.is_empty()) else {
        return String::new();
    };
    let parts: Vec<String> = of.iter().map(|(input, value)| format!("{input} {value}")).collect();
    format!(", made of {}", parts.join(", "))
}

/// The state of an entitlement for an identity, apart from what is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntitlementState {
    /// It is due.
    Due,
    /// It is due, and waits for approval.
    Waits,
    /// It was due, and an approver refused it.
    Refused,
    /// It is not due, but inherited from another entitlement.
    Through,
    /// It is not due.
    Nothing,
}

/// Whether an identity has an entitlement, in one line.
pub(super) fn answer_words(
    name: &str,
    entitlement: &EntitlementName,
    found: EntitlementState,
    held: Option<&Grant>,
) -> String {
    let is_due = matches!(found, EntitlementState::Due | EntitlementState::Waits | EntitlementState::Refused);
    match (found, held) {
        (_, Some(g)) if is_due && g.holding.is_decided() => {
            format!("{name} has {entitlement} ({})", g.holding.as_str())
        }
        (EntitlementState::Waits, _) => format!("{name} gets {entitlement} as soon as it is approved"),
        (EntitlementState::Refused, _) => format!("{name} does not get {entitlement}: it was refused"),
        (EntitlementState::Due, _) => format!("{name} should have {entitlement}, and does not have it yet"),
        (EntitlementState::Through, None | Some(Grant { holding: Holding::Ended, .. })) => {
            format!("{name} inherits {entitlement} from another membership, without a reason of its own")
        }
        (_, Some(g)) if g.holding == Holding::Ended => format!("{name} had {entitlement}; it ended"),
        (_, Some(g)) => format!("{name} is losing {entitlement} ({})", g.holding.as_str()),
        (_, None) => format!("{name} has no reason to have {entitlement}"),
    }
}

/// An entitlement that an identity inherits from another one, as last read.
pub(super) struct Through<'a> {
    pub(super) entitlement: &'a EntitlementName,
    pub(super) words: String,
    pub(super) json: Value,
}

/// The entitlements that an identity inherits.
pub(super) fn held_through(accounts: &[Account]) -> Vec<Through<'_>> {
    let mut all = Vec::new();
    for account in accounts {
        let Observed::Present { at, through, .. } = &account.observed else { continue };
        for (entitlement, way) in through {
            let steps = steps_to(way, entitlement.local());
            let steps = steps.map(|all| all.iter().map(|e| format!("{}:{e}", account.key.system)).collect());
            let by: Vec<String> = steps.unwrap_or_else(|| vec![way.to_string()]);
            all.push(Through {
                entitlement,
                words: format!("by way of {} (read {})", by.join(", "), instant_words(*at)),
                json: json!({
                    "entitlement": entitlement.as_str(), "account": account.key.to_string(), "by_way_of": by,
                    "read": at.to_string(),
                }),
            });
        }
    }
    all
}
