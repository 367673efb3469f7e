//! HTTP to one service: one client with time-outs, no redirects, no proxy from the environment, bounded bodies.

use crate::classify::{About, Foreign, classify, dated, retry_after};
use crate::reply::Reply;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, ETAG, HeaderMap, HeaderValue, IF_MATCH, LOCATION, RETRY_AFTER,
    SERVER,
};
use reqwest::{Certificate, Client, Method, Response, Url, redirect};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tenure_connect::{ConnectError, ErrorKind, Secret};
use tenure_scim::{ScimError, lenient, urn};

/// Maximum time to connect.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// Maximum time from the request to the end of its answer.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// Maximum size of an answer in bytes: a page of 1,000 users, or a group of 200,000 members.
const BODY_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Accepted media types: some services know only the second.
const ACCEPTED: &str = "application/scim+json, application/json";

/// One request.
pub(crate) struct Call<'a> {
    pub(crate) about: About,
    pub(crate) method: Method,
    /// Segments after the base URL, not yet encoded.
    pub(crate) path: &'a [&'a str],
    /// Parameters, not yet encoded.
    pub(crate) query: &'a [(&'a str, &'a str)],
    pub(crate) body: Option<&'a Value>,
    pub(crate) if_match: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// A read.
    pub(crate) fn get(operation: &'static str, path: &'a [&'a str], query: &'a [(&'a str, &'a str)]) -> Self {
        Self { about: About::read(operation), method: Method::GET, path, query, body: None, if_match: None }
    }
    /// A write.
    pub(crate) fn write(about: About, method: Method, path: &'a [&'a str], body: Option<&'a Value>) -> Self {
        Self { about, method, path, query: &[], body, if_match: None }
    }
}

/// The client of one service.
pub(crate) struct Http {
    client: Client,
    base: Url,
    authorization: HeaderValue,
    accept_on_delete: bool,
}

impl Http {
    /// Creates the client. Failures name the wrong setting.
    pub(crate) fn new(
        base: Url,
        token: &Secret,
        ca: Option<&str>,
        accept_on_delete: bool,
    ) -> Result<Self, (&'static str, String)> {
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", token.expose().trim()))
            .map_err(|_| ("token", "it has characters that cannot be sent in a header".to_owned()))?;
        authorization.set_sensitive(true);
        let mut builder = Client::builder()
            .user_agent(concat!("tenure/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_MAX)
            .timeout(ANSWER_MAX)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false);
        if let Some(pem) = ca {
            let wrong = |e: reqwest::Error| ("ca", format!("it holds no certificate in PEM form: {e}"));
            let roots = Certificate::from_pem_bundle(pem.as_bytes()).map_err(wrong)?;
            if roots.is_empty() {
                return Err(("ca", "it holds no certificate in PEM form".to_owned()));
            }
            builder = builder.tls_certs_only(roots);
        }
        let client = builder.build().map_err(|e| ("url", format!("no HTTP client can be made: {e}")))?;
        Ok(Self { client, base, authorization, accept_on_delete })
    }

    /// Host and port, for messages.
    pub(crate) fn host(&self) -> String {
        self.base.authority().to_owned()
    }

    /// The id of a resource whose address a service returned; `None` if the address is not below the base URL of this service, or
    /// contains anything else.
    pub(crate) fn id_at(&self, address: &str, endpoint: &str) -> Option<Arc<str>> {
        let mut base = self.base.clone();
        base.path_segments_mut().ok()?.pop_if_empty().push("");
        let url = base.join(address).ok()?;
        if url.origin() != base.origin() || url.query().is_some() || url.fragment().is_some() {
            return None;
        }
        let below = url.path().strip_prefix(base.path())?.strip_prefix(endpoint)?.strip_prefix('/')?;
        let id = below.trim_end_matches('/');
        (!id.is_empty() && !id.contains(['/', '%'])).then(|| Arc::from(id))
    }

    /// Sends one request and reads its answer.
    pub(crate) async fn send(&self, call: Call<'_>) -> Result<Reply, ConnectError> {
        let about = call.about;
        if call.body.is_some_and(lenient::is_damaged) {
            let what = "what the service shows cannot be read in part, so nothing is written back as a whole";
            return Err(ConnectError::new(ErrorKind::Protocol, about.operation, what));
        }
        let response = self.request(&call).await.map_err(|f| classify(about, f))?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = body_of(response).await;
        if !(200..300).contains(&status) {
            let body = body.ok().and_then(|b| serde_json::from_slice::<Value>(&b).ok());
            let error = ScimError::from_answer(status, body.as_ref());
            let after = retry_after(text(&headers, &RETRY_AFTER), text(&headers, &DATE));
            return Err(classify(about, Foreign::Answer { error, after }));
        }
        let body = match body {
            Ok(bytes) if bytes.is_empty() => None,
            Ok(bytes) => match lenient::read(&bytes) {
                Ok(body) => Some(body),
                // The write was accepted; its content is not needed. A login page answers everything with 200, even writes.
                Err(_) if is_page(&bytes) => return Err(classify(about, Foreign::Page)),
                Err(_) if about.write => None,
                Err(e) => {
                    return Err(classify(about, Foreign::Unusable(format!("the answer is no JSON: {e}"))));
                }
            },
            Err(Foreign::Unusable(_)) if about.write => None,
            Err(foreign) => return Err(classify(about, foreign)),
        };
        Ok(Reply {
            status,
            date: text(&headers, &DATE).and_then(dated),
            body,
            etag: text(&headers, &ETAG).map(Arc::from),
            location: text(&headers, &LOCATION).map(str::to_owned),
            server: text(&headers, &SERVER).map(str::to_owned),
        })
    }

    async fn request(&self, call: &Call<'_>) -> Result<Response, Foreign> {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(call.path);
        }
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(call.query);
        }
        let mut request =
            self.client.request(call.method.clone(), url).header(AUTHORIZATION, self.authorization.clone());
        if call.method != Method::DELETE || self.accept_on_delete {
            request = request.header(ACCEPT, ACCEPTED);
        }
        if let Some(version) = call.if_match {
            request = request.header(IF_MATCH, version);
        }
        if let Some(body) = call.body {
            request = request.header(CONTENT_TYPE, urn::MEDIA_TYPE).body(body.to_string());
        }
        request.send().await.map_err(|e| Foreign::Network(e.without_url()))
    }
}

async fn body_of(mut response: Response) -> Result<Vec<u8>, Foreign> {
    let mut all = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| Foreign::Network(e.without_url()))? {
        if all.len() + chunk.len() > BODY_BYTES_MAX {
            return Err(Foreign::Unusable(format!("the answer has more than {BODY_BYTES_MAX} bytes")));
        }
        all.extend_from_slice(&chunk);
    }
    Ok(all)
}

/// Whether a body is a web page.
fn is_page(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

fn text<'a>(headers: &'a HeaderMap, name: &reqwest::header::HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|v| v.to_str().ok())
}
