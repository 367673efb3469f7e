//! Explains why an identity has, had, or cannot have access: rules, records, dates and zone, as of now.

mod accounts;
mod agreed;
mod asked;
mod at;
mod entries;
mod history;
mod past;
mod words;

pub use self::history::HistoryEntry;

use self::asked::Asked;
use self::words::{EntitlementState, answer_words, held_through, names_and_holds};
use crate::authority::Target;
use crate::describe::{instant_words, reason_json, reason_words, rename_json};
use crate::{AppError, DecisionContext, Operation};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_engine::{Won, diff, settle, value_on, withheld};
use tenure_model::Name;
use tenure_model::{
    AttributeName, Engagement, EntitlementName, Finding, Grant, Identity, Phase, Settlement, Subject,
};
use tenure_policy::{Baseline, ClassCache, Given, Inputs};
use tenure_store::StoredSubject;

crate::app::part! {
    /// Why an identity has, had or cannot have access.
    Explain, explain
}

/// Most requests that are listed.
const REQUESTS_MAX: u32 = 100;

/// An explanation, as JSON and as lines for people.
#[derive(Debug, Clone, Default)]
pub struct Explanation {
    /// Everything.
    pub json: Value,
    /// The same in words, without the findings.
    pub lines: Vec<String>,
    /// What is found about it: the edge words it.
    pub findings: Vec<Finding>,
    /// Shown attributes that only some people may read.
    pub read: BTreeSet<AttributeName>,
    /// What a person can do next, as far as the edge names commands for it.
    pub advice: BTreeSet<Advice>,
}

/// What an explanation shows that a person can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Advice {
    /// Proposed names wait for approval.
    RenameWaits,
    /// Proposed names were refused.
    RenameRefused,
}

