//! A unit is written completely or not at all.

use super::check::ReadBodies;
use super::run;
use super::turn::{Guard, Writer};
use crate::fault::Result;
use crate::prepare::{Prepared, Write};
use std::sync::Arc;
use tenure_store::{Change, Outcome};

impl Writer {
    pub(super) fn unit(&mut self, unit: &Prepared, guard: Guard) -> Result<Outcome> {
        let mut seen = ReadBodies::default();
        if let Some(outcome) = self.moved(unit, &mut seen)? {
            return Ok(outcome);
        }
        match guard {
            Guard::None => self.write_all(unit, &mut seen)?,
            Guard::Savepoint => return self.guarded(unit, &mut seen),
        }
        Ok(Outcome::Committed)
    }

    /// Writes a unit inside a savepoint: a violated constraint undoes this unit only.
    fn guarded(&mut self, unit: &Prepared, seen: &mut ReadBodies) -> Result<Outcome> {
        let mark = self.pending.mark();
        run(&self.connection, "SAVEPOINT unit", [])?;
        let Err(fault) = self.write_all(unit, seen) else {
            run(&self.connection, "RELEASE unit", [])?;
            return Ok(Outcome::Committed);
        };
        let Some(rule) = fault.rule() else { return Err(fault) };
        run(&self.connection, "ROLLBACK TO unit", [])?;
        run(&self.connection, "RELEASE unit", [])?;
        self.pending.reset(mark);
        self.classes.clear();
        self.active = None;
        Ok(Outcome::Moved(Arc::from(rule)))
    }

    fn write_all(&mut self, unit: &Prepared, seen: &mut ReadBodies) -> Result<()> {
        let touched = self.touched(unit)?;
        unit.writes.iter().try_for_each(|write| self.write(write, seen))?;
        self.append_all(unit, touched)
    }

    fn write(&mut self, write: &Write, seen: &mut ReadBodies) -> Result<()> {
        match &write.change {
            Change::PutIdentity(row) => self.put_identity(row, write, seen),
            Change::Erase(identity) => self.erase(*identity),
            Change::PutRecord(row) => self.put_record(row, write),
            Change::IssueIdentifier { identity, name, value } => self.issue(*identity, name, value),
            Change::PassIdentifier { from, to, name, value } => self.pass_on((*from, *to), name, value),
            Change::PutAccount(identity, account) => self.put_account(*identity, account, write),
            Change::PutGrant(identity, grant) => self.put_grant(*identity, grant, write),
            Change::PutTask(task) => self.put_task(task),
            Change::JoinTask(task) => self.join_task(task),
            Change::EndTask(task) => self.end_task(task),
            Change::EndTasks(identity, account) => self.end_tasks(*identity, account),
            Change::PutFact(fact) => self.put_fact(fact, write),
            Change::DropFact(identity, account, obligation) => {
                self.drop_fact(*identity, account.as_ref(), obligation)
            }
            Change::PutCase(case) => self.put_case(case),
            Change::PutApproval(request) => self.put_approval(request, write),
            Change::PutCutOffOrder(order) => self.put_cut_off_order(order, write),
            Change::PutFinding(row) => self.put_finding(row),
            Change::EndFinding(id) => self.end_finding(*id),
            Change::PutAcknowledgement(row) => self.put_acknowledgement(row),
            Change::ReplaceFindings(identity, rows) => self.replace_findings(*identity, rows),
            Change::Quarantine(row) => self.put_quarantine(row),
            Change::Repaired(source, key) => self.end_quarantine(source, key),
            Change::PutHeldChange(row) => self.put_held_change(row, write),
            Change::PutCorrelation(row) => self.put_correlation(row, write),
            Change::EndCorrelation(id) => self.end_correlation(*id),
            Change::PutFeedRun(row) => self.put_feed_run(row, write),
            Change::PutUnlinked(row) => self.put_unlinked(row, write),
            Change::EndUnlinked(system, external_id) => self.end_unlinked(system, external_id),
            Change::PutContainment(row) => self.put_containment(row),
            Change::EndContainment(outer, inner) => self.end_containment(outer, inner),
            Change::PutLoss(loss) => self.put_loss(loss),
            Change::Activate(row) => self.activate(row, write),
            // Written last, with the state that the unit decides.
            Change::Append(_) => Ok(()),
            Change::PutCheckpoint(size, text) => self.put_checkpoint(*size, text),
            Change::PutNote(note) => self.put_note(note, write),
            Change::ConfirmClock => self.confirm_clock(),
            Change::SetClockBack(at) => self.set_clock_back(*at),
            Change::BusinessTime(at) => {
                self.pending.business_time(*at);
                Ok(())
            }
        }
    }
}
