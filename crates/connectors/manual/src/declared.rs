//! The settings of a manually administered system, with meanings and defaults. Documents and `tenure check` are generated from this
//! list.

use tenure_connect::{SettingKind as K, SettingSpec as S};

/// All settings of `[connection]`.
pub const SETTINGS: &[S] = &[
    S::new(
        "export",
        K::Path,
        "none: removals are attested",
        "a CSV file in UTF-8 with a header, read afresh at each call",
    ),
    S::new("delimiter", K::Text, "`,`", "between fields, one ASCII character"),
    S::new(
        "name_column",
        K::Text,
        "required with `export`",
        "the account name; rows of one name are one account",
    ),
    S::new("native_column", K::Text, "the name", "the system's own id"),
    S::new("enabled_column", K::Text, "none: what is listed is usable", "whether the account can be used"),
    S::new(
        "enabled_values",
        K::List,
        "required with `enabled_column`",
        "the words for usable, separated by commas, in any case",
    ),
    S::new(
        "disabled_values",
        K::List,
        "any other word",
        "the words for not usable; with them any other word is an error",
    ),
    S::new("entitlements_column", K::Text, "none: no removal is confirmed", "what is held"),
    S::new("separator", K::Text, "`;`", "between several entitlements in one field"),
    S::new(
        "extracted_at",
        K::Text,
        "one of the two is required with `export`",
        "when the system was exported, RFC 3339 with an offset",
    ),
    S::new("extracted_at_column", K::Text, "", "the column that says so; the earliest counts"),
];
