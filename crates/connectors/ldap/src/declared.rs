//! The settings of an LDAP directory with meanings and defaults. Documents and `tenure check` are generated from this list.

use tenure_connect::{SettingKind as K, SettingSpec as S};

/// All settings of `[connection]`.
pub const SETTINGS: &[S] = &[
    S::new(
        "url",
        K::Text,
        "required",
        "`ldaps://host`, `ldap://host` (StartTLS, unless it is this machine) or `ldapi://socket`",
    ),
    S::new(
        "starttls",
        K::Switch,
        "true for `ldap://` to another machine",
        "upgrade the connection to TLS before logging in",
    ),
    S::new("ca", K::Path, "those of the machine", "PEM file of the only authority that is trusted"),
    S::new("bind_dn", K::Text, "required, except for `ldapi://`", "the DN of Tenure's own account"),
    S::new("password", K::Secret, "required with `bind_dn`", "its password"),
    S::new("people_base", K::Text, "required", "the DN below which accounts are"),
    S::new("people_base.<kind>", K::Text, "none", "the DN below which accounts of that kind are"),
    S::new(
        "people_class",
        K::List,
        "`inetOrgPerson`",
        "object classes of accounts, separated by commas; they are looked for by the first",
    ),
    S::new("name_attribute", K::Text, "`uid`", "the attribute that holds the account name"),
    S::new("rdn_attribute", K::Text, "`name_attribute`", "the attribute that entries are named by"),
    S::new("groups_base", K::Text, "none: no groups", "the DN below which groups are"),
    S::new("group_class", K::Text, "`groupOfNames`", "the object class of groups"),
    S::new("group_name_attribute", K::Text, "`cn`", "the attribute that holds a group's name"),
    S::new("member_attribute", K::Text, "`member`", "the attribute that holds the DNs of members"),
    S::new(
        "placeholder_member",
        K::Text,
        "`cn=nobody`",
        "a DN that stands in a group that would have no member",
    ),
    S::new("create_groups", K::Switch, "false", "create a group when it is first granted"),
    S::new(
        "disable",
        K::Text,
        "`ppolicy`",
        "how accounts are disabled: `ppolicy`, `none` or `attribute:<name>=<usable>/<not>`",
    ),
    S::new(
        "disable_enforced",
        K::Switch,
        "false",
        "the directory refuses accounts that the attribute of `disable` marks",
    ),
    S::new("policy", K::Text, "all must lock", "the DN of the default password policy"),
    S::new("page_size", K::Number, "500", "entries on a page, at most 10,000"),
    S::new("protected", K::List, "none", "account names that are never written, separated by commas"),
    S::new("timeout_seconds", K::Number, "30", "limit of one call, at most 600"),
    S::new("propagation_seconds", K::Number, "0", "how far behind replicas may be, at most 86,400"),
    S::new(
        "search_base",
        K::Text,
        "the naming context",
        "the DN below which an account is looked for by its id",
    ),
    S::new(
        "referrals",
        K::Text,
        "`report`",
        "what is on another server: `report` (a scan is not complete) or `ignore` (it does not belong to the system)",
    ),
];
