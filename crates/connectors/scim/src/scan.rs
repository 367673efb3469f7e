//! The scan: all users page by page, with the memberships read once at its start.

use crate::known::{OF_SCAN_MAX, is_uuid, unreadable};
use crate::members::Memberships;
use crate::service::{From, Service};
use crate::users::User;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use tenure_connect::{ConnectError, ErrorKind, Gap, Page, Unread};

const OPERATION: &str = "scan";

/// Maximum number of scans whose memberships are kept; the oldest is dropped, and read again when its scan continues.
const SCANS_MAX: usize = 2;

impl Service {
    /// One page. Memberships come from the start of the scan: their state is older than the page, but never older than the scan
    /// itself.
    pub(crate) async fn scan_page(&self, cursor: Option<&str>) -> Result<Page, ConnectError> {
        let (scan, from) = match cursor {
            None => (self.next_scan.fetch_add(1, Ordering::Relaxed), self.first(OPERATION).await?),
            Some(text) => read_cursor(text).ok_or_else(|| {
                ConnectError::new(ErrorKind::Invalid, OPERATION, "the cursor is not one of this connector's")
            })?,
        };
        let memberships = if self.config.groups { self.memberships_of(scan).await? } else { Arc::default() };
        let size = self.config.page_size;
        let mut listed = self.page(OPERATION, "Users", &from, size, &[]).await?;
        let mut gaps = BTreeSet::new();
        if let Some(more) = self.behind(OPERATION, "Users", &from, &listed, size).await? {
            let total = listed.total.unwrap_or(0);
            let why = format!("the service counts {total} users and shows more behind them");
            gaps.insert(Gap { entitlement: None, why: Arc::from(why) });
            listed.next = Some(more);
        }
        let mut users = Vec::with_capacity(listed.resources.len());
        for resource in listed.resources {
            match User::of(OPERATION, resource, None) {
                Ok(user) => users.push(user),
                // It hides no other user; its existence is reported.
                Err(e) => {
                    gaps.insert(Gap { entitlement: None, why: e.message });
                }
            }
        }
        self.note_ids(users.iter().map(|user| &user.id));
        // References mostly point at users on the same page; only the others are looked up.
        let mut names: BTreeMap<Arc<str>, Arc<str>> =
            users.iter().map(|u| (u.id.clone(), u.name.clone())).collect();
        let mut accounts = Vec::with_capacity(users.len());
        for user in &users {
            let mut account = self.shown(OPERATION, user, &mut names).await?;
            account.entitlements = memberships.direct(&user.id);
            let unread = memberships.unread(&user.id, &mut account.entitlements);
            account.unread = Unread { enabled: account.unread.enabled, ..unread };
            if self.config.nested {
                account.indirect = memberships.indirect(&user.id);
            }
            accounts.push(account);
        }
        let next = listed.next.map(|from| Arc::from(write_cursor(scan, &from).as_str()));
        let mut page = Page { accounts, gaps, total: listed.total, next, ..Page::default() };
        if page.next.is_none() {
            self.scans.lock().unwrap_or_else(PoisonError::into_inner).remove(&scan);
            // Each page of a scan uses the same memberships, so the last one contains their gaps.
            page.gaps.extend(memberships.gaps());
            let mut read = memberships.read();
            for (name, why) in self.foreign_members(&memberships).await? {
                read.remove(&name);
                page.gaps.insert(Gap { entitlement: Some(name), why });
            }
            page.entitlements = self.config.groups.then_some(read);
            if self.config.nested {
                page.contains = memberships.contains();
            }
        }
        Ok(page)
    }

    /// Groups that list values which are ids of no user and no group, and why their lists prove nothing about users that are not
    /// listed. All users were listed before; values missing from the list are looked up.
    async fn foreign_members(
        &self,
        memberships: &Memberships,
    ) -> Result<BTreeMap<Arc<str>, Arc<str>>, ConnectError> {
        let mut foreign = BTreeMap::new();
        let mut values = self.not_seen(memberships.listed());
        // If ids are UUIDs, another UUID is the id of another resource, of any kind.
        if memberships.of_uuids() {
            values.retain(|value| !is_uuid(value));
        }
        for (n, value) in values.iter().enumerate() {
            let why = |group: &str| match n < OF_SCAN_MAX {
                true => unreadable(group, value, false),
                false => Arc::from(format!(
                    "more than {OF_SCAN_MAX} members are in no list of users: whether they are ids of accounts was not \
                     looked up"
                )),
            };
            // One unreadable value is enough for all of its groups.
            if memberships.listing(value).all(|group| foreign.contains_key(group)) {
                continue;
            }
            if n >= OF_SCAN_MAX || !self.is_id(OPERATION, value).await? {
                foreign.extend(memberships.listing(value).map(|group| (group.clone(), why(group))));
            }
        }
        Ok(foreign)
    }

    async fn memberships_of(&self, scan: u64) -> Result<Arc<Memberships>, ConnectError> {
        let kept = self.scans.lock().unwrap_or_else(PoisonError::into_inner).get(&scan).cloned();
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let read = Arc::new(self.memberships(OPERATION).await?);
        let mut scans = self.scans.lock().unwrap_or_else(PoisonError::into_inner);
        while scans.len() >= SCANS_MAX {
            scans.pop_first();
        }
        scans.insert(scan, read.clone());
        Ok(read)
    }
}

fn write_cursor(scan: u64, from: &From) -> String {
    match from {
        From::Index(start, total) => {
            format!("{scan}:i:{start}:{}", total.map_or(String::new(), |t| t.to_string()))
        }
        From::Cursor(cursor) => format!("{scan}:c:{cursor}"),
    }
}

fn read_cursor(text: &str) -> Option<(u64, From)> {
    let (scan, rest) = text.split_once(':')?;
    let (sort, rest) = rest.split_once(':')?;
    let from = match sort {
        "c" => From::Cursor(rest.to_owned()),
        "i" => {
            let (start, total) = rest.split_once(':')?;
            let total = if total.is_empty() { None } else { Some(total.parse().ok()?) };
            From::Index(start.parse().ok()?, total)
        }
        _ => return None,
    };
    Some((scan.parse().ok()?, from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_survive_the_way_through_the_caller() {
        for from in [From::Index(101, Some(250)), From::Index(1, None), From::Cursor("a:b=".to_owned())] {
            assert_eq!(read_cursor(&write_cursor(7, &from)), Some((7, from)));
        }
        for wrong in ["", "7", "7:x:1", "7:i:one:", "x:c:"] {
            assert_eq!(read_cursor(wrong), None, "{wrong}");
        }
    }
}
