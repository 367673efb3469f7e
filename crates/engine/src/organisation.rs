//! Organisation-wide findings: owners and approvers who are unavailable, members missing from the escalation group, overdue sources.

use crate::Availability;
use crate::asking::is_without_approver;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::{ApprovalRequest, Approver, Finding, FindingDetail, IdentityId, Name as _, Vacancy};
use tenure_policy::{SetUp, Source};

/// Members of the escalation group who must be available: one decides what another may not.
pub const ESCALATION_MIN: usize = 2;

/// The configuration, and the people that its names refer to.
pub struct Organisation<'a> {
    /// The configuration.
    pub setup: &'a SetUp,
    /// The people that a name refers to: one person, or every member of `group:name`; none if no source has stated that key.
    pub people: &'a dyn Fn(&str) -> Vec<(IdentityId, Availability)>,
    /// Whether each source has reported at least once: before that, an unknown name may still become known.
    pub all_reported: bool,
}

/// A place of the configuration that names people.
struct NamedRole {
    role: Role,
    /// Its description for people.
    about: String,
    /// What is named there.
    name: Arc<str>,
    /// What it also owns, listed with it.
    with: Vec<Arc<str>>,
}

/// What the people named in a place do.
#[derive(Clone, Copy)]
enum Role {
    Owner,
    Approver,
}

/// State of the people that a name refers to.
enum State {
    /// One of them is available, or may still become known.
    Filled,
    /// All of them are departed or cut off.
    Gone,
    /// No source knows the name.
    Unknown,
}

impl Organisation<'_> {
    /// A finding for each place whose people are all gone, and one for an escalation group that is too small.
    #[must_use]
    pub fn vacancies(&self) -> Vec<Finding> {
        let gone = self.gone_of_escalation();
        let short = self.escalation_is_short();
        let (mut findings, mut theirs) = (Vec::new(), Vec::new());
        for place in places(self.setup) {
            let why = match self.state(&place.name) {
                State::Filled => continue,
                State::Gone => Vacancy::Gone,
                State::Unknown => Vacancy::Unknown,
            };
            // What the escalation group itself owns or answers needs no separate finding.
            if short && place.name.strip_prefix("group:") == Some(&self.setup.settings.last_resort) {
                continue;
            }
            // The successor of a member of the escalation group takes over what the member owned: one finding is enough.
            if short && gone.contains(&place.name) {
                theirs.push(Arc::from(place.about));
                continue;
            }
            findings.push(vacancy(place, why));
        }
        findings.extend(short.then(|| self.short(gone, theirs)));
        findings.sort();
        findings
    }

    fn members(&self) -> &[Arc<str>] {
        let settings = &self.setup.settings;
        settings.groups.get(&settings.last_resort).map(Vec::as_slice).unwrap_or_default()
    }

    fn gone_of_escalation(&self) -> BTreeSet<Arc<str>> {
        let gone = |name: &&Arc<str>| matches!(self.state(name), State::Gone);
        self.members().iter().filter(gone).cloned().collect()
    }

    fn escalation_is_short(&self) -> bool {
        let here = |name: &&Arc<str>| {
            let people = (self.people)(name);
            let unknown_yet = people.is_empty() && !self.all_reported;
            unknown_yet || people.iter().any(|(_, is)| *is == Availability::Here)
        };
        self.members().iter().filter(here).count() < ESCALATION_MIN
    }

    fn short(&self, gone: BTreeSet<Arc<str>>, owned: Vec<Arc<str>>) -> Finding {
        let group = self.setup.settings.last_resort.clone();
        let about = format!("group:{group}");
        let needed = u64::try_from(ESCALATION_MIN).unwrap_or(u64::MAX);
        let gone = gone.into_iter().collect();
        Finding::new(about, FindingDetail::EscalationShort { group, needed, gone, owned })
    }

    fn state(&self, name: &str) -> State {
        let people = (self.people)(name);
        if people.iter().any(|(_, is)| *is != Availability::Gone) {
            return State::Filled;
        }
        let named = match name.strip_prefix("group:") {
            Some(group) => self.setup.settings.groups.get(group).map_or(0, Vec::len),
            None => 1,
        };
        match people.len() >= named && !people.is_empty() {
            true => State::Gone,
            false if self.all_reported && people.is_empty() => State::Unknown,
            false if self.all_reported => State::Gone,
            false => State::Filled,
        }
    }
}

