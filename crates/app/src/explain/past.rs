//! What the entries of the ledger add up to: each account and entitlement with since when, why, whether it was read back, and the
//! answers of approvers.

use super::entries::{Entered, Entries};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// An instant, and the entry that states it.
pub(super) type Stated = (Timestamp, u64);

/// How far an account or an entitlement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It waits: for approval, for the release of a brake, or for the end of a conflict.
    Waits,
    /// It was decided, and is not read back.
    Decided,
    /// The system was written, and is not read back.
    Claimed,
    /// A person attests it.
    Attested,
    /// It was read back.
    Confirmed,
}

/// An account or an entitlement, as the entries tell.
#[derive(Debug, Clone)]
pub(super) struct Was {
    /// What it is or is to be: a kind of step, as evidence names it.
    pub(super) what: String,
    /// How far it is.
    pub(super) stage: Stage,
    /// When it was decided.
    pub(super) since: Stated,
    /// When it was last read back as decided, or attested.
    pub(super) read: Option<Stated>,
    /// Why: reasons, or a note.
    pub(super) why: Vec<String>,
    /// The gate of a step that waits.
    pub(super) gate: Option<String>,
    /// The person by whose command it was decided.
    pub(super) by: Option<String>,
}

impl Was {
    /// Whether it is there, or is to be there: not removed, and not waiting.
    pub(super) fn is_there(&self) -> bool {
        self.stage != Stage::Waits && !["revoke", "delete"].contains(&&*self.what)
    }
}

/// One answer to a request.
#[derive(Debug, Clone)]
pub(super) struct Voted {
    /// The voter's id.
    pub(super) by: String,
    /// Yes or no.
    pub(super) approved: bool,
    /// The comment.
    pub(super) comment: String,
}

/// An answered request for approval.
#[derive(Debug, Clone)]
pub(super) struct Agreed {
    /// Its id.
    pub(super) id: String,
    /// Its rule.
    pub(super) rule: String,
    /// What it was about.
    pub(super) grants: Vec<String>,
    /// Whether it was approved.
    pub(super) approved: bool,
    /// The answers.
    pub(super) votes: Vec<Voted>,
    /// When it was decided.
    pub(super) at: Stated,
}

/// The access of an identity, as the entries tell.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// The phase as last decided.
    pub(super) phase: Option<String>,
    /// Whether a cut-off was in force.
    pub(super) cut_off: bool,
    /// The display name as last decided.
    pub(super) name: Option<String>,
    /// Accounts.
    pub(super) accounts: BTreeMap<String, Was>,
    /// Entitlements, by account and name.
    pub(super) access: BTreeMap<(String, String), Was>,
    /// Answered requests.
    pub(super) agreed: Vec<Agreed>,
    /// The last entry that does not state what each of its steps does, as older versions of Tenure wrote them.
    pub(super) untold: Option<u64>,
}

impl Past {
    /// Adds up entries, the oldest first.
    pub(super) fn of(entries: &Entries) -> Self {
        let mut past = Self::default();
        for entered in &entries.all {
            let Some(said) = &entered.said else { continue };
            match entered.kind.as_str() {
                "case.decided" => past.decided(said, entered),
                "task.claimed" | "manual.claimed" => past.seen(said, Stage::Claimed, entered),
                "task.confirmed" => past.seen(said, Stage::Confirmed, entered),
                "manual.attested" => past.seen(said, Stage::Attested, entered),
                _ => {}
            }
        }
        past
    }

    /// The first entry that states each step, where earlier ones do not: what those decided is not known.
    pub(super) fn told_from(&self) -> Option<u64> {
        self.untold.map(|index| index.saturating_add(1))
    }

    /// Whether the state of something may be another one than its last known step says: an entry after it does not state its steps.
    pub(super) fn is_uncertain(&self, was: Option<&Was>) -> bool {
        self.untold.is_some_and(|untold| was.is_none_or(|was| was.since.1 < untold))
    }

    /// The answers about an entitlement.
    pub(super) fn answers_about(&self, entitlement: &str) -> impl Iterator<Item = &Agreed> {
        self.agreed.iter().filter(move |a| a.grants.iter().any(|g| g == entitlement))
    }

