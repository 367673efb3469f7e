//! Commits chunks concurrently: while one is written, the next one is decided.

use super::brake::Deferred;
use super::counted::{counts_as_gain, counts_as_loss, gains};
use super::ingest::{ATTEMPTS_MAX, Ingest};
use super::pending::IdentityChanges;
use crate::correlate::Candidates;
use crate::limits::loses;
use crate::text::fold;
use crate::{AppError, Decision};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use tenure_model::IdentityId;
use tenure_store::{Change, Outcome, StoreError, Unit};
use tokio::task::JoinHandle;

/// Chunks being written while the next one is decided; while that one is encoded and waits for its turn, there is one
/// more. This bounds the memory of an import: twice [`super::ingest::CHUNK_ROWS`] people.
const IN_FLIGHT_MAX: usize = 1;

/// One chunk.
struct Flight {
    sent: Vec<(IdentityChanges, Decision)>,
    /// Rounds of commits that its decisions have seen.
    seen: u64,
    /// Names that it issues.
    names: Vec<(Arc<str>, Arc<str>)>,
    /// New people in it.
    met: Candidates,
    outcomes: JoinHandle<Result<Vec<Outcome>, StoreError>>,
}

/// The chunks being written, in order. Their content cannot be read from the store yet, so it is kept here.
#[derive(Default)]
pub(crate) struct InFlightChunks(VecDeque<Flight>);

impl InFlightChunks {
    /// Whether any of these identities is being written.
    pub(crate) fn carry<'i>(&self, mut ids: impl Iterator<Item = &'i IdentityId>) -> bool {
        let flying: BTreeSet<IdentityId> =
            self.0.iter().flat_map(|f| f.sent.iter().map(|(p, _)| p.id)).collect();
        ids.any(|id| flying.contains(id))
    }

    /// New people that are being written.
    pub(crate) fn met(&self) -> Vec<&Candidates> {
        self.0.iter().map(|f| &f.met).collect()
    }

    /// Names that are being issued.
    pub(crate) fn names(&self) -> BTreeSet<(Arc<str>, Arc<str>)> {
        self.0.iter().flat_map(|f| f.names.iter().cloned()).collect()
    }
}

