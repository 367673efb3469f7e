//! Entitlements are groups. Who holds them is read from the groups' own member values; where the directory also tells
//! accounts their groups (`memberOf`), both must agree, because some applications go by the one and some by the other.

use crate::dn;
use crate::entry::Entry;
use crate::pool::Line;
use crate::setup::{Groups, Setup};
use crate::wire::Query;
use ldap3::{Scope, ldap_escape};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use tenure_connect::{ConnectError, ErrorKind, RemoteEntitlement, longer};

/// How deep groups may be nested in groups.
const NESTING_MAX: usize = 32;
/// How many names are put into one question.
const NAMES_PER_QUESTION: usize = 50;
/// How many member values all groups together may have in one scan: about 1 GB of names.
const MEMBERS_MAX: usize = 10_000_000;
/// Groups on one page: fewer than accounts, since a group brings all of its members.
const GROUP_PAGE: i32 = 100;

/// Where directories tell an account its groups. OpenLDAP's overlay writes it after the group, and not at all when the
/// connection breaks in between, so that the two can disagree until somebody repairs it.
pub(crate) const TOLD: &str = "memberOf";

/// What an account holds: directly, and through other groups with the path.
#[derive(Debug, Default)]
pub(crate) struct Held {
    pub(crate) direct: BTreeSet<Arc<str>>,
    pub(crate) indirect: BTreeMap<Arc<str>, Arc<str>>,
}

/// A group by its DN and name.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) dn: String,
    pub(crate) name: Arc<str>,
}

impl Groups {
    fn group(&self, entry: &Entry) -> Group {
        // A group without the naming attribute cannot be granted, but is held all the same.
        let name = dn::first_value(&entry.dn, &self.name)
            .or_else(|| entry.one(&self.name).map(str::to_owned))
            .unwrap_or_else(|| entry.dn.clone());
        Group { dn: entry.dn.clone(), name: name.into() }
    }

    async fn find(&self, line: &Line, condition: &str) -> Result<Vec<Group>, ConnectError> {
        let query = Query {
            base: &self.base,
            scope: Scope::Subtree,
            filter: format!("(&(objectClass={}){condition})", self.class),
            attributes: vec![self.name.to_string()],
        };
        Ok(line.wire.search(query).await?.iter().map(|e| self.group(e)).collect())
    }

    /// The groups of a name: one, unless the directory has the same name in two places.
    pub(crate) async fn named(&self, line: &Line, name: &str) -> Result<Vec<Group>, ConnectError> {
        self.find(line, &format!("({}={})", self.name, ldap_escape(name))).await
    }

    /// The groups that have any of these DNs as a member.
    pub(crate) async fn having(&self, line: &Line, dns: &[&str]) -> Result<Vec<Group>, ConnectError> {
        let mut found = Vec::new();
        for some in dns.chunks(NAMES_PER_QUESTION) {
            let each: String =
                some.iter().map(|dn| format!("({}={})", self.member, ldap_escape(*dn))).collect();
            found.extend(self.find(line, &format!("(|{each})")).await?);
        }
        Ok(found)
    }

    /// What one account holds.
    pub(crate) async fn held(&self, line: &Line, account: &Entry) -> Result<Held, ConnectError> {
        let direct = self.having(line, &[&account.dn]).await?;
        let keys: Vec<(String, Arc<str>)> = direct.iter().map(|g| (dn::key(&g.dn), g.name.clone())).collect();
        let mut held = self.nested(line, direct, &account.dn).await?;
        self.compare(account, &keys, &mut held);
        Ok(held)
    }

    /// Our groups that the account itself names, by the keys of their DNs. None of them means that the directory does not
    /// tell accounts their groups, as far as anybody can see.
    fn told(&self, account: &Entry) -> BTreeMap<String, Arc<str>> {
        let base = dn::key(&self.base);
        let named = account.all(TOLD).iter().map(|dn| (dn::key(dn), dn::first_value(dn, &self.name)));
        named
            .filter(|(key, _)| dn::is_under(key, &base))
            .filter_map(|(key, n)| Some((key, n?.into())))
            .collect()
    }

