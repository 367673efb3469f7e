//! The engine without store and systems: takes feeds, settles, labels and asks, with every write assumed to succeed.

use crate::rows::rows;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_demo::{Action, Expected, Run};
use tenure_engine::correlate::{CandidateView, Matcher, Verdict};
use tenure_engine::normalise::{Normalised, Normaliser};
use tenure_engine::{
    Context, Earlier, IdentityChange, apply_missing, apply_readable, apply_record, changes, decide, gate,
    give, label, note_reasons, reference_texts, settle, wanted,
};
use tenure_model::{
    AccountKey, Answer, ApprovalId, ApprovalRequest, ApprovalState, AskedReason, CutOff, CutOffClass,
    Finding, FindingKind, Grant, Identity, IdentityId, Name, NormalRecord, Phase, RecordKey, Reference,
    ReferenceState, SourceName, Subject,
};
use tenure_policy::{ClassCache, MissingRule, Source};

/// An identity as it was last decided.
pub(crate) struct DecidedIdentity {
    pub(crate) subject: Subject,
    pub(crate) phase: Phase,
    pub(crate) findings: Vec<Finding>,
    next: Option<Timestamp>,
}

type RecordId = (SourceName, RecordKey);

/// All identities, and what waits for people.
pub(crate) struct World {
    context: Context,
    pub(crate) known: BTreeMap<IdentityId, DecidedIdentity>,
    cache: ClassCache,
    records: BTreeMap<RecordId, ([u8; 32], Option<IdentityId>)>,
    missing: BTreeSet<RecordId>,
    asking: BTreeMap<RecordId, NormalRecord>,
    held: BTreeMap<SourceName, Vec<RecordId>>,
    asked: Vec<ApprovalRequest>,
    names: BTreeSet<Arc<str>>,
    /// Which identity is found by which blocking key.
    blocks: BTreeMap<Arc<str>, BTreeSet<IdentityId>>,
}

impl World {
    pub(crate) fn new(context: Context) -> Self {
        Self {
            context,
            known: BTreeMap::new(),
            cache: ClassCache::default(),
            records: BTreeMap::new(),
            missing: BTreeSet::new(),
            asking: BTreeMap::new(),
            held: BTreeMap::new(),
            asked: Vec::new(),
            names: BTreeSet::new(),
            blocks: BTreeMap::new(),
        }
    }

    /// Executes one run and reports its results, in the words of the script.
    pub(crate) fn run(&mut self, run: &Run, feeds: Option<&[(String, String)]>) -> Expected {
        let mut came = Expected::default();
        for action in &run.actions {
            self.act(action, run.now, &mut came);
        }
        if let Some(feeds) = feeds {
            let sources: Vec<Source> = self.context.setup.sources.values().cloned().collect();
            for source in sources {
                let text = &feeds.iter().find(|(path, _)| **path == *source.path).unwrap().1;
                self.take(&source, text, run.now, &mut came);
            }
        }
        // Identities that are due, and those that refer to one that came or went; a chain of them is short here.
        for _ in 0..3 {
            let all: Vec<IdentityId> = self.known.keys().copied().collect();
            for id in all {
                let (known, now) = (&self.known[&id], run.now);
                let identity = &known.subject.identity;
                let woken = known.next.is_some_and(|next| next <= now);
                if woken
                    || !run.actions.is_empty()
                    || self.references(identity, now) != known.subject.references
                {
                    self.decide(id, identity.clone(), now, &mut came);
                }
            }
        }
        came
    }

    fn take(&mut self, source: &Source, text: &str, now: Timestamp, came: &mut Expected) {
        let (columns, rows) = rows(&source.format, text);
        let normaliser = Normaliser::new(source, &source.path, &columns).unwrap();
        let matcher = Matcher::new(&source.correlate);
        let mut present = BTreeSet::new();
        for row in rows {
            let normal = normaliser.normalise(&row, &self.context.zones);
            came.quarantined += usize::from(!normal.problems().is_empty());
            let id = (source.name.clone(), normal.key().unwrap().clone());
            assert!(present.insert(id.clone()), "{id:?} is there twice");
            let known = self.records.get(&id).cloned();
            if known.as_ref().is_some_and(|(digest, _)| digest == normal.digest())
                && !self.missing.remove(&id)
            {
                continue;
            }
            let whose = known.and_then(|(_, whose)| whose);
            self.records.insert(id.clone(), (*normal.digest(), whose));
            match normal {
                Normalised::Taken(record) => self.record(source, &matcher, id, *record, whose, now, came),
                Normalised::Partial { applies, .. } => {
                    let whose = whose.unwrap();
                    let mut after = self.known[&whose].subject.identity.clone();
                    apply_readable(&mut after, &source.name, &applies, now);
                    self.decide(whose, after, now, came);
                }
                Normalised::Bad { .. } | Normalised::Gone { .. } => {}
            }
        }
        self.held.remove(&source.name);
        self.gone(source, &present, now, came);
    }

