//! Gives identities the names they lack: the first candidate that was never issued, to anybody, in any batch, and that no
//! account of nobody has in a system.

use crate::references::fold;
use crate::{App, AppError, Moment};
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_engine::{NUMBERED_MAX, Wanted, wanted};
use tenure_model::{Finding, FindingKind, Identity, SystemName};

/// Numbered candidates that are asked for at once.
const NUMBERED_AT_ONCE: u32 = 32;
/// Most accounts of nobody that are looked through in one system.
const UNLINKED_MAX: u32 = 1_000_000;

/// What one identity was given.
#[derive(Debug, Default)]
pub(crate) struct Issued {
    /// Names issued now: what they are called, and the name.
    pub(crate) names: Vec<(Arc<str>, Arc<str>)>,
    /// One for each name that found no free candidate.
    pub(crate) findings: Vec<Finding>,
}

/// Gives each identity all that it lacks, in their order, and nothing of `taken`, which others are given at this moment. A
/// name may be made of another one, so this goes in rounds; each looks up the candidates of all identities at once.
pub(crate) async fn issue(
    app: &App,
    identities: &mut [&mut Identity],
    taken: BTreeSet<(Arc<str>, Arc<str>)>,
    moment: &Moment,
) -> Result<Vec<Issued>, AppError> {
    let mut issued: Vec<Issued> = identities.iter().map(|_| Issued::default()).collect();
    let mut taken = Taken { names: taken, looked: BTreeSet::new() };
    let mut open: Vec<usize> = (0..identities.len()).collect();
    while !open.is_empty() {
        let mut wants: Vec<(usize, Vec<Wanted>)> = Vec::new();
        for i in open.drain(..) {
            let missing = identities.get(i).map(|identity| wanted(&app.context, identity, moment.now));
            wants.extend(missing.filter(|m| !m.is_empty()).map(|m| (i, m)));
        }
        taken.look_up(app, wants.iter().flat_map(|(_, wants)| wants)).await?;
        for (i, wants) in wants {
            let (Some(identity), Some(issued)) = (identities.get_mut(i), issued.get_mut(i)) else { continue };
            let before = issued.names.len();
            for want in &wants {
                if let Some(value) = taken.free(app, want).await? {
                    taken.names.insert((want.name.clone(), fold(&value)));
                    identity.identifiers.insert(want.name.clone(), value.clone());
                    issued.names.push((want.name.clone(), value));
                }
            }
            if issued.names.len() > before {
                open.push(i);
            } else {
                issued.findings = wants.iter().map(finding).collect();
            }
        }
    }
    Ok(issued)
}

fn finding(want: &Wanted) -> Finding {
    Finding {
        kind: FindingKind::NoIdentifier,
        about: want.name.clone(),
        text: Arc::from("no candidate is free: add one to the identifier's candidates"),
    }
}

/// Names issued in this batch, with those that the store says were issued before, and those of accounts that are nobody's.
struct Taken {
    names: BTreeSet<(Arc<str>, Arc<str>)>,
    /// What systems name accounts by that were looked at: once for a batch.
    looked: BTreeSet<(SystemName, Arc<str>)>,
}

impl Taken {
    async fn look_up(&mut self, app: &App, wants: impl Iterator<Item = &Wanted>) -> Result<(), AppError> {
        let names: BTreeSet<(Arc<str>, Arc<str>)> =
            wants.flat_map(|w| w.candidates.iter().map(|c| (w.name.clone(), fold(c)))).collect();
        self.ask(app, names.into_iter().collect()).await
    }

    async fn ask(&mut self, app: &App, names: Vec<(Arc<str>, Arc<str>)>) -> Result<(), AppError> {
        if names.is_empty() {
            return Ok(());
        }
        self.names
            .extend(app.store.identifiers(&names).await?.into_iter().map(|(name, value, _)| (name, value)));
        self.names.extend(app.erased_names(&names).await?);
        let kinds: BTreeSet<&Arc<str>> = names.iter().map(|(name, _)| name).collect();
        for system in app.context.setup.systems.values() {
            let named = kinds.iter().filter(|k| system.is_named_by(k));
            let new: Vec<&Arc<str>> =
                named.filter(|k| self.looked.insert((system.name.clone(), (**k).clone()))).copied().collect();
            if new.is_empty() {
                continue;
            }
            let there = app.store.unlinked(Some(&system.name), UNLINKED_MAX).await?;
            self.names.extend(new.into_iter().flat_map(|k| there.iter().map(|a| (k.clone(), fold(&a.name)))));
        }
        Ok(())
    }

    async fn free(&mut self, app: &App, want: &Wanted) -> Result<Option<Arc<str>>, AppError> {
        let is_free = |taken: &BTreeSet<_>, c: &Arc<str>| !taken.contains(&(want.name.clone(), fold(c)));
        if let Some(found) = want.candidates.iter().find(|c| is_free(&self.names, c)) {
            return Ok(Some(found.clone()));
        }
        let mut from = 2;
        while from < NUMBERED_MAX {
            let some: Vec<Arc<str>> =
                (from..from + NUMBERED_AT_ONCE).filter_map(|n| want.numbered(n)).collect();
            if some.is_empty() {
                return Ok(None);
            }
            self.ask(app, some.iter().map(|c| (want.name.clone(), fold(c))).collect()).await?;
            if let Some(found) = some.iter().find(|c| is_free(&self.names, c)) {
                return Ok(Some(found.clone()));
            }
            from += NUMBERED_AT_ONCE;
        }
        Ok(None)
    }
}
