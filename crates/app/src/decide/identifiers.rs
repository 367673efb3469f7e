//! Gives identities the names they lack, and proposes new ones where the inputs of a name changed. It takes the first candidate that
//! was never issued to another identity, in any batch, and that no account without identity has in a system.

use crate::text::fold;
use crate::{App, AppError, DecisionContext};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_engine::{NUMBERED_MAX, Wanted, give, look, nameless, reconsider, to_rename, wanted};
use tenure_model::{Finding, Identity, IdentityId, SystemName};

/// Numbered candidates that are looked up at once.
const NUMBERED_AT_ONCE: u32 = 32;

/// Names given to one identity.
#[derive(Debug, Default)]
pub(crate) struct Issued {
    /// Names issued now: the kind of name, and the name.
    pub(crate) names: Vec<(Arc<str>, Arc<str>)>,
    /// Names reserved for it from now on, because they are proposed.
    pub(crate) reserved: Vec<(Arc<str>, Arc<str>)>,
    /// One for each name that found no free candidate.
    pub(crate) findings: Vec<Finding>,
}

/// Issues each identity the names it lacks and proposes renames, in the order of identities. It never uses a name of `taken`:
/// concurrent units give those to others. A name may be made of another one, so this works in rounds; each looks up the
/// candidates of all identities at once.
pub(crate) async fn issue(
    app: &App,
    identities: &mut [&mut Identity],
    taken: BTreeSet<(Arc<str>, Arc<str>)>,
    moment: &DecisionContext,
) -> Result<Vec<Issued>, AppError> {
    let mut issued: Vec<Issued> = identities.iter().map(|_| Issued::default()).collect();
    let names = taken.into_iter().map(|name| (name, None)).collect();
    let mut taken = Taken { names, looked: BTreeSet::new() };
    identities.iter_mut().for_each(|identity| reconsider(&app.context, identity, moment.now));
    let mut open: Vec<usize> = (0..identities.len()).collect();
    while !open.is_empty() {
        let mut wants: Vec<(usize, Vec<Wanted>)> = Vec::new();
        for i in open.drain(..) {
            let all = identities.get(i).map(|identity| {
                let mut all = wanted(&app.context, identity, moment.now);
                all.extend(to_rename(&app.context, identity, moment.now));
                all
            });
            wants.extend(all.filter(|m| !m.is_empty()).map(|m| (i, m)));
        }
        taken.look_up(app, wants.iter().flat_map(|(_, wants)| wants)).await?;
        for (i, wants) in wants {
            let (Some(identity), Some(issued)) = (identities.get_mut(i), issued.get_mut(i)) else { continue };
            let mut given = false;
            for want in &wants {
                let Some(value) = taken.free(app, want, identity.id).await? else { continue };
                let name = (want.name.clone(), value.clone());
                let known = taken.names.insert((want.name.clone(), fold(&value)), Some(identity.id));
                if let Some(look) = look(&value) {
                    taken.names.insert((want.name.clone(), look.clone()), Some(identity.id));
                    issued.reserved.push((want.name.clone(), look));
                }
                give(identity, want, value);
                given = true;
                match (want.renames, known) {
                    (false, _) => issued.names.push(name),
                    (true, None) => issued.reserved.push(name),
                    // It was issued to this identity before.
                    (true, Some(_)) => {}
                }
            }
            if given {
                open.push(i);
            } else {
                issued.findings = wants.iter().map(nameless).collect();
            }
        }
    }
    Ok(issued)
}

/// The forms of a name for comparison: by its letters, and by its look.
fn forms(name: &Arc<str>, value: &str) -> Vec<(Arc<str>, Arc<str>)> {
    let all = [Some(fold(value)), look(value)];
    all.into_iter().flatten().map(|form| (name.clone(), form)).collect()
}

/// Names issued in this batch, names that the store has as issued before, and names of accounts without identity: with the identity
/// of each, where known.
struct Taken {
    names: BTreeMap<(Arc<str>, Arc<str>), Option<IdentityId>>,
    /// Systems and names of accounts that were looked up: once for a batch.
    looked: BTreeSet<(SystemName, Arc<str>)>,
}

impl Taken {
    async fn look_up(&mut self, app: &App, wants: impl Iterator<Item = &Wanted>) -> Result<(), AppError> {
        let names: BTreeSet<(Arc<str>, Arc<str>)> =
            wants.flat_map(|w| w.candidates.iter().flat_map(|c| forms(&w.name, c))).collect();
        self.ask(app, names.into_iter().collect()).await
    }

    async fn ask(&mut self, app: &App, names: Vec<(Arc<str>, Arc<str>)>) -> Result<(), AppError> {
        if names.is_empty() {
            return Ok(());
        }
        for (name, value, whose) in app.store.identifiers(&names).await? {
            self.names.entry((name, value)).or_insert(Some(whose));
        }
        self.names.extend(app.tombstones().erased_names(&names).await?.into_iter().map(|name| (name, None)));
        let kinds: BTreeSet<&Arc<str>> = names.iter().map(|(name, _)| name).collect();
        for system in app.context.setup.systems.values() {
            let named = kinds.iter().filter(|k| system.is_named_by(k));
            let new: Vec<&Arc<str>> =
                named.filter(|k| self.looked.insert((system.name.clone(), (**k).clone()))).copied().collect();
            if new.is_empty() {
                continue;
            }
            let there = app.stored().unlinked(&system.name, false).await?;
            let orphan_identity = new.into_iter().flat_map(|k| there.iter().flat_map(|a| forms(k, &a.name)));
            self.names.extend(orphan_identity.map(|name| (name, None)));
        }
        Ok(())
    }

    /// The first form that is free for this identity: it was never issued, or issued to this identity.
    async fn free(
        &mut self,
        app: &App,
        want: &Wanted,
        whose: IdentityId,
    ) -> Result<Option<Arc<str>>, AppError> {
        let is_free = |taken: &BTreeMap<_, Option<IdentityId>>, c: &Arc<str>| {
            forms(&want.name, c).iter().all(|form| taken.get(form).is_none_or(|to| *to == Some(whose)))
        };
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
            self.ask(app, some.iter().flat_map(|c| forms(&want.name, c)).collect()).await?;
            if let Some(found) = some.iter().find(|c| is_free(&self.names, c)) {
                return Ok(Some(found.clone()));
            }
            from += NUMBERED_AT_ONCE;
        }
        Ok(None)
    }
}
