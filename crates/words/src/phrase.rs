//! Parts of sentences that are made of lists, words and what may be absent.

use std::fmt::Display;
use std::sync::Arc;
use tenure_model::{AccountDoubt, Overdue, PossibleHolder, RequestEnd, RowFault, SeparationPath, Vacancy};

/// What of a removal is overdue.
#[must_use]
pub fn overdue(what: Overdue) -> &'static str {
    match what {
        Overdue::Access => "the removal of access is not confirmed",
        Overdue::Rest => "access is removed; sessions, keys or tokens remain",
    }
}

/// Why a person is asked whose account this is.
#[must_use]
pub fn doubt(why: AccountDoubt) -> &'static str {
    match why {
        AccountDoubt::Alike => "its name resembles that of an identity, and a resemblance never decides",
        AccountDoubt::SeveralPeople => "its attributes match several identities",
        AccountDoubt::SeveralAccounts => "another account matches the same identity",
        AccountDoubt::HasOne => "the identity has an account there already",
    }
}

pub(crate) fn request_end(why: RequestEnd) -> &'static str {
    match why {
        RequestEnd::Moved => "the work changed",
        RequestEnd::Absent => "an absence began",
        RequestEnd::Converted => "the type of the engagement changed",
        RequestEnd::Continued => "another engagement continues",
    }
}

pub(crate) fn vacant(why: Vacancy) -> &'static str {
    match why {
        Vacancy::Gone => "has left or is cut off",
        Vacancy::Unknown => "is not known to any source",
    }
}

pub(crate) fn usable(is: bool) -> &'static str {
    if is { "usable" } else { "not usable" }
}

pub(crate) fn and_deputy(deputy: Option<&Arc<str>>) -> String {
    let words = |d: &Arc<str>| format!("; the deputy `{d}` answers meanwhile and is asked to take over");
    deputy.map(words).unwrap_or_default()
}

pub(crate) fn owner_of_exception(owner: Option<&Arc<str>>) -> String {
    let gone = "has left or is cut off, so no identity carries out its compensating control";
    match owner {
        Some(name) => format!("its owner `{name}` {gone}: name a successor as its `owner` in the policy"),
        None => format!("its owner {gone}: sign the exception again with another owner"),
    }
}

/// The items, with a comma between.
pub(crate) fn listed<T: Display>(all: &[T]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The items between two texts; nothing if there are none.
pub(crate) fn every<T: Display>(before: &str, all: &[T], after: &str) -> String {
    if all.is_empty() { String::new() } else { format!("{before}{}{after}", listed(all)) }
}

pub(crate) fn with(owned: &[Arc<str>]) -> String {
    every(" (with ", owned, ")")
}

/// A value, or that there is none.
pub(crate) fn shown(value: Option<&Arc<str>>) -> String {
    value.map_or("nothing".to_owned(), |v| format!("`{v}`"))
}

pub(crate) fn paths(all: &[SeparationPath]) -> String {
    let path = |p: &SeparationPath| match &p.includes {
        None => format!("{} is inherited from a group that Tenure does not manage", p.grant),
        Some(name) => format!("{} includes {name}{}", p.grant, every(" through ", &p.through, "")),
    };
    let all: Vec<String> = all.iter().map(path).collect();
    if all.is_empty() { String::new() } else { format!(" ({})", all.join("; ")) }
}

pub(crate) fn candidates(all: &[PossibleHolder]) -> String {
    let all: Vec<String> = all.iter().map(|c| format!("{} ({} %)", c.name, c.percent)).collect();
    all.join(", ")
}

pub(crate) fn faults(all: &[RowFault]) -> String {
    let fault = |f: &RowFault| format!("{} {:?} {}", f.place, &*f.value, f.reason);
    all.iter().map(fault).collect::<Vec<_>>().join("; ")
}

/// The items as alternatives: `a, b or c`.
pub(crate) fn either(all: &[String]) -> String {
    match all {
        [] => "no role".to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}