    #[expect(clippy::too_many_arguments, reason = "what is known of one row")]
    fn record(
        &mut self,
        source: &Source,
        matcher: &Matcher,
        id: RecordId,
        record: NormalRecord,
        whose: Option<IdentityId>,
        now: Timestamp,
        came: &mut Expected,
    ) {
        let whose = match whose {
            Some(whose) => whose,
            None => match matcher.verdict(&record.keys, &self.candidates(source, &record)) {
                Verdict::Linked { id, .. } => id,
                Verdict::New => IdentityId::new(0, number(self.known.len())),
                Verdict::Ask { .. } => {
                    came.asked += 1;
                    self.asking.insert(id, record);
                    return;
                }
            },
        };
        self.link(source, id, &record, whose, now, came);
    }

    fn link(
        &mut self,
        source: &Source,
        id: RecordId,
        record: &NormalRecord,
        whose: IdentityId,
        now: Timestamp,
        came: &mut Expected,
    ) {
        self.records.insert(id, (record.digest, Some(whose)));
        let known = self.known.get(&whose).map(|k| k.subject.identity.clone());
        let mut after = known.unwrap_or_else(|| Identity::new(whose, source.identity_kind));
        apply_record(&self.context, &mut after, record, now);
        for key in self.context.blocking.index_keys(&record.keys) {
            self.blocks.entry(key).or_default().insert(whose);
        }
        self.decide(whose, after, now, came);
    }

    fn candidates(&self, source: &Source, record: &NormalRecord) -> Vec<CandidateView> {
        let query = self.context.blocking.query_keys(&record.keys);
        let met: BTreeSet<IdentityId> =
            query.iter().filter_map(|k| self.blocks.get(k)).flatten().copied().collect();
        let view = |k: &DecidedIdentity| {
            let identity = &k.subject.identity;
            CandidateView::new(
                identity.id,
                identity.engagements.iter().map(|e| &e.keys),
                k.phase == Phase::Departed,
            )
        };
        let met = met.iter().map(|id| &self.known[id]);
        met.filter(|k| k.subject.identity.kind == source.identity_kind).map(view).collect()
    }

    /// Records that are not in a whole feed: applied, or held where they are too many.
    fn gone(&mut self, source: &Source, present: &BTreeSet<RecordId>, now: Timestamp, came: &mut Expected) {
        let linked = self.records.iter().filter(|((s, _), (_, whose))| s == &source.name && whose.is_some());
        let (population, mut gone) = (linked.clone().count(), Vec::new());
        if source.missing != MissingRule::Ignore {
            gone.extend(
                linked
                    .map(|(id, _)| id)
                    .filter(|id| !present.contains(*id) && !self.missing.contains(*id))
                    .cloned(),
            );
        }
        // A leaver loses nothing by it.
        let left = |id: &RecordId| self.known[&self.records[id].1.unwrap()].phase == Phase::Departed;
        let (harmless, gone): (Vec<RecordId>, Vec<RecordId>) = gone.into_iter().partition(left);
        self.end(source, harmless, now, came);
        let (count, percent) = (source.brake.count as usize, usize::from(source.brake.percent));
        if gone.len() > count && gone.len() * 100 > percent * population {
            let name = ["hr", "vendors"].into_iter().find(|n| *n == source.name.as_str()).unwrap();
            came.held.insert(name, gone.len());
            self.held.insert(source.name.clone(), gone);
            return;
        }
        self.end(source, gone, now, came);
    }

