//! Access at an instant in the past, from the ledger alone: what was held, why, who agreed, and what cannot be proved.

use super::agreed::Agreement;
use super::entries::Entries;
use super::past::{Past, Was};
use super::{Explain, Explanation};
use crate::authority::Target;
use crate::describe::instant_words;
use crate::{AppError, DecisionContext, Operation, OperationRefusal};
use jiff::Timestamp;
use serde_json::{Value, json};
use tenure_model::{EntitlementName, Name as _};

impl Explain<'_> {
    /// Explains what an identity held at an instant, from the entries of the ledger about it.
    ///
    /// # Errors
    /// When the name matches no identity, the instant is in the future, or the ledger cannot be read.
    pub async fn explain_at(
        &self,
        person: &str,
        entitlement: Option<&EntitlementName>,
        at: Timestamp,
        moment: &DecisionContext,
    ) -> Result<Explanation, AppError> {
        let stored = self.app.people().person(person).await?;
        self.app.authority().permit(Operation::ReadIdentity, &Target::of(&stored), moment).await?;
        if at > moment.now {
            return Err(AppError::precondition(OperationRefusal::InstantAhead { at, now: moment.now }));
        }
        let entries = self.entries(&stored, at).await?;
        let agreement = self.named(Past::of(&entries)).await?;
        let past = &agreement.past;
        let name = past.name.as_deref().unwrap_or(&stored.title).to_owned();
        let access = past.access.iter().filter(|((_, e), _)| entitlement.is_none_or(|w| w.as_str() == e));
        let access: Vec<(&(String, String), &Was)> = access.collect();
        let mut lines = vec![headline(&name, entitlement, at, past, &entries)];
        if entitlement.is_none() {
            lines.extend(past.accounts.iter().map(|(account, was)| account_line(account, was)));
        }
        for ((account, entitlement), was) in &access {
            lines.extend(access_lines(&agreement, (account, entitlement), was));
        }
        lines.extend(past.told_from().map(untold_line));
        lines.extend(proof_lines(&entries));
        let json = json!({
            "person": name, "id": stored.identity.id.to_string(), "at": at.to_string(), "phase": past.phase,
            "cut_off": past.cut_off,
            "accounts": past.accounts.iter().map(|(account, was)| with_name("account", account, was.json())).collect::<Vec<_>>(),
            "access": access.iter().map(|((account, entitlement), was)| {
                let mut json = with_name("entitlement", entitlement, was.json());
                json["account"] = json!(account);
                json["held"] = json!(was.is_there() && was.read.is_some());
                json["known"] = json!(!past.is_uncertain(Some(was)));
                json["answers"] = past.answers_about(entitlement).map(|a| agreement.said(a).json()).collect();
                json
            }).collect::<Vec<_>>(),
            "told_from": past.told_from(),
            "evidence": proof_json(&entries),
        });
        Ok(Explanation { json, lines, ..Explanation::default() })
    }
}

/// The answer in one line.
fn headline(
    name: &str,
    entitlement: Option<&EntitlementName>,
    at: Timestamp,
    past: &Past,
    entries: &Entries,
) -> String {
    let at = instant_words(at);
    let Some(entitlement) = entitlement else {
        let phase = past.phase.as_deref().unwrap_or("not known");
        let cut = if past.cut_off { " and cut off" } else { "" };
        return format!("{name} at {at}: {phase}{cut}");
    };
    let of = |(key, _): &(&(String, String), &Was)| key.1 == entitlement.as_str();
    let was = past.access.iter().find(of).map(|(_, was)| was);
    if let Some(told) = past.told_from().filter(|_| past.is_uncertain(was)) {
        return format!(
            "whether {name} had {entitlement} at {at} is not known: entries before {told} do not state each step"
        );
    }
    let unknown = entries.all.is_empty() || entries.erased() > 0 || !entries.is_whole;
    match was {
        Some(was) if was.is_there() && was.read.is_some() => format!("{name} had {entitlement} at {at}"),
        Some(was) if was.is_there() => {
            format!("{name} should have had {entitlement} at {at}; that it was there is not confirmed")
        }
        Some(was) if was.gate.is_some() => format!("{name} did not have {entitlement} at {at}: it waited"),
        Some(was) if was.read.is_some() => {
            format!("{name} did not have {entitlement} at {at}: it was removed")
        }
        Some(_) => format!("{name} was losing {entitlement} at {at}; that it was gone is not confirmed"),
        None if unknown => format!("whether {name} had {entitlement} at {at} cannot be proved"),
        None => format!("{name} did not have {entitlement} at {at}: nothing before decided it"),
    }
}

