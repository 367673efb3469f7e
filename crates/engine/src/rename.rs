//! Other names for somebody who has some: what makes a proposal, what a yes changes, and which accounts still bear the old name.

use crate::Context;
use crate::estate::{account_name, due_name};
use crate::identifier::{Seen, Wanted, candidates, made_of};
use crate::wish::{DecisionRefusal, Wrong};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::text::shown;
use tenure_model::{
    Account, ApprovalRequest, Finding, FindingKind, Identity, MadeOf, Naming, Renamed, Renaming, Subject,
};
use tenure_policy::{Identifier, SetUp, Stage};

/// Remembers what names are made of where nobody did, and forgets a proposal that is none any more: what it was made of is
/// otherwise now, or the person has left or is cut off (somebody looks for them by the names that they have).
pub fn reconsider(context: &Context, identity: &mut Identity, now: Timestamp) {
    let mut naming = identity.naming.clone();
    let Some(seen) = Seen::of(context, identity, now).filter(|_| !identity.is_cut_off()) else {
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
        // What the set-up makes names of changed, or the name still says what is so: that is no reason for another one.
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

/// The names that are to be others: what they were made of changed, and they are none of those that it would be given now. Ask
/// again once one is proposed: another one may be made of it.
#[must_use]
pub fn to_rename(context: &Context, identity: &Identity, now: Timestamp) -> Vec<Wanted> {
    let Some(seen) = Seen::of(context, identity, now).filter(|_| !identity.is_cut_off()) else {
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

/// Gives an identity the name that was found for what it lacks, or proposes it where it has another one.
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

/// Whether what names are made of is otherwise at another instant.
pub(crate) fn named_otherwise(
    context: &Context,
    identity: &Identity,
    now: Timestamp,
    then: Timestamp,
) -> bool {
    let at = |instant| {
        let seen = Seen::of(context, identity, instant)?;
        let inputs = seen.inputs(&identity.identifiers);
        Some(named(context, identity).map(|i| made_of(i, &inputs)).collect::<Vec<_>>())
    };
    at(now) != at(then)
}

/// The names that an identity has and the set-up declares, in its order.
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

/// Whether what a name was made of is otherwise now. What it is made of only since the set-up says so does not count.
fn differs(known: &MadeOf, present: &MadeOf) -> bool {
    known.iter().any(|(input, value)| present.get(input).is_some_and(|is| is != value))
}

/// Whether a proposal is what would be proposed now: made of what is so, and not back to what was so before.
fn still_fits(context: &Context, identity: &Identity, seen: &Seen<'_>, renaming: &Renaming) -> bool {
    let names = with_proposed(&identity.identifiers, Some(renaming));
    let inputs = seen.inputs(&names);
    renaming.made_of.iter().all(|(name, of)| {
        let mut declared = named(context, identity).filter(|i| i.name == *name && i.rename.is_some());
        declared.next().is_some_and(|i| !differs(of, &made_of(i, &inputs)))
    })
}

/// What an answer about the proposed names binds to: whose, which, in the place of which, and what they are made of. `None` where
/// nothing is proposed, or it was refused.
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

/// The stages of a question about other names: those of the first of them that the set-up declares. The others are made of it, or
/// changed with it.
pub(crate) fn stages<'c>(setup: &'c SetUp, request: &ApprovalRequest) -> Option<&'c [Stage]> {
    let asked = |i: &&Identifier| request.renames.iter().any(|r| r.name == i.name);
    setup.policy.identifiers.iter().filter(asked).find_map(|i| i.rename.as_deref())
}

/// Takes the answer to a question about other names. What was asked before the proposal changed is not answered by it.
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

/// Gives an identity the proposed names. Those that it had stay its own for ever.
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

/// Asks again for what was refused.
///
/// # Errors
/// Says why there is nothing to ask.
pub fn ask_again(identity: &mut Identity) -> Result<(), Wrong> {
    let none = || {
        Wrong(
            DecisionRefusal::NotInForce,
            "what the names were made of is as it was: no other names are due".into(),
        )
    };
    let renaming = identity.naming.renaming.as_mut().ok_or_else(none)?;
    let asked = || {
        Wrong(
            DecisionRefusal::AlreadyInForce,
            "people are asked already: `tenure approvals` shows whom".into(),
        )
    };
    renaming.denied.take().map(drop).ok_or_else(asked)
}

/// Notes on accounts that are called by a name that was another one before that they bear the old one still.
pub fn keep_names(context: &Context, before: &Identity, subject: &mut Subject) {
    for account in subject.accounts.iter_mut().filter(|a| a.target.name.is_none()) {
        let Some(system) = context.setup.systems.get(&account.key.system) else { continue };
        let name = system.name_of(&account.key.kind);
        let old = before.identifiers.get(name);
        if old.is_some() && old != subject.identity.identifiers.get(name) {
            account.target.name = old.cloned();
        }
    }
}

/// The accounts of somebody that are to be called otherwise than they are, and how.
pub(crate) fn misnamed<'s>(
    context: &'s Context,
    subject: &'s Subject,
) -> impl Iterator<Item = (&'s Account, Arc<str>)> {
    subject.accounts.iter().filter_map(|account| {
        let system = context.setup.systems.get(&account.key.system)?;
        let due = due_name(system, &subject.identity, account)?;
        let is = account_name(system, &subject.identity, account)?;
        // What is under way is no drift.
        let seen = account.observed.other_name().filter(|_| account.confirmed == account.generation);
        let other = |name: &str| name.to_lowercase() != due.to_lowercase();
        (is != due || seen.is_some_and(|s| other(s))).then(|| (account, due.clone()))
    })
}

/// That no name is free which an identity lacks, or is to have.
#[must_use]
pub fn nameless(wanted: &Wanted) -> Finding {
    let text = match wanted.refused.first() {
        None => "no candidate is free: add one to the identifier's candidates".to_owned(),
        Some(value) => format!(
            "`{}` mixes letters of several scripts, which look alike, or holds characters that are not shown: no account gets such a \
             name; help: correct the name in the source, or write the candidates with `.ascii()`",
            shown(value)
        ),
    };
    Finding { kind: FindingKind::NoIdentifier, about: wanted.name.clone(), text: Arc::from(text) }
}