    fn end(&mut self, source: &Source, gone: Vec<RecordId>, now: Timestamp, came: &mut Expected) {
        for id in gone {
            let whose = self.records[&id].1.unwrap();
            let mut after = self.known[&whose].subject.identity.clone();
            let ends = match source.missing {
                MissingRule::EndAfter(wait) => now.checked_add(wait).ok(),
                MissingRule::Ignore => None,
            };
            apply_missing(&mut after, &id.0, &id.1, now, ends);
            self.missing.insert(id);
            self.decide(whose, after, now, came);
        }
    }

    fn decide(&mut self, id: IdentityId, mut after: Identity, now: Timestamp, came: &mut Expected) {
        self.name(&mut after, now);
        let before = self.known.get(&id);
        let subject = Subject {
            references: self.references(&after, now),
            owners: tenure_model::Owners::new(),
            accounts: before.map(|b| b.subject.accounts.clone()).unwrap_or_default(),
            grants: before.map(|b| b.subject.grants.clone()).unwrap_or_default(),
            ..Subject::new(after.clone())
        };
        let earlier = before.map(|b| Earlier {
            identity: &b.subject.identity,
            phase: b.phase,
            next: b.next,
            changed: b.subject.identity != after,
        });
        let change = IdentityChange::new(&self.context, earlier, &after, now);
        let mut subject = subject;
        subject.changes = changes(&self.context, &change, None, now);
        let settlement = settle(&self.context, &subject, &mut self.cache, now);
        note_reasons(&mut subject.identity, &subject.grants, &settlement);
        let found = label(&self.context, &change, now);
        if let Some(label) = found {
            let newest = after.engagements.last().unwrap();
            came.cases.entry(label).or_default().insert(newest.key_text().to_string());
        }
        let asked: Vec<ApprovalRequest> = self.asked.iter().filter(|r| r.identity == id).cloned().collect();
        let gated = gate(&self.context, &subject, settlement, &asked);
        let settlement = gated.settlement;
        for question in &gated.questions {
            came.approvals += 1;
            self.asked.push(request(id, question, now));
        }
        let decided = decide(&self.context, &subject, &settlement, &gated.plan, false, now);
        for account in decided.accounts {
            put(&mut subject.accounts, account, |a| a.key.clone());
        }
        for grant in decided.grants {
            let key = |g: &Grant| (g.account.clone(), g.entitlement.clone());
            put::<Grant, (AccountKey, _)>(&mut subject.grants, grant, key);
        }
        let known = DecidedIdentity {
            subject,
            phase: settlement.phase,
            findings: settlement.findings,
            next: settlement.next,
        };
        self.known.insert(id, known);
    }

    fn name(&mut self, identity: &mut Identity, now: Timestamp) {
        // An identifier may build on one that is issued before it.
        for _ in 0..2 {
            for want in wanted(&self.context, identity, now) {
                let numbered = (2..).map_while(|n| want.numbered(n));
                let free = want.candidates.iter().cloned().chain(numbered).find(|c| !self.names.contains(c));
                if let Some(free) = free {
                    self.names.insert(free.clone());
                    give(identity, &want, free);
                }
            }
        }
    }

    fn references(&self, identity: &Identity, now: Timestamp) -> Vec<Reference> {
        let texts = reference_texts(&self.context, identity, now);
        let resolve = |text: &tenure_engine::ReferenceText| {
            let found = self.whose(&text.text).and_then(|id| self.known.get(&id));
            let state = found.map_or(ReferenceState::Unresolved, |k| ReferenceState::Resolved {
                id: k.subject.identity.id,
                phase: k.phase,
                cut_off: k.subject.identity.is_cut_off(),
                cut_by: k.subject.identity.cut_by(),
                identifiers: Arc::new(k.subject.identity.identifiers.clone()),
                accounts: Arc::default(),
            });
            Reference {
                engagement: text.engagement,
                attribute: text.attribute.clone(),
                text: text.text.clone(),
                state,
            }
        };
        texts.iter().map(resolve).collect()
    }

    /// The identity with this number, badge or name.
    pub(crate) fn whose(&self, key: &str) -> Option<IdentityId> {
        let key = RecordKey::new(key).ok()?;
        let id = |source: &str| (SourceName::new(source).unwrap(), key.clone());
        let all = ["hr", "vendors", "machines", "agents"];
        all.iter().find_map(|s| self.records.get(&id(s)).and_then(|(_, whose)| *whose))
    }

