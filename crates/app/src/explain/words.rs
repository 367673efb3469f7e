//! Parts of an explanation in words: names, holds, and the way through bundles.

use crate::describe::{hold_words, instant_words, reason_words};
use crate::{App, Moment};
use tenure_model::{BundleName, EntitlementName, Identity, Justification, Name as _};

impl App {
    /// A reason, and the bundles through which it gives something.
    pub(super) fn reason_and_way(
        &self,
        reason: &Justification,
        entitlement: &EntitlementName,
    ) -> Vec<String> {
        let said = format!("  because of {}", reason_words(reason));
        [said].into_iter().chain(self.way_words(reason, entitlement)).collect()
    }

    /// The bundles through which a rule gives something: `through money ← desk ← kit`.
    fn way_words(&self, reason: &Justification, entitlement: &EntitlementName) -> Option<String> {
        let policy = &self.context.setup.policy;
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

/// The names that somebody has, why, those that they had and those that are proposed, and what holds them.
pub(super) fn names_and_holds(identity: &Identity, moment: &Moment) -> impl Iterator<Item = String> {
    let names = identity.identifiers.iter().map(|(name, value)| {
        let former = identity.naming.former.get(name).map(|all| format!(", formerly {}", all.join(", ")));
        format!("  {name}: {value}{}{}", made_of_words(identity, name), former.unwrap_or_default())
    });
    let denied = identity.naming.renaming.as_ref().and_then(|r| r.denied);
    let state = denied.map_or_else(
        || "waits for a yes".to_owned(),
        |(_, at)| format!("was refused at {}: `tenure request rename` asks again", instant_words(at)),
    );
    let names = names.chain(identity.proposed().map(move |r| format!("  proposed: {r}, which {state}")));
    let holds = identity.decisions.holds.iter().filter(|h| h.is_on(moment.now));
    names.chain(holds.map(hold_words))
}

/// What a name was made of, where that is known.
fn made_of_words(identity: &Identity, name: &str) -> String {
    let Some(of) = identity.naming.made_of.get(name).filter(|of| !of.is_empty()) else {
        return String::new();
    };
    let parts: Vec<String> = of.iter().map(|(input, value)| format!("{input} {value}")).collect();
    format!(", made of {}", parts.join(", "))
}