    fn decided(&mut self, said: &Value, entered: &Entered) {
        self.phase = said["phase"].as_str().map(str::to_owned).or(self.phase.take());
        self.name = said["name"].as_str().map(str::to_owned).or(self.name.take());
        self.cut_off = said["cut_off"].as_bool().unwrap_or_default();
        let by = ["as", "actor"].iter().find_map(|who| said[*who]["name"].as_str()).map(str::to_owned);
        self.adopted(&said["cause"], by.as_ref(), entered);
        self.answered(&said["cause"], entered);
        if !states_each_step(said) {
            self.untold = Some(entered.index);
        }
        for step in said["steps"].as_array().into_iter().flatten() {
            let (Some(what), Some(account)) = (step["kind"].as_str(), step["account"].as_str()) else {
                continue;
            };
            let waits = step["waits_for"].as_str().is_some_and(|gate| gate != "mode");
            let was = Was {
                what: what.to_owned(),
                stage: if waits { Stage::Waits } else { Stage::Decided },
                since: (entered.at, entered.index),
                read: None,
                why: reasons(step),
                gate: step["gate"].as_str().map(str::to_owned).filter(|_| waits),
                by: by.clone(),
            };
            match (what, step["entitlement"].as_str()) {
                ("grant" | "revoke", Some(entitlement)) => {
                    put(&mut self.access, (account.to_owned(), entitlement.to_owned()), was);
                }
                ("create" | "enable" | "disable" | "delete", _) => {
                    put(&mut self.accounts, account.to_owned(), was);
                }
                _ => {}
            }
        }
    }

    /// Access that existed before, and was adopted as it was found.
    fn adopted(&mut self, cause: &Value, by: Option<&String>, entered: &Entered) {
        let (Some(_), Some(account)) = (cause["adopted"].as_array(), cause["system"].as_str()) else {
            return;
        };
        let stated = (entered.at, entered.index);
        let found = || Was {
            what: "grant".to_owned(),
            stage: Stage::Confirmed,
            since: stated,
            read: Some(stated),
            why: vec!["it was there, and was adopted as found".to_owned()],
            gate: None,
            by: by.cloned(),
        };
        self.accounts.insert(account.to_owned(), Was { what: "adopt".to_owned(), ..found() });
        for grant in cause["entitlements"].as_array().into_iter().flatten() {
            if let (Some(account), Some(entitlement)) = (grant["account"].as_str(), grant["name"].as_str()) {
                self.access.insert((account.to_owned(), entitlement.to_owned()), found());
            }
        }
    }

