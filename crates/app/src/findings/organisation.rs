//! Findings of a pass over everything stored: owners and approvers who are gone, and overdue work.

use super::Findings;
use crate::directory::Directory;
use crate::directory::names;
use crate::finding_rows::KEPT_MAX;
use crate::finding_rows::{OrganisationFinding, is_looked_for};
use crate::text::fold;
use crate::{AppError, DecisionContext};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_engine::{Organisation, overdue, overdue_feed, without_approver};
use tenure_model::range::moved;
use tenure_model::{CaseLabel, Fact, FindingDetail, FindingId, IdentityId, IdentityKind, Overdue};
use tenure_store::{CaseFilter, Change, FindingRow, Keyed, Unit};

/// Time for the owner of a source to answer whose a record is.
const ANSWER_WITHIN: SignedDuration = SignedDuration::from_hours(3 * 24);
/// Open questions that are read together.
const QUESTIONS: u32 = 1_000;
/// Most open cut-offs that one pass reads; a cut-off is for single identities, so there are few.
const CUT_OFFS_MAX: u32 = 10_000;

impl Findings<'_> {
    /// All present findings about the organisation.
    pub(super) async fn look_at_organisation(
        &self,
        moment: &DecisionContext,
    ) -> Result<Vec<OrganisationFinding>, AppError> {
        let mut found = self.vacancies().await?;
        found.extend(self.overdue_feeds(moment).await?);
        found.extend(self.recycled_names().await?);
        found.extend(self.app.custody().unknown_secrets().await?);
        found.extend(self.app.first_scan().never_reconciled().await?);
        found.extend(self.overdue_held_changes(moment).await?);
        found.extend(self.questions_without_approver().await?);
        found.extend(self.unanswered_records(moment).await?);
        found.extend(self.overdue_cut_offs(moment).await?);
        found.extend(self.overdue_orders(moment).await?);
        for damage in self.app.damage_reports().damaged().await? {
            let detail = FindingDetail::DataUnreadable { problem: damage.what.clone() };
            found.push(OrganisationFinding::new(damage.name(), detail));
        }
        Ok(found)
    }

    /// Roles in the configuration whose people are gone.
    async fn vacancies(&self) -> Result<Vec<OrganisationFinding>, AppError> {
        let setup = &self.app.context.setup;
        let all_reported = self.have_reported(|kind| kind == IdentityKind::Person).await?;
        let directory = Directory::load(self.app).await?;
        let people = |name: &str| directory.all(&setup.settings, name);
        let organisation = Organisation { setup, people: &people, all_reported };
        let looked = |finding| OrganisationFinding { finding, owner: None, deadline: None };
        Ok(organisation.vacancies().into_iter().map(looked).collect())
    }

    /// Whether each source of identities of these kinds has reported at least once.
    pub(crate) async fn have_reported(
        &self,
        of: impl Fn(IdentityKind) -> bool + Send,
    ) -> Result<bool, AppError> {
        for source in self.app.context.setup.sources.values() {
            if of(source.identity_kind)
                && self.app.feed().reported(&source.name).await?.is_none_or(|r| r.is_awaited())
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn overdue_feeds(&self, moment: &DecisionContext) -> Result<Vec<OrganisationFinding>, AppError> {
        let mut found = Vec::new();
        for source in self.app.context.setup.sources.values() {
            let Some(last) = self.app.feed().reported(&source.name).await? else { continue };
            let finding = overdue_feed(source, last.at(), moment.now);
            found.extend(finding.map(|finding| OrganisationFinding { finding, owner: None, deadline: None }));
        }
        Ok(found)
    }

    /// Held changes that were not decided by their deadline: from then on the escalation group is asked as well.
    async fn overdue_held_changes(
        &self,
        moment: &DecisionContext,
    ) -> Result<Vec<OrganisationFinding>, AppError> {
        let held = self.app.stored().held_changes().await?;
        let overdue = held.into_iter().filter(|h| h.deadline <= moment.now);
        Ok(overdue
            .map(|h| {
                let (reason, deadline, owner) = (h.reason, h.deadline, h.owner.clone());
                let detail = FindingDetail::HeldChangeOverdue { reason, deadline, owner };
                OrganisationFinding::new(h.scope, detail).owned_by(&h.owner).due(deadline)
            })
            .collect())
    }

    /// Open questions that no approver may answer as they are put now.
    async fn questions_without_approver(&self) -> Result<Vec<OrganisationFinding>, AppError> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let some = self.app.store.approvals_after(after, QUESTIONS).await?;
            let Some(last) = some.last() else { return Ok(found) };
            after = Some(last.id);
            let finding = some.iter().filter_map(|r| without_approver(&self.app.context.setup, r));
            found.extend(finding.map(|finding| OrganisationFinding { finding, owner: None, deadline: None }));
        }
    }

    async fn unanswered_records(
        &self,
        moment: &DecisionContext,
    ) -> Result<Vec<OrganisationFinding>, AppError> {
        let asked = self.app.stored().questions().await?;
        let late = asked.into_iter().map(|q| (moved(q.since, ANSWER_WITHIN), q));
        let late = late.filter(|(deadline, _)| *deadline <= moment.now);
        Ok(late
            .map(|(deadline, q)| {
                let detail = FindingDetail::RecordUnanswered { deadline, question: q.id };
                OrganisationFinding::new(format!("{}:{}", q.source, q.key), detail).due(deadline)
            })
            .collect())
    }

    /// Cut-offs that are not confirmed by their deadline. Identities are given by id: names do not belong here.
    async fn overdue_cut_offs(&self, moment: &DecisionContext) -> Result<Vec<OrganisationFinding>, AppError> {
        let filter = CaseFilter {
            open: true,
            label: Some(CaseLabel::CutOff),
            limit: CUT_OFFS_MAX,
            ..CaseFilter::default()
        };
        let cases = self.app.store.cases(&filter).await?;
        let ids: Vec<IdentityId> = cases.iter().map(|c| c.identity).collect();
        let mut facts: BTreeMap<IdentityId, Vec<Fact>> = BTreeMap::new();
        for fact in self.app.store.facts(&ids).await? {
            facts.entry(fact.identity).or_default().push(fact);
        }
        let lifecycle = &self.app.context.setup.policy.lifecycle;
        let mut found = Vec::new();
        for case in &cases {
            let facts = facts.get(&case.identity).map(Vec::as_slice).unwrap_or_default();
            let Some(what) = overdue(&self.app.context, case, facts, moment.now) else { continue };
            let allowed = match what {
                Overdue::Access => lifecycle.cut_off_deadline,
                Overdue::Rest => lifecycle.deadline,
            };
            let deadline = moved(case.clocks.runs_from(), allowed);
            let detail = FindingDetail::CutOffOverdue { identity: case.identity, what };
            let about = format!("cut-off of {}", case.identity);
            found.push(OrganisationFinding::new(about, detail).due(deadline));
        }
        Ok(found)
    }

    async fn overdue_orders(&self, moment: &DecisionContext) -> Result<Vec<OrganisationFinding>, AppError> {
        let orders = self.app.stored().orders().await?;
        let late = orders.into_iter().filter(|o| o.cut.review <= moment.now);
        Ok(late
            .map(|o| {
                let detail = FindingDetail::OrderReviewDue { by: o.cut.review };
                OrganisationFinding::new(format!("order {}", o.id), detail).due(o.cut.review)
            })
            .collect())
    }

    /// Numbers in the configuration that several people have had: a finding for each, because they identify no person.
    pub(crate) async fn recycled_names(&self) -> Result<Vec<OrganisationFinding>, AppError> {
        let setup = &self.app.context.setup;
        let kind = &setup.settings.actor_key;
        let mut names = names(setup);
        names.extend(setup.settings.actors.values().cloned());
        names.extend(setup.policy.exceptions.iter().map(|e| e.person.clone()));
        names.retain(|n| !n.starts_with("group:"));
        let keys: Vec<Keyed> = names.iter().map(|n| Keyed { kind: kind.clone(), value: fold(n) }).collect();
        let mut bearers: BTreeMap<Arc<str>, BTreeSet<IdentityId>> = BTreeMap::new();
        for (key, id) in self.app.store.by_keys(&keys).await? {
            bearers.entry(key.value).or_default().insert(id);
        }
        let shared = |name: &&Arc<str>| bearers.get(&fold(name)).is_some_and(|ids| ids.len() > 1);
        let looked = |name: &Arc<str>| {
            let detail = FindingDetail::NumberShared { key: kind.clone(), number: name.clone() };
            OrganisationFinding::new(name.clone(), detail)
        };
        Ok(names.iter().filter(shared).map(looked).collect())
    }

    /// Finds everything that a pass reports about the organisation, and stores it: a known finding keeps its `since`, and one that is
    /// not found any more ends.
    pub(crate) async fn look_for_findings(&self, moment: &DecisionContext) -> Result<(), AppError> {
        let seen = self.look_at_organisation(moment).await?;
        let found: BTreeMap<FindingId, FindingRow> =
            seen.into_iter().map(|looked| looked.row(moment.now)).map(|row| (row.id, row)).collect();
        let before = self.app.store.findings_about_the_whole(KEPT_MAX).await?;
        let mut same = BTreeSet::new();
        let mut changes = Vec::new();
        for row in before.into_iter().filter(|row| is_looked_for(row.finding.kind())) {
            match found.get(&row.id) {
                None => changes.push(Change::EndFinding(row.id)),
                Some(now) => {
                    let is_same = FindingRow { since: row.since, ..now.clone() } == row;
                    same.extend(is_same.then_some(row.id));
                }
            }
        }
        let room = usize::try_from(KEPT_MAX).unwrap_or(usize::MAX);
        let new = found.into_values().take(room).filter(|row| !same.contains(&row.id));
        changes.extend(new.map(Change::PutFinding));
        while !changes.is_empty() {
            let rest = changes.split_off(changes.len().min(crate::finding_rows::CHUNK));
            let changes = std::mem::replace(&mut changes, rest);
            self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        }
        Ok(())
    }
}
