//! What is so after a step, as JSON with the keys that expectations use.

use crate::application::Application;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_app::{AppError, DecisionContext, FindingsFilter, OpenFinding, PAGE_MAX, Page};
use tenure_model::{
    Account, AccountState, ApprovalRequest, Case, CutOffTarget, Fact, FactState, Finding, Grant, Holding,
    Identity, IdentityId, Name as _, OrphanClass, Task, TaskState,
};
use tenure_store::{CaseFilter, FindingRow, StoredSubject, UnlinkedAccount, UnlinkedFilter};

/// More than any scenario has.
pub(crate) const MANY: u32 = 10_000;

/// Which accounts accept a password (`name password`).
pub(crate) const LETS_IN: &str = "lets_in";

/// Each identity's name in a scenario: the worker number, else the key of the first record, else the title.
type Names = BTreeMap<IdentityId, String>;

/// The name of an identity in the scenario.
pub(crate) fn called(identity: &Identity, title: &str) -> String {
    if identity.is_erased() {
        return "erased".to_owned();
    }
    let number = identity.engagements.iter().find_map(|e| e.keys.get("worker_number"));
    let key = identity.engagements.first().map(|e| Arc::from(e.key.as_str()));
    number.cloned().or(key).map_or_else(|| title.to_owned(), |k| k.to_string())
}

/// Findings of a scenario, all of them or those that are (not) acknowledged.
pub(crate) async fn findings(
    application: &Application,
    moment: &DecisionContext,
    acknowledged: Option<bool>,
) -> Result<Vec<OpenFinding>, AppError> {
    let filter = FindingsFilter { acknowledged, ..FindingsFilter::default() };
    let page = Page { limit: PAGE_MAX, after: None };
    Ok(application.app.query(moment).await?.findings(&filter, &page).await?.rows)
}

impl Application {
    /// Everything that can be expected of the application and its systems.
    /// What takes long to see is looked at where it is expected.
    pub(crate) async fn see(&self, expected: &Value) -> Result<Value, AppError> {
        let store = &self.store;
        let ids = store.identities(None, MANY).await?;
        let subjects = store.subjects(&ids).await?;
        let names: Names = subjects.iter().map(|s| (s.identity.id, called(&s.identity, &s.title))).collect();
        let whom = |id: &IdentityId| names.get(id).cloned().unwrap_or_else(|| id.to_string());
        let findings = store.findings(None, MANY).await?;
        let mut people = Map::new();
        for subject in subjects.iter().filter(|s| s.identity.merged_into.is_none()) {
            let mine = |f: &&FindingRow| f.identity == Some(subject.identity.id) && f.system.is_none();
            let findings =
                findings.iter().filter(mine).map(|f| finding_words(&f.finding)).collect::<Vec<_>>();
            let mut person = self.person(subject).await?;
            person["findings"] = json!(findings);
            people.insert(whom(&subject.identity.id), person);
        }
        let counts = store.task_counts().await?;
        let tried = |name: &tenure_model::SystemName| &expected["systems"][name.as_str()][LETS_IN];
        let systems = self.app.context.setup.systems.keys();
        let systems: Map<_, _> = systems.map(|s| (s.to_string(), self.system(s, tried(s)))).collect();
        let wanted = |key: &str| expected.get(key).is_some();
        let (named, unevidenced) = match wanted("named_in_ledger") || wanted("unevidenced") {
            true => self.ledger(&subjects).await?,
            false => (Value::Null, Value::Null),
        };
        Ok(json!({
            "named_in_ledger": named,
            "unevidenced": unevidenced,
            "people": people,
            "labels": self.labels.iter().map(|(l, n)| (l.to_string(), json!(n))).collect::<Map<_, _>>(),
            "held": store.held_changes_after(None, MANY).await?.iter().map(|h| {
                format!("{}: {}", h.scope, in_order(h.people.iter().map(|(id, _)| whom(id)).collect()))
            }).collect::<Vec<_>>(),
            "sent": self.sent.in_step(),
            "owed": store.owed(MANY).await?.iter().map(|f| format!("{}: {}", whom(&f.identity), fact_words(f))).collect::<Vec<_>>(),
            "asked": store.correlations_after(None, MANY).await?.iter().map(|q| {
                let maybe: Vec<String> = q.candidates.iter().map(|(id, _)| whom(id)).collect();
                format!("{}:{} maybe {}", q.source, q.key, maybe.join(", "))
            }).collect::<Vec<_>>(),
            "approvals": store.approvals(None, MANY).await?.iter().map(|r| {
                let what = asked_for(r);
                let mut asked: Vec<String> = r.put_to().iter().map(whom).collect();
                asked.sort();
                asked.dedup();
                format!("{}: {} for {}: put to {}", whom(&r.identity), r.rule, what, asked.join(", "))
            }).collect::<Vec<_>>(),
            "quarantine": store.quarantine_after(None, None, MANY).await?.iter().map(|q| format!("{} {}: {}", q.source, q.key, q.value)).collect::<Vec<_>>(),
            "refused": self.refused,
            "findings": findings.iter().filter(|f| f.identity.is_none() || f.system.is_some()).map(|f| named_words(f, &names)).collect::<Vec<_>>(),
            "acknowledged": if wanted("acknowledged") { self.acknowledged().await? } else { Vec::new() },
            "overdue": self.app.work().overdue(self.moment(None).await?.now, None, usize::MAX).await?.cases.iter().map(|(case, what)| {
                format!("{} {}: {}", whom(&case.identity), case.label, tenure_words::overdue(*what))
            }).collect::<Vec<_>>(),
            "cut_off_orders": store.cut_off_orders_after(None, MANY).await?.iter().map(|o| order_words(&o.target, &whom)).collect::<Vec<_>>(),
            "unlinked": store.unlinked_after(&UnlinkedFilter::default(), None, MANY).await?.iter().map(unlinked_words).collect::<Vec<_>>(),
            "queue": { "held": counts.held, "needs_person": counts.needs_person, "waiting": counts.ready + counts.leased },
            "ledger": if wanted("ledger") { self.examined().await? } else { Value::Null },
            "systems": systems,
        }))
    }

