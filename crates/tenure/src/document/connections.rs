//! `docs/connections.md`: the settings of each connector, as the connectors declare them.

use crate::wire::registry;
use std::fmt::Write as _;

/// The page.
pub(crate) fn page() -> String {
    let mut text = "# Connections\n\nWhat `[connection]` of a system's file may say, by its `connector`. `tenure check` knows these settings, and \
                    `tenure check --connect` connects with them.\n"
        .to_owned();
    let registry = registry();
    for name in registry.names() {
        text.push_str(&format!("\n## {name}\n\n| setting | sort | default | meaning |\n|---|---|---|---|\n"));
        for s in registry.settings(name) {
            let (key, kind, default, help) = (s.key, s.kind.as_str(), s.default, s.help);
            // A text takes every write.
            if writeln!(text, "| `{key}` | {kind} | {default} | {help} |").is_err() {
                break;
            }
        }
    }
    text
}
