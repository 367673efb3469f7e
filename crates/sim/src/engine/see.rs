//! What is so after a step, with the keys that expectations use.

use super::world::{DecidedIdentity, World};
use crate::see::{
    accounts, asked_for, attributes, finding_words, former, grants, in_order, names, order_words, proposed,
};
use serde_json::{Map, Value, json};
use tenure_model::{Finding, Grant, Holding, IdentityId};

impl World {
    /// All that the engine alone can see.
    pub(crate) fn see(&self) -> Value {
        let here = self.known.values().filter(|k| k.subject.identity.merged_into.is_none());
        let people: Map<String, Value> =
            here.map(|k| (self.name(k.subject.identity.id), person(k))).collect();
        let all = |ids: &[IdentityId]| in_order(ids.iter().map(|id| self.name(*id)).collect());
        let held = self.feeds.iter().filter(|(_, f)| !f.held.is_empty());
        let asked = self.feeds.iter().flat_map(|(s, f)| f.questions.iter().map(move |(k, m)| (s, k, m)));
        let bad = self.feeds.iter().flat_map(|(s, f)| f.quarantine.iter().map(move |((k, _), v)| (s, k, v)));
        json!({
            "people": people,
            "labels": self.labels.iter().map(|(l, n)| (l.to_string(), json!(n))).collect::<Map<_, _>>(),
            "held": held.map(|(s, f)| format!("source {s}: {}", all(&f.held))).collect::<Vec<_>>(),
            "asked": asked.map(|(s, k, maybe)| format!("{s}:{k} maybe {}", all(maybe))).collect::<Vec<_>>(),
            "cut_off_orders": self.orders.iter().map(|o| order_words(&o.target, &|id| self.name(*id))).collect::<Vec<_>>(),
            "approvals": self.approvals(),
            "quarantine": bad.map(|(s, k, v)| format!("{s} {k}: {v}")).collect::<Vec<_>>(),
            "findings": self.found.iter().map(|f| self.named_finding(f)).collect::<Vec<_>>(),
            "refused": self.refused.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    }

    /// A finding with the name of the identity that a question in it is about.
    fn named_finding(&self, finding: &Finding) -> String {
        let words = finding_words(finding);
        let named = self.asked.iter().map(|r| r.identity).find(|id| words.contains(&id.to_string()));
        named.map_or(words.clone(), |id| words.replace(&id.to_string(), &self.name(id)))
    }

    fn approvals(&self) -> Vec<String> {
        let words = self.asked.iter().map(|r| {
            let mut to: Vec<String> = r.put_to().into_iter().map(|id| self.name(id)).collect();
            to.sort();
            to.dedup();
            format!("{}: {} for {}: put to {}", self.name(r.identity), r.rule, asked_for(r), to.join(", "))
        });
        words.collect()
    }
}

/// What is decided, without what is only held by a brake.
fn ended(grants: &[Grant]) -> Vec<Grant> {
    grants.iter().filter(|g| g.holding != Holding::Ending).cloned().collect()
}

fn person(known: &DecidedIdentity) -> Value {
    let subject = &known.subject;
    json!({
        "phase": known.phase.as_str(),
        "cut_off": subject.identity.is_cut_off(),
        "accounts": accounts(subject.accounts.iter().map(|a| (a.key.to_string(), a.target.state))),
        // What a brake of a system holds counts as ended in the comparison.
        "grants": grants(&ended(&subject.grants)),
        "attributes": attributes(&subject.accounts),
        "names": names(&subject.identity),
        "former": former(&subject.identity),
        "proposed": proposed(&subject.identity),
        "findings": known.findings.iter().map(finding_words).collect::<Vec<_>>(),
        "next": known.next.map(|n| n.to_string()),
    })
}
