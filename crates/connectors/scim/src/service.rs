//! What every operation needs of the service: lists page by page, one resource, what the service can do.

use crate::http::{Call, Http};
use crate::reply::Reply;
use crate::settings::Config;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use tenure_connect::{ConnectError, ErrorKind, Status};
use tenure_scim::{List, ServiceConfig};
use tokio::sync::OnceCell;

/// Pages of one list that are read.
const PAGES_MAX: usize = 100_000;

/// One service and how to speak to it.
pub(crate) struct Service {
    pub(crate) http: Http,
    pub(crate) config: Config,
    able: OnceCell<ServiceConfig>,
    /// Who is in which group, read once at the start of a scan; by number of the scan.
    pub(crate) scans: Mutex<BTreeMap<u64, Arc<crate::members::Memberships>>>,
    pub(crate) next_scan: AtomicU64,
}

/// A page of a list: what is on it and where the next one begins.
pub(crate) struct Listed {
    pub(crate) resources: Vec<Value>,
    pub(crate) next: Option<From>,
    pub(crate) total: Option<u64>,
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum From {
    /// At a resource, counted from 1; and how many there were in all when the page before was read.
    Index(u64, Option<u64>),
    /// At a cursor (RFC 9865); empty for the first page.
    Cursor(String),
}

impl Service {
    pub(crate) fn new(http: Http, config: Config) -> Self {
        let (scans, next_scan) = (Mutex::new(BTreeMap::new()), AtomicU64::new(1));
        Self { http, config, able: OnceCell::new(), scans, next_scan }
    }

    /// What the service says it can do; asked once. A service without the endpoint can do what the RFCs require.
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

    /// Where a list begins: with cursors where the service offers them.
    pub(crate) async fn first(&self, operation: &'static str) -> Result<From, ConnectError> {
        let cursors = self.config.profile.cursors && self.able(operation).await?.cursor;
        Ok(if cursors { From::Cursor(String::new()) } else { From::Index(1, None) })
    }

    /// One page. The end is proved: by `totalResults`, by the absence of `nextCursor`, or by an empty page where the
    /// service does not count. A page that is short proves nothing: a service may return fewer than were asked for.
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
        // Fewer than before: what was deleted moved later ones to pages that were read already.
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

    /// All resources of a query.
    pub(crate) async fn all(
        &self,
        operation: &'static str,
        endpoint: &str,
        count: u32,
        query: &[(&str, &str)],
    ) -> Result<Vec<Value>, ConnectError> {
        let mut all = Vec::new();
        let mut from = self.first(operation).await?;
        for _ in 0..PAGES_MAX {
            let listed = self.page(operation, endpoint, &from, count, query).await?;
            all.extend(listed.resources);
            match listed.next {
                Some(next) => from = next,
                None => return Ok(all),
            }
        }
        Err(ConnectError::new(
            ErrorKind::Protocol,
            operation,
            format!("the list has more than {PAGES_MAX} pages"),
        ))
    }

    /// One resource by id; `None` when the service says that it is not there.
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

    /// Whether a failed call for one resource says that it is not there.
    pub(crate) fn is_missing(&self, e: &ConnectError) -> bool {
        e.kind == ErrorKind::NotFound || (self.config.profile.missing_is_400 && e.kind == ErrorKind::Invalid)
    }
}

fn basic() -> ServiceConfig {
    ServiceConfig { patch: true, filter: true, index: true, ..ServiceConfig::default() }
}
