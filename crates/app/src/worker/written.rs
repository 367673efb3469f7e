//! What one task wrote, and its first failure.

use super::task::Failure;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_connect::{ConnectError, Status};
use tenure_model::Obligation;

/// What was written.
#[derive(Default)]
pub(super) struct Written {
    pub(super) external_id: Option<Arc<str>>,
    /// Whether a create was sent whose result is unknown.
    pub(super) doubtful: bool,
    /// Whether it is due for deletion while the clock may be wrong.
    pub(super) waits_for_clock: bool,
    /// Whether it was disabled, or already is: this is claimed whatever else fails.
    pub(super) unusable: bool,
    /// Removed entitlements: claimed the same way.
    pub(super) revoked: BTreeSet<Arc<str>>,
    /// Whether it existed before, is gone, and was created again.
    pub(super) missing: bool,
    /// In words, for the evidence.
    pub(super) did: Vec<String>,
    /// The first failure; the rest was done.
    pub(super) failure: Option<Failure>,
}

impl Written {
    /// Whether an answer of the system claims that an obligation is met.
    pub(super) fn says(&self, obligation: &Obligation) -> bool {
        match obligation {
            Obligation::AccountUnusable => self.unusable,
            Obligation::EntitlementGone(e) => self.revoked.contains(e.local()),
            _ => false,
        }
    }

    /// Notes the result of disabling it.
    pub(super) fn disabled<T>(&mut self, result: Result<T, ConnectError>) {
        self.unusable |= result.is_ok();
        self.note("disabled the account".to_owned(), result);
    }

    pub(super) fn note<T>(&mut self, what: String, result: Result<T, ConnectError>) {
        match result {
            Ok(_) => self.did.push(what),
            Err(e) => self.failed(e.into()),
        }
    }
    pub(super) fn failed(&mut self, failure: Failure) {
        // A temporary failure takes precedence over a permanent one: the task is then tried again.
        let passes = |f: &Failure| f.status != Status::Permanent;
        if self.failure.as_ref().is_none_or(|f| !passes(f) && passes(&failure)) {
            self.failure = Some(failure);
        }
    }
}
