//! A person answers whose a record is, and corrects wrong merges and splits, with evidence.

use super::Correlations;
use crate::authority::Target;
use crate::feed::{FeedRun, IdentityChanges, RecordChange, read_again, released};
use crate::finding_rows::KEPT_MAX;
use crate::{AppError, Candidate, Cause, Decision, DecisionContext, IdentityRefusal, Item, Operation};
use serde_json::json;
use std::collections::BTreeSet;
use tenure_model::Name as _;
use tenure_model::{
    CaseLabel, CorrelationId, FeedRunId, FindingKind, Identity, IdentityId, RecordKey, SourceName,
};
use tenure_store::{Change, CorrelationRow, Expect, StoredSubject};

impl Correlations<'_> {
    /// Answers a question "same person?": `whose` is one of the candidates, or `None` for a new identity.
    ///
    /// # Errors
    /// When there is no such question, no actor is given, or the answer is about the actor.
    pub async fn resolve(
        &self,
        id: CorrelationId,
        whose: Option<IdentityId>,
        moment: &DecisionContext,
    ) -> Result<Decision, AppError> {
        let Some(mut question) = self.app.store.correlation(id).await?.filter(|q| q.answer.is_none()) else {
            return Err(AppError::unknown(Item::Question, id.to_string()));
        };
        let sides = self.sides(&question, whose).await?;
        let target = Target {
            about: sides.iter().collect(),
            sources: vec![vec![question.source.clone()]],
            ..Target::all()
        };
        let permit = self.app.authority().permit(Operation::Correlate, &target, moment).await?;
        let actor = permit.actor()?.id;
        let record =
            self.app.store.records(&question.source, std::slice::from_ref(&question.key)).await?.pop();
        let (Some(record), Some(source)) = (record, self.app.context.setup.sources.get(&question.source))
        else {
            return Err(AppError::precondition(IdentityRefusal::RecordGone));
        };
        let (ms, random) = self.app.machine.id();
        let identity = whose.unwrap_or_else(|| IdentityId::new(ms, random));
        question.answer = Some((moment.now, actor, whose));
        let origin = FeedRun { source, run: FeedRunId::new(ms, random), remapped: false };
        let before = self.app.store.subjects(&[identity]).await?.pop();
        let shown = Expect::Record(record.source.clone(), record.key.clone(), record.digest);
        let former = record.identity.filter(|former| *former != identity);
        let mut candidates = Vec::new();
        if let Some(former) = former {
            // The earlier identity's engagement has no record any more: the source's rule for missing records applies.
            let missing = RecordChange::Missing(record.key.clone(), record.digest, None);
            let before = self.app.store.subjects(&[former]).await?.pop();
            let pending = IdentityChanges { id: former, acts: vec![missing] };
            let mut missing = pending.candidate(self.app, before, origin, moment);
            // The record itself goes to the other identity.
            missing.extra.clear();
            candidates.push(missing);
        }
        let pending = IdentityChanges { id: identity, acts: vec![released(record, None)] };
        let mut candidate = pending.candidate(self.app, before, origin, moment);
        candidate.cause.what =
            json!({ "record": format!("{}:{}", question.source, question.key), "said_by_a_person": true });
        // The question is about this row: another row under this key is another question.
        candidate.expects.push(shown);
        let (answered, put) = question.rewritten();
        candidate.expects.push(answered);
        candidate.extra.push(put);
        // Records that counted as present while the answer was open are processed again with the same file.
        let prefix = format!("{}:", source.name);
        let whole =
            self.app.store.findings_about_the_whole(KEPT_MAX).await?.into_iter().map(|row| row.finding);
        let mut mistyped =
            whole.filter(|f| f.kind() == FindingKind::MistypedKey && f.about.starts_with(&prefix));
        candidate.extra.extend(mistyped.next().map(|_| read_again(&source.name)));
        candidates.push(candidate);
        self.app.settle().commit_together(candidates, permit.moment()).await
    }

    /// The identities that a question is about: each candidate, the record's earlier identity, and the answered one.
    async fn sides(
        &self,
        question: &CorrelationRow,
        whose: Option<IdentityId>,
    ) -> Result<Vec<StoredSubject>, AppError> {
        let record =
            self.app.store.records(&question.source, std::slice::from_ref(&question.key)).await?.pop();
        let candidates = question.candidates.iter().map(|(id, _)| *id);
        let ids: BTreeSet<IdentityId> =
            candidates.chain(whose).chain(record.and_then(|r| r.identity)).collect();
        Ok(self.app.store.subjects(&ids.into_iter().collect::<Vec<_>>()).await?)
    }

    /// Merges two identities: engagements, decisions and a cut-off move to `into`; `from` keeps no responsibilities and its
    /// accounts end. Returns the decision about `into`.
    ///
    /// # Errors
    /// When no actor is given, or the two are one.
    pub async fn merge(
        &self,
        from: &str,
        into: &str,
        moment: &DecisionContext,
    ) -> Result<Decision, AppError> {
        let (from, into) = (self.app.people().keyed(from).await?, self.app.people().keyed(into).await?);
        let sides = Target { about: vec![&from, &into], ..Target::all() }.with_sources();
        let permit = self.app.authority().permit(Operation::Merge, &sides, moment).await?;
        if from.identity.id == into.identity.id {
            return Err(AppError::precondition(IdentityRefusal::SameIdentity));
        }
        let what = json!({ "merged": from.identity.id.to_string(), "into": into.identity.id.to_string() });
        let (mut gone, mut kept) = (again(from, &what), again(into, &what));
        kept.after.take_over(&mut gone.after);
        if let Some(before) = &gone.before
            && let Some((expect, note)) =
                self.app.cut_off().note_merged_cut_off(before, kept.after.id).await?
        {
            kept.expects.push(expect);
            kept.extra.push(note);
        }
        self.move_records(&gone.before, kept.after.id, None, &mut kept.extra).await?;
        self.app.settle().commit_together(vec![gone, kept], permit.moment()).await
    }

    /// Splits one record off an identity: its engagement becomes a new identity. A cut-off stays with both.
    ///
    /// # Errors
    /// When no actor is given, or the identity has no such record.
    pub async fn split(
        &self,
        person: &str,
        source: &SourceName,
        key: &RecordKey,
        moment: &DecisionContext,
    ) -> Result<Decision, AppError> {
        let stored = self.app.people().keyed(person).await?;
        let target = Target { sources: vec![vec![source.clone()]], ..Target::of(&stored) };
        let permit = self.app.authority().permit(Operation::Split, &target, moment).await?;
        let what = json!({ "split": stored.identity.id.to_string(), "record": format!("{source}:{key}") });
        let mut old = again(stored, &what);
        let (ms, random) = self.app.machine.id();
        let mut new = Identity::new(IdentityId::new(ms, random), old.after.kind);
        let (theirs, rest) =
            old.after.engagements.drain(..).partition(|e| &e.source == source && &e.key == key);
        (new.engagements, old.after.engagements) = (theirs, rest);
        if new.engagements.is_empty() || old.after.engagements.is_empty() {
            return Err(AppError::precondition(IdentityRefusal::OnlyRecord {
                source: source.clone(),
                key: key.clone(),
                identity: old.after.id,
            }));
        }
        new.decisions = old.after.decisions.of_split();
        // The new identity stays cut off, and is listed as cut off.
        let label = new.is_cut_off().then_some(CaseLabel::CutOff);
        let cause = Cause { label, what, refresh: true, ..Cause::default() };
        let mut parted =
            Candidate { before: None, after: new, extra: Vec::new(), expects: Vec::new(), cause };
        self.move_records(&old.before, parted.after.id, Some((source, key)), &mut parted.extra).await?;
        self.app.settle().commit_together(vec![old, parted], permit.moment()).await
    }

    /// Points the records of an identity (all, or one) to another identity.
    async fn move_records(
        &self,
        from: &Option<StoredSubject>,
        to: IdentityId,
        only: Option<(&SourceName, &RecordKey)>,
        changes: &mut Vec<Change>,
    ) -> Result<(), AppError> {
        let Some(from) = from else { return Ok(()) };
        for mut record in self.app.store.records_of(from.identity.id).await? {
            if only.is_none_or(|(source, key)| &record.source == source && &record.key == key) {
                record.identity = Some(to);
                changes.push(Change::PutRecord(Box::new(record)));
            }
        }
        Ok(())
    }
}

fn again(stored: StoredSubject, what: &serde_json::Value) -> Candidate {
    let mut candidate = Candidate::again(stored, what.clone());
    candidate.cause.refresh = true;
    candidate
}

/// Parses a record's name, `source:key`.
///
/// # Errors
/// When it does not have that form.
pub fn record_name(text: &str) -> Result<(SourceName, RecordKey), AppError> {
    let wrong = || AppError::unknown(Item::RecordName, text);
    let (source, key) = text.split_once(':').ok_or_else(wrong)?;
    Ok((SourceName::new(source).map_err(|_| wrong())?, RecordKey::new(key).map_err(|_| wrong())?))
}
