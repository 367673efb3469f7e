//! The settings of a SCIM service with meanings and defaults. Documents and `tenure check` are generated from this list.

use tenure_connect::{SettingKind as K, SettingSpec as S};

/// All settings of `[connection]`.
pub const SETTINGS: &[S] = &[
    S::new("url", K::Text, "required", "the base of `/Users`; https, except for this machine"),
    S::new("token", K::Secret, "required", "the bearer token"),
    S::new(
        "ca",
        K::Text,
        "those of the machine",
        "certificates in PEM form, or a reference to them: the only authority that is trusted",
    ),
    S::new("page_size", K::Number, "100", "users on a page, at most 1,000"),
    S::new("groups", K::Switch, "true", "the service has groups, which are the entitlements"),
    S::new("nested", K::Switch, "false", "follow groups in groups"),
    S::new(
        "extensions",
        K::List,
        "none",
        "URNs of user schemas beyond the enterprise one, separated by blanks",
    ),
    S::new(
        "propagation_seconds",
        K::Number,
        "0",
        "how long after a write a read may show the old state, at most 86,400",
    ),
    S::new("concurrency", K::Number, "8", "calls at once, at most 64"),
    S::new(
        "dialect",
        K::Text,
        "`rfc`",
        "sets the knobs below: `rfc`, `entra`, `entra-inbound`, `okta`, `github`",
    ),
    S::new("write", K::Text, "`patch`", "`patch`, or `put` for whole resources"),
    S::new(
        "remove_member",
        K::Text,
        "`filter`",
        "`filter`, or `value` where a list of values removes these only",
    ),
    S::new("booleans", K::Text, "`json`", "`json`, or `text` for \"True\" and \"False\""),
    S::new("pathless", K::Switch, "false", "change users by one `replace` without a path"),
    S::new("filter_paths", K::Switch, "true", "paths may pick values by filter"),
    S::new("operations", K::Text, "`lower`", "`lower`, or `title` for Add, Remove, Replace"),
    S::new("total", K::Text, "`required`", "`required`, or `optional` where lists have no `totalResults`"),
    S::new("membership", K::Text, "`filter`", "`filter` by `members.value`, or `list` to read all groups"),
    S::new("missing", K::Text, "`404`", "`404`, or `400` where that is the answer for what is not there"),
    S::new("accept_on_delete", K::Switch, "true", "send an Accept header with DELETE"),
    S::new("paging", K::Text, "`auto`", "`auto` takes cursors where they are offered, or `index`"),
    S::new("etag", K::Switch, "true", "use versions where the service keeps them"),
    S::new("delete", K::Switch, "true", "accounts can be deleted"),
    S::new("active", K::Text, "`required`", "`required`, or `optional` where a user without `active` is on"),
];