fn account_line(account: &str, was: &Was) -> String {
    let state = match &*was.what {
        "create" => "created, disabled",
        "enable" => "enabled",
        "disable" => "disabled",
        "delete" => "deleted",
        _ => "adopted as found",
    };
    format!("account {account}: {state}; {}", was.how_far())
}

fn access_lines(agreement: &Agreement, (account, entitlement): (&str, &str), was: &Was) -> Vec<String> {
    let state = match (was.is_there(), was.gate.is_some(), was.read.is_some()) {
        (true, _, true) => "held",
        (true, _, false) => "granted, not confirmed",
        (false, true, _) => "not held, it waits",
        (false, false, true) => "removed",
        (false, false, false) => "to be removed, not confirmed",
    };
    let by = was.by.as_ref().map(|by| format!(", by {by}")).unwrap_or_default();
    let state =
        if agreement.past.is_uncertain(Some(was)) { "not known now: last stated here" } else { state };
    let mut lines = vec![format!("{entitlement} ({state}), account {account}; {}{by}", was.how_far())];
    let word = if was.is_there() || was.gate.is_some() { "because of" } else { "ended:" };
    lines.extend(was.why.iter().map(|why| format!("  {word} {why}")));
    lines.extend(agreement.past.answers_about(entitlement).map(|a| agreement.said(a).line()));
    lines
}

/// From which entry on it is known what was decided.
fn untold_line(from: u64) -> String {
    format!("not known: what entries before {from} decided, because they do not state each step")
}

/// What the entries prove, and what they do not.
fn proof_lines(entries: &Entries) -> Vec<String> {
    let (Some(first), Some(last)) = (entries.all.first(), entries.all.last()) else {
        return vec![
            "evidence: the ledger has no entry about this identity up to then: what it held is not provable"
                .to_owned(),
        ];
    };
    let mut lines = vec![format!(
        "evidence: {} of the ledger, {} to {}",
        counted(entries.all.len(), "entry", "entries"),
        first.index,
        last.index
    )];
    let erased = entries.erased();
    if erased > 0 {
        let many = counted(erased, "entry was", "entries were");
        lines.push(format!("  the content of {many} erased: what was decided there is not known"));
    }
    lines.push(match entries.is_whole && entries.wrong.is_empty() {
        true => "  nothing is left out: each entry names the one before it, back to the first".to_owned(),
        false => "  completeness is not provable: the entries do not lead back to the first one".to_owned(),
    });
    if !entries.wrong.is_empty() {
        let wrong: Vec<String> = entries.wrong.iter().map(ToString::to_string).collect();
        lines.push(format!("  not as written, and left out: entries {}", wrong.join(", ")));
    }
    if last.index >= entries.signed {
        lines.push(format!("  not signed yet from entry {} on", entries.signed));
    }
    if entries.all.iter().any(|e| e.with_now) {
        lines.push("  made in a replay: instants are stated by hand".to_owned());
    }
    lines
}

fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

fn with_name(kind: &str, name: &str, mut json: Value) -> Value {
    json[kind] = json!(name);
    json
}

fn proof_json(entries: &Entries) -> Value {
    json!({
        "entries": entries.all.iter().map(|e| e.index).collect::<Vec<_>>(), "erased": entries.erased(),
        "complete": entries.is_whole && entries.wrong.is_empty(), "wrong": entries.wrong, "signed": entries.signed,
        "replay": entries.all.iter().any(|e| e.with_now),
    })
}
