//! Entitlements are groups. Holders are read from the groups' own member values. If the directory also writes groups to accounts
//! (`memberOf`), both must agree, because some applications use the one and some the other.

use crate::dn;
use crate::entry::Entry;
use crate::pool::Line;
use crate::ranged;
use crate::setup::Groups;
use crate::wire::{Answer, Compared, NO_ATTRIBUTES, Query};
use ldap3::{Scope, ldap_escape};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_connect::{ConnectError, ErrorKind, Holds, RemoteEntitlement, Unread, longer};

/// Maximum nesting of groups.
const NESTING_MAX: usize = 32;
/// Maximum number of names in one query.
const NAMES_PER_QUESTION: usize = 50;
/// Groups on one page: fewer than accounts, because a group contains all of its members.
const GROUP_PAGE: i32 = 100;

/// The attribute in which directories write an account's groups. OpenLDAP's overlay writes it after the group, and not at all if the
/// connection breaks in between, so that the two can disagree until they are repaired.
pub(crate) const TOLD: &str = "memberOf";

/// Classes that require a member: if none is shown, it is hidden.
const CLASSES_WITH_MEMBERS: [&str; 2] = ["groupofnames", "groupofuniquenames"];
/// Maximum number of pages of groups.
pub(crate) const GROUP_PAGES_MAX: usize = 10_000;

/// What an account holds: directly, and inherited from other groups with the path.
#[derive(Debug, Default)]
pub(crate) struct Held {
    pub(crate) direct: BTreeSet<Arc<str>>,
    pub(crate) indirect: BTreeMap<Arc<str>, Arc<str>>,
    pub(crate) unread: Unread,
}

/// Groups that were found, and why there may be more.
#[derive(Debug, Default)]
pub(crate) struct Named {
    pub(crate) groups: Vec<Group>,
    pub(crate) doubt: Option<Arc<str>>,
}

/// A group by its DN and name.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) dn: String,
    pub(crate) name: Arc<str>,
}

impl Groups {
    pub(crate) fn group(&self, entry: &Entry) -> Group {
        // A group without the naming attribute cannot be granted, but can be held.
        let name = dn::first_value(&entry.dn, &self.name)
            .or_else(|| entry.one(&self.name).map(str::to_owned))
            .unwrap_or_else(|| entry.dn.clone());
        Group { dn: entry.dn.clone(), name: name.into() }
    }

    async fn find(&self, line: &Line, condition: &str) -> Result<Named, ConnectError> {
        let query = Query {
            base: &self.base,
            scope: Scope::Subtree,
            filter: format!("(&(objectClass={}){condition})", self.class),
            attributes: vec![self.name.to_string()],
        };
        let answer = line.wire.search(query).await?;
        Ok(Named { groups: answer.entries.iter().map(|e| self.group(e)).collect(), doubt: answer.doubt() })
    }

    /// The groups of a name: one, unless the directory has the same name in two places.
    pub(crate) async fn named(&self, line: &Line, name: &str) -> Result<Named, ConnectError> {
        self.find(line, &format!("({}={})", self.name, ldap_escape(name))).await
    }

    /// The groups that have any of these DNs as a member.
    pub(crate) async fn having(&self, line: &Line, dns: &[&str]) -> Result<Named, ConnectError> {
        let mut found = Named::default();
        for some in dns.chunks(NAMES_PER_QUESTION) {
            let each: String =
                some.iter().map(|dn| format!("({}={})", self.member, ldap_escape(*dn))).collect();
            let more = self.find(line, &format!("(|{each})")).await?;
            found.groups.extend(more.groups);
            found.doubt = found.doubt.or(more.doubt);
        }
        Ok(found)
    }

    /// What one account holds.
    pub(crate) async fn held(&self, line: &Line, account: &Entry) -> Result<Held, ConnectError> {
        let Named { groups: direct, doubt } = self.having(line, &[&account.dn]).await?;
        let keys: Vec<(String, Arc<str>)> = direct.iter().map(|g| (dn::key(&g.dn), g.name.clone())).collect();
        let mut held = self.nested(line, direct, &account.dn).await?;
        held.unread.others = doubt;
        self.compare(account, &keys, &mut held);
        Ok(held)
    }

