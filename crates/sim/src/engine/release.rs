//! The brake of a source: how many may lose access by it in a day, and what a person releases.

use super::feed::Said;
use super::world::World;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use tenure_model::{IdentityId, RecordState};
use tenure_policy::{Brake, SetUp, Source};

/// The window in which losses are counted.
const WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// An identity lost access by a source.
pub(super) struct Loss {
    at: Timestamp,
    who: IdentityId,
    /// Whether access was gained and not lost.
    gained: bool,
}

impl World {
    /// Commits the losses, or holds them all as one change.
    pub(super) fn pass_brake(
        &mut self,
        source: &Source,
        deferred: Vec<(IdentityId, Vec<Said>)>,
        population: usize,
    ) {
        let since = tenure_model::range::moved_back(self.now, WINDOW);
        let brake = self.brake_now(source);
        let feed = self.feeds.get_mut(&source.name).unwrap();
        let mut losing: BTreeSet<IdentityId> =
            feed.losses.iter().filter(|l| l.at >= since && !l.gained).map(|l| l.who).collect();
        let mut gaining: BTreeSet<IdentityId> =
            feed.losses.iter().filter(|l| l.at >= since && l.gained).map(|l| l.who).collect();
        let (mut loses, mut gains) = (false, false);
        let mut adding = BTreeSet::new();
        for (who, said) in &deferred {
            let decision = self.weigh_said(source, *who, said);
            if decision.loses() {
                losing.insert(*who);
                loses = true;
            }
            if source.additions.is_some() && decision.gains() {
                gaining.insert(*who);
                adding.insert(*who);
                gains = true;
            }
        }
        let (losing, gaining) = (losing.len(), gaining.len());
        let adds = source.additions.is_some_and(|b| {
            gains && gaining > b.count as usize && gaining * 100 > usize::from(b.percent) * population
        });
        let (count, percent) = (brake.count as usize, usize::from(brake.percent));
        let ends = loses && losing > count && losing * 100 > percent * population;
        let deferred = if adds && !ends { self.lose_beside(source, deferred, &adding) } else { deferred };
        let feed = self.feeds.get_mut(&source.name).unwrap();
        if adds || ends {
            feed.held = deferred.iter().map(|(id, _)| *id).collect();
            let since = feed.held_until.map_or(self.now, |(since, _)| since);
            let own = tenure_model::range::moved(since, WINDOW);
            feed.held_until = Some((since, feed.first_loss.map_or(own, |at| at.min(own))));
            let records = deferred.iter().flat_map(|(id, said)| said.iter().map(|s| (s.key(), s.held(*id))));
            feed.records.extend(records.map(|(key, record)| (key.clone(), record)));
            self.are_present(source, &deferred);
            return;
        }
        // A later feed made it small enough.
        feed.held.clear();
        feed.held_until = None;
        self.lose(source, deferred);
    }

    /// A row that is held is there: its person is not ended as missing meanwhile.
    fn are_present(&mut self, source: &Source, held: &[(IdentityId, Vec<Said>)]) {
        for (who, said) in held {
            let there = said.iter().filter(|s| !matches!(s, Said::Missing(..)));
            let there: Vec<Said> = there.map(|s| Said::Present(s.key().clone())).collect();
            let known = self.known.get(who).map(|k| &k.subject.identity);
            if known.is_some_and(|known| self.after(source, *who, &there) != *known) {
                let decision = self.weigh_said(source, *who, &there);
                self.commit(decision);
            }
        }
    }

    /// Commits what the brake on additions does not count: what others lose, and the end in a row by which an identity would
    /// also gain something. Returns what it holds.
    fn lose_beside(
        &mut self,
        source: &Source,
        deferred: Vec<(IdentityId, Vec<Said>)>,
        adding: &BTreeSet<IdentityId>,
    ) -> Vec<(IdentityId, Vec<Said>)> {
        let (held, mut losing): (Vec<_>, Vec<_>) =
            deferred.into_iter().partition(|(who, _)| adding.contains(who));
        for (who, said) in &held {
            let ends: Vec<Said> = said.iter().map(Said::ends).collect();
            let decision = self.weigh_said(source, *who, &ends);
            if decision.loses() && !decision.gains() {
                losing.push((*who, ends));
            }
        }
        self.lose(source, losing);
        let mut first_loss = None;
        for (who, said) in &held {
            let first = self.weigh_said(source, *who, said).first_loss();
            first_loss = first_loss.into_iter().chain(first).min();
        }
        self.feeds.get_mut(&source.name).unwrap().first_loss = first_loss;
        held
    }

