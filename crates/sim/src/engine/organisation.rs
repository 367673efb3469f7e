//! What a pass finds about the organisation as a whole, as far as the engine alone can tell.

use super::world::World;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tenure_engine::{Organisation, overdue_feed, without_approver};
use tenure_model::{CorrelationId, Finding, FindingDetail, IdentityKind, Name as _, SourceName};

/// How long the owner of a source has to answer which identity a record belongs to, as the application has it.
const ANSWER_WITHIN: SignedDuration = SignedDuration::from_hours(3 * 24);

/// The kinds that this stage can see; of held changes, those of sources.
pub(super) const SEEN: [&str; 7] = [
    "mistyped-key: ",
    "no-owner: ",
    "no-approver: ",
    "last-resort: ",
    "overdue-feed: ",
    "overdue-held-change: source ",
    "unanswered-record: ",
];

impl World {
    pub(super) fn look_at_organisation(&mut self) {
        let now = self.now;
        for source in self.context.setup.sources.values().filter(|s| s.every.is_some()) {
            self.feeds.entry(source.name.clone()).or_default().last_report.get_or_insert((now, false));
        }
        let sources = self.context.setup.sources.values();
        let all_reported = sources
            .clone()
            .filter(|s| s.identity_kind == IdentityKind::Person)
            .all(|s| self.last_report(&s.name).is_some_and(|(_, reported)| reported));
        let people = |name: &str| -> Vec<_> {
            self.named(name).into_iter().map(|id| (id, self.availability(id))).collect()
        };
        let organisation = Organisation { setup: &self.context.setup, people: &people, all_reported };
        let mut found = organisation.vacancies();
        found.extend(sources.filter_map(|s| overdue_feed(s, self.last_report(&s.name)?.0, now)));
        found.extend(self.asked.iter().filter_map(|r| without_approver(&self.context.setup, r)));
        for (name, feed) in &self.feeds {
            found.extend(feed.mistyped.iter().cloned());
            let owner = self.context.setup.sources.get(name).map(|s| s.owner.clone()).unwrap_or_default();
            let deadline = feed.held_until.map(|(_, until)| until).filter(|until| *until <= now);
            if let Some(deadline) = deadline.filter(|_| !feed.held.is_empty()) {
                let detail = FindingDetail::HeldChangeOverdue { reason: Arc::from(""), deadline, owner };
                found.push(Finding::new(format!("source {name}"), detail));
            }
            // Questions have no id in this stage.
            let question = CorrelationId::from_bytes([0; 16]);
            let asked = feed.questions.keys().filter_map(|key| Some((key, *feed.asked_since.get(key)?)));
            let asked = asked.map(|(key, since)| (key, tenure_model::range::moved(since, ANSWER_WITHIN)));
            found.extend(asked.filter(|(_, deadline)| *deadline <= now).map(|(key, deadline)| {
                let detail = FindingDetail::RecordUnanswered { deadline, question };
                Finding::new(format!("{name}:{}", key.as_str()), detail)
            }));
        }
        self.found = found;
        for feed in self.feeds.values_mut() {
            feed.asked_since.retain(|key, _| feed.questions.contains_key(key));
        }
    }

    fn last_report(&self, source: &SourceName) -> Option<(Timestamp, bool)> {
        self.feeds.get(source)?.last_report
    }
}
