//! Shared by all operations: lists page by page, one resource, the capabilities of the service.

use crate::attribute::id_of;
use crate::groups::Group;
use crate::http::{Call, Http};
use crate::reply::Reply;
use crate::settings::Config;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use tenure_connect::{ConnectError, ErrorKind, Status};
use tenure_scim::{List, ServiceConfig};
use tokio::sync::OnceCell;

/// Maximum number of pages of one list.
const PAGES_MAX: usize = 10_000;
/// Maximum number of pages of the groups of one member.
const PAGES_OF_MEMBER_MAX: usize = 100;
/// Maximum number of consecutive pages without anything new.
const IDLE_PAGES_MAX: usize = 3;

/// Limits of reading a list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Resources on a page.
    pub(crate) page: u32,
    /// Pages.
    pub(crate) pages_max: usize,
    /// Whether the end must be proved: what the list does not show counts as absent.
    pub(crate) proves_end: bool,
}

impl Bounds {
    /// All resources.
    pub(crate) fn whole(page: u32) -> Self {
        Self { page, pages_max: PAGES_MAX, proves_end: true }
    }
    /// The few resources of one member.
    pub(crate) fn of_member(page: u32) -> Self {
        Self { page, pages_max: PAGES_OF_MEMBER_MAX, proves_end: false }
    }
}

/// All resources of a list.
pub(crate) struct All {
    pub(crate) resources: Vec<Value>,
    /// Why these may not be all.
    pub(crate) doubt: Option<String>,
}

/// Why a list is incomplete by its own count.
pub(crate) fn miscounted(endpoint: &str, total: Option<u64>, got: usize) -> Option<String> {
    let got = u64::try_from(got).unwrap_or(u64::MAX);
    let total = total.filter(|total| *total != got)?;
    Some(format!("the service counts {total} {endpoint} and shows {got}"))
}

/// One service and its dialect.
pub(crate) struct Service {
    pub(crate) http: Http,
    pub(crate) config: Config,
    able: OnceCell<ServiceConfig>,
    /// The memberships, read once at the start of a scan; by number of the scan.
    pub(crate) scans: Mutex<BTreeMap<u64, Arc<crate::members::Memberships>>>,
    pub(crate) next_scan: AtomicU64,
    /// When the filter by member was last proved to be applied.
    pub(crate) heeded: Mutex<Option<tokio::time::Instant>>,
    /// Ids that were seen.
    pub(crate) known: Mutex<BTreeSet<Arc<str>>>,
    /// Groups that were found, by name: used for revocations while groups cannot be read.
    pub(crate) found: Mutex<BTreeMap<Arc<str>, Group>>,
}

/// A page of a list and the beginning of the next one.
pub(crate) struct Listed {
    pub(crate) resources: Vec<Value>,
    pub(crate) next: Option<From>,
    pub(crate) total: Option<u64>,
}

/// The beginning of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum From {
    /// At a resource, counted from 1; and the total number when the previous page was read.
    Index(u64, Option<u64>),
    /// At a cursor (RFC 9865); empty for the first page.
    Cursor(String),
}

impl Service {
    pub(crate) fn new(http: Http, config: Config) -> Self {
        let (scans, next_scan) = (Mutex::new(BTreeMap::new()), AtomicU64::new(1));
        Self {
            http,
            config,
            able: OnceCell::new(),
            scans,
            next_scan,
            known: Mutex::default(),
            heeded: Mutex::default(),
            found: Mutex::default(),
        }
    }

    /// The stated capabilities of the service; read once. A service without the endpoint has those that the RFCs require.
    pub(crate) async fn able(&self, operation: &'static str) -> Result<&ServiceConfig, ConnectError> {
        let ask = async {
            match self.http.send(Call::get(operation, &["ServiceProviderConfig"], &[])).await {
                Ok(Reply { body: Some(body), .. }) => Ok(ServiceConfig::read(&body)),
                Ok(_) => Ok(basic()),
                Err(e) if e.kind == ErrorKind::NotFound => Ok(basic()),
                Err(e) => Err(e),
            }
        };
        self.able.get_or_try_init(|| ask).await
    }