fn vacancy(place: NamedRole, why: Vacancy) -> Finding {
    let NamedRole { role, about, name, with } = place;
    Finding::new(
        about,
        match role {
            Role::Owner => FindingDetail::OwnerVacant { name, why, with },
            Role::Approver => FindingDetail::ApproverVacant { name, why },
        },
    )
}

/// Every name by which a configuration says who answers, decides or reads: a key of a person, or `group:NAME`.
#[must_use]
pub fn named(setup: &SetUp) -> BTreeSet<Arc<str>> {
    places(setup).into_iter().map(|place| place.name).collect()
}

/// Every place of a configuration that names who answers, decides or reads.
fn places(setup: &SetUp) -> Vec<NamedRole> {
    let mut all = Vec::new();
    let mut put = |role, about: String, name: &Arc<str>, with: Vec<Arc<str>>| {
        all.push(NamedRole { role, about, name: name.clone(), with });
    };
    let owner = Role::Owner;
    for (name, source) in &setup.sources {
        put(owner, format!("source {name}"), &source.owner, Vec::new());
    }
    for (name, system) in &setup.systems {
        let owned = |e: &&tenure_policy::Entitlement| e.owner.as_ref() == Some(&system.owner);
        let same = system.entitlements.iter().filter(owned).map(|e| Arc::from(e.name.as_str())).collect();
        put(owner, format!("system {name}"), &system.owner, same);
        let others = system.entitlements.iter().filter(|e| !owned(e));
        for (entitlement, by) in others.filter_map(|e| Some((e, e.owner.as_ref()?))) {
            put(owner, format!("entitlement {}", entitlement.name), by, Vec::new());
        }
        if let Some(by) = &system.attested_by {
            put(owner, format!("attestation of system {name}"), by, Vec::new());
        }
        for by in system.orphans.iter().filter_map(|rule| rule.owner.as_ref()) {
            put(owner, format!("orphan accounts of system {name}"), by, Vec::new());
        }
    }
    for (name, bundle) in &setup.policy.bundles {
        put(owner, format!("bundle {name}"), &bundle.owner, Vec::new());
    }
    rules(setup, &mut put);
    settings(setup, &mut put);
    all
}

type Put<'p> = dyn FnMut(Role, String, &Arc<str>, Vec<Arc<str>>) + 'p;

fn rules(setup: &SetUp, put: &mut Put<'_>) {
    let policy = &setup.policy;
    let mut rule = |name: &str, by: &Arc<str>| {
        put(Role::Owner, format!("rule {name}"), by, Vec::new());
    };
    policy.rule_owners().for_each(|(name, by)| rule(name.as_str(), by));
    let asking = policy.approvals.iter().map(|a| (format!("rule {}", a.name), &a.stages));
    let renames = policy.identifiers.iter();
    let renames = renames.filter_map(|i| Some((format!("renaming of {}", i.name), i.rename.as_ref()?)));
    for (about, stages) in asking.chain(renames) {
        let named: BTreeSet<Arc<str>> = stages
            .iter()
            .flat_map(|s| &s.by)
            .filter_map(|by| match by {
                Approver::Named(name) => Some(name.clone()),
                Approver::Group(group) => Some(Arc::from(format!("group:{group}"))),
                _ => None,
            })
            .collect();
        for name in named {
            put(Role::Approver, about.clone(), &name, Vec::new());
        }
    }
}

fn settings(setup: &SetUp, put: &mut Put<'_>) {
    let settings = &setup.settings;
    let mut set = |about: &str, by: &Arc<str>| put(Role::Owner, about.to_owned(), by, Vec::new());
    let one = [
        ("[governance] cut_off_readers", &settings.cut_off_readers),
        ("[governance] operators", &settings.operators),
        ("[governance] auditors", &settings.auditors),
        ("[retention] by", &setup.policy.retention.by),
    ];
    for (about, by) in one {
        by.iter().for_each(|by| set(about, by));
    }
    settings.cut_off_by.iter().for_each(|by| set("[governance] cut_off_by", by));
    for (class, by) in &settings.lift_by {
        set(&format!("[governance] lift_by {class}"), by);
    }
    for local in &setup.policy.local {
        local.withheld.iter().for_each(|w| set("readers of a withheld attribute", &w.readers));
    }
}

