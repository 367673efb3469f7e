//! From request to answer: login, path, method, quirks.

use super::answer::{Answer, canned, respond, rewritten, throttled};
use super::discovery;
use super::options::Quirks;
use super::query::{self, Query};
use super::resources::{self, Conditions, parsed};
use super::state::{Inner, Recorded, Shared};
use super::store::Type;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Query as UrlQuery, Request, State};
use axum::http::{Method, Response, header, request::Parts};
use serde_json::Value;
use std::sync::Arc;
use tenure_scim::ScimError;

/// Bytes of a request's body.
const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Where the resources lie.
const BASE: &str = "/scim/v2";

pub(crate) async fn serve(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let (mut parts, body) = request.into_parts();
    let (quirks, number) = {
        let mut inner = shared.lock();
        inner.requests += 1;
        (inner.quirks.clone(), inner.requests)
    };
    if !quirks.delay.is_zero() {
        tokio::time::sleep(quirks.delay).await;
    }
    if let Some(answer) = &quirks.canned {
        return canned(answer);
    }
    if quirks.throttle_every > 0 && number.is_multiple_of(quirks.throttle_every) {
        return throttled(quirks.retry_after, &shared.options.clock);
    }
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
        return respond(Err(ScimError::status(
            413,
            format!("the body has more than {BODY_BYTES_MAX} bytes"),
        )));
    };
    let pairs = match UrlQuery::<Vec<(String, String)>>::from_request_parts(&mut parts, &()).await {
        Ok(UrlQuery(pairs)) => pairs,
        Err(_) => return respond(Err(ScimError::status(400, "the query of the URL cannot be read"))),
    };
    rewritten(answer(&shared, &parts, &pairs, &body), &quirks.rewrites)
}

fn answer(
    shared: &Shared,
    parts: &Parts,
    pairs: &[(String, String)],
    body: &[u8],
) -> Result<Answer, ScimError> {
    let header =
        |name| parts.headers.get(name).and_then(|v: &header::HeaderValue| v.to_str().ok()).map(str::to_owned);
    let given = header(header::AUTHORIZATION).unwrap_or_default();
    let token = given.strip_prefix("Bearer ").unwrap_or_default();
    if !same(token.as_bytes(), shared.options.token.as_bytes()) {
        return Err(ScimError::status(401, "the bearer token is missing or wrong"));
    }
    let path = parts.uri.path();
    let below = path.strip_prefix(BASE).ok_or_else(|| nothing_at(path))?;
    let conditions =
        Conditions { if_match: header(header::IF_MATCH), if_none_match: header(header::IF_NONE_MATCH) };
    let mut inner = shared.lock();
    if shared.options.record {
        let full =
            parts.uri.path_and_query().map_or(below, |p| p.as_str().strip_prefix(BASE).unwrap_or(below));
        let body = serde_json::from_slice(body).unwrap_or(Value::Null);
        let (method, if_match) = (parts.method.to_string(), conditions.if_match.clone());
        inner.record(Recorded { method, path: full.to_owned(), body, if_match });
    }
    if let Some((_, status)) = inner.quirks.refuses_reads.as_ref().filter(|(of, _)| below.starts_with(of))
        && parts.method == Method::GET
    {
        return Err(ScimError::status(*status, "nothing can be read here now"));
    }
    let call = Call { shared, method: &parts.method, pairs, body, conditions };
    let decoded: Vec<String> = below.split('/').filter(|s| !s.is_empty()).map(decode).collect();
    let segments: Vec<&str> = decoded.iter().map(String::as_str).collect();
    match segments.as_slice() {
        ["Users", rest @ ..] => call.resource(&mut inner, Type::User, rest),
        ["Groups", rest @ ..] => call.resource(&mut inner, Type::Group, rest),
        [".search"] => call.search(&mut inner, &[Type::User, Type::Group]),
        [endpoint @ ("ServiceProviderConfig" | "ResourceTypes" | "Schemas"), rest @ ..] if rest.len() < 2 => {
            if parts.method != Method::GET {
                return Err(not_allowed(&parts.method, path));
            }
            discovery::answer(shared, endpoint, rest.first().copied())
        }
        _ => Err(nothing_at(path)),
    }
}

struct Call<'a> {
    shared: &'a Shared,
    method: &'a Method,
    pairs: &'a [(String, String)],
    body: &'a [u8],
    conditions: Conditions,
}

impl Call<'_> {
    fn resource(&self, inner: &mut Inner, of: Type, rest: &[&str]) -> Result<Answer, ScimError> {
        let (shared, conditions) = (self.shared, &self.conditions);
        match (rest, self.method.as_str()) {
            ([], "GET") => {
                let query = Query::from_pairs(self.pairs)?;
                inner.with_read(|store, quirks| query::run(shared, store, quirks, &[of], &query))
            }
            ([], "POST") => resources::create(shared, inner, of, &parsed(self.body)?),
            ([".search"], _) => self.search(inner, &[of]),
            ([id], "GET") => {
                let query = Query::from_pairs(self.pairs)?;
                let read = |store: &_, quirks: &Quirks| {
                    resources::read(shared, store, quirks, (of, id), &query, conditions)
                };
                inner.with_read(read)
            }
            ([_], "PUT" | "PATCH") if of == Type::Group && inner.quirks.refuses_group_writes => {
                Err(ScimError::status(403, "the token may not write groups"))
            }
            ([id], "PUT") => resources::replace(shared, inner, (of, id), &parsed(self.body)?, conditions),
            ([id], "PATCH") => {
                let query = Query::from_pairs(self.pairs)?;
                resources::change(shared, inner, (of, id), &parsed(self.body)?, &query, conditions)
            }
            ([id], "DELETE") => resources::delete(inner, (of, id), conditions),
            ([] | [_], _) => Err(not_allowed(self.method, of.endpoint())),
            _ => Err(nothing_at(&rest.join("/"))),
        }
    }

    fn search(&self, inner: &mut Inner, types: &[Type]) -> Result<Answer, ScimError> {
        if self.method != Method::POST {
            return Err(not_allowed(self.method, ".search"));
        }
        let query = Query::from_body(&parsed(self.body)?);
        inner.with_read(|store, quirks| query::run(self.shared, store, quirks, types, &query))
    }
}

fn nothing_at(path: &str) -> ScimError {
    ScimError::status(404, format!("there is nothing at `{path}`"))
}

fn not_allowed(method: &Method, path: &str) -> ScimError {
    ScimError::status(405, format!("{method} is not supported for `{path}`"))
}

/// Takes as long for a wrong token as for a right one of the same length.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (x, y)| difference | (x ^ y)) == 0
}

/// Percent-decodes one segment of a path; what is no UTF-8 matches nothing.
fn decode(segment: &str) -> String {
    let bytes = segment.as_bytes();
    let hex = |at: usize| {
        bytes.get(at).and_then(|b| char::from(*b).to_digit(16)).and_then(|d| u8::try_from(d).ok())
    };
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match (byte, hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(high * 16 + low);
                at += 3;
            }
            _ => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
