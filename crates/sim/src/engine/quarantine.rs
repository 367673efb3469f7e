//! Rows of a feed that could not be understood, as the engine alone keeps them.

use super::feed::{Feed, Record};
use std::sync::Arc;
use tenure_engine::normalise::Normalised;
use tenure_model::{Name as _, RecordKey, RecordState, RowError};

impl Feed {
    /// Puts what could not be understood into quarantine, and takes out what is understood now.
    pub(super) fn quarantined(&mut self, row: &Normalised) {
        if let Some(key) = row.key() {
            self.quarantine.retain(|(k, _), _| **k != *key.as_str());
        }
        for (nth, problem) in row.problems().iter().enumerate() {
            self.quarantine(row.key(), nth, problem);
        }
        if let Normalised::Bad { key: Some(key), digest, .. } = row {
            let identity = self.records.get(key).and_then(|r| r.identity);
            let record = Record { identity, state: RecordState::Quarantined, digest: *digest, waits: None };
            self.records.insert(key.clone(), record);
        }
    }

    /// What a row without a key is known by: in the files of a delta source lines repeat, and an earlier row of this line stays.
    fn line(&self, line: u64) -> Arc<str> {
        let key: Arc<str> = Arc::from(format!("line {line}"));
        let Some(now) = self.repeats else { return key };
        let is_line = |(k, text): &(&Arc<str>, &String)| {
            **text == self.text
                && k.strip_prefix(&*key).is_some_and(|rest| rest.is_empty() || rest.starts_with(", "))
        };
        match self.files.iter().find(is_line) {
            Some((key, _)) => key.clone(),
            None if self.quarantine.keys().any(|(k, _)| *k == key) => Arc::from(format!("{key}, {now}")),
            None => key,
        }
    }

    pub(super) fn quarantine(&mut self, key: Option<&RecordKey>, nth: usize, problem: &RowError) {
        let key = key.map_or_else(|| self.line(problem.at.line), |k| Arc::from(k.as_str()));
        self.files.insert(key.clone(), self.text.clone());
        if !self.dismissed.contains(&(key.clone(), self.text.clone())) {
            self.quarantine.insert((key, nth), problem.value.clone().unwrap_or_default());
        }
    }
}