    fn act(&mut self, action: &Action, now: Timestamp, came: &mut Expected) {
        match action {
            Action::Approve { by, about, rule } => self.approve(by, about, rule, now),
            Action::SamePerson { record, person, .. } => {
                let (source, key) = record.split_once(':').unwrap();
                let id = (SourceName::new(source).unwrap(), RecordKey::new(key).unwrap());
                let record = self.asking.remove(&id).expect("the record asks");
                let source = self.context.setup.sources[source].clone();
                let whose = self.whose(person).unwrap();
                self.link(&source, id, &record, whose, now, came);
            }
            Action::Release { by, source } => {
                assert!(self.whose(by).is_some());
                let gone = self.held.remove(*source).expect("something is held");
                let source = self.context.setup.sources[*source].clone();
                self.end(&source, gone, now, came);
            }
            Action::CutOff { by, person, reason } => {
                let (by, id) = (self.whose(by).unwrap(), self.whose(person).unwrap());
                let mut after = self.known[&id].subject.identity.clone();
                after.decisions.cut_off = Some(CutOff {
                    at: now,
                    by,
                    reason: Arc::from(*reason),
                    class: CutOffClass::Other,
                    review: now.checked_add(SignedDuration::from_hours(14 * 24)).unwrap(),
                });
                self.decide(id, after, now, came);
            }
        }
    }

    fn approve(&mut self, by: &str, about: &str, rule: &str, now: Timestamp) {
        assert!(self.whose(by).is_some(), "no person has the number {by}");
        let id = self.whose(about).unwrap();
        let place = self.asked.iter().position(|r| r.identity == id && r.rule.as_str() == rule);
        let request =
            self.asked.remove(place.unwrap_or_else(|| panic!("`{rule}` asks nothing about {about}")));
        let known = self.known.get_mut(&id).unwrap();
        for (asked, binding) in request.reasons.iter().zip(&request.bindings) {
            let AskedReason { reason, until, inputs } = asked.clone();
            let (approval, rule, change) = (request.id, request.rule.clone(), request.change);
            let (ahead, unanswered) = (None, false);
            let answer = Answer {
                approval,
                rule,
                reason,
                until,
                inputs,
                change,
                ahead,
                unanswered,
                approved: true,
                at: now,
            };
            known.subject.identity.decisions.answers.insert(*binding, answer);
        }
    }

    /// The accounts of an identity that can be used, by system.
    pub(crate) fn usable(&self, key: &str) -> BTreeSet<String> {
        let accounts = &self.known[&self.whose(key).unwrap()].subject.accounts;
        let enabled = accounts.iter().filter(|a| a.target.state == tenure_model::AccountState::Enabled);
        enabled.map(|a| a.key.system.to_string()).collect()
    }
    /// What an identity holds.
    pub(crate) fn holds(&self, key: &str) -> BTreeSet<String> {
        let grants = &self.known[&self.whose(key).unwrap()].subject.grants;
        grants.iter().filter(|g| g.holding.is_decided()).map(|g| g.entitlement.to_string()).collect()
    }
    /// The kinds of finding about an identity.
    pub(crate) fn findings(&self, key: &str) -> BTreeSet<FindingKind> {
        self.known[&self.whose(key).unwrap()].findings.iter().map(|f| f.kind()).collect()
    }
}

fn put<T, K: PartialEq>(all: &mut Vec<T>, one: T, key: impl Fn(&T) -> K) {
    match all.iter().position(|a| key(a) == key(&one)) {
        Some(place) => all[place] = one,
        None => all.push(one),
    }
}

fn request(identity: IdentityId, question: &tenure_engine::Question, now: Timestamp) -> ApprovalRequest {
    ApprovalRequest {
        id: ApprovalId::new(0, [0; 10]),
        identity,
        rule: question.rule.clone(),
        bindings: question.bindings.clone(),
        change: question.change,
        grants: question.grants.clone(),
        reasons: question.reasons.clone(),
        renames: question.renames.clone(),
        requester: None,
        provenance: question.provenance.clone(),
        engagement: question.engagement,
        stage: 0,
        floor: 0,
        on: None,
        revision: 0,
        seats: Vec::new(),
        all: false,
        votes: Vec::new(),
        asked_at: now,
        state: ApprovalState::Pending { deadline: Timestamp::MAX },
    }
}

fn number(n: usize) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[..8].copy_from_slice(&(n as u64).to_be_bytes());
    bytes
}
