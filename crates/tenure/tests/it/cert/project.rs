//! Project access by a parametrised grant: each identity is in exactly the groups that the file's columns name.

use super::cases::{Case, decided_at};
use super::data::Month;
use super::directory::{groups, groups_of, groups_of_one};
use super::site::Site;
use std::collections::BTreeSet;

/// Each identity's groups are exactly those of the file.
pub(super) fn groups_are_those_of_the_file(site: &Site, month: &Month) {
    let (held, due) = (groups(&site.directory), groups_of(&month.people));
    let names: BTreeSet<&String> = held.keys().chain(due.keys()).collect();
    for name in names {
        assert_eq!(held.get(name), due.get(name), "{}: the people in {name}", month.name);
    }
}

/// The counted movers are those whose projects changed, each lost the old project's group, and that is confirmed.
pub(super) fn movers_changed_projects(cases: &BTreeSet<Case>, month: &Month, before: &Month) {
    let movers = decided_at(cases, &month.hours_after(0), "mover");
    let moved: BTreeSet<String> = movers.iter().map(|case| case.user_id.clone()).collect();
    assert_eq!(moved.len(), movers.len(), "{}: a mover has one case", month.name);
    assert_eq!(moved, month.changed_projects_since(before), "{}: movers", month.name);
    for case in movers {
        let (old, new) =
            (groups_of_one(&before.people[&case.user_id]), groups_of_one(&month.people[&case.user_id]));
        let due: BTreeSet<String> = old.difference(&new).map(|g| format!("{g} gone")).collect();
        is_confirmed(case, &due, month);
    }
}

/// A case's facts are about these obligations, all of them confirmed, and it is closed.
pub(super) fn is_confirmed(case: &Case, due: &BTreeSet<String>, month: &Month) {
    let obligations: BTreeSet<String> = case.facts.iter().map(|fact| fact.obligation.clone()).collect();
    assert_eq!(&obligations, due, "{}: what {} had to lose", month.name, case.user_id);
    let open: Vec<_> = case.facts.iter().filter(|fact| fact.state != "confirmed").collect();
    assert!(open.is_empty(), "{}: {} has {open:?}", month.name, case.user_id);
    assert_eq!(case.state, "closed", "{}: {case:?}", month.name);
}
