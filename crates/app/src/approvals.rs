//! Who is asked: approver expressions resolved to people, and never to the one it is about.

use crate::references::{Resolved, fold};
use crate::{App, AppError, Candidate, Moment};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_engine::{Question, reference_texts, stands};
use tenure_model::{
    Answer, ApprovalId, ApprovalRequest, ApprovalState, Approver, EntitlementName, IdentityId, Name, Phase,
    Subject,
};
use tenure_policy::{Approval, ClassCache, GlobalSettings, Stage};
use tenure_store::{Change, Keyed, Outcome, StoredSubject, Unit};

/// Most requests of one identity that are looked at.
pub(crate) const PENDING_MAX: u32 = 1_000;

/// The people that the set-up names, by key.
#[derive(Debug, Default)]
pub(crate) struct Directory(BTreeMap<Arc<str>, IdentityId>);

impl Directory {
    /// Looks up everybody whom the set-up names.
    pub(crate) async fn load(app: &App) -> Result<Self, AppError> {
        let setup = &app.context.setup;
        let mut names: BTreeSet<Arc<str>> = setup.settings.groups.values().flatten().cloned().collect();
        for system in setup.systems.values() {
            names.insert(system.owner.clone());
            names.extend(system.entitlements.iter().filter_map(|e| e.owner.clone()));
        }
        for approver in setup.policy.approvals.iter().flat_map(|a| &a.stages).flat_map(|s| &s.by) {
            if let Approver::Named(name) = approver {
                names.insert(name.clone());
            }
        }
        let keys: Vec<Keyed> =
            names.iter().map(|n| Keyed { kind: setup.settings.actor_key.clone(), value: fold(n) }).collect();
        let mut found: BTreeMap<Arc<str>, IdentityId> = BTreeMap::new();
        let mut people = Vec::new();
        for (key, id) in app.store.by_keys(&keys).await? {
            people.push(id);
            found.insert(key.value, id);
        }
        let here: BTreeSet<IdentityId> = app
            .store
            .subjects(&people)
            .await?
            .into_iter()
            .filter(|s| s.phase != Phase::Departed && !s.identity.is_cut_off())
            .map(|s| s.identity.id)
            .collect();
        found.retain(|_, id| here.contains(id));
        Ok(Self(found))
    }

    /// Those whom an owner's or approver's name means and who are here: one person, or everybody of `group:name`.
    pub(crate) fn people(&self, settings: &GlobalSettings, name: &str) -> Vec<IdentityId> {
        let one = |n: &str| self.0.get(&fold(n)).copied();
        match name.strip_prefix("group:") {
            Some(group) => settings.groups.get(group).into_iter().flatten().filter_map(|n| one(n)).collect(),
            None => one(name).into_iter().collect(),
        }
    }
}

/// The request that a question becomes: asked of the first stage that has anybody, else of the last resort.
pub(crate) fn request(
    app: &App,
    subject: &Subject,
    question: &Question,
    directory: &Directory,
    moment: &Moment,
) -> Option<ApprovalRequest> {
    let rule = app.context.setup.policy.approvals.iter().find(|r| r.name == question.rule)?;
    let (ms, random) = app.machine.id();
    let grants: Vec<EntitlementName> = question.grants.iter().map(|(e, _)| e.clone()).collect();
    let mut request = ApprovalRequest {
        id: ApprovalId::new(ms, random),
        identity: subject.identity.id,
        rule: question.rule.clone(),
        bindings: question.grants.iter().map(|(_, b)| *b).collect(),
        change: question.change,
        grants,
        requester: moment.actor.as_ref().map(|a| a.id),
        stage: 0,
        approvers: Vec::new(),
        all: false,
        votes: Vec::new(),
        asked_at: moment.now,
        state: ApprovalState::Pending { deadline: moment.now },
    };
    put_to_stage(app, subject, rule, &mut request, 0, directory, moment);
    Some(request)
}

/// Puts a request to stage `from` or the next one that has anybody. Returns whether there was one before the last
/// resort.
pub(crate) fn put_to_stage(
    app: &App,
    subject: &Subject,
    rule: &Approval,
    request: &mut ApprovalRequest,
    from: u32,
    directory: &Directory,
    moment: &Moment,
) -> bool {
    let first = usize::try_from(from).unwrap_or(usize::MAX);
    for (number, stage) in rule.stages.iter().enumerate().skip(first) {
        let lists = approvers(app, subject, stage, request, directory);
        // `all` needs every expression to have somebody; else the stage cannot say yes and is passed over.
        let answerable =
            if stage.all { lists.iter().all(|l| !l.is_empty()) } else { lists.iter().any(|l| !l.is_empty()) };
        if answerable {
            request.stage = u32::try_from(number).unwrap_or(u32::MAX);
            request.all = stage.all;
            request.approvers = lists.into_iter().filter(|l| !l.is_empty()).collect();
            request.state = ApprovalState::Pending { deadline: later(moment, stage.within) };
            return true;
        }
    }
    let settings = &app.context.setup.settings;
    let people = settings.groups.get(&settings.last_resort).map(Vec::as_slice).unwrap_or_default();
    request.stage = u32::try_from(rule.stages.len()).unwrap_or(u32::MAX);
    request.all = false;
    request.approvers =
        vec![able(people.iter().flat_map(|p| directory.people(settings, p)), subject, request)];
    let within = rule.stages.last().map_or(jiff::SignedDuration::from_hours(48), |s| s.within);
    request.state = ApprovalState::Pending { deadline: later(moment, within) };
    false
}

fn later(moment: &Moment, within: jiff::SignedDuration) -> jiff::Timestamp {
    moment.now.checked_add(within).unwrap_or(jiff::Timestamp::MAX)
}

