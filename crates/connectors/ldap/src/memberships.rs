//! All memberships at the beginning of one scan, and which of them could not be read.

use crate::dn;
use crate::entry::Entry;
use crate::groups::{GROUP_PAGES_MAX, Held, endless, note};
use crate::pool::Line;
use crate::ranged;
use crate::setup::{Groups, Setup};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use tenure_connect::{ConnectError, ErrorKind, Gap, Unread, longer};

/// Maximum number of member values of all groups together in one scan: about 1 GB of names.
const MEMBERS_MAX: usize = 10_000_000;

/// A group that a member value names, and that value if the directory must say whom it refers to.
#[derive(Debug)]
struct Membership {
    group: usize,
    /// The value as every directory compares it, if that is not its key.
    plain: Option<Box<str>>,
}

/// All memberships at the beginning of one scan. It exists as long as the scan.
#[derive(Debug, Default)]
pub(crate) struct Memberships {
    names: Vec<Arc<str>>,
    dns: Vec<String>,
    /// By group: the groups that have it as a member.
    parents: Vec<Vec<usize>>,
    /// By the key of a member's DN: its groups.
    groups_of: BTreeMap<String, Vec<Membership>>,
    /// Groups that show no members although they must have some.
    hidden: BTreeSet<usize>,
    /// Why groups may be missing here.
    doubt: Option<Arc<str>>,
}

impl Memberships {
    /// Reads all groups. `line` is used by this caller only, as paging requires.
    pub(crate) async fn read(line: &Line, setup: &Setup) -> Result<Self, ConnectError> {
        let Some(groups) = &setup.groups else { return Ok(Self::default()) };
        let mut all = Self::default();
        let (mut cookie, mut members) = (Vec::new(), 0);
        for _ in 0..GROUP_PAGES_MAX {
            let attributes = vec![groups.name.to_string(), groups.member.to_string()];
            let (answer, next) = groups.page(line, attributes, cookie).await?;
            all.doubt = all.doubt.or_else(|| answer.doubt());
            for entry in &answer.entries {
                members += all.take(line, groups, entry).await?;
                if members > MEMBERS_MAX {
                    let text =
                        format!("the groups have more than {MEMBERS_MAX} members: narrow `groups_base`");
                    return Err(line.wire.error(ErrorKind::Configuration, text));
                }
            }
            if next.is_empty() {
                all.find_parents();
                return Ok(all);
            }
            cookie = next;
        }
        Err(endless(line))
    }

    async fn take(&mut self, line: &Line, groups: &Groups, entry: &Entry) -> Result<usize, ConnectError> {
        let group = self.names.len();
        self.names.push(groups.group(entry).name);
        self.dns.push(entry.dn.clone());
        let values = ranged::all_values(line, entry, &groups.member).await?;
        if values.is_empty() && groups.needs_members() {
            self.hidden.insert(group);
        }
        for value in &values {
            let value = groups.named_by(value);
            let (key, plain) = (dn::key(value), dn::plain(value));
            let plain = (plain != key).then(|| plain.into());
            self.groups_of.entry(key).or_default().push(Membership { group, plain });
        }
        Ok(values.len())
    }

    fn find_parents(&mut self) {
        let parents = |dn: &String| {
            let of = self.groups_of.get(&dn::key(dn));
            of.into_iter().flatten().map(|m| m.group).collect()
        };
        self.parents = self.dns.iter().map(parents).collect();
    }

    /// Nested groups: members of the first one are inherited members of the second one, which contains it.
    pub(crate) fn contains(&self) -> BTreeSet<(Arc<str>, Arc<str>)> {
        let name = |number: usize| self.names.get(number).cloned();
        let each = self.parents.iter().enumerate();
        let pairs = each.flat_map(|(inner, parents)| parents.iter().map(move |parent| (inner, *parent)));
        pairs.filter_map(|(group, parent)| Some((name(group)?, name(parent)?))).collect()
    }

    /// What these memberships do not show.
    pub(crate) fn gaps(&self) -> BTreeSet<Gap> {
        let hidden = self.hidden.iter().filter_map(|group| {
            let (name, dn) = (self.names.get(*group)?, self.dns.get(*group)?);
            let why = format!("`bind_dn` may not see the members of `{dn}`");
            Some(Gap { entitlement: Some(name.clone()), why: Arc::from(why) })
        });
        let doubt = self.doubt.iter().map(|why| Gap { entitlement: None, why: why.clone() });
        hidden.chain(doubt).collect()
    }

    /// Names of the groups whose members were read.
    pub(crate) fn names(&self) -> BTreeSet<Arc<str>> {
        let read = self.names.iter().enumerate().filter(|(group, _)| !self.hidden.contains(group));
        read.map(|(_, name)| name.clone()).collect()
    }

    /// What an account holds. If a member value and its name may be different spellings of one name, the directory is asked; a group
    /// named by the account itself counts as held.
    pub(crate) async fn of(
        &self,
        line: &Line,
        groups: Option<&Groups>,
        account: &Entry,
    ) -> Result<Held, ConnectError> {
        let Some(groups) = groups else { return Ok(Held::default()) };
        let (key, plain) = (dn::key(&account.dn), dn::plain(&account.dn));
        let mut direct = BTreeSet::new();
        for member in self.groups_of.get(&key).into_iter().flatten() {
            let is_sure = *member.plain.as_deref().unwrap_or(&key) == *plain;
            let is_in = match self.dns.get(member.group).filter(|_| !is_sure) {
                Some(group) => groups.has(line, group, &account.dn).await? == Some(true),
                None => is_sure,
            };
            if is_in {
                direct.insert(member.group);
            }
        }
        let mut held = self.held(&direct);
        held.direct
            .extend(groups.told(account).into_values().filter(|name| !held.indirect.contains_key(name)));
        held.unread = self.unread(&held.direct);
        Ok(held)
    }

    fn unread(&self, direct: &BTreeSet<Arc<str>>) -> Unread {
        let hidden = self.gaps().into_iter().filter_map(|gap| Some((gap.entitlement?, gap.why)));
        let entitlements = hidden.filter(|(name, _)| !direct.contains(name)).collect();
        Unread { entitlements, others: self.doubt.clone(), enabled: None }
    }

    fn held(&self, direct: &BTreeSet<usize>) -> Held {
        let name = |number: &usize| self.names.get(*number).cloned();
        let mut held = Held { direct: direct.iter().filter_map(name).collect(), ..Held::default() };
        let mut seen: BTreeSet<usize> = direct.clone();
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
            ..Memberships::default()
        };
        let held = all.held(&[0].into());
        assert_eq!(held.direct, ["team".into()].into());
        let indirect: Vec<(&str, &str)> = held.indirect.iter().map(|(n, p)| (&**n, &**p)).collect();
        assert_eq!(indirect, [("staff", "team > unit > staff"), ("unit", "team > unit")]);
        assert!(all.held(&[].into()).direct.is_empty());
        let pairs = [("staff", "team"), ("team", "unit"), ("unit", "staff")];
        assert_eq!(all.contains(), pairs.map(|(a, b)| (a.into(), b.into())).into());
    }
}