    /// Findings that are acknowledged for a time.
    async fn acknowledged(&self) -> Result<Vec<String>, AppError> {
        let moment = self.moment(None).await?;
        let all = findings(self, &moment, Some(true)).await?;
        Ok(all.iter().map(|f| finding_words(&f.finding)).collect())
    }

    /// Whether the log is whole, and its last entries state all that is decided; else what is missing.
    pub(crate) async fn examined(&self) -> Result<Value, AppError> {
        if let Err(e) = self.app.proof().verify_ledger(None, &|_, _| ()).await {
            return Ok(json!(format!("does not verify: {e}")));
        }
        let wrong = self.app.proof().examine().await?.wrong;
        Ok(if wrong.is_empty() { json!("verifies") } else { json!(wrong) })
    }

    async fn person(&self, subject: &StoredSubject) -> Result<Value, AppError> {
        let id = subject.identity.id;
        let store = &self.store;
        let filter = CaseFilter { identity: Some(id), limit: MANY, ..CaseFilter::default() };
        let mut cases = store.cases(&filter).await?;
        cases.reverse();
        let facts = store.facts(&[id]).await?;
        let tasks = store.tasks(Some(id), MANY).await?;
        Ok(json!({
            "phase": subject.phase.as_str(),
            "cut_off": subject.identity.is_cut_off(),
            "accounts": accounts(subject.accounts.iter().map(|a| (a.key.to_string(), a.target.state))),
            "grants": grants(&subject.grants),
            "attributes": attributes(&subject.accounts),
            "names": names(&subject.identity),
            "former": former(&subject.identity),
            "proposed": proposed(&subject.identity),
            "facts": facts.iter().map(fact_words).collect::<Vec<_>>(),
            "cases": cases.iter().map(|c| format!("{} {}", c.label, c.state.as_str())).collect::<Vec<_>>(),
            "clocks": cases.iter().map(|c| (c.label.to_string(), clocks(c))).collect::<Map<_, _>>(),
            "tasks": tasks.iter().map(task_words).collect::<Vec<_>>(),
            "next": subject.next.map(|n| n.to_string()),
        }))
    }

    /// A system as it really is; `tried` are accounts with a password each, as `name password`.
    fn system(&self, name: &tenure_model::SystemName, tried: &Value) -> Value {
        let accounts = self.place.accounts(name);
        let mut holds: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for account in &accounts {
            for local in &account.holds {
                holds.entry(local.clone()).or_default().push(account.name.clone());
            }
        }
        for entitlement in &self.app.context.setup.systems[name].entitlements {
            holds.entry(entitlement.name.local().to_owned()).or_default();
        }
        let attributes: Map<String, Value> = accounts
            .iter()
            .flat_map(|a| a.attributes.iter().map(|(key, value)| (format!("{}.{key}", a.name), json!(value))))
            .collect();
        let usable = |yes: bool| {
            accounts.iter().filter(|a| a.usable == yes).map(|a| a.name.clone()).collect::<Vec<_>>()
        };
        let sessions: Map<String, Value> =
            accounts.iter().filter(|a| a.sessions > 0).map(|a| (a.name.clone(), json!(a.sessions))).collect();
        let credentials =
            accounts.iter().flat_map(|a| a.credentials.iter().map(|c| format!("{} {c}", a.name)));
        let lets_in = tried.as_object().into_iter().flatten().filter_map(|(tried, _)| {
            let (account, password) = tried.split_once(' ')?;
            Some((tried.clone(), json!(self.place.lets_in(name, account, password))))
        });
        json!({
            LETS_IN: lets_in.collect::<Map<_, _>>(),
            "usable_count": usable(true).len(), "usable": usable(true), "unusable": usable(false),
            "holds": holds, "sessions": sessions,
            "credentials": credentials.collect::<Vec<_>>(), "attributes": attributes,
        })
    }
}

/// An order to cut off.
pub(crate) fn order_words(target: &CutOffTarget, whom: &dyn Fn(&IdentityId) -> String) -> String {
    match target {
        CutOffTarget::Person(id) => format!("{} waits for a second person", whom(id)),
        other => other.to_string(),
    }
}

