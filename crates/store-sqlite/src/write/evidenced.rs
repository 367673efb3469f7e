//! Links entries to the previous ones, and puts into each the state that its unit decides. What a unit decides without an entry is in
//! no link: then the next entry states that it found a different state.

use super::turn::Writer;
use super::{run, statement};
use crate::fault::{Fault, Result};
use crate::prepare::Prepared;
use crate::state::{Key, state};
use rusqlite::OptionalExtension as _;
use std::collections::BTreeMap;
use tenure_ledger::{Links, Place, State, Subject, SubjectKind};
use tenure_model::IdentityId;
use tenure_store::{Change, Evidence};

/// What the entries so far state about a subject.
#[derive(Debug, Clone, Default)]
struct StatedSoFar {
    entries: u64,
    last: Option<u64>,
    state: Option<[u8; 32]>,
}

/// The subjects that a unit changes, with their previous state.
#[derive(Debug, Default)]
pub(super) struct Touched {
    keys: Vec<(Key, Option<[u8; 32]>)>,
    known: BTreeMap<Subject, StatedSoFar>,
}

impl Writer {
    /// Reads the subjects that a unit will change; empty if it has no entry.
    pub(super) fn touched(&self, unit: &Prepared) -> Result<Touched> {
        let mut touched = Touched::default();
        if !unit.writes.iter().any(|w| matches!(w.change, Change::Append(_))) {
            return Ok(touched);
        }
        for write in &unit.writes {
            for key in self.keys_of(&write.change)? {
                let subject = key.subject();
                if touched.known.contains_key(&subject) {
                    continue;
                }
                let known = self.known(subject)?;
                // Nothing is read about a subject for which no entry left a decided state.
                let before = if known.state.is_some() { state(&self.connection, &key)? } else { None };
                touched.known.insert(subject, known);
                touched.keys.push((key, before));
            }
        }
        Ok(touched)
    }

    fn known(&self, subject: Subject) -> Result<StatedSoFar> {
        let found =
            statement(&self.connection, "SELECT entries, last, state FROM evidenced WHERE subject = ?1")?
                .query_row([subject.to_bytes()], |row| {
                    let last: Option<i64> = row.get(1)?;
                    // An unreadable state counts as none: then the next entry states that it found a different state.
                    Ok((row.get::<_, i64>(0)?, last, row.get(2).unwrap_or_default()))
                })
                .optional()?;
        Ok(found.map_or_else(StatedSoFar::default, |(entries, last, state)| StatedSoFar {
            entries: entries.cast_unsigned(),
            last: last.map(i64::cast_unsigned),
            state,
        }))
    }

    /// Appends the entries of a unit, linked, after everything else of it was written.
    pub(super) fn append_all(&mut self, unit: &Prepared, mut touched: Touched) -> Result<()> {
        let appended: Vec<&Evidence> = unit
            .writes
            .iter()
            .filter_map(|w| if let Change::Append(evidence) = &w.change { Some(evidence) } else { None })
            .collect();
        let Some(end) = appended.len().checked_sub(1) else { return Ok(()) };
        let mut states: Vec<Vec<State>> = vec![Vec::new(); appended.len()];
        for (key, before) in std::mem::take(&mut touched.keys) {
            let (subject, after) = (key.subject(), state(&self.connection, &key)?);
            let known = touched.known.entry(subject).or_default();
            if before == known.state && after == known.state {
                continue;
            }
            known.state = after;
            let at = appended.iter().rposition(|e| is_about(e, subject)).unwrap_or(end);
            states[at].push(State { subject, before, after });
        }
        for (evidence, states) in appended.into_iter().zip(states) {
            self.append_linked(evidence, states, &mut touched.known)?;
        }
        for (subject, known) in &touched.known {
            self.remember(*subject, known)?;
        }
        Ok(())
    }

    fn append_linked(
        &mut self,
        evidence: &Evidence,
        states: Vec<State>,
        known: &mut BTreeMap<Subject, StatedSoFar>,
    ) -> Result<()> {
        let index = self.next_leaf();
        let mut place = |subject: Option<Subject>| -> Result<Option<Place>> {
            let Some(subject) = subject else { return Ok(None) };
            let known = match known.entry(subject) {
                std::collections::btree_map::Entry::Occupied(there) => there.into_mut(),
                std::collections::btree_map::Entry::Vacant(free) => free.insert(self.known(subject)?),
            };
            let place = Place { number: known.entries + 1, previous: known.last };
            (known.entries, known.last) = (place.number, Some(index));
            Ok(Some(place))
        };
        let case = place(evidence.case.map(|c| Subject { kind: SubjectKind::Case, id: *c.as_bytes() }))?;
        let identity = place(evidence.identity.map(of_identity))?;
        let links = Links { case, identity, closes: evidence.closes, states };
        let links =
            links.encode().map_err(|e| Fault::inconsistent("an entry of the ledger", e.to_string()))?;
        self.append(evidence, &links)
    }