    /// The brake that holds now: the declared one, or a stricter one of a configuration of the last day.
    fn brake_now(&self, source: &Source) -> Brake {
        let holds =
            self.earlier_brakes.iter().filter(|(name, _, until)| *name == source.name && *until > self.now);
        holds.fold(source.brake, |one, (_, other, _)| Brake {
            percent: one.percent.min(other.percent),
            count: one.count.min(other.count),
        })
    }

    /// Keeps the brakes of the active configuration for a day.
    pub(super) fn keep_brakes(&mut self, next: &SetUp) {
        let until = tenure_model::range::moved(self.now, WINDOW);
        let old = self.context.setup.sources.values();
        let kept = old.filter(|s| next.sources.contains_key(&s.name));
        self.earlier_brakes.extend(kept.map(|s| (s.name.clone(), s.brake, until)));
    }

    fn lose(&mut self, source: &Source, losing: Vec<(IdentityId, Vec<Said>)>) {
        for (who, said) in losing {
            let decision = self.weigh_said(source, who, &said);
            self.note_records(source, who, &said);
            let gains = source.additions.is_some() && decision.gains();
            let loses = decision.loses() || !gains;
            self.commit(decision);
            let at = self.now;
            let losses = &mut self.feeds.get_mut(&source.name).unwrap().losses;
            losses.extend(loses.then_some(Loss { at, who, gained: false }));
            losses.extend(gains.then_some(Loss { at, who, gained: true }));
        }
    }

    /// Releases what is held, whole or for some people.
    pub(super) fn release(&mut self, scope: &str, only: &[String]) -> Result<(), String> {
        if scope == "configuration" {
            let only = only.iter().map(|p| self.person(p)).collect::<Result<_, _>>()?;
            self.release_later(&only);
            return Ok(());
        }
        if let Some(system) = scope.strip_prefix("system ") {
            let only = only.iter().map(|p| self.person(p)).collect::<Result<_, _>>()?;
            self.release_in(system, &only);
            return Ok(());
        }
        let Some(source) = scope.strip_prefix("source ") else { return Ok(()) };
        let source = self.context.setup.sources.get(source).cloned();
        let source = source.ok_or_else(|| format!("{scope} is not in the configuration"))?;
        let only: BTreeSet<IdentityId> = only.iter().map(|p| self.person(p)).collect::<Result<_, _>>()?;
        let chosen = |id: &IdentityId| only.is_empty() || only.contains(id);
        let feed = self.feeds.get_mut(&source.name).filter(|f| !f.held.is_empty());
        let feed = feed.ok_or_else(|| format!("nothing of {scope} is held"))?;
        let people: Vec<IdentityId> = feed.held.iter().copied().filter(chosen).collect();
        feed.held.retain(|id| !chosen(id));
        feed.held_until = feed.held_until.filter(|_| !feed.held.is_empty());
        let losing = feed.held_of(&people);
        self.lose(&source, losing);
        self.resettle_dependents();
        Ok(())
    }

    /// Commits what the brakes of sources hold of identities that lose nothing by it any more: another source may be why.
    pub(super) fn look_at_held_again(&mut self) {
        let sources: Vec<Source> = self.context.setup.sources.values().cloned().collect();
        for source in sources {
            let Some(feed) = self.feeds.get(&source.name) else { continue };
            for (who, said) in feed.held_of(&feed.held) {
                let decision = self.weigh_said(&source, who, &said);
                if said.is_empty() || decision.loses() || source.additions.is_some() && decision.gains() {
                    continue;
                }
                self.note_records(&source, who, &said);
                self.commit(decision);
                let feed = self.feeds.get_mut(&source.name).unwrap();
                feed.held.retain(|id| *id != who);
                feed.held_until = feed.held_until.filter(|_| !feed.held.is_empty());
            }
        }
        self.resettle_dependents();
    }
}

impl super::feed::Feed {
    /// What the held rows of some people say.
    fn held_of(&self, people: &[IdentityId]) -> Vec<(IdentityId, Vec<Said>)> {
        let said = |who: IdentityId| {
            let held = |r: &&super::feed::Record| {
                r.identity == Some(who) && matches!(r.state, RecordState::Held | RecordState::HeldReread)
            };
            self.records.values().filter(held).filter_map(|r| r.waits.clone()).collect()
        };
        people.iter().map(|who| (*who, said(*who))).collect()
    }
}
