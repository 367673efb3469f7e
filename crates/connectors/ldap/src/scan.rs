//! Lists all accounts, page by page, over a connection of its own with the memberships of the scan's beginning.

use crate::account::Names;
use crate::dn;
use crate::memberships::Memberships;
use crate::pool::{Line, Pool};
use crate::setup::Setup;
use crate::wire::Query;
use ldap3::Scope;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use tenure_connect::{ConnectError, ErrorKind, Gap, Page, Status};

/// Maximum number of open scans; a new one drops the oldest.
const SCANS_MAX: usize = 4;

/// Maximum number of pages of accounts in one scan.
const PAGES_MAX: u64 = 1_000_000;

/// One scan between two of its pages.
struct Scan {
    line: Line,
    memberships: Memberships,
    names: Names,
    /// The index of the base that is being read.
    base: usize,
    /// The directory's position in it; empty at the beginning.
    cookie: Vec<u8>,
    page: u64,
}

/// The open scans, by number. A cursor is `<number>/<page>`: it is valid only for the connector that returned it, and for the next
/// page.
#[derive(Default)]
pub(crate) struct Scans(Mutex<(u64, BTreeMap<u64, Scan>)>);

impl Scans {
    /// The next page. A failed scan is over: its caller begins again.
    pub(crate) async fn page(
        &self,
        pool: &Pool,
        setup: &Setup,
        cursor: Option<&str>,
    ) -> Result<Page, ConnectError> {
        let (number, mut scan) = match cursor {
            Some(cursor) => self.take(cursor).ok_or_else(|| {
                let text = format!("the scan `{cursor}` is over or broke off: begin again from the start");
                ConnectError::new(ErrorKind::Conflict, "scan", text).with_status(Status::Permanent)
            })?,
            None => {
                let line = pool.own_line("scan").await?;
                let memberships = Memberships::read(&line, setup).await?;
                let scan =
                    Scan { line, memberships, names: Names::new(), base: 0, cookie: Vec::new(), page: 0 };
                (self.number(), scan)
            }
        };
        let mut page = scan.read(setup).await?;
        if scan.base < setup.bases.len() {
            page.next = Some(format!("{number}/{}", scan.page).into());
            self.keep(number, scan);
        }
        Ok(page)
    }

    fn number(&self) -> u64 {
        let mut scans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        scans.0 += 1;
        scans.0
    }

    fn take(&self, cursor: &str) -> Option<(u64, Scan)> {
        let (number, page) = cursor.split_once('/')?;
        let (number, page): (u64, u64) = (number.parse().ok()?, page.parse().ok()?);
        let mut scans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if scans.1.get(&number)?.page != page {
            return None;
        }
        scans.1.remove(&number).map(|scan| (number, scan))
    }

    fn keep(&self, number: u64, scan: Scan) {
        let mut scans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        scans.1.insert(number, scan);
        while scans.1.len() > SCANS_MAX {
            scans.1.pop_first();
        }
    }
}

impl Scan {
    async fn read(&mut self, setup: &Setup) -> Result<Page, ConnectError> {
        // All groups were read before the first account, so the first page contains the nested groups.
        let contains = if self.page == 0 { self.memberships.contains() } else { Default::default() };
        let mut page = Page { contains, ..Page::default() };
        page.entitlements = setup.groups.as_ref().map(|_| self.memberships.names());
        if self.page == 0 {
            page.gaps = self.memberships.gaps();
        }
        if self.page >= PAGES_MAX {
            let text = format!("the list of accounts has more than {PAGES_MAX} pages");
            return Err(self.line.wire.error(ErrorKind::Protocol, text));
        }
        let Some(base) = setup.bases.get(self.base) else { return Ok(page) };
        let query = Query {
            base: &base.dn,
            scope: Scope::Subtree,
            filter: setup.filter(""),
            attributes: setup.attributes(),
        };
        let (answer, cookie) =
            self.line.wire.page(query, setup.page, std::mem::take(&mut self.cookie)).await?;
        page.gaps.extend(answer.doubt().map(|why| Gap { entitlement: None, why }));
        for entry in answer.entries {
            let key = dn::key(&entry.dn);
            // One base may be below another; each account belongs to the deepest.
            if setup.base_of(&key).is_none_or(|b| b.key != base.key) {
                continue;
            }
            let held = self.memberships.of(&self.line, setup.groups.as_ref(), &entry).await?;
            let found = match setup.account(&self.line, entry, Some(&base.kind)) {
                Ok(found) => found,
                // It hides no other account; its existence is reported.
                Err(e) => {
                    page.gaps.insert(Gap { entitlement: None, why: e.message });
                    continue;
                }
            };
            page.accounts.push(setup.show(&self.line, found, held, &mut self.names).await?);
        }
        self.page += 1;
        if cookie.is_empty() {
            self.base += 1;
            // Kinds that share a place are listed once, as the first of them.
            while setup
                .bases
                .get(self.base)
                .is_some_and(|b| setup.bases.iter().take(self.base).any(|a| a.key == b.key))
            {
                self.base += 1;
            }
        }
        self.cookie = cookie;
        Ok(page)
    }
}