impl Ingest<'_> {
    /// Decides a chunk and starts its commit. `met` are its new people.
    pub(crate) async fn send(
        &mut self,
        pending: Vec<IdentityChanges>,
        met: Candidates,
    ) -> Result<(), AppError> {
        if pending.is_empty() {
            return Ok(());
        }
        if self.flights.carry(pending.iter().map(|p| &p.id)) {
            self.land_all().await?;
        }
        let seen = self.dependents.rounds();
        let (pending, decisions) = self.decided(pending).await?;
        let (units, sent) = self.part(pending, decisions);
        let names = issued(&units).collect();
        let store = self.app.store.clone();
        let outcomes = tokio::spawn(async move { store.commit(units).await });
        self.flights.0.push_back(Flight { sent, seen, names, met, outcomes });
        while self.flights.0.len() > IN_FLIGHT_MAX {
            self.land().await?;
        }
        Ok(())
    }

    /// Waits until all chunks are written.
    pub(crate) async fn land_all(&mut self) -> Result<(), AppError> {
        while !self.flights.0.is_empty() {
            self.land().await?;
        }
        Ok(())
    }

    async fn land(&mut self) -> Result<(), AppError> {
        let Some(flight) = self.flights.0.pop_front() else { return Ok(()) };
        let outcomes = flight.outcomes.await.map_err(|e| StoreError::Driver(Box::new(e)))??;
        let again = self.committed(flight.sent, flight.seen, outcomes);
        let again = self.meet_again(again).await?;
        self.decide(again).await
    }

    /// Decides what a feed says of some identities: changes without a loss are committed, the rest waits for the brake.
    pub(crate) async fn decide(&mut self, pending: Vec<IdentityChanges>) -> Result<(), AppError> {
        let mut open = pending;
        for _ in 0..ATTEMPTS_MAX {
            if open.is_empty() {
                return Ok(());
            }
            let seen = self.dependents.rounds();
            let (decidable, decisions) = self.decided(open).await?;
            let (units, sent) = self.part(decidable, decisions);
            let outcomes = self.app.store.commit(units).await?;
            open = self.committed(sent, seen, outcomes);
            open = self.meet_again(open).await?;
        }
        if let Some(stuck) = open.first() {
            self.left = true;
            // Its row is not noted as taken, so the next pass takes it again; it holds up no other identity.
            tracing::warn!(identity = %stuck.id, "changed concurrently each time it was decided; left for the next pass");
        }
        Ok(())
    }

    /// Decides these. Identities that cannot be read are left out: they are damage, and their rows come again.
    async fn decided(
        &mut self,
        mut pending: Vec<IdentityChanges>,
    ) -> Result<(Vec<IdentityChanges>, Vec<Decision>), AppError> {
        match self.decisions(&pending, self.flights.names()).await {
            Err(AppError::Store(StoreError::Inconsistent { .. })) => {}
            other => return Ok((pending, other?)),
        }
        let mut unreadable = BTreeSet::new();
        for id in pending.iter().map(|p| p.id) {
            match self.app.store.subjects(&[id]).await {
                Err(StoreError::Inconsistent { .. }) => {
                    unreadable.insert(id);
                }
                other => drop(other?),
            }
        }
        // Notes each of them as damage.
        self.app.stored().readable(&unreadable.iter().copied().collect::<Vec<_>>()).await?;
        pending.retain(|p| !unreadable.contains(&p.id));
        let decisions = self.decisions(&pending, self.flights.names()).await?;
        Ok((pending, decisions))
    }

    /// Separates what may be committed at once from what waits for the brake.
    fn part(
        &mut self,
        pending: Vec<IdentityChanges>,
        decisions: Vec<Decision>,
    ) -> (Vec<Unit>, Vec<(IdentityChanges, Decision)>) {
        let (mut units, mut sent) = (Vec::new(), Vec::new());
        for (pending, mut decision) in pending.into_iter().zip(decisions) {
            let is_loss = counts_as_loss(&decision);
            let is_gain = self.source.additions.is_some() && counts_as_gain(&decision);
            if is_loss || is_gain {
                // A present loss comes before any later one.
                let later = decision.first_loss().filter(|_| !decision.removes());
                let what = if is_loss { loses(&decision) } else { gains(&decision) };
                self.deferred.push(Deferred { pending, what, loses: is_loss, gains: is_gain, later });
            } else if let Some(unit) = decision.unit.take() {
                units.push(unit);
                sent.push((pending, decision));
            }
        }
        (units, sent)
    }

    /// Notes what was committed and returns what must be decided again.
    pub(crate) fn committed(
        &mut self,
        sent: Vec<(IdentityChanges, Decision)>,
        seen: u64,
        outcomes: Vec<Outcome>,
    ) -> Vec<IdentityChanges> {
        let mut again = Vec::new();
        for ((pending, decision), outcome) in sent.into_iter().zip(outcomes) {
            if !outcome.is_committed() {
                again.push(pending);
                continue;
            }
            self.free.remove(&pending.id);
            if !decision.decides {
                continue;
            }
            self.report.changed += 1;
            self.report.new += u64::from(decision.is_new);
            if decision.is_of_access_alone() {
                self.app.in_hand.count_access_alone();
            }
            if let Some(label) = decision.label {
                *self.report.labels.entry(label).or_default() += 1;
            }
            self.app.witness(&decision);
            self.dependents.note_seen(&decision, seen);
        }
        self.dependents.end_round();
        again
    }
}

/// The names that units issue, in the form for comparison.
fn issued(units: &[Unit]) -> impl Iterator<Item = (Arc<str>, Arc<str>)> {
    units.iter().flat_map(|u| &u.changes).filter_map(|change| match change {
        Change::IssueIdentifier { name, value, .. } => Some((name.clone(), fold(value))),
        _ => None,
    })
}
