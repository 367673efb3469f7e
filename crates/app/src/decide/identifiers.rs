//! Gives identities the names they lack: the first candidate that was never issued, to anybody, in any batch.

use crate::references::fold;
use crate::{App, AppError, Moment};
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_engine::{NUMBERED_MAX, Wanted, wanted};
use tenure_model::{Finding, FindingKind, Identity};

/// Numbered candidates that are asked for at once.
const NUMBERED_AT_ONCE: u32 = 32;

/// Names issued in this batch, with those that the store says were issued before.
pub(crate) struct Names(BTreeSet<(Arc<str>, Arc<str>)>);

impl Names {
    /// Looks up the plain candidates of all identities at once.
    pub(crate) async fn load(app: &App, identities: &[&Identity], moment: &Moment) -> Result<Self, AppError> {
        let names: BTreeSet<(Arc<str>, Arc<str>)> = identities
            .iter()
            .flat_map(|i| wanted(&app.context, i, moment.now))
            .flat_map(|w| w.candidates.iter().map(|c| (w.name.clone(), fold(c))).collect::<Vec<_>>())
            .collect();
        let mut taken = Self(BTreeSet::new());
        taken.look_up(app, names.into_iter().collect()).await?;
        Ok(taken)
    }

    async fn look_up(&mut self, app: &App, names: Vec<(Arc<str>, Arc<str>)>) -> Result<(), AppError> {
        if !names.is_empty() {
            self.0.extend(
                app.store.identifiers(&names).await?.into_iter().map(|(name, value, _)| (name, value)),
            );
        }
        Ok(())
    }

    /// Gives an identity all that it lacks. Returns the names issued now, and a finding for each that found no free
    /// candidate.
    pub(crate) async fn issue(
        &mut self,
        app: &App,
        identity: &mut Identity,
        moment: &Moment,
    ) -> Result<(Vec<(Arc<str>, Arc<str>)>, Vec<Finding>), AppError> {
        let (mut issued, mut findings) = (Vec::new(), Vec::new());
        // An identifier may be made of another one: ask again until nothing new comes.
        for round in 0.. {
            let mut progress = false;
            for want in wanted(&app.context, identity, moment.now) {
                if round > 0 {
                    self.look_up(app, want.candidates.iter().map(|c| (want.name.clone(), fold(c))).collect())
                        .await?;
                }
                if let Some(value) = self.free(app, &want).await? {
                    self.0.insert((want.name.clone(), fold(&value)));
                    identity.identifiers.insert(want.name.clone(), value.clone());
                    issued.push((want.name, value));
                    progress = true;
                } else if !findings.iter().any(|f: &Finding| f.about == want.name) {
                    findings.push(Finding {
                        kind: FindingKind::NoIdentifier,
                        about: want.name.clone(),
                        text: Arc::from("no candidate is free: add one to the identifier's candidates"),
                    });
                }
            }
            if !progress {
                break;
            }
        }
        Ok((issued, findings))
    }

    async fn free(&mut self, app: &App, want: &Wanted) -> Result<Option<Arc<str>>, AppError> {
        let is_free = |taken: &BTreeSet<_>, c: &Arc<str>| !taken.contains(&(want.name.clone(), fold(c)));
        if let Some(found) = want.candidates.iter().find(|c| is_free(&self.0, c)) {
            return Ok(Some(found.clone()));
        }
        let mut from = 2;
        while from < NUMBERED_MAX {
            let some: Vec<Arc<str>> =
                (from..from + NUMBERED_AT_ONCE).filter_map(|n| want.numbered(n)).collect();
            if some.is_empty() {
                return Ok(None);
            }
            self.look_up(app, some.iter().map(|c| (want.name.clone(), fold(c))).collect()).await?;
            if let Some(found) = some.iter().find(|c| is_free(&self.0, c)) {
                return Ok(Some(found.clone()));
            }
            from += NUMBERED_AT_ONCE;
        }
        Ok(None)
    }
}