impl Explain<'_> {
    /// Explains the access of an identity, or one entitlement of it.
    ///
    /// # Errors
    /// When the name matches no identity, or the store fails.
    pub async fn explain(
        &self,
        person: &str,
        entitlement: Option<&EntitlementName>,
        moment: &DecisionContext,
    ) -> Result<Explanation, AppError> {
        let stored = self.app.people().person(person).await?;
        self.app.authority().permit(Operation::ReadIdentity, &Target::of(&stored), moment).await?;
        let subject = self.app.references().subject(&stored, moment).await?;
        let settlement = settle(&self.app.context, &subject, &mut ClassCache::default(), moment.now);
        let asked = self.asked(&stored, moment).await?;
        let mut explanation = match entitlement {
            None if self.app.reading().withholds() => {
                let reader = self.app.reading().reader(&stored, moment).await?;
                let reads = |readers: &str| reader.reads(readers);
                let explanation =
                    self.explain_person(&stored, &subject, &settlement, &asked, &reads, moment)?;
                self.app.reading().note_reading(&stored, &explanation.read, moment).await?;
                explanation
            }
            None => self.explain_person(&stored, &subject, &settlement, &asked, &|_| true, moment)?,
            Some(e) => self.explain_entitlement(&stored, &subject, &settlement, &asked, e, moment),
        };
        self.tell_accounts(&stored, entitlement, &mut explanation).await?;
        if entitlement.is_none() {
            explanation.advice.extend(rename_advice(&stored.identity));
            let bad = self.app.quarantine().quarantine_of(stored.identity.id, moment).await?;
            let line = |q: &crate::InQuarantine| format!("finding: quarantined: {}", q.words());
            // First of all: the rest may rest on a row that is not the latest one of its source.
            let after_first = explanation.lines.len().min(1);
            explanation.lines.splice(after_first..after_first, bad.iter().map(line));
            explanation.json["quarantined"] = bad.iter().map(crate::InQuarantine::words).collect();
            if let Some((lines, details)) = self.app.cut_off().told(&stored, moment).await? {
                let after_first = explanation.lines.len().min(1);
                explanation.lines.splice(after_first..after_first, lines);
                explanation.json["cut_off_details"] = details;
            }
        }
        let mut through = held_through(&stored.accounts);
        through.retain(|t| entitlement.is_none_or(|e| t.entitlement == e));
        explanation.lines.extend(through.iter().map(|t| format!("{}, {}", t.entitlement, t.words)));
        explanation.json["through"] = through.into_iter().map(|t| t.json).collect();
        let mut decided = self.app.decisions().standing_shown(&stored, moment).await?;
        decided.retain(|d| entitlement.is_none_or(|e| d.gives(&self.app.context, e)));
        explanation.lines.extend(decided.iter().map(|d| format!("  individual decision: {}", d.line)));
        explanation.json["decided"] = decided.into_iter().map(|d| d.json).collect();
        Ok(explanation)
    }

    fn explain_person(
        &self,
        stored: &StoredSubject,
        subject: &Subject,
        settlement: &Settlement,
        asked: &Asked,
        reads: &dyn Fn(&str) -> bool,
        moment: &DecisionContext,
    ) -> Result<Explanation, AppError> {
        let mut out = Explanation::default();
        let cut = if settlement.cut_off { " and cut off" } else { "" };
        let now = instant_words(moment.now);
        out.lines.push(format!("{} is {}{cut} (as of {now})", stored.title, settlement.phase.as_str()));
        out.lines.extend(names_and_holds(&stored.identity, moment));
        let mut engagements = Vec::new();
        for (id, phase) in &settlement.engagements {
            let Some(engagement) = stored.identity.engagements.iter().find(|e| e.id == *id) else { continue };
            let primary = settlement.primary == Some(*id);
            engagements.push(self.engagement(subject, engagement, *phase, primary, reads, moment, &mut out));
        }
        let mut grants = Vec::new();
        for due in &settlement.wanted() {
            let held =
                subject.grants.iter().find(|g| g.account == due.account && g.entitlement == due.entitlement);
            let waits = if asked.about(&due.entitlement).next().is_some() {
                "waits for approval"
            } else {
                "not given yet"
            };
            let state = held.map_or(waits, |g| g.holding.as_str());
            out.lines.push(format!("{} ({state})", due.entitlement));
            out.lines.extend(due.justifications.iter().map(|j| format!("  {}", reason_words(j))));
            let (answers, since) = asked.agreement.tell(&stored.identity.decisions, due, &mut out.lines);
            out.lines.extend(asked.lines(&due.entitlement));
            grants.push(json!({
                "entitlement": due.entitlement.as_str(), "account": due.account.to_string(), "held": state,
                "because": due.justifications.iter().map(reason_json).collect::<Vec<_>>(),
                "waits_for": asked.about(&due.entitlement).map(|r| asked.json(r)).collect::<Vec<_>>(),
                "answers": answers, "since": since,
            }));
        }
        out.findings.clone_from(&settlement.findings);
        if let Some(next) = settlement.next {
            out.lines.push(format!("the next change without new input is due at {}", instant_words(next)));
        }
        out.json = json!({
            "person": &*stored.title, "id": stored.identity.id.to_string(), "phase": settlement.phase.as_str(),
            "cut_off": settlement.cut_off, "at": moment.now.to_string(),
            "zones": self.app.context.zones.version(), "set_up": self.app.context.setup.hash.as_str(),
            "identifiers": text_map(&stored.identity.identifiers), "former": former_json(&stored.identity),
            "proposed": stored.identity.proposed().map(|r| rename_json(&r)).collect::<Vec<_>>(),
            "engagements": engagements, "grants": grants,
            "open_steps": crate::describe::plan_json(&diff(&self.app.context, subject, settlement)),
            "next": settlement.next.map(|n| n.to_string()),
        });
        Ok(out)
    }

    #[expect(clippy::too_many_arguments, reason = "one engagement of the explanation above, as it stands")]
    fn engagement(
        &self,
        subject: &Subject,
        engagement: &Engagement,
        phase: Phase,
        primary: bool,
        reads: &dyn Fn(&str) -> bool,
        moment: &DecisionContext,
        out: &mut Explanation,
    ) -> Value {
        let zone = &engagement.zone;
        let mark = if primary { ", primary" } else { "" };
        out.lines.push(format!(
            "engagement {} ({}{mark}) is {}: from {}, {}, {}, in {}",
            engagement.key_text(),
            engagement.kind,
            phase.as_str(),
            shown(engagement.start),
            dated("last day", engagement.last_day),
            dated("end date", engagement.end),
            zone.name,
        ));
        let day = self
            .app
            .context
            .zones
            .get(&zone.name)
            .map_or(moment.now.to_zoned(jiff::tz::TimeZone::UTC).date(), |z| {
                tenure_model::when::local_date(moment.now, &z)
            });
        let withheld = withheld(&self.app.context, &subject.identity, engagement, day, moment.now);
        let mut attributes = serde_json::Map::new();
        for name in self.app.context.setup.attributes.keys() {
            let Some((value, won)) =
                value_on(&self.app.context, &subject.identity, engagement, name, day, moment.now)
            else {
                continue;
            };
            let by = match won {
                Won::Source(source) => format!("source {source}"),
                Won::Override => "set by hand".to_owned(),
            };
            if let Some(readers) = withheld.get(name).filter(|readers| !reads(readers)) {
                out.lines.push(format!("  {name} is withheld: {readers} reads it"));
                attributes.insert(name.to_string(), json!({ "withheld": &**readers, "from": by }));
                continue;
            }
            out.read.extend(withheld.contains_key(name).then(|| name.clone()));
            out.lines.push(format!("  {name} = {value} ({by})"));
            attributes.insert(name.to_string(), json!({ "value": value.to_string(), "from": by }));
        }
        json!({
            "source": engagement.source.as_str(), "key": engagement.key.as_str(), "type": engagement.kind.as_str(),
            "phase": phase.as_str(), "primary": primary, "zone": &*zone.name,
            "start": engagement.start.map(|d| d.to_string()),
            "last_day": engagement.last_day.map(|d| d.to_string()),
            "end": engagement.end.map(|d| d.to_string()),
            "attributes": attributes,
        })
    }

    fn explain_entitlement(
        &self,
        stored: &StoredSubject,
        subject: &Subject,
        settlement: &Settlement,
        asked: &Asked,
        entitlement: &EntitlementName,
        moment: &DecisionContext,
    ) -> Explanation {
        let mut out = Explanation::default();
        let wanted = settlement.wanted();
        let due = wanted.iter().find(|g| &g.entitlement == entitlement);
        let held = subject.grants.iter().find(|g| &g.entitlement == entitlement);
        let name = &stored.title;
        let answers = || subject.identity.decisions.answers.values();
        let is_denied = answers().any(|a| &a.reason.entitlement == entitlement && !a.approved);
        let waits = asked.about(entitlement).next().is_some();
        let found = match due {
            Some(_) if waits => EntitlementState::Waits,
            Some(_) if is_denied => EntitlementState::Refused,
            Some(_) => EntitlementState::Due,
            None if held_through(&subject.accounts).iter().any(|t| t.entitlement == entitlement) => {
                EntitlementState::Through
            }
            None => EntitlementState::Nothing,
        };
        let answer = answer_words(name, entitlement, found, held);
        out.lines.push(answer.clone());
        if self.app.context.entitlement(entitlement).is_none() {
            out.lines.push(format!(
                "no system declares {entitlement}: see systems/{}.toml",
                entitlement.system_str()
            ));
        }
        let because = due.map(|d| d.justifications.as_slice()).unwrap_or_default();
        out.lines.extend(because.iter().flat_map(|j| self.reason_and_way(j, entitlement)));
        out.lines.extend(before(due.is_none(), held));
        let rules = self.rules(subject, settlement, entitlement, moment, &mut out.lines);
        out.lines.extend(asked.lines(entitlement));
        let decisions = &subject.identity.decisions;
        let (history, answers) = asked.agreement.tell_all(decisions, entitlement, &mut out.lines);
        out.findings.extend(settlement.findings.iter().filter(|f| f.names(entitlement)).cloned());
        out.json = json!({
            "person": &**name, "entitlement": entitlement.as_str(), "answer": answer,
            "because": because.iter().map(reason_json).collect::<Vec<_>>(),
            "held": held.map(|g| g.holding.as_str()),
            "rules": rules,
            "waits_for": asked.about(entitlement).map(|r| asked.json(r)).collect::<Vec<_>>(),
            "answers": answers, "history": history,
            "lines": out.lines,
        });
        out
    }

    /// The rules that could grant it, and whether each does for each engagement.
    fn rules(
        &self,
        subject: &Subject,
        settlement: &Settlement,
        entitlement: &EntitlementName,
        moment: &DecisionContext,
        lines: &mut Vec<String>,
    ) -> Vec<Value> {
        let mut rules = Vec::new();
        let policy = &self.app.context.setup.policy;
        for rule in policy.baselines.iter().filter(|r| r.grant.iter().any(|g| could_give(g, entitlement))) {
            for (id, phase) in &settlement.engagements {
                let Some(engagement) = subject.identity.engagements.iter().find(|e| e.id == *id) else {
                    continue;
                };
                let verdict = self.verdict(&subject.identity, engagement, *phase, rule, moment);
                lines.push(format!(
                    "  rule `{}` ({}:{}), `{}`: {verdict} for {}",
                    rule.name,
                    rule.at.file,
                    rule.at.line,
                    rule.when.source(),
                    engagement.key_text()
                ));
                rules.push(json!({
                    "rule": rule.name.as_str(), "file": &*rule.at.file, "line": rule.at.line, "when": &**rule.when.source(),
                    "engagement": &*engagement.key_text(), "verdict": verdict,
                }));
            }
        }
        if rules.is_empty() {
            lines.push("  no baseline rule can give it".to_owned());
        }
        rules
    }

    fn verdict(
        &self,
        identity: &Identity,
        engagement: &Engagement,
        phase: Phase,
        rule: &Baseline,
        moment: &DecisionContext,
    ) -> String {
        let zone = self.app.context.zones.get(&engagement.zone.name).unwrap_or(jiff::tz::TimeZone::UTC);
        let day = tenure_model::when::local_date(moment.now, &zone);
        let values = tenure_engine::values_on(&self.app.context, identity, engagement, day, moment.now);
        let inputs = Inputs {
            attributes: Some(&values),
            engagement_type: Some(&engagement.kind),
            engagement_source: Some(&engagement.source),
            identity_kind: Some(identity.kind),
            phase: Some(phase),
            identifiers: Some(&identity.identifiers),
            ..Inputs::default()
        };
        match rule.when.holds(&inputs) {
            Ok(true) if rule.during.contains(&phase) => "holds".to_owned(),
            Ok(true) => format!("holds, but not while {}", phase.as_str()),
            Ok(false) => "does not hold".to_owned(),
            Err(problem) => format!("cannot be decided: {problem}"),
        }
    }
}