    /// Whether an account is in a group, according to that group when asked for exactly this member. If there are several groups of
    /// the name, in any of them.
    pub(crate) async fn holds(
        &self,
        line: &Line,
        account: &Entry,
        name: &str,
    ) -> Result<Holds, ConnectError> {
        let named = self.named(line, name).await?;
        let told = self.told(account);
        if told.values().any(|group| **group == *name) {
            return Ok(Holds::Yes);
        }
        let mut unread = named.doubt.filter(|_| named.groups.is_empty());
        if named.groups.is_empty() && unread.is_none() {
            let why =
                format!("the directory shows no group `{name}`: it was deleted, or `bind_dn` may not see it");
            unread = Some(Arc::from(why));
        }
        for group in &named.groups {
            if told.contains_key(&dn::key(&group.dn)) {
                return Ok(Holds::Yes);
            }
            match self.has(line, &group.dn, &account.dn).await? {
                Some(true) => return Ok(Holds::Yes),
                Some(false) if !self.with_uid(line, &group.dn, &account.dn).await?.is_empty() => {
                    return Ok(Holds::Yes);
                }
                Some(false) => {}
                None => {
                    let why = format!("`bind_dn` may not see the members of `{}`", group.dn);
                    unread = Some(Arc::from(why));
                }
            }
        }
        if let Some(path) = self.held(line, account).await?.indirect.get(name) {
            return Ok(Holds::Through(path.clone()));
        }
        Ok(unread.map_or(Holds::No, Holds::Unreadable))
    }

    /// Whether a group has a member, by the directory's own comparison; `None` if it does not say.
    pub(crate) async fn has(
        &self,
        line: &Line,
        group: &str,
        member: &str,
    ) -> Result<Option<bool>, ConnectError> {
        match line.wire.compare(group, &self.member, member).await? {
            Compared::Equal => return Ok(Some(true)),
            Compared::Different => return Ok(Some(false)),
            Compared::NoValue if !self.needs_members() => return Ok(Some(false)),
            Compared::NoValue => return Ok(None),
            Compared::Unsaid => {}
        }
        // A client that may read a value may not always compare it.
        let filter = format!("({}={})", self.member, ldap_escape(member));
        let attributes = vec![self.member.to_string()];
        for (filter, is_in) in [(filter, true), ("(objectClass=*)".to_owned(), false)] {
            let attributes = if is_in { vec![NO_ATTRIBUTES.to_owned()] } else { attributes.clone() };
            let query = Query { base: group, scope: Scope::Base, filter, attributes };
            let Ok(answer) = line.wire.search(query).await else { return Ok(None) };
            let entry = answer.entries.first();
            if is_in && entry.is_some() {
                return Ok(Some(true));
            }
            if !is_in {
                return Ok(entry.filter(|e| !e.all(&self.member).is_empty()).map(|_| false));
            }
        }
        Ok(None)
    }