/// Names in the order in which people count them: `W9` before `W10`.
pub(crate) fn in_order(mut names: Vec<String>) -> String {
    names.sort_by_key(|name| (name.len(), name.clone()));
    names.join(", ")
}

/// Accounts that are there or on their way, with their decided state.
pub(crate) fn accounts(all: impl Iterator<Item = (String, AccountState)>) -> Vec<String> {
    all.filter(|(_, state)| *state != AccountState::Absent)
        .map(|(key, state)| format!("{key} {}", state.as_str()))
        .collect()
}

/// Grants that are held, ordered or ending, each with its reasons.
pub(crate) fn grants(all: &[Grant]) -> Vec<String> {
    let shown = |g: &&Grant| g.holding != Holding::Ended && g.entitlement.local() != "account";
    all.iter().filter(shown).map(grant_words).collect()
}

fn grant_words(grant: &Grant) -> String {
    let mut reasons: Vec<String> = grant
        .justifications
        .iter()
        .map(|j| {
            let until = j.until.map(|u| format!(" until {u}")).unwrap_or_default();
            format!("{} {}{until}", j.kind.as_str(), j.reference)
        })
        .collect();
    reasons.sort();
    reasons.dedup();
    let kind = grant.account.to_string();
    let of = if kind.contains('/') { format!(" of {kind}") } else { String::new() };
    let state = match grant.holding {
        Holding::Held => String::new(),
        other => format!(" ({})", other.as_str()),
    };
    let because =
        if reasons.is_empty() { String::new() } else { format!(" because {}", reasons.join(" and ")) };
    format!("{}{of}{because}{state}", grant.entitlement)
}

/// What is written on accounts, by account and attribute.
pub(crate) fn attributes(accounts: &[Account]) -> Map<String, Value> {
    let all = accounts.iter().flat_map(|a| {
        a.target
            .attributes
            .iter()
            .map(move |(name, value)| (format!("{}.{name}", a.key), json!(value.to_string())))
    });
    all.collect()
}

/// Names issued to an identity.
pub(crate) fn names(identity: &Identity) -> Map<String, Value> {
    identity.identifiers.iter().map(|(k, v)| (k.to_string(), json!(&**v))).collect()
}

/// Names that it had before.
pub(crate) fn former(identity: &Identity) -> Map<String, Value> {
    let former = identity.naming.former.iter();
    former.map(|(k, all)| (k.to_string(), all.iter().map(|f| json!(&**f)).collect())).collect()
}

/// Proposed names that wait for approval.
pub(crate) fn proposed(identity: &Identity) -> Map<String, Value> {
    identity.proposed().map(|r| (r.name.to_string(), json!(&*r.to))).collect()
}

/// What a question is about: grants, or a rename.
pub(crate) fn asked_for(request: &ApprovalRequest) -> String {
    let grants = request.grants.iter().map(ToString::to_string);
    grants.chain(request.renames.iter().map(ToString::to_string)).collect::<Vec<_>>().join(", ")
}

fn clocks(case: &Case) -> Value {
    json!({
        "effective_at": case.clocks.effective_at.to_string(),
        "known_at": case.clocks.known_at.to_string(),
        "decided_at": case.clocks.decided_at.to_string(),
        "confirmed_at": case.clocks.confirmed_at.map(|t| t.to_string()),
    })
}

fn fact_words(fact: &Fact) -> String {
    let state = match &fact.state {
        FactState::Expiring { until, .. } => format!("expiring {until}"),
        other => other.as_str().to_owned(),
    };
    format!("{fact} {state}")
}

fn task_words(task: &Task) -> String {
    let state = match &task.state {
        TaskState::Ready { .. } => "ready",
        TaskState::Leased { .. } => "leased",
        TaskState::Held { .. } => "held",
        TaskState::NeedsPerson { .. } => "needs a person",
        TaskState::Done => "done",
    };
    format!("{} {} {state}", task.account, task.kind.as_str())
}

/// An unlinked account, with its class where a person has stated one.
fn unlinked_words(account: &UnlinkedAccount) -> String {
    let class = match account.class {
        OrphanClass::Unknown => String::new(),
        class => format!(" ({}, {})", class.as_str(), account.owner),
    };
    let asked = if account.candidates.is_empty() { "" } else { " ?" };
    format!("{} {}{class}{asked}", account.system, account.name)
}

/// The same where it names an identity by its id: by its name in the scenario.
fn named_words(row: &FindingRow, names: &Names) -> String {
    let words = finding_words(&row.finding);
    let named = names.iter().find(|(id, _)| words.contains(&id.to_string()));
    named.map_or(words.clone(), |(id, name)| words.replace(&id.to_string(), name))
}

/// A finding's sort and what it is about.
pub(crate) fn finding_words(finding: &Finding) -> String {
    // An order is known by an id, which no scenario can name.
    let about = if finding.about.starts_with("order ") { "order" } else { &*finding.about };
    format!("{}: {about}", finding.kind().as_str())
}
