//! Which control keys a changed configuration widens, and who gains by it.

use super::flat::{Flat, Folder, canonical, is_plain, moves, reference, texts};
use super::table::{Direction, FileKind};
use crate::load::{Toml, duration};
use std::collections::BTreeSet;
use std::sync::Arc;

/// One widened control key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChange {
    /// Which key, with the part of the configuration and the names of rules.
    pub key: Arc<str>,
    /// Its value in the active configuration.
    pub from: Option<Arc<str>>,
    /// Its value in the proposed one.
    pub to: Option<Arc<str>>,
}

/// What a proposed configuration widens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Widening {
    /// The keys, in their order.
    pub keys: Vec<KeyChange>,
    /// Names added by a widened key: the people who gain are among them.
    pub named: BTreeSet<String>,
}

/// What the files of a proposed configuration widen, compared with those of the active one.
#[must_use]
pub fn widening(active: &[(String, String)], proposed: &[(String, String)]) -> Widening {
    let (old, new) = (Folder::read(active), Folder::read(proposed));
    let mut found = Widening::default();
    let keys: BTreeSet<&String> = old.keys.keys().chain(new.keys.keys()).collect();
    for key in keys {
        let (before, after) = (old.keys.get(key), new.keys.get(key));
        let Some(flat) = after.or(before) else { continue };
        // A new system replaces no existing control, except for a secret; a new source makes statements about people.
        let is_new = flat.kind == FileKind::System && !old.parts.contains(&flat.part);
        if is_new && (flat.direction != Direction::Connection || !sends_secret(&flat.value)) {
            continue;
        }
        if widens(flat, before.map(|f| &f.value), after.map(|f| &f.value), (&old, &new)) {
            let shown = |f: Option<&Flat>| f.map(|f| Arc::from(canonical(&f.value)));
            let names = |f: Option<&Flat>| f.map(|f| texts(&f.value)).unwrap_or_default();
            found.named.extend(names(after).difference(&names(before)).cloned());
            found.keys.push(KeyChange {
                key: Arc::from(format!("{}: {}", flat.part, flat.path)),
                from: shown(before),
                to: shown(after),
            });
        }
    }
    found
}

fn widens(flat: &Flat, before: Option<&Toml>, after: Option<&Toml>, (old, new): (&Folder, &Folder)) -> bool {
    let differ = before.map(canonical) != after.map(canonical);
    if !differ {
        return false;
    }
    let set = |value: Option<&Toml>| value.map(texts).unwrap_or_default();
    match flat.direction {
        Direction::Any | Direction::Connection => true,
        Direction::Kept => before.is_some(),
        Direction::Given => after.is_some() && after.map(canonical).as_deref() != Some("false"),
        Direction::Group => {
            let group = flat.path.strip_prefix("groups.").unwrap_or_default();
            let acts = old.acting.contains(group) || new.acting.contains(group);
            !set(after).is_subset(&set(before)) || (acts && !set(before).is_subset(&set(after)))
        }
        Direction::Protected => !set(before).is_subset(&set(after)),
        Direction::Higher(usual) => number(after, usual) > number(before, usual),
        Direction::Lower(usual) => before.is_some() && number(after, usual) < number(before, usual),
        Direction::Rules => {
            let (old, new) = (items(before), items(after));
            let added = new.iter().filter(|rule| !old.contains(rule));
            old.iter().any(|rule| !new.contains(rule))
                || added.into_iter().any(|rule| rule.contains("exact = "))
        }
        Direction::Need => after.map(canonical).as_deref() == Some("any"),
        Direction::Mode => mode(after) < mode(before) || (mode(after), mode(before)) == (Some(1), Some(1)),
        // A new attribute applies to no identity yet.
        Direction::Attribute => before.is_some_and(|before| {
            let was = (reference(before), moves(before));
            let is = after.map_or((None, false), |after| (reference(after), moves(after)));
            was.0 != is.0 || (was.1 && !is.1)
        }),
        Direction::Mapped => {
            let attribute = flat.path.rsplit('.').next().unwrap_or_default();
            let counts = old.counting.contains(attribute) || new.counting.contains(attribute);
            let stays = before.is_some() && after.is_some_and(|after| !is_plain(after));
            stays || (counts && (before.is_some() || old.counting.contains(attribute)))
        }
    }
}

/// Whether a connection uses a secret of the installation (`env:`, `file:`, `credential:`).
fn sends_secret(connection: &Toml) -> bool {
    texts(connection).iter().any(|t| ["env:", "file:", "credential:"].iter().any(|p| t.starts_with(p)))
}

/// The members of a list, each as one text.
fn items(value: Option<&Toml>) -> Vec<String> {
    match value {
        Some(Toml::List(items)) => items.iter().map(|i| canonical(&i.value)).collect(),
        other => other.map(canonical).into_iter().collect(),
    }
}

/// A number, or a time in seconds.
fn number(value: Option<&Toml>, usual: i64) -> i64 {
    match value {
        None => usual,
        Some(Toml::Int(number)) => *number,
        // A text that is not a duration is in no accepted configuration; it counts as the widest.
        Some(Toml::Text(text)) => duration(text).map_or(i64::MAX, |d| d.as_secs()),
        Some(_) => i64::MAX,
    }
}

/// How strictly decisions are kept in place. Of the two modes in the middle each does what the other does not.
fn mode(value: Option<&Toml>) -> Option<u8> {
    let Toml::Text(text) = value? else { return Some(0) };
    Some(match &**text {
        "enforce" => 2,
        "end_only" | "add_only" => 1,
        _ => 0,
    })
}
