//! What a pass looks for in everything that is stored: owners and approvers who are gone, and what was not done in time.

use super::keep::Looked;
use crate::approvals::Directory;
use crate::{App, AppError, Moment};
use jiff::SignedDuration;
use std::collections::BTreeMap;
use tenure_engine::{Organisation, Overdue, overdue, overdue_feed, without_approver};
use tenure_model::range::moved;
use tenure_model::{CaseLabel, Fact, FindingKind, IdentityId, IdentityKind};
use tenure_store::CaseFilter;

/// How long the owner of a source has to say whose a record is.
const ANSWER_WITHIN: SignedDuration = SignedDuration::from_hours(3 * 24);
/// Open questions that are read together.
const QUESTIONS: u32 = 1_000;
/// Open cut-offs that one pass looks at; a cut-off is for single identities, so there are few.
const CUT_OFFS_MAX: u32 = 10_000;

impl App {
    /// Everything that is found about the organisation now.
    pub(super) async fn look_at_organisation(&self, moment: &Moment) -> Result<Vec<Looked>, AppError> {
        let mut found = self.vacancies().await?;
        found.extend(self.overdue_feeds(moment).await?);
        found.extend(self.recycled_names().await?);
        found.extend(self.unknown_secrets().await?);
        found.extend(self.never_reconciled().await?);
        found.extend(self.overdue_held_changes(moment).await?);
        found.extend(self.questions_without_approver().await?);
        found.extend(self.unanswered_records(moment).await?);
        found.extend(self.overdue_cut_offs(moment).await?);
        found.extend(self.overdue_orders(moment).await?);
        for damage in self.damaged().await? {
            let text = format!("{}: `tenure ledger repaired` when it is dealt with", damage.what);
            found.push(Looked::new(FindingKind::Damage, damage.name(), text));
        }
        Ok(found)
    }

    /// Places of the configuration whose people are gone.
    async fn vacancies(&self) -> Result<Vec<Looked>, AppError> {
        let setup = &self.context.setup;
        let directory = Directory::load(self).await?;
        let people = |name: &str| directory.all(&setup.settings, name);
        let all_reported = self.have_reported(|kind| kind == IdentityKind::Person).await?;
        let organisation = Organisation { setup, people: &people, all_reported };
        let looked = |finding| Looked { finding, owner: None, deadline: None };
        Ok(organisation.vacancies().into_iter().map(looked).collect())
    }

    /// Whether each source of identities of these kinds has reported at least once.
    pub(crate) async fn have_reported(
        &self,
        of: impl Fn(IdentityKind) -> bool + Send,
    ) -> Result<bool, AppError> {
        for source in self.context.setup.sources.values().filter(|s| of(s.identity_kind)) {
            if self.reported(&source.name).await?.is_none_or(|r| r.is_awaited()) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn overdue_feeds(&self, moment: &Moment) -> Result<Vec<Looked>, AppError> {
        let mut found = Vec::new();
        for source in self.context.setup.sources.values() {
            let Some(last) = self.reported(&source.name).await? else { continue };
            let finding = overdue_feed(source, last.at(), moment.now);
            found.extend(finding.map(|finding| Looked { finding, owner: None, deadline: None }));
        }
        Ok(found)
    }

    /// Held changes about which nobody decided in time: from then on the escalation group is asked as well.
    async fn overdue_held_changes(&self, moment: &Moment) -> Result<Vec<Looked>, AppError> {
        let held = self.store.held_changes().await?;
        let overdue = held.into_iter().filter(|h| h.deadline <= moment.now);
        Ok(overdue
            .map(|h| {
                let text = format!(
                    "{}; it was to be decided before {}: {} or the escalation group releases it (`tenure release {}`), or \
                     its source corrects it",
                    h.reason, h.deadline, h.owner, h.id
                );
                let looked = Looked::new(FindingKind::OverdueHeldChange, h.scope, text);
                looked.owned_by(&h.owner).due(h.deadline)
            })
            .collect())
    }

    /// Open questions that no one may answer as they are put now.
    async fn questions_without_approver(&self) -> Result<Vec<Looked>, AppError> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let some = self.store.approvals_after(after, QUESTIONS).await?;
            let Some(last) = some.last() else { return Ok(found) };
            after = Some(last.id);
            let finding = some.iter().filter_map(|r| without_approver(&self.context.setup, r));
            found.extend(finding.map(|finding| Looked { finding, owner: None, deadline: None }));
        }
    }

    async fn unanswered_records(&self, moment: &Moment) -> Result<Vec<Looked>, AppError> {
        let asked = self.store.correlations().await?;
        let late = asked.into_iter().map(|q| (moved(q.since, ANSWER_WITHIN), q));
        let late = late.filter(|(deadline, _)| *deadline <= moment.now);
        Ok(late
            .map(|(deadline, q)| {
                let text = format!(
                    "whose record it is was to be answered before {deadline}: `tenure correlate {} --same PERSON` or `--new`",
                    q.id
                );
                let about = format!("{}:{}", q.source, q.key);
                Looked::new(FindingKind::UnansweredRecord, about, text).due(deadline)
            })
            .collect())
    }

    /// Cut-offs that are not confirmed by their deadline. Whose they are is said by id: this is no place for names.
    async fn overdue_cut_offs(&self, moment: &Moment) -> Result<Vec<Looked>, AppError> {
        let filter = CaseFilter {
            open: true,
            label: Some(CaseLabel::CutOff),
            limit: CUT_OFFS_MAX,
            ..CaseFilter::default()
        };
        let cases = self.store.cases(&filter).await?;
        let ids: Vec<IdentityId> = cases.iter().map(|c| c.identity).collect();
        let mut facts: BTreeMap<IdentityId, Vec<Fact>> = BTreeMap::new();
        for fact in self.store.facts(&ids).await? {
            facts.entry(fact.identity).or_default().push(fact);
        }
        let lifecycle = &self.context.setup.policy.lifecycle;
        let mut found = Vec::new();
        for case in &cases {
            let facts = facts.get(&case.identity).map(Vec::as_slice).unwrap_or_default();
            let Some(what) = overdue(&self.context, case, facts, moment.now) else { continue };
            let allowed = match what {
                Overdue::Access => lifecycle.cut_off_deadline,
                Overdue::Rest => lifecycle.deadline,
            };
            let deadline = moved(case.clocks.runs_from(), allowed);
            let text = format!(
                "of the cut-off of {}, {}: `tenure case {}` shows what is missing, and who does it",
                case.identity,
                what.as_str(),
                case.identity
            );
            let about = format!("cut-off of {}", case.identity);
            found.push(Looked::new(FindingKind::OverdueCutOff, about, text).due(deadline));
        }
        Ok(found)
    }

    async fn overdue_orders(&self, moment: &Moment) -> Result<Vec<Looked>, AppError> {
        let orders = self.store.cut_off_orders().await?;
        let late = orders.into_iter().filter(|o| o.cut.review <= moment.now);
        Ok(late
            .map(|o| {
                let text = format!(
                    "the order was to be reviewed by {}: lift it, or order it again (`tenure cutoff`)",
                    o.cut.review
                );
                let about = format!("order {}", o.id);
                Looked::new(FindingKind::OverdueCutOff, about, text).due(o.cut.review)
            })
            .collect())
    }
}
