//! Dialects as explicit settings: a named profile sets them all, and each can be set separately.

use tenure_connect::{SettingError, Settings};

/// The dialect of a service. The default is what the RFCs say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    /// Whole resources by PUT, if PATCH does not work.
    pub(crate) put: bool,
    /// Members are removed by a list of values. By the RFC that removes *all* members, so only a service that is known to interpret it
    /// as Entra's client means it may have this.
    pub(crate) remove_listed: bool,
    /// Booleans are sent as `"True"` and `"False"`.
    pub(crate) text_booleans: bool,
    /// Users are changed by one `replace` without a path.
    pub(crate) pathless: bool,
    /// Paths may select values by filter (`emails[type eq "work"].value`); else the whole attribute is replaced.
    pub(crate) filter_paths: bool,
    /// `Add`, `Remove`, `Replace` instead of lower case.
    pub(crate) titled: bool,
    /// Lists without `totalResults` are accepted; then only an empty page is the end.
    pub(crate) total_optional: bool,
    /// Groups can be found by `members.value eq "…"`; else all groups are read with their members.
    pub(crate) member_filter: bool,
    /// A missing resource is answered with 400.
    pub(crate) missing_is_400: bool,
    /// DELETE has an Accept header.
    pub(crate) accept_on_delete: bool,
    /// Cursors are used if the service offers them.
    pub(crate) cursors: bool,
    /// Versions are used if the service maintains them.
    pub(crate) etag: bool,
    /// Accounts can be deleted.
    pub(crate) delete: bool,
    /// A user without `active` is enabled: the service omits it for enabled users.
    pub(crate) silent_is_on: bool,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            put: false,
            remove_listed: false,
            text_booleans: false,
            pathless: false,
            filter_paths: true,
            titled: false,
            total_optional: false,
            member_filter: true,
            missing_is_400: false,
            accept_on_delete: true,
            cursors: true,
            etag: true,
            delete: true,
            silent_is_on: false,
        }
    }
}

impl Profile {
    /// Reads the dialect and its overridden settings.
    pub(crate) fn read(settings: &Settings) -> Result<Self, SettingError> {
        let mut p = Self::named(settings)?;
        let either = |key: &str, yes: &str, no: &str, default: bool| match settings.optional(key).as_deref() {
            None => Ok(default),
            Some(word) if word == yes => Ok(true),
            Some(word) if word == no => Ok(false),
            Some(word) => Err(settings.wrong(key, &format!("`{word}` is neither {yes} nor {no}"))),
        };
        p.put = either("write", "put", "patch", p.put)?;
        p.remove_listed = either("remove_member", "value", "filter", p.remove_listed)?;
        p.text_booleans = either("booleans", "text", "json", p.text_booleans)?;
        p.pathless = settings.switch("pathless", p.pathless)?;
        p.filter_paths = settings.switch("filter_paths", p.filter_paths)?;
        p.titled = either("operations", "title", "lower", p.titled)?;
        p.total_optional = either("total", "optional", "required", p.total_optional)?;
        p.member_filter = either("membership", "filter", "list", p.member_filter)?;
        p.missing_is_400 = either("missing", "400", "404", p.missing_is_400)?;
        p.accept_on_delete = settings.switch("accept_on_delete", p.accept_on_delete)?;
        p.cursors = either("paging", "auto", "index", p.cursors)?;
        p.etag = settings.switch("etag", p.etag)?;
        p.silent_is_on = either("active", "optional", "required", p.silent_is_on)?;
        p.delete = settings.switch("delete", p.delete)?;
        Ok(p)
    }

    fn named(settings: &Settings) -> Result<Self, SettingError> {
        let rfc = Self::default();
        Ok(match settings.optional("dialect").as_deref().unwrap_or("rfc") {
            "rfc" => rfc,
            // Services built for Entra's provisioning client without `aadOptscim062020`.
            "entra" => Self { titled: true, text_booleans: true, remove_listed: true, ..rfc },
            // Entra's own inbound SCIM endpoint: no PUT, 400 for missing resources, DELETE without Accept.
            "entra-inbound" => Self {
                missing_is_400: true,
                accept_on_delete: false,
                total_optional: true,
                etag: false,
                ..rfc
            },
            // Services built for Okta's client, which filters by userName only, and never deletes.
            "okta" => Self { pathless: true, member_filter: false, etag: false, delete: false, ..rfc },
            // GitHub Enterprise: "path selectors that include filters are not supported".
            "github" => {
                Self { filter_paths: false, remove_listed: true, member_filter: false, etag: false, ..rfc }
            }
            other => {
                let what =
                    format!("`{other}` is not known; known are rfc, entra, entra-inbound, okta, github");
                return Err(settings.wrong("dialect", &what));
            }
        })
    }
}
