//! Renames: what makes a proposal, what a yes changes, and which accounts still have the old name.

use crate::Context;
use crate::access_request::DecisionRefusal;
use crate::estate::{account_name, due_name};
use crate::identifier::{NamingBasis, Wanted, candidates, made_of};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::text::shown;
use tenure_model::{
    Account, ApprovalRequest, Finding, FindingDetail, Identity, MadeOf, Naming, Renamed, Renaming, Subject,
};
use tenure_policy::{Identifier, SetUp, Stage};

/// Records the inputs of names if they were not recorded, and drops an obsolete proposal: its inputs changed again, or the person is
/// departed or cut off (others look for them by their present names).
pub fn reconsider(context: &Context, identity: &mut Identity, now: Timestamp) {
    let mut naming = identity.naming.clone();
    let Some(seen) = NamingBasis::of(context, identity, now).filter(|_| !identity.is_cut_off()) else {
        identity.naming.renaming = None;
        return;
    };
    if naming.renaming.as_ref().is_some_and(|renaming| !still_fits(context, identity, &seen, renaming)) {
        naming.renaming = None;
    }
    let inputs = seen.inputs(&identity.identifiers);
    for identifier in named(context, identity) {
        let is_proposed = naming.renaming.as_ref().is_some_and(|r| r.names.contains_key(&identifier.name));
        let present = made_of(identifier, &inputs);
        let known = naming.made_of.get(&identifier.name);
        // The configured inputs of the name changed, or the name still matches its inputs: neither is a reason for a rename.
        let keeps = known.is_none_or(|known| !differs(known, &present))
            || identifier.rename.is_none()
            || identity
                .identifiers
                .get(&identifier.name)
                .is_some_and(|is| candidates(identifier, &inputs).fits(is));
        if keeps && !is_proposed && known != Some(&present) {
            naming.made_of.insert(identifier.name.clone(), present);
        }
    }
    identity.naming = naming;
}

/// The names to be changed: their inputs changed, and they are none of those that would be issued now. Call again once one is
/// proposed: another one may be derived from it.
#[must_use]
pub fn to_rename(context: &Context, identity: &Identity, now: Timestamp) -> Vec<Wanted> {
    let Some(seen) = NamingBasis::of(context, identity, now).filter(|_| !identity.is_cut_off()) else {
        return Vec::new();
    };
    let renaming = identity.naming.renaming.as_ref();
    let names = with_proposed(&identity.identifiers, renaming);
    let open = named(context, identity).filter(|i| {
        i.rename.is_some() && !renaming.is_some_and(|r| r.names.contains_key(&i.name)) && {
            let known = identity.naming.made_of.get(&i.name);
            known.is_some_and(|known| differs(known, &made_of(i, &seen.inputs(&names))))
        }
    });
    let wanted = open.map(|i| candidates(i, &seen.inputs(&names)).renaming());
    let fits = |w: &Wanted| identity.identifiers.get(&w.name).is_some_and(|is| w.fits(is));
    wanted.filter(|w| !w.candidates.is_empty() && !fits(w)).collect()
}

/// Gives an identity the name found for a missing one, or proposes it if the identity already has another.
pub fn give(identity: &mut Identity, wanted: &Wanted, value: Arc<str>) {
    let (name, made_of) = (wanted.name.clone(), wanted.made_of.clone());
    if wanted.renames {
        let renaming = identity.naming.renaming.get_or_insert_default();
        renaming.names.insert(name.clone(), value);
        renaming.made_of.insert(name, made_of);
        renaming.denied = None;
    } else {
        identity.identifiers.insert(name.clone(), value);
        identity.naming.made_of.insert(name, made_of);
    }
}

/// Whether the inputs of names differ at another instant.
pub(crate) fn named_otherwise(
    context: &Context,
    identity: &Identity,
    now: Timestamp,
    then: Timestamp,
) -> bool {
    let at = |instant| {
        let seen = NamingBasis::of(context, identity, instant)?;
        let inputs = seen.inputs(&identity.identifiers);
        Some(named(context, identity).map(|i| made_of(i, &inputs)).collect::<Vec<_>>())
    };
    at(now) != at(then)
}

/// The names that an identity has and the configuration declares, in its order.
fn named<'c>(context: &'c Context, identity: &'c Identity) -> impl Iterator<Item = &'c Identifier> {
    let all = context.setup.policy.identifiers.iter();
    all.filter(|i| i.kinds.contains(&identity.kind) && identity.identifiers.contains_key(&i.name))
}

fn with_proposed(
    names: &BTreeMap<Arc<str>, Arc<str>>,
    renaming: Option<&Renaming>,
) -> BTreeMap<Arc<str>, Arc<str>> {
    let mut names = names.clone();
    names.extend(renaming.iter().flat_map(|r| &r.names).map(|(k, v)| (k.clone(), v.clone())));
    names
}

/// Whether the inputs of a name changed. An input that was only added by the configuration does not count.
fn differs(known: &MadeOf, present: &MadeOf) -> bool {
    known.iter().any(|(input, value)| present.get(input).is_some_and(|is| is != value))
}