    /// The beginning of a list: with cursors if the service offers them.
    pub(crate) async fn first(&self, operation: &'static str) -> Result<From, ConnectError> {
        let cursors = self.config.profile.cursors && self.able(operation).await?.cursor;
        Ok(if cursors { From::Cursor(String::new()) } else { From::Index(1, None) })
    }

    /// One page. The end is proved by `totalResults` and an empty page after it, by the absence of `nextCursor`, or by an empty page
    /// if the service does not count. A short page proves nothing: a service may return fewer resources than requested.
    pub(crate) async fn page(
        &self,
        operation: &'static str,
        endpoint: &str,
        from: &From,
        count: u32,
        query: &[(&str, &str)],
    ) -> Result<Listed, ConnectError> {
        let count = count.to_string();
        let (name, place) = match from {
            From::Index(start, _) => ("startIndex", start.to_string()),
            From::Cursor(cursor) => ("cursor", cursor.clone()),
        };
        let mut all: Vec<(&str, &str)> = query.to_vec();
        all.extend([(name, place.as_str()), ("count", count.as_str())]);
        let list = self.list(operation, endpoint, &all).await?;
        let next = match from {
            From::Cursor(_) => list.next_cursor.clone().map(From::Cursor),
            From::Index(start, before) => self.next_index(operation, *start, *before, &list)?,
        };
        if next.as_ref() == Some(from) {
            return Err(ConnectError::new(
                ErrorKind::Protocol,
                operation,
                "the service gives the same page again",
            ));
        }
        Ok(Listed { resources: list.resources, next, total: list.total })
    }

    /// What follows a page that is the last one by its count: `None` if nothing follows, which proves the end. Some services count
    /// only the page, and some start again after the end.
    pub(crate) async fn behind(
        &self,
        operation: &'static str,
        endpoint: &str,
        from: &From,
        page: &Listed,
        count: u32,
    ) -> Result<Option<From>, ConnectError> {
        let From::Index(start, _) = from else { return Ok(None) };
        if page.next.is_some() || page.resources.is_empty() {
            return Ok(None);
        }
        let end = start.saturating_add(u64::try_from(page.resources.len()).unwrap_or(u64::MAX));
        let (place, count) = (end.to_string(), count.to_string());
        let query = [("startIndex", place.as_str()), ("count", count.as_str())];
        let list = match self.list(operation, endpoint, &query).await {
            Ok(list) => list,
            // A request beyond the end may be answered with an error.
            Err(e) if e.kind == ErrorKind::Invalid => return Ok(None),
            Err(e) => return Err(e),
        };
        let known: BTreeSet<Option<Arc<str>>> = page.resources.iter().map(|r| id_of(r, "id")).collect();
        let more = list.resources.iter().any(|r| !known.contains(&id_of(r, "id")));
        Ok(more.then_some(From::Index(end, None)))
    }

    fn next_index(
        &self,
        operation: &'static str,
        start: u64,
        before: Option<u64>,
        list: &List,
    ) -> Result<Option<From>, ConnectError> {
        let wrong = |what: String| ConnectError::new(ErrorKind::Protocol, operation, what);
        let got = u64::try_from(list.resources.len()).unwrap_or(u64::MAX);
        let end = start.saturating_add(got);
        let Some(total) = list.total else {
            if self.config.profile.total_optional {
                return Ok((got > 0).then_some(From::Index(end, None)));
            }
            let what = "the list has no `totalResults`, so its end cannot be proved; where the service never counts, set total = \"optional\"";
            return Err(wrong(what.to_owned()));
        };
        // Fewer than before: a deletion moved later ones to pages that were already read.
        if before.is_some_and(|b| total < b) {
            let what = format!(
                "the list shrank from {} to {total} while it was read: read it again",
                before.unwrap_or(0)
            );
            return Err(ConnectError::new(ErrorKind::Conflict, operation, what));
        }
        if end > total {
            return Ok(None);
        }
        if got == 0 {
            let what = format!("the list ended at {} of {total}", start.saturating_sub(1));
            return Err(wrong(what).with_status(Status::Temporary));
        }
        Ok(Some(From::Index(end, Some(total))))
    }