    /// The name in a member value.
    pub(crate) fn named_by<'v>(&self, value: &'v str) -> &'v str {
        if self.has_uids() { dn::without_uid(value) } else { value }
    }

    /// Whether member values may have a unique identifier after the name: two such values of one name differ, and a comparison with
    /// the name alone finds none of them.
    fn has_uids(&self) -> bool {
        self.member.eq_ignore_ascii_case("uniqueMember")
    }

    /// The values of a group that are this member with a unique identifier.
    pub(crate) async fn with_uid(
        &self,
        line: &Line,
        group: &str,
        member: &str,
    ) -> Result<Vec<String>, ConnectError> {
        if !self.has_uids() {
            return Ok(Vec::new());
        }
        let Some(entry) = line.wire.entry(group, vec![self.member.to_string()]).await? else {
            return Ok(Vec::new());
        };
        let (key, all) = (dn::key(member), ranged::all_values(line, &entry, &self.member).await?);
        let is = |value: &String| {
            let name = dn::without_uid(value);
            name.len() < value.len() && dn::key(name) == key
        };
        Ok(all.into_iter().filter(is).collect())
    }

    /// Whether a group of this class has at least one member, so that a group that shows none hides them.
    pub(crate) fn needs_members(&self) -> bool {
        CLASSES_WITH_MEMBERS.contains(&&*self.class.to_ascii_lowercase())
    }

    /// Groups that the account itself names, by the keys of their DNs. If there are none, the directory apparently does not write
    /// groups to accounts.
    pub(crate) fn told(&self, account: &Entry) -> BTreeMap<String, Arc<str>> {
        let base = dn::key(&self.base);
        let named = account.all(TOLD).iter().map(|dn| (dn::key(dn), dn::first_value(dn, &self.name)));
        named
            .filter(|(key, _)| dn::is_under(key, &base))
            .filter_map(|(key, n)| Some((key, n?.into())))
            .collect()
    }

    /// Whether the account names its groups, but not this one.
    pub(crate) fn hides(&self, account: &Entry, group: &str) -> bool {
        let told = self.told(account);
        !told.is_empty() && !told.contains_key(&dn::key(group))
    }

    /// Whether the account names this group.
    pub(crate) fn tells(&self, account: &Entry, group: &str) -> bool {
        self.told(account).contains_key(&dn::key(group))
    }

    /// A group that only `memberOf` names counts as held, so that it is revoked again and not confirmed as removed. A group that only
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

    /// Follows nested groups.
    async fn nested(&self, line: &Line, direct: Vec<Group>, account_dn: &str) -> Result<Held, ConnectError> {
        let mut held = Held { direct: direct.iter().map(|g| g.name.clone()).collect(), ..Held::default() };
        let mut seen: BTreeSet<String> = direct.iter().map(|g| dn::key(&g.dn)).collect();
        let mut level: Vec<(Group, Arc<str>)> = direct.into_iter().map(|g| (g.clone(), g.name)).collect();
        for depth in 0.. {
            let dns: Vec<&str> = level.iter().map(|(g, _)| g.dn.as_str()).collect();
            // Nesting is rare, so one query for all groups precedes a query for each.
            if dns.is_empty() || self.having(line, &dns).await?.groups.is_empty() {
                return Ok(held);
            }
            if depth == NESTING_MAX {
                break;
            }
            let mut next = Vec::new();
            for (group, path) in &level {
                for parent in self.having(line, &[&group.dn]).await?.groups {
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
        for _ in 0..GROUP_PAGES_MAX {
            let (answer, next) = self.page(line, attributes.clone(), cookie).await?;
            for entry in &answer.entries {
                let name = self.group(entry).name;
                let title = entry.one("description").map_or_else(|| name.clone(), Arc::from);
                let external_id = entry.one("entryUUID").unwrap_or(&entry.dn).into();
                all.push(RemoteEntitlement { name, external_id, title });
            }
            if next.is_empty() {
                all.sort();
                return Ok(all);
            }
            cookie = next;
        }
        Err(endless(line))
    }

    pub(crate) async fn page(
        &self,
        line: &Line,
        attributes: Vec<String>,
        cookie: Vec<u8>,
    ) -> Result<(Answer, Vec<u8>), ConnectError> {
        let filter = format!("(objectClass={})", self.class);
        let query = Query { base: &self.base, scope: Scope::Subtree, filter, attributes };
        Ok(line.wire.page(query, GROUP_PAGE, cookie).await?)
    }
}

/// A list of groups that does not end.
pub(crate) fn endless(line: &Line) -> ConnectError {
    let text = format!("the list of groups has more than {GROUP_PAGES_MAX} pages of {GROUP_PAGE}");
    line.wire.error(ErrorKind::Protocol, text)
}

pub(crate) fn note(held: &mut Held, name: &Arc<str>, path: &Arc<str>) {
    if !held.direct.contains(name) {
        held.indirect.entry(name.clone()).or_insert_with(|| path.clone());
    }
}