/// Whether a proposal is still what would be proposed now: derived from the present values, and not a return to earlier ones.
fn still_fits(context: &Context, identity: &Identity, seen: &NamingBasis<'_>, renaming: &Renaming) -> bool {
    let names = with_proposed(&identity.identifiers, Some(renaming));
    let inputs = seen.inputs(&names);
    renaming.made_of.iter().all(|(name, of)| {
        let mut declared = named(context, identity).filter(|i| i.name == *name && i.rename.is_some());
        declared.next().is_some_and(|i| !differs(of, &made_of(i, &inputs)))
    })
}

/// What an answer about the proposed names binds to: whose, which, in place of which, and their inputs. `None` if nothing is proposed,
/// or it was refused.
pub(crate) fn binding(identity: &Identity) -> Option<[u8; 32]> {
    let renaming = identity.naming.renaming.as_ref().filter(|r| r.denied.is_none())?;
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(bytes);
    };
    part(b"tenure rename v1");
    part(identity.id.as_bytes());
    for Renamed { name, from, to } in identity.proposed() {
        [name, from, to].iter().for_each(|text| part(text.as_bytes()));
    }
    for (name, of) in &renaming.made_of {
        part(name.as_bytes());
        for (input, value) in of {
            part(input.as_bytes());
            part(value.as_bytes());
        }
    }
    Some(hash.finalize().into())
}

/// The stages of a question about renames: those of the first name that the configuration declares. The others are derived from it, or
/// changed with it.
pub(crate) fn stages<'c>(setup: &'c SetUp, request: &ApprovalRequest) -> Option<&'c [Stage]> {
    let asked = |i: &&Identifier| request.renames.iter().any(|r| r.name == i.name);
    setup.policy.identifiers.iter().filter(asked).find_map(|i| i.rename.as_deref())
}

/// Applies the answer to a question about renames. It does not answer a proposal that changed after the question.
pub(crate) fn answered(identity: &mut Identity, request: &ApprovalRequest, approved: bool, at: Timestamp) {
    if binding(identity).is_none_or(|b| !request.bindings.contains(&b)) {
        return;
    }
    if approved {
        rename(identity);
    } else if let Some(renaming) = &mut identity.naming.renaming {
        renaming.denied = Some((request.id, at));
    }
}

/// Gives an identity the proposed names. Its previous names stay reserved for it permanently.
fn rename(identity: &mut Identity) {
    let Some(renaming) = identity.naming.renaming.take() else { return };
    let Naming { made_of, former, .. } = &mut identity.naming;
    for (name, to) in renaming.names {
        let all = former.entry(name.clone()).or_default();
        all.retain(|f| *f != to);
        let from = identity.identifiers.insert(name.clone(), to);
        all.retain(|f| Some(f) != from.as_ref());
        all.extend(from);
    }
    former.retain(|_, all| !all.is_empty());
    made_of.extend(renaming.made_of);
}

/// Asks again about a refused rename.
///
/// # Errors
/// Says why there is nothing to ask.
pub fn ask_again(identity: &mut Identity) -> Result<(), DecisionRefusal> {
    let renaming = identity.naming.renaming.as_mut().ok_or(DecisionRefusal::NoRenameDue)?;
    renaming.denied.take().map(drop).ok_or(DecisionRefusal::RenameAsked)
}

/// Marks accounts whose name was changed as still having the old one.
pub(crate) fn keep_names(context: &Context, before: &Identity, subject: &mut Subject) {
    for account in subject.accounts.iter_mut().filter(|a| a.target.name.is_none()) {
        let Some(system) = context.setup.systems.get(&account.key.system) else { continue };
        let name = system.name_of(&account.key.kind);
        let old = before.identifiers.get(name);
        if old.is_some() && old != subject.identity.identifiers.get(name) {
            account.target.name = old.cloned();
        }
    }
}

/// The accounts of an identity that must be renamed, and their new names.
pub(crate) fn misnamed<'s>(
    context: &'s Context,
    subject: &'s Subject,
) -> impl Iterator<Item = (&'s Account, Arc<str>)> {
    subject.accounts.iter().filter_map(|account| {
        let system = context.setup.systems.get(&account.key.system)?;
        let due = due_name(system, &subject.identity, account)?;
        let is = account_name(system, &subject.identity, account)?;
        // A rename under way is not drift.
        let seen = account.observed.other_name().filter(|_| account.confirmed == account.generation);
        let other = |name: &str| name.to_lowercase() != due.to_lowercase();
        (is != due || seen.is_some_and(|s| other(s))).then(|| (account, due.clone()))
    })
}

/// A finding: no candidate is free for a name that an identity lacks or must get.
#[must_use]
pub fn nameless(wanted: &Wanted) -> Finding {
    let detail = match wanted.refused.first() {
        None => FindingDetail::NoCandidate,
        Some(value) => FindingDetail::NameMisleading { value: Arc::from(&*shown(value)) },
    };
    Finding::new(wanted.name.clone(), detail)
}
