//! The population of a period, exported and then checked with nothing but the public key and the files.

use crate::application::Application;
use jiff::Timestamp;
use tenure_app::AppError;
use tenure_ledger::verify::{MemoryFiles, PopulationError, confirm_population};

impl Application {
    /// What the population shows: runs and gaps, in words. It fails where leaving one run out would not be noticed.
    pub(crate) async fn population(&self, from: &str, before: &str) -> Result<Vec<String>, AppError> {
        let instant = |text: &str| text.parse::<Timestamp>().unwrap_or_else(|e| panic!("{text}: {e}"));
        let moment = self.moment(None).await?;
        self.app.proof().checkpoint().await?;
        let mut files = MemoryFiles::new();
        self.app
            .proof()
            .publish_ledger(&mut |path, bytes| {
                files.insert(path.to_owned(), bytes.to_vec());
                Ok(())
            })
            .await?;
        let text = self.app.proof().population(&files, instant(from), instant(before), &moment).await?;
        let keys = [self.vault.signer().verifier().clone()];
        let found =
            confirm_population(&text, &keys, Some(&files)).map_err(|e| AppError::Ledger(e.to_string()))?;
        for left_out in 1..text.lines().count() {
            let rest: Vec<&str> =
                text.lines().enumerate().filter(|(i, _)| *i != left_out).map(|(_, l)| l).collect();
            let noticed = confirm_population(&rest.join("\n"), &keys, Some(&files));
            assert!(matches!(noticed, Err(PopulationError::LeftOut { .. })), "line {left_out} is not missed");
        }
        let runs = found.runs.iter().map(|r| match &r.said.refused {
            Some(_) => format!("{} {} refused", r.at, r.said.source),
            None => format!(
                "{} {}: {} rows, {} taken, {} quarantined, {} missing",
                r.at, r.said.source, r.said.rows, r.said.taken, r.said.quarantined, r.said.missing
            ),
        });
        let gaps = found.gaps.iter().map(|g| format!("{} silent from {} to {}", g.source, g.from, g.until));
        Ok(runs.chain(gaps).collect())
    }
}