    fn answered(&mut self, cause: &Value, entered: &Entered) {
        let (Some(rule), Some(approved)) = (cause["rule"].as_str(), cause["approved"].as_bool()) else {
            return;
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let vote = |v: &Value| Voted {
            by: text(&v["by"]),
            approved: v["approved"].as_bool().unwrap_or_default(),
            comment: text(&v["comment"]),
        };
        self.agreed.push(Agreed {
            id: text(&cause["approval"]),
            rule: rule.to_owned(),
            grants: cause["grants"].as_array().into_iter().flatten().map(text).collect(),
            approved,
            votes: cause["votes"].as_array().into_iter().flatten().map(vote).collect(),
            at: (entered.at, entered.index),
        });
    }

    /// What a task did or saw on an account: everything that was decided there is so far.
    fn seen(&mut self, said: &Value, stage: Stage, entered: &Entered) {
        let account = said["about"]["account"].as_str().or(said["account"].as_str());
        let Some(account) = account else { return };
        let of_account = self.access.iter_mut().filter(|((of, _), _)| of == account).map(|(_, was)| was);
        for was in of_account.chain(self.accounts.get_mut(account)) {
            let is_further =
                was.stage != Stage::Waits && (stage != Stage::Claimed || was.stage == Stage::Decided);
            if is_further {
                was.stage = stage;
                was.read = if stage == Stage::Claimed { was.read } else { Some((entered.at, entered.index)) };
            }
        }
    }
}

/// Whether each step of an entry says what it does to which account, and an adoption which access it found.
fn states_each_step(said: &Value) -> bool {
    let tells = |step: &Value| step["kind"].is_string() && step["account"].is_string();
    let cause = &said["cause"];
    said["steps"].as_array().is_some_and(|steps| steps.iter().all(tells))
        && (!cause["adopted"].is_array() || cause["entitlements"].is_array())
}

/// A step that waits does not take away what is there.
fn put<K: Ord>(map: &mut BTreeMap<K, Was>, key: K, was: Was) {
    let is_there = map.get(&key).is_some_and(|before| before.stage != Stage::Waits);
    if !(was.stage == Stage::Waits && is_there) {
        map.insert(key, was);
    }
}

/// The reasons of a step, or its note.
fn reasons(step: &Value) -> Vec<String> {
    let reason = |b: &Value| {
        let until = b["until"].as_str().map(|u| format!(" until {u}")).unwrap_or_default();
        format!(
            "{} \"{}\"{until}",
            b["kind"].as_str().unwrap_or_default(),
            b["reference"].as_str().unwrap_or_default()
        )
    };
    let reasons = step["because"].as_array().into_iter().flatten().map(reason);
    reasons.chain(step["note"].as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entered(index: u64, kind: &str, said: Value) -> Entered {
        let at = Timestamp::from_second(i64::try_from(index).unwrap()).unwrap();
        Entered { index, at, kind: kind.to_owned(), said: Some(said), with_now: false }
    }

    fn past(all: Vec<Entered>) -> Past {
        Past::of(&Entries { all, ..Entries::default() })
    }

    fn grant(kind: &str, waits_for: Value) -> Value {
        json!({ "phase": "active", "steps": [{
            "kind": kind, "entitlement": "git:dev", "account": "git", "waits_for": waits_for, "gate": "a gate",
            "because": [{ "kind": "baseline", "reference": "devs" }],
        }]})
    }

    fn of(past: &Past) -> &Was {
        &past.access[&("git".to_owned(), "git:dev".to_owned())]
    }

    #[test]
    fn access_is_confirmed_only_by_a_read() {
        let decided = || entered(1, "case.decided", grant("grant", Value::Null));
        let claimed = || entered(2, "task.claimed", json!({ "account": "git" }));
        let read = || entered(3, "task.confirmed", json!({ "account": "git" }));
        assert_eq!(of(&past(vec![decided()])).stage, Stage::Decided);
        assert_eq!(of(&past(vec![decided(), claimed()])).stage, Stage::Claimed);
        let all = past(vec![decided(), claimed(), read()]);
        assert_eq!(
            (of(&all).stage, of(&all).read.map(|r| r.1), of(&all).since.1),
            (Stage::Confirmed, Some(3), 1)
        );
        assert_eq!(of(&all).why, ["baseline \"devs\""]);
        let ended = past(vec![decided(), read(), entered(4, "case.decided", grant("revoke", Value::Null))]);
        assert!(!of(&ended).is_there() && of(&ended).stage == Stage::Decided);
    }

    #[test]
    fn an_entry_that_does_not_state_its_steps_leaves_what_was_held_unknown() {
        let older = |index| {
            entered(
                index,
                "case.decided",
                json!({ "phase": "active", "steps": [{
                    "step": "grant git:dev", "account": "git", "because": [{ "kind": "baseline", "reference": "devs" }],
                }]}),
            )
        };
        let adopted =
            json!({ "phase": "active", "steps": [], "cause": { "system": "git", "adopted": ["git"] } });
        let newer = |index| entered(index, "case.decided", grant("grant", Value::Null));
        let all = past(vec![older(1)]);
        assert_eq!((all.told_from(), all.is_uncertain(None)), (Some(2), true), "it may have had it");
        assert!(past(vec![entered(1, "case.decided", adopted)]).is_uncertain(None), "an adoption, too");
        let known = past(vec![older(1), newer(2)]);
        assert!(!known.is_uncertain(Some(of(&known))), "decided after it");
        assert!(known.is_uncertain(None), "and nothing is known of anything else");
        let replaced = past(vec![newer(1), older(2)]);
        assert!(replaced.is_uncertain(Some(of(&replaced))), "the later entry may have ended it");
        let now = past(vec![newer(1)]);
        assert_eq!((now.told_from(), now.is_uncertain(None)), (None, false));
    }

    #[test]
    fn what_waits_is_not_held_and_takes_nothing_away() {
        let waits = past(vec![
            entered(1, "case.decided", grant("grant", json!("approval"))),
            entered(2, "task.confirmed", json!({ "account": "git" })),
        ]);
        assert!(!of(&waits).is_there() && of(&waits).gate.is_some());
        let held = past(vec![
            entered(1, "case.decided", grant("grant", Value::Null)),
            entered(2, "case.decided", grant("revoke", json!("brake"))),
        ]);
        assert!(of(&held).is_there());
    }
}
