//! Since when access is decided, when it was read back, and who approved or denied it: from the ledger's entries.

use super::Explain;
use super::past::{Agreed, Past, Stage, Stated, Was};
use crate::AppError;
use crate::describe::instant_words;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{Answer, Decisions, DueGrant, EntitlementName, IdentityId, Name as _, Reason};
use tenure_store::StoredSubject;

/// What the entries say, with the names of those who answered.
#[derive(Default)]
pub(super) struct Agreement {
    /// What the entries add up to.
    pub(super) past: Past,
    names: BTreeMap<String, Arc<str>>,
}

impl Explain<'_> {
    /// What the ledger says about present access; nothing where it cannot be read, which is no reason to explain nothing.
    pub(super) async fn agreement(&self, stored: &StoredSubject, until: Timestamp) -> Agreement {
        let Ok(entries) = self.entries(stored, until).await else { return Agreement::default() };
        self.named(Past::of(&entries)).await.unwrap_or_default()
    }

    /// What was added up, with the names of those who answered.
    pub(super) async fn named(&self, past: Past) -> Result<Agreement, AppError> {
        let voters = past.agreed.iter().flat_map(|a| &a.votes);
        let ids: BTreeSet<IdentityId> = voters.filter_map(|v| IdentityId::parse(&v.by)).collect();
        let ids: Vec<IdentityId> = ids.into_iter().collect();
        let known = if ids.is_empty() { Vec::new() } else { self.app.stored().readable(&ids).await? };
        let names = known.into_iter().map(|s| (s.identity.id.to_string(), s.title)).collect();
        Ok(Agreement { past, names })
    }
}

impl Agreement {
    /// Tells since when one due grant is decided and who approved each of its reasons; returns the answers and the history as JSON.
    pub(super) fn tell(
        &self,
        decisions: &Decisions,
        due: &DueGrant,
        lines: &mut Vec<String>,
    ) -> (Vec<Value>, Value) {
        let reasons = due.justifications.iter().map(|j| Reason::of(&due.account, &due.entitlement, j));
        let reasons: BTreeSet<Reason> = reasons.collect();
        let answers = decisions.answers.values().filter(|a| reasons.contains(&a.reason));
        let answers: Vec<Said> = answers.map(|a| self.answer(a)).collect();
        lines.extend(answers.iter().map(Said::line));
        let key = (due.account.to_string(), due.entitlement.to_string());
        let was = self.past.access.get(&key).filter(|was| was.is_there());
        lines.extend(was.map(|was| format!("  {}", was.how_far())));
        (answers.iter().map(Said::json).collect(), was.map(Was::json).unwrap_or_default())
    }

    /// Tells everything that the ledger says of one entitlement, and each answer about it; returns both as JSON.
    pub(super) fn tell_all(
        &self,
        decisions: &Decisions,
        entitlement: &EntitlementName,
        lines: &mut Vec<String>,
    ) -> (Vec<Value>, Vec<Value>) {
        let of = |((_, e), was): ((&String, &String), &Was)| (e == entitlement.as_str()).then(|| was.clone());
        let history: Vec<Was> =
            self.past.access.iter().filter_map(|((a, e), was)| of(((a, e), was))).collect();
        let is_answered = self.past.answers_about(entitlement.as_str()).next().is_some();
        // What waited and was answered is told by the answer.
        for was in history.iter().filter(|was| !(was.stage == Stage::Waits && is_answered)) {
            let word = if was.what == "revoke" { "removal " } else { "" };
            let by = was.by.as_ref().map(|by| format!(", by {by}")).unwrap_or_default();
            lines.push(format!("  {word}{}{by}", was.how_far()));
            let ended = was.why.iter().filter(|_| was.what == "revoke");
            lines.extend(ended.map(|why| format!("    ended: {why}")));
        }
        let told: Vec<&Agreed> = self.past.answers_about(entitlement.as_str()).collect();
        let others = decisions.answers.values().filter(|a| {
            let id = a.approval.to_string();
            a.reason.entitlement == *entitlement && !told.iter().any(|t| t.id == id)
        });
        let answers: Vec<Said> =
            told.iter().map(|a| self.said(a)).chain(others.map(|a| self.answer(a))).collect();
        lines.extend(answers.iter().map(Said::line));
        (history.iter().map(Was::json).collect(), answers.iter().map(Said::json).collect())
    }