    /// One answer to a query.
    pub(crate) async fn list(
        &self,
        operation: &'static str,
        endpoint: &str,
        query: &[(&str, &str)],
    ) -> Result<List, ConnectError> {
        let reply = self.http.send(Call::get(operation, &[endpoint], query)).await;
        let protocol = |what: &str| ConnectError::new(ErrorKind::Protocol, operation, what);
        let reply = reply.map_err(|e| {
            if e.kind != ErrorKind::NotFound {
                return e;
            }
            let what = format!("there is no {endpoint} at this `url`: {}", e.message);
            ConnectError::new(ErrorKind::Configuration, operation, what)
        })?;
        let body = reply.body.ok_or_else(|| protocol("the answer to a query has no body"))?;
        List::read(body).map_err(|e| protocol(&e.detail))
    }

    /// All resources of a query, each once. Always terminates: a service that returns endless pages, or the same ones again, is a
    /// failure.
    pub(crate) async fn all(
        &self,
        operation: &'static str,
        endpoint: &str,
        bounds: Bounds,
        query: &[(&str, &str)],
    ) -> Result<All, ConnectError> {
        let mut all = All { resources: Vec::new(), doubt: None };
        let (mut ids, mut idle) = (BTreeSet::new(), 0);
        let mut from = self.first(operation).await?;
        let endless = |what: String| Err(ConnectError::new(ErrorKind::Protocol, operation, what));
        for _ in 0..bounds.pages_max {
            let listed = self.page(operation, endpoint, &from, bounds.page, query).await?;
            let before = ids.len();
            let total = listed.total;
            let more = if bounds.proves_end {
                self.behind(operation, endpoint, &from, &listed, bounds.page).await?
            } else {
                None
            };
            for resource in listed.resources {
                match id_of(&resource, "id") {
                    Some(id) if !ids.insert(id.clone()) => {}
                    _ => all.resources.push(resource),
                }
            }
            idle = if ids.len() > before { 0 } else { idle + 1 };
            if idle > IDLE_PAGES_MAX {
                return endless(format!(
                    "{IDLE_PAGES_MAX} pages of {endpoint} brought nothing new, and there is no end"
                ));
            }
            match listed.next.or(more) {
                Some(next) => from = next,
                None => {
                    all.doubt = miscounted(endpoint, total, all.resources.len());
                    return Ok(all);
                }
            }
        }
        endless(format!("the list of {endpoint} has more than {} pages", bounds.pages_max))
    }

    /// One resource by id; `None` if the service says that it does not exist.
    pub(crate) async fn by_id(
        &self,
        operation: &'static str,
        endpoint: &str,
        id: &str,
        query: &[(&str, &str)],
    ) -> Result<Option<Reply>, ConnectError> {
        match self.http.send(Call::get(operation, &[endpoint, id], query)).await {
            Ok(reply) => Ok(Some(reply)),
            Err(e) if self.is_missing(&e) => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Whether a failed call for one resource says that it does not exist.
    pub(crate) fn is_missing(&self, e: &ConnectError) -> bool {
        e.kind == ErrorKind::NotFound || (self.config.profile.missing_is_400 && e.kind == ErrorKind::Invalid)
    }
}

fn basic() -> ServiceConfig {
    ServiceConfig { patch: true, filter: true, index: true, ..ServiceConfig::default() }
}
