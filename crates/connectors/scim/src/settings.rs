//! Reads `[connection]` of a SCIM system and creates the connector. Makes no connection yet.

use crate::attribute::Mapped;
use crate::connector::Scim;
use crate::declared::SETTINGS;
use crate::http::Http;
use crate::profile::Profile;
use jiff::SignedDuration;
use reqwest::Url;
use std::sync::Arc;
use tenure_connect::{Connector, SettingError, Settings};
use tenure_scim::Schemas;

/// Maximum number of accounts on a page.
const PAGE_ACCOUNTS_MAX: u32 = 1000;
/// Default number of accounts on a page.
const PAGE_ACCOUNTS: u32 = 100;
/// Maximum propagation that a system may state, in seconds: a day.
const PROPAGATION_SECONDS_MAX: u32 = 86_400;
/// Default number of concurrent calls.
const CONCURRENCY: u32 = 8;
/// Maximum number of concurrent calls.
const CONCURRENCY_MAX: u32 = 64;

/// The validated settings of a system's file.
pub(crate) struct Config {
    pub(crate) profile: Profile,
    pub(crate) attributes: Vec<Mapped>,
    pub(crate) schemas: Schemas,
    pub(crate) page_size: u32,
    pub(crate) groups: bool,
    pub(crate) nested: bool,
    pub(crate) propagation: SignedDuration,
    pub(crate) concurrency: u32,
}

/// Creates a connector to a SCIM 2.0 service.
///
/// Settings: `url` (base of `/Users`), secret `token` (bearer), `dialect` and its settings, `page_size`, `groups`, `nested`,
/// `extensions` (URNs of user schemas beyond the enterprise one, separated by blanks), `ca` (PEM: the only trusted authority),
/// `propagation_seconds`, `concurrency`.
///
/// # Errors
/// Names the setting that is missing or wrong.
pub fn connect(settings: &Settings) -> Result<Arc<dyn Connector>, SettingError> {
    settings.declared(SETTINGS)?;
    let profile = Profile::read(settings)?;
    let url = base_url(settings)?;
    // A certificate is no secret, but a reference (`file:`) to one is resolved in the same way.
    let ca = settings.secrets.get("ca").map(|s| s.expose().to_owned());
    let ca = ca.or_else(|| settings.optional("ca").map(|t| t.to_string()));
    let http = Http::new(url, &settings.secret("token")?, ca.as_deref(), profile.accept_on_delete)
        .map_err(|(key, what)| settings.wrong(key, &what))?;
    let mut schemas = Schemas::user().map_err(|e| settings.wrong("url", &e.detail))?;
    for urn in settings.optional("extensions").as_deref().unwrap_or_default().split_whitespace() {
        if !urn.starts_with("urn:") {
            return Err(settings.wrong("extensions", &format!("`{urn}` is no URN")));
        }
        schemas = schemas.with_extension(urn);
    }
    let mapped = |spec| Mapped::new(spec, &schemas).map_err(|what| settings.wrong(spec_name(spec), &what));
    let attributes = settings.attributes.iter().map(mapped).collect::<Result<Vec<_>, _>>()?;
    let page_size = settings.number("page_size", PAGE_ACCOUNTS, PAGE_ACCOUNTS_MAX)?;
    let concurrency = settings.number("concurrency", CONCURRENCY, CONCURRENCY_MAX)?;
    if page_size == 0 {
        return Err(settings.wrong("page_size", "a page has at least 1 account"));
    }
    let propagation = settings.number("propagation_seconds", 0, PROPAGATION_SECONDS_MAX)?;
    let config = Config {
        groups: settings.switch("groups", true)?,
        nested: settings.switch("nested", false)?,
        propagation: SignedDuration::from_secs(i64::from(propagation)),
        concurrency: concurrency.max(1),
        profile,
        attributes,
        schemas,
        page_size,
    };
    Ok(Arc::new(Scim::new(http, config)))
}

fn spec_name(spec: &tenure_connect::AttributeSpec) -> &str {
    use tenure_model::Name as _;
    spec.name.as_str()
}

/// The base URL. Every call contains the token, so plain HTTP is permitted for this machine only.
fn base_url(settings: &Settings) -> Result<Url, SettingError> {
    let text = settings.text("url")?;
    let url = Url::parse(&text).map_err(|e| settings.wrong("url", &format!("`{text}` is no URL: {e}")))?;
    let host = url.host_str().unwrap_or_default();
    let here = matches!(host, "127.0.0.1" | "[::1]" | "localhost");
    match url.scheme() {
        "https" => {}
        "http" if here => {}
        "http" => {
            return Err(settings.wrong("url", "the token would travel in the clear: write https"));
        }
        other => return Err(settings.wrong("url", &format!("`{other}` is no scheme for SCIM: write https"))),
    }
    if url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some()
    {
        return Err(
            settings.wrong("url", "write only scheme, host, port and path; the token is a secret of its own")
        );
    }
    Ok(url)
}