    fn answer(&self, answer: &Answer) -> Said {
        let id = answer.approval.to_string();
        match self.past.agreed.iter().rev().find(|agreed| agreed.id == id) {
            Some(agreed) => self.said(agreed),
            None => Said {
                rule: answer.rule.to_string(),
                approved: answer.approved,
                at: answer.at,
                entry: None,
                by: Vec::new(),
            },
        }
    }

    /// An answered request, with names.
    pub(super) fn said(&self, agreed: &Agreed) -> Said {
        let name = |id: &String| self.names.get(id).map_or_else(|| id.clone(), ToString::to_string);
        let votes = agreed.votes.iter().filter(|v| v.approved == agreed.approved);
        Said {
            rule: agreed.rule.clone(),
            approved: agreed.approved,
            at: agreed.at.0,
            entry: Some(agreed.at.1),
            by: votes.map(|v| (name(&v.by), v.comment.clone())).collect(),
        }
    }
}

/// The answer to a request: the rule that asked, who answered, when, and why.
pub(super) struct Said {
    rule: String,
    approved: bool,
    at: Timestamp,
    entry: Option<u64>,
    by: Vec<(String, String)>,
}

impl Said {
    /// In words: `approved under rule `x` at … by Ola Müller: "known and needed" (entry 12)`.
    pub(super) fn line(&self) -> String {
        let word = if self.approved { "approved" } else { "denied" };
        let one = |(name, comment): &(String, String)| match comment.is_empty() {
            true => name.clone(),
            false => format!("{name} (\"{comment}\")"),
        };
        let by: Vec<String> = self.by.iter().map(one).collect();
        let by = match (by.is_empty(), self.entry, self.approved) {
            (false, ..) => format!(" by {}", by.join(" and ")),
            (true, Some(_), false) => ": no approver answered in time".to_owned(),
            (true, ..) => String::new(),
        };
        let entry = self.entry.map(|entry| format!(" (entry {entry})")).unwrap_or_default();
        format!("  {word} under rule `{}` at {}{by}{entry}", self.rule, instant_words(self.at))
    }

    /// As JSON.
    pub(super) fn json(&self) -> Value {
        json!({
            "rule": self.rule, "approved": self.approved, "at": self.at.to_string(), "entry": self.entry,
            "by": self.by.iter().map(|(name, comment)| json!({ "name": name, "comment": comment })).collect::<Vec<_>>(),
        })
    }
}

impl Was {
    /// Since when it is decided and whether it was read back: `decided 2026-01-13T09:00:00Z (entry 5), confirmed by a read at …`.
    pub(super) fn how_far(&self) -> String {
        let stated = |(at, entry): Stated| format!("{} (entry {entry})", instant_words(at));
        let since = stated(self.since);
        let read = self.read.map(stated).unwrap_or_default();
        match self.stage {
            Stage::Waits => format!("decided {since}, {}", self.gate.as_deref().unwrap_or("waits")),
            Stage::Decided => format!("decided {since}, not confirmed"),
            Stage::Claimed => format!("decided {since}, claimed by the system or its owner, not read back"),
            Stage::Attested => format!("decided {since}, attested {read}"),
            Stage::Confirmed => format!("decided {since}, confirmed by a read {read}"),
        }
    }

    /// As JSON.
    pub(super) fn json(&self) -> Value {
        json!({
            "what": self.what, "stage": self.stage.as_str(), "since": self.since.0.to_string(), "entry": self.since.1,
            "read": self.read.map(|(at, _)| at.to_string()), "read_entry": self.read.map(|(_, entry)| entry),
            "because": self.why, "gate": self.gate, "by": self.by,
        })
    }
}

impl Stage {
    /// As shown to people.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Waits => "waits",
            Self::Decided => "decided",
            Self::Claimed => "claimed",
            Self::Attested => "attested",
            Self::Confirmed => "confirmed",
        }
    }
}