    /// Whether the account is told of its groups, and not of this one.
    pub(crate) fn hides(&self, account: &Entry, group: &str) -> bool {
        let told = self.told(account);
        !told.is_empty() && !told.contains_key(&dn::key(group))
    }

    /// Whether the account is told of this group.
    pub(crate) fn tells(&self, account: &Entry, group: &str) -> bool {
        self.told(account).contains_key(&dn::key(group))
    }

    /// A group that only `memberOf` names is held, so that it is revoked again and not confirmed as gone. A group that only
    /// its own members name is not held as it should be, so that it is granted again.
    fn compare(&self, account: &Entry, direct: &[(String, Arc<str>)], held: &mut Held) {
        let told = self.told(account);
        if told.is_empty() {
            return;
        }
        for (key, name) in direct.iter().filter(|(key, _)| !told.contains_key(key)) {
            held.direct.remove(name);
            held.indirect.insert(
                name.clone(),
                format!("the members of {key}, which the account's {TOLD} lacks").into(),
            );
        }
        for (key, name) in told {
            if !direct.iter().any(|(k, _)| *k == key) && !held.indirect.contains_key(&name) {
                held.direct.insert(name);
            }
        }
    }

    /// Follows groups that are members of groups.
    async fn nested(&self, line: &Line, direct: Vec<Group>, account_dn: &str) -> Result<Held, ConnectError> {
        let mut held = Held { direct: direct.iter().map(|g| g.name.clone()).collect(), ..Held::default() };
        let mut seen: BTreeSet<String> = direct.iter().map(|g| dn::key(&g.dn)).collect();
        let mut level: Vec<(Group, Arc<str>)> = direct.into_iter().map(|g| (g.clone(), g.name)).collect();
        for depth in 0.. {
            let dns: Vec<&str> = level.iter().map(|(g, _)| g.dn.as_str()).collect();
            // Nesting is rare, so one question for all comes before one question for each.
            if dns.is_empty() || self.having(line, &dns).await?.is_empty() {
                return Ok(held);
            }
            if depth == NESTING_MAX {
                break;
            }
            let mut next = Vec::new();
            for (group, path) in &level {
                for parent in self.having(line, &[&group.dn]).await? {
                    if seen.insert(dn::key(&parent.dn)) {
                        let path = longer(path, &parent.name);
                        note(&mut held, &parent.name, &path);
                        next.push((parent, path));
                    }
                }
            }
            level = next;
        }
        let text = format!("the groups of `{account_dn}` are nested more than {NESTING_MAX} deep");
        Err(line.wire.error(ErrorKind::Protocol, text))
    }

    /// All groups.
    pub(crate) async fn catalogue(&self, line: &Line) -> Result<Vec<RemoteEntitlement>, ConnectError> {
        let attributes = ["entryUUID", "description", &self.name].map(ToOwned::to_owned).to_vec();
        let mut all = Vec::new();
        let mut cookie = Vec::new();
        loop {
            let (entries, next) = self.page(line, attributes.clone(), cookie).await?;
            for entry in &entries {
                let name = self.group(entry).name;
                let title = entry.one("description").map_or_else(|| name.clone(), Arc::from);
                let native = entry.one("entryUUID").unwrap_or(&entry.dn).into();
                all.push(RemoteEntitlement { name, native, title });
            }
            if next.is_empty() {
                all.sort();
                return Ok(all);
            }
            cookie = next;
        }
    }

    async fn page(
        &self,
        line: &Line,
        attributes: Vec<String>,
        cookie: Vec<u8>,
    ) -> Result<(Vec<Entry>, Vec<u8>), ConnectError> {
        let filter = format!("(objectClass={})", self.class);
        let query = Query { base: &self.base, scope: Scope::Subtree, filter, attributes };
        Ok(line.wire.page(query, GROUP_PAGE, cookie).await?)
    }
}

fn note(held: &mut Held, name: &Arc<str>, path: &Arc<str>) {
    if !held.direct.contains(name) {
        held.indirect.entry(name.clone()).or_insert_with(|| path.clone());
    }
}