fn approvers(
    app: &App,
    subject: &Subject,
    stage: &Stage,
    request: &ApprovalRequest,
    directory: &Directory,
) -> Vec<Vec<IdentityId>> {
    let setup = &app.context.setup;
    let mut lists = Vec::new();
    for approver in &stage.by {
        match approver {
            Approver::Reference(attribute) => {
                let people =
                    subject.references.iter().filter(|r| &r.attribute == attribute && stands(&r.state));
                lists.push(able(people.filter_map(|r| resolved(&r.state)), subject, request));
            }
            Approver::Named(name) => {
                lists.push(able(directory.people(&setup.settings, name), subject, request))
            }
            Approver::Group(group) => {
                let people = setup.settings.groups.get(group).map(Vec::as_slice).unwrap_or_default();
                lists.push(able(
                    people.iter().flat_map(|p| directory.people(&setup.settings, p)),
                    subject,
                    request,
                ));
            }
            // One list per system or entitlement: with `all`, each owner must say yes.
            Approver::SystemOwner => {
                let systems: BTreeSet<&str> =
                    request.grants.iter().map(EntitlementName::system_str).collect();
                for system in systems {
                    let owner =
                        setup.systems.get(system).map(|s| directory.people(&setup.settings, &s.owner));
                    lists.push(able(owner.unwrap_or_default(), subject, request));
                }
            }
            Approver::EntitlementOwner => {
                for grant in &request.grants {
                    let owner = app.context.entitlement(grant).and_then(|e| e.owner.as_ref());
                    let people = owner.map(|o| directory.people(&setup.settings, o)).unwrap_or_default();
                    lists.push(able(people, subject, request));
                }
            }
        }
    }
    lists
}

fn resolved(state: &tenure_model::ReferenceState) -> Option<IdentityId> {
    match state {
        tenure_model::ReferenceState::Resolved { id, .. } => Some(*id),
        _ => None,
    }
}

/// Those who may answer: never the one it is about, never who asked.
fn able(
    people: impl IntoIterator<Item = IdentityId>,
    subject: &Subject,
    request: &ApprovalRequest,
) -> Vec<IdentityId> {
    let able = |id: &IdentityId| *id != subject.identity.id && Some(*id) != request.requester;
    people.into_iter().filter(able).collect::<BTreeSet<_>>().into_iter().collect()
}

impl App {
    /// Takes requests whose time is over to their next stage, and ends those that have none: that is a no. How many
    /// moved.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn expire_approvals(&self, cache: &mut ClassCache, moment: &Moment) -> Result<u64, AppError> {
        let due = self.store.approvals_due(moment.now, PENDING_MAX).await?;
        if due.is_empty() {
            return Ok(0);
        }
        let directory = Directory::load(self).await?;
        let mut moved = 0;
        for request in due {
            self.expire(request, &directory, cache, moment).await?;
            moved += 1;
        }
        Ok(moved)
    }

    async fn expire(
        &self,
        mut request: ApprovalRequest,
        directory: &Directory,
        cache: &mut ClassCache,
        moment: &Moment,
    ) -> Result<(), AppError> {
        let rule = self.context.setup.policy.approvals.iter().find(|r| r.name == request.rule);
        let Some(before) = self.store.subjects(&[request.identity]).await?.pop() else { return Ok(()) };
        let last = rule.map_or(0, |r| u32::try_from(r.stages.len()).unwrap_or(u32::MAX));
        if let Some(rule) = rule.filter(|_| request.stage < last) {
            let subject = self.subject(&before, moment).await?;
            let next = request.stage + 1;
            request.votes.clear();
            put_to_stage(self, &subject, rule, &mut request, next, directory, moment);
            let changes = vec![Change::PutApproval(request)];
            self.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
            return Ok(());
        }
        request.state = ApprovalState::Expired { at: moment.now };
        self.answer(before, request, false, cache, moment).await
    }

    /// A subject with its references resolved.
    pub(crate) async fn subject(&self, stored: &StoredSubject, moment: &Moment) -> Result<Subject, AppError> {
        let texts = reference_texts(&self.context, &stored.identity, moment.now);
        let references = Resolved::load(&*self.store, &texts).await?.of(stored.identity.id, &texts);
        Ok(Subject {
            identity: stored.identity.clone(),
            references,
            accounts: stored.accounts.clone(),
            grants: stored.grants.clone(),
        })
    }

    /// Writes an answer into the identity's decisions and settles it: a yes acts at once, also when it is late.
    pub(crate) async fn answer(
        &self,
        before: StoredSubject,
        request: ApprovalRequest,
        approved: bool,
        cache: &mut ClassCache,
        moment: &Moment,
    ) -> Result<(), AppError> {
        let what = json!({ "approval": request.id.to_string(), "rule": request.rule.as_str(), "approved": approved });
        let mut candidate = Candidate::again(before, what);
        for (grant, binding) in request.grants.iter().zip(&request.bindings) {
            let answer = Answer {
                approval: request.id,
                rule: request.rule.clone(),
                grant: grant.clone(),
                change: request.change,
                approved,
                at: moment.now,
            };
            candidate.after.decisions.answers.insert(*binding, answer);
        }
        candidate.extra.push(Change::PutApproval(request));
        let id = candidate.after.id;
        let decisions = self.decide(vec![candidate], cache, moment).await?;
        let units = decisions.into_iter().filter_map(|d| d.unit).collect();
        if self.store.commit(units).await?.iter().all(Outcome::is_committed) {
            return Ok(());
        }
        Err(AppError::Contended(Arc::from(format!("identity {id}"))))
    }
}