/// An open question that no one may answer: the escalation group needs another member. The finding contains the identity's id.
#[must_use]
pub fn without_approver(setup: &SetUp, request: &ApprovalRequest) -> Option<Finding> {
    if !is_without_approver(request) {
        return None;
    }
    let grants = request.grants.iter().map(ToString::to_string);
    let what: Vec<String> = grants.chain(request.renames.iter().map(ToString::to_string)).collect();
    let about = format!("question {} about {} for {}", request.rule, request.identity, what.join(", "));
    let group = setup.settings.last_resort.clone();
    Some(Finding::new(about, FindingDetail::QuestionWithoutApprover { group }))
}

/// A source that has not reported for longer than it declares, since its last report.
#[must_use]
pub fn overdue_feed(source: &Source, last: Timestamp, now: Timestamp) -> Option<Finding> {
    let every = source.every?;
    let is_overdue = now.duration_since(last) > every;
    is_overdue.then(|| {
        let (name, owner) = (source.name.clone(), source.owner.clone());
        Finding::new(source.name.as_str(), FindingDetail::FeedOverdue { source: name, last, owner })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: &str = "edition = 1\n[organisation]\nname = \"T\"\n[storage]\npath = \"t.db\"\n[keys]\n\
        key_encryption_key = \"env:K\"\n[groups]\nsecurity = [\"1\", \"2\"]\n[governance]\nlast_resort = \"security\"\n";
    const SYSTEM: &str = "edition = 1\nconnector = \"fake\"\nowner = \"2\"\nmode = \"enforce\"\naccount_name = \"user_name\"\n\
        [[entitlement]]\nname = \"use\"\nowner = \"2\"\n[[entitlement]]\nname = \"lead\"\nowner = \"3\"\n";
    const POLICY: &str = "edition = 1\nowner = \"group:security\"\n[[identifier]]\nname = \"user_name\"\n\
        candidates = ['\"x{n}\"']\n";

    fn setup() -> SetUp {
        let files = [("tenure.toml", SETTINGS), ("systems/app.toml", SYSTEM), ("policy/all.toml", POLICY)];
        let files: Vec<_> = files.map(|(path, text)| (path.to_owned(), text.to_owned())).into();
        tenure_policy::load(&files).unwrap().setup
    }

    fn found(all_reported: bool, people: &[(&str, Availability)]) -> Vec<String> {
        let setup = setup();
        let mean = |name: &str| {
            let of = |n: &str| {
                let is = people.iter().find(|(known, _)| *known == n).map(|(_, is)| *is);
                is.map(|is| (IdentityId::from_digest([n.as_bytes()[0]; 16]), is))
            };
            match name.strip_prefix("group:") {
                Some(group) => setup.settings.groups[group].iter().filter_map(|n| of(n)).collect(),
                None => of(name).into_iter().collect::<Vec<_>>(),
            }
        };
        let organisation = Organisation { setup: &setup, people: &mean, all_reported };
        let words = |f: Finding| format!("{}: {}", f.kind().as_str(), f.about);
        organisation.vacancies().into_iter().map(words).collect()
    }

    #[test]
    fn one_member_left_is_too_few_and_what_the_other_owned_is_listed_with_it() {
        use Availability::{Away, Gone, Here};
        assert_eq!(found(true, &[("1", Here), ("2", Here), ("3", Here)]), [""; 0]);
        assert_eq!(found(true, &[("1", Here), ("2", Gone), ("3", Here)]), ["last-resort: group:security"]);
        assert_eq!(found(true, &[("1", Here), ("2", Away), ("3", Here)]), ["last-resort: group:security"]);
    }

    #[test]
    fn an_owner_who_left_is_found_with_what_they_own_and_an_unknown_one_once_all_have_reported() {
        use Availability::{Gone, Here};
        let others = [("1", Here), ("2", Here)];
        assert_eq!(found(false, &others), [""; 0], "a source may still name them");
        assert_eq!(found(true, &others), ["no-owner: entitlement app:lead"]);
        let left = [others[0], others[1], ("3", Gone)];
        assert_eq!(found(false, &left), ["no-owner: entitlement app:lead"]);
    }
}