/// All memberships at the beginning of one scan. It belongs to that scan and goes with it.
#[derive(Debug, Default)]
pub(crate) struct Memberships {
    names: Vec<Arc<str>>,
    /// By group: the groups that have it as a member.
    parents: Vec<Vec<usize>>,
    /// By the key of a member's DN: its groups.
    groups_of: BTreeMap<String, Vec<usize>>,
}

impl Memberships {
    /// Reads all groups. `line` belongs to the caller alone, as paging asks for.
    pub(crate) async fn read(line: &Line, setup: &Setup) -> Result<Self, ConnectError> {
        let Some(groups) = &setup.groups else { return Ok(Self::default()) };
        let mut all = Self::default();
        let mut by_key: BTreeMap<String, usize> = BTreeMap::new();
        let (mut cookie, mut members) = (Vec::new(), 0);
        loop {
            let attributes = vec![groups.name.to_string(), groups.member.to_string()];
            let (entries, next) = groups.page(line, attributes, cookie).await?;
            for entry in &entries {
                let number = all.names.len();
                all.names.push(groups.group(entry).name);
                by_key.insert(dn::key(&entry.dn), number);
                let values = entry.all(&groups.member);
                members += values.len();
                if members > MEMBERS_MAX {
                    let text =
                        format!("the groups have more than {MEMBERS_MAX} members: narrow `groups_base`");
                    return Err(line.wire.error(ErrorKind::Configuration, text));
                }
                for value in values {
                    all.groups_of.entry(dn::key(value)).or_default().push(number);
                }
            }
            if next.is_empty() {
                break;
            }
            cookie = next;
        }
        all.parents = vec![Vec::new(); all.names.len()];
        for (key, number) in by_key {
            if let (Some(parents), Some(of)) = (all.parents.get_mut(number), all.groups_of.get(&key)) {
                parents.extend(of);
            }
        }
        Ok(all)
    }

    /// Groups within groups: who is in the first one is by that in the second one, of which it is a member.
    pub(crate) fn contains(&self) -> BTreeSet<(Arc<str>, Arc<str>)> {
        let name = |number: usize| self.names.get(number).cloned();
        let each = self.parents.iter().enumerate();
        let pairs = each.flat_map(|(inner, parents)| parents.iter().map(move |parent| (inner, *parent)));
        pairs.filter_map(|(group, parent)| Some((name(group)?, name(parent)?))).collect()
    }

    /// What an account holds.
    pub(crate) fn held(&self, account_key: &str) -> Held {
        let direct = self.groups_of.get(account_key).map_or(&[][..], Vec::as_slice);
        let name = |number: &usize| self.names.get(*number).cloned();
        let mut held = Held { direct: direct.iter().filter_map(name).collect(), ..Held::default() };
        let mut seen: BTreeSet<usize> = direct.iter().copied().collect();
        let mut rest: VecDeque<(usize, Arc<str>)> =
            direct.iter().filter_map(|n| Some((*n, name(n)?))).collect();
        while let Some((group, path)) = rest.pop_front() {
            for parent in self.parents.get(group).into_iter().flatten() {
                let Some(name) = name(parent).filter(|_| seen.insert(*parent)) else { continue };
                let path = longer(&path, &name);
                note(&mut held, &name, &path);
                rest.push_back((*parent, path));
            }
        }
        held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_groups_show_their_path_and_circles_end() {
        let all = Memberships {
            names: ["team", "unit", "staff"].map(Arc::from).to_vec(),
            // team is in unit, unit in staff, staff in team.
            parents: vec![vec![1], vec![2], vec![0]],
            groups_of: [("uid=a".to_owned(), vec![0])].into(),
        };
        let held = all.held("uid=a");
        assert_eq!(held.direct, ["team".into()].into());
        let indirect: Vec<(&str, &str)> = held.indirect.iter().map(|(n, p)| (&**n, &**p)).collect();
        assert_eq!(indirect, [("staff", "team > unit > staff"), ("unit", "team > unit")]);
        assert!(all.held("uid=b").direct.is_empty());
        let pairs = [("staff", "team"), ("team", "unit"), ("unit", "staff")];
        assert_eq!(all.contains(), pairs.map(|(a, b)| (a.into(), b.into())).into());
    }
}