/// What can be done about proposed names.
fn rename_advice(identity: &Identity) -> Option<Advice> {
    identity.proposed().next()?;
    let denied = identity.naming.renaming.as_ref().and_then(|r| r.denied);
    Some(if denied.is_some() { Advice::RenameRefused } else { Advice::RenameWaits })
}

fn before(ended: bool, held: Option<&Grant>) -> Vec<String> {
    let was = held.filter(|_| ended).map(|g| g.justifications.as_slice()).unwrap_or_default();
    was.iter().map(|j| format!("  the last reason was {}", reason_words(j))).collect()
}

/// Whether a grant of a rule can result in this entitlement.
fn could_give(given: &Given, entitlement: &EntitlementName) -> bool {
    match given {
        Given::One(one) => one == entitlement,
        Given::Each { system, prefix, suffix, .. } => {
            entitlement.system_str() == system.as_str()
                && entitlement.local().starts_with(&**prefix)
                && entitlement.local().ends_with(&**suffix)
        }
    }
}

fn shown<T: std::fmt::Display>(value: Option<T>) -> String {
    value.map_or("not stated".to_owned(), |v| v.to_string())
}

fn dated<T: std::fmt::Display>(what: &str, value: Option<T>) -> String {
    value.map_or_else(|| format!("no {what}"), |value| format!("{what} {value}"))
}

fn text_map(map: &BTreeMap<Arc<str>, Arc<str>>) -> Value {
    map.iter().map(|(k, v)| (k.to_string(), json!(&**v))).collect::<serde_json::Map<_, _>>().into()
}

/// Former names of an identity, by kind.
fn former_json(identity: &Identity) -> Value {
    let former = identity.naming.former.iter();
    former
        .map(|(name, all)| (name.to_string(), all.iter().map(|f| json!(&**f)).collect()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
