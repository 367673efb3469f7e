//! `docs/keys.md`: every key of a configuration, from the reference of `policy`, which a test compares with the loader.

use super::table::table;
use tenure_policy::control::FileKind;
use tenure_policy::{Need, ReferenceKey, reference};

const INTRO: &str = "# Keys\n\nEvery key of a configuration folder: whether it is mandatory, its default, and its unit. [Configuration](configuration.md) \
                     shows them in use, and [questions](questions.md) explains what people ask about.\n\nHow to read the tables:\n\n\
                     - `[]` stands for each table of a list (`entitlement[].name` is `name` below `[[entitlement]]`), `*` for any name.\n\
                     - **mandatory** means: within its table. A table that is left out asks for none of its keys, except for these: \
                     `[organisation]`, `[keys]`, `[governance]` and `[groups]` of tenure.toml, and `[missing]` where its row says so.\n\
                     - A default in `code` is a value: to write it is the same as to leave the key out. Other words say what applies without the key.\n\
                     - *duration*: a whole number and a unit, `\"30 minutes\"`, `\"2 hours\"`, `\"3 days\"`, `\"2 weeks\"`, at most ten years. *days*: \
                     days or weeks only. *day*: `2026-01-31`.\n\
                     - *value*: a column (`\"department\"`), `{ column = \"…\" }`, `{ cel = \"…\" }` or `{ constant = \"…\" }`.\n\
                     - *secret*: `\"env:NAME\"`, `\"file:PATH\"` or `\"credential:NAME\"`. *path*: relative to the folder.\n\
                     - *person or group*: a key of a person, or `\"group:NAME\"`.\n";

/// The page.
pub(crate) fn page() -> String {
    let mut text = INTRO.to_owned();
    for (kind, keys) in reference() {
        let title = match kind {
            FileKind::Settings => "tenure.toml",
            FileKind::Source => "sources/NAME.toml",
            FileKind::System => "systems/NAME.toml",
            FileKind::Policy => "policy/*.toml",
        };
        let rows: Vec<Vec<String>> = keys.iter().map(row).collect();
        text.push_str(&format!("\n## {title}\n\n{}", table(&["key", "takes", "default", "meaning"], &rows)));
    }
    text
}

fn row(key: &ReferenceKey) -> Vec<String> {
    let default = match key.need {
        Need::Mandatory => "**mandatory**".to_owned(),
        Need::When(case) => format!("**mandatory** if {case}"),
        Need::Default(value) => format!("`{value}`"),
        Need::Without(what) => what.to_owned(),
    };
    vec![format!("`{}`", key.path), key.takes.to_owned(), default, key.meaning.to_owned()]
}
