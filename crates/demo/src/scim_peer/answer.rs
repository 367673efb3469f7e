//! Answers: JSON bodies with the headers that SCIM asks for.

use super::options::{Canned, PeerClock, RetryAfter};
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tenure_scim::{ScimError, urn};

/// What a handler answers.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Option<Value>,
    pub(crate) etag: Option<String>,
    pub(crate) location: Option<String>,
    /// When it was given, where that is to be said by the peer's own clock.
    pub(crate) at: Option<Timestamp>,
}

impl Answer {
    pub(crate) fn ok(body: Value) -> Self {
        Self { status: 200, body: Some(body), etag: None, location: None, at: None }
    }
    pub(crate) fn nothing() -> Self {
        Self { status: 204, body: None, etag: None, location: None, at: None }
    }
    pub(crate) fn with_version(mut self, etag: Option<String>) -> Self {
        self.etag = etag;
        self
    }
}

pub(crate) fn respond(result: Result<Answer, ScimError>) -> Response<Body> {
    rewritten(result, &[])
}

/// The same, with texts of the body in the place of others.
pub(crate) fn rewritten(result: Result<Answer, ScimError>, texts: &[(String, String)]) -> Response<Body> {
    let answer = result.unwrap_or_else(|e| Answer {
        status: e.status,
        body: Some(e.to_json()),
        etag: None,
        location: None,
        at: None,
    });
    let written =
        |body: Value| texts.iter().fold(body.to_string(), |body, (old, new)| body.replace(old, new));
    let mut response = Response::new(answer.body.map_or_else(Body::empty, |b| Body::from(written(b))));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    put(&mut response, header::CONTENT_TYPE, urn::MEDIA_TYPE);
    if let Some(etag) = &answer.etag {
        put(&mut response, header::ETAG, etag);
    }
    if let Some(location) = &answer.location {
        put(&mut response, header::LOCATION, location);
    }
    if let Some(at) = answer.at {
        put(&mut response, header::DATE, &http_date(at));
    }
    if answer.status == 401 {
        put(&mut response, header::WWW_AUTHENTICATE, "Bearer");
    }
    response
}

pub(crate) fn throttled(after: Option<RetryAfter>, clock: &PeerClock) -> Response<Body> {
    let mut response = respond(Err(ScimError::status(429, "too many requests")));
    let now = clock();
    match after.unwrap_or(RetryAfter::Seconds(1)) {
        RetryAfter::Seconds(n) => put(&mut response, header::RETRY_AFTER, &n.to_string()),
        RetryAfter::Date(n) => {
            put(&mut response, header::DATE, &http_date(now));
            let then = now.checked_add(SignedDuration::from_secs(i64::from(n))).unwrap_or(now);
            put(&mut response, header::RETRY_AFTER, &http_date(then));
        }
        RetryAfter::Unsaid => {}
    }
    response
}

pub(crate) fn canned(answer: &Canned) -> Response<Body> {
    let mut response = Response::new(Body::from(answer.body.clone()));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in &answer.headers {
        if let Ok(name) = name.parse::<HeaderName>() {
            put(&mut response, name, value);
        }
    }
    response
}

fn http_date(at: Timestamp) -> String {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&at).unwrap_or_default()
}

fn put(response: &mut Response<Body>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
