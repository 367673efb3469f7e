//! Erasure: the personal data of a departed person is deleted for good; the ledger stays whole, and so do marks of their names and keys.

use super::Retention;
use crate::authority::Target;
use crate::decide::cut_off_key;
use crate::directory::Directory;
use crate::text::ERASURE;
use crate::text::TITLE;
use crate::tombstones::mark_keys;
use crate::{About, Actor, AppError, DecisionContext, Labels, Operation};
use jiff::Timestamp;
use serde_json::json;
use std::sync::Arc;
use tenure_engine::{Surroundings, erasable_from, kept, left_of};
use tenure_model::{Identity, IdentityId, Phase, RecordState};
use tenure_policy::ClassCache;
use tenure_store::note::{NoteOf as _, kinds};
use tenure_store::{Change, Expect, IdentityRow, StoredSubject, Unit};

/// Most tasks and requests that are read: one is enough.
const ONE: u32 = 1;

/// Result of an erasure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// The erased identity: its id stays.
    pub id: IdentityId,
    /// It and the identities that were merged into it.
    pub all: Vec<IdentityId>,
    /// Records of sources that were erased with it.
    pub records: usize,
    /// Names that are never issued again.
    pub names: usize,
}

/// A person whose retention period is over.
#[derive(Debug, Clone)]
pub struct Erasable {
    /// The person.
    pub subject: StoredSubject,
    /// The end of the retention period.
    pub since: Timestamp,
    /// Whether a hold prevents the erasure.
    pub held: bool,
}

impl Retention<'_> {
    /// Erases a departed person: key, records, names, accounts, grants, facts, requests and findings. Before the end of the
    /// retention period only the escalation group may do this, with a reason.
    ///
    /// # Errors
    /// When the actor is not permitted, or something prevents the erasure.
    pub async fn erase(
        &self,
        person: &str,
        reason: Option<&str>,
        moment: &DecisionContext,
    ) -> Result<Erasure, AppError> {
        moment.clock_is_right()?;
        let before = self.app.people().keyed(person).await?;
        let permit = self.app.authority().permit(Operation::Erase, &Target::of(&before), moment).await?;
        let actor = permit.actor()?;
        let reason = reason.map(str::trim).filter(|r| !r.is_empty());
        let around = self.surroundings(&before, actor, reason.is_some()).await?;
        if let Some(why) = kept(&self.app.context, &before.identity, before.phase, &around, moment.now) {
            return Err(AppError::precondition(crate::IdentityRefusal::kept(&before.title, why)));
        }
        let readers = self.app.stored().readers_of(&[before.identity.id]).await?;
        let (unit, erasure) = self.erasing(&before, reason, moment).await?;
        let outcomes = self.app.store.commit(vec![unit]).await?;
        if !outcomes.iter().all(tenure_store::Outcome::is_committed) {
            return Err(AppError::ConcurrentChange(before.title));
        }
        self.app.cut_off_journal().erase_outside(&erasure.all)?;
        let what = json!({ "reference": "an identity that this one refers to was erased" });
        let (mut cache, mut labels) = (ClassCache::default(), Labels::new());
        let dependents =
            self.app.settle().settle_again(&readers, &what, true, &mut cache, moment, &mut labels).await?;
        self.app.settle().resettle_dependents(dependents, &mut cache, moment, &mut labels).await?;
        self.app.store.scrub().await?;
        Ok(erasure)
    }

    /// People who departed longer ago than the retention period, the earliest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn erasable(&self, now: Timestamp) -> Result<Vec<Erasable>, AppError> {
        let since = |s: &StoredSubject| {
            let left = s.phase == Phase::Departed && s.identity.merged_into.is_none();
            erasable_from(&self.app.context, &s.identity, now).filter(|from| left && *from <= now)
        };
        let everybody = self.app.people().everybody().await?.into_iter();
        let mut all: Vec<Erasable> = everybody
            .filter_map(|subject| {
                let (since, held) = (since(&subject)?, subject.identity.held(now).is_some());
                Some(Erasable { subject, since, held })
            })
            .collect();
        all.sort_by_key(|e| (e.since, e.subject.identity.id));
        Ok(all)
    }

    async fn surroundings(
        &self,
        of: &StoredSubject,
        actor: &Actor,
        says_why: bool,
    ) -> Result<Surroundings, AppError> {
        let id = of.identity.id;
        let open = !self.app.store.open_cases(&[id]).await?.is_empty()
            || !self.app.store.tasks(Some(id), ONE).await?.is_empty()
            || !self.app.store.approvals(Some(id), ONE).await?.is_empty();
        let whole = |source| self.app.context.setup.sources.get(source).is_some_and(|s| s.snapshot);
        let records = self.app.store.records_of(id).await?;
        let reported = records.iter().find(|r| r.state != RecordState::Missing && whole(&r.source));
        Ok(Surroundings {
            open,
            reported: reported.map(|r| Arc::from(format!("{}:{}", r.source, r.key))),
            by_last_resort: says_why && self.is_last_resort(&Directory::load(self.app).await?, actor.id),
        })
    }

    /// The unit: deletions, remaining marks, and the evidence, which names no person.
    async fn erasing(
        &self,
        before: &StoredSubject,
        reason: Option<&str>,
        moment: &DecisionContext,
    ) -> Result<(Unit, Erasure), AppError> {
        let id = before.identity.id;
        let everybody = self.app.people().everybody().await?.into_iter();
        let merged: Vec<StoredSubject> =
            everybody.filter(|s| s.identity.merged_into == Some(id) && !s.identity.is_erased()).collect();
        let all = merged.iter().chain([before]).map(|s| s.identity.id).collect();
        let mut erasure = Erasure { id, all, records: 0, names: 0 };
        let mut unit =
            Unit { expects: vec![Expect::SetUp(self.app.context.setup.hash.clone())], changes: Vec::new() };
        for subject in merged.iter().chain([before]) {
            let of = &subject.identity;
            let names = self.app.store.names_of(of.id).await?;
            erasure.names += names.len();
            erasure.records += self.app.store.records_of(of.id).await?.len();
            let mark = |kind: &str, text: &str| self.app.vault.mark(kind, text);
            let mut left = left_of(&self.app.context, of, &names, moment.now, &mark);
            left.merged_into = of.merged_into;
            unit.expects.push(Expect::Version(of.id, of.version));
            unit.changes.extend([Change::Erase(of.id), left_row(left)]);
        }
        let payload = json!({
            "v": 1, "identity": id.to_string(), "reason": reason, "records": erasure.records, "names": erasure.names,
            "merged": merged.iter().map(|s| s.identity.id.to_string()).collect::<Vec<_>>(),
        });
        let evidence = self.app.recorder(moment).evidence(ERASURE, About::default(), payload)?;
        unit.changes.extend([
            kinds::Erased.is(true),
            Change::BusinessTime(moment.now),
            Change::Append(evidence),
        ]);
        Ok((unit, erasure))
    }
}

fn left_row(mut left: Identity) -> Change {
    left.version += 1;
    Change::PutIdentity(Box::new(IdentityRow {
        title: Arc::from(TITLE),
        search: Arc::from(""),
        phase: Phase::Erased,
        next: None,
        keys: mark_keys(&left).chain(cut_off_key(&left)).collect(),
        reads: Vec::new(),
        classes: Vec::new(),
        person_key: None,
        identity: left,
    }))
}
