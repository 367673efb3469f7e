//! The population of a period: every run of a feed with its proof, for an auditor who has the public key and files.

use super::Proofs;
use crate::authority::Target;
use crate::{AppError, DecisionContext, Operation, OperationRefusal};
use jiff::Timestamp;
use std::fmt::Write as _;
use tenure_ledger::Entry;
use tenure_ledger::verify::{Files, Period, population_line};

/// Entries that are read at once.
const PAGE: u32 = 1_024;

impl Proofs<'_> {
    /// The file that proves what sources reported in a period, from a published ledger: one line per run.
    ///
    /// # Errors
    /// When the period is invalid, or the published files do not belong to this ledger.
    pub async fn population(
        &self,
        files: &(dyn Files + Sync),
        from: Timestamp,
        before: Timestamp,
        moment: &DecisionContext,
    ) -> Result<String, AppError> {
        self.app.authority().permit(Operation::Export, &Target::all(), moment).await?;
        let now = moment.now;
        if from >= before || before > now {
            return Err(AppError::precondition(OperationRefusal::PeriodNotOver { from, before }));
        }
        let period = Period { from, before };
        let keys = [self.app.vault.signer().verifier().clone()];
        let head = self.app.store.ledger_head().await?;
        let signed =
            head.checkpoint.as_deref().map(|text| self.app.vault.open_checkpoint(text)).transpose()?;
        let size = signed.map_or(0, |c| c.size);
        let mut file = period.head();
        file.push('\n');
        let mut next = 0;
        while next < size {
            let leaves = self.app.store.leaves(next, PAGE).await?;
            let Some(last) = leaves.last() else { break };
            next = last.index + 1;
            for leaf in leaves.iter().filter(|l| l.index < size) {
                if !period.needs(&Entry::decode(&leaf.entry)?) {
                    continue;
                }
                let (_, opening) = self.opening(leaf.index).await?;
                let Some(opening) = opening else { continue };
                let line = population_line(files, &keys, leaf.index, &opening).map_err(|e| {
                    AppError::Ledger(format!("the files do not prove entry {}: {e}", leaf.index))
                })?;
                writeln!(file, "{line}").map_err(|e| AppError::Ledger(e.to_string()))?;
            }
        }
        Ok(file)
    }
}