    fn remember(&self, subject: Subject, known: &StatedSoFar) -> Result<()> {
        run(
            &self.connection,
            "INSERT INTO evidenced (subject, entries, last, state) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (subject) DO UPDATE SET entries = excluded.entries, last = excluded.last, state = excluded.state",
            (
                subject.to_bytes(),
                known.entries.cast_signed(),
                known.last.map(u64::cast_signed),
                known.state,
            ),
        )?;
        Ok(())
    }

    /// The subjects of a change.
    fn keys_of(&self, change: &Change) -> Result<Vec<Key>> {
        let identity = |id: IdentityId| vec![Key::identity(id)];
        Ok(match change {
            Change::PutIdentity(row) => identity(row.identity.id),
            Change::PutAccount(id, _) | Change::PutGrant(id, _) | Change::DropFact(id, ..) => identity(*id),
            Change::PutFact(fact) => identity(fact.identity),
            Change::IssueIdentifier { identity: id, .. } => identity(*id),
            Change::PassIdentifier { from, to, .. } => vec![Key::identity(*from), Key::identity(*to)],
            Change::PutApproval(request) => identity(request.identity),
            Change::PutRecord(row) => {
                let before: Option<Option<[u8; 16]>> = statement(
                    &self.connection,
                    "SELECT identity FROM record WHERE source = ?1 AND key = ?2",
                )?
                .query_row(
                    (tenure_model::Name::as_str(&row.source), tenure_model::Name::as_str(&row.key)),
                    |row| row.get(0),
                )
                .optional()?;
                let before = before.flatten().map(IdentityId::from_bytes);
                before.into_iter().chain(row.identity).map(Key::identity).collect()
            }
            Change::PutCase(case) => vec![Key::of(SubjectKind::Case, case.id.as_bytes())],
            Change::PutHeldChange(row) => vec![Key::of(SubjectKind::HeldChange, row.id.as_bytes())],
            Change::PutCutOffOrder(order) => vec![Key::of(SubjectKind::CutOffOrder, order.id.as_bytes())],
            Change::PutCorrelation(row) => vec![Key::of(SubjectKind::Correlation, row.id.as_bytes())],
            Change::EndCorrelation(id) => vec![Key::of(SubjectKind::Correlation, id.as_bytes())],
            Change::PutAcknowledgement(row) => {
                vec![Key::of(SubjectKind::Acknowledgement, row.finding.as_bytes())]
            }
            Change::PutUnlinked(row) => vec![Key::Unlinked(row.system.clone(), row.external_id.to_string())],
            Change::EndUnlinked(system, external_id) => {
                vec![Key::Unlinked(system.clone(), external_id.to_string())]
            }
            Change::Activate(row) => vec![Key::Configuration(row.hash.clone()), Key::active()],
            Change::Erase(id) => self.keys_of_erased(*id)?,
            _ => Vec::new(),
        })
    }

    /// Erasure also changes held changes, and questions about the deleted records.
    fn keys_of_erased(&self, id: IdentityId) -> Result<Vec<Key>> {
        let mut keys = vec![Key::identity(id)];
        for (kind, sql) in [
            (SubjectKind::HeldChange, "SELECT id FROM held_change WHERE length(?1) = 16"),
            (SubjectKind::Acknowledgement, "SELECT id FROM acknowledgement WHERE about = ?1"),
            (
                SubjectKind::Correlation,
                "SELECT id FROM correlation WHERE (source, key) IN (SELECT source, key FROM record WHERE identity = ?1)",
            ),
        ] {
            let mut query = statement(&self.connection, sql)?;
            let ids = query.query_map([id.as_bytes()], |row| row.get::<_, [u8; 16]>(0))?;
            for found in ids {
                keys.push(Key::of(kind, &found?));
            }
        }
        Ok(keys)
    }
}

fn of_identity(id: IdentityId) -> Subject {
    Subject { kind: SubjectKind::Identity, id: *id.as_bytes() }
}

/// Whether a subject is what an entry is about.
fn is_about(evidence: &Evidence, subject: Subject) -> bool {
    match subject.kind {
        SubjectKind::Identity => evidence.identity.is_some_and(|id| *id.as_bytes() == subject.id),
        SubjectKind::Case => evidence.case.is_some_and(|id| *id.as_bytes() == subject.id),
        _ => false,
    }
}
