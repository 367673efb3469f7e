//! `docs/connections.md`: the settings of each connector, as the connectors declare them, and a complete file of a system for each.

use crate::connections::registry;
use std::fmt::Write as _;

/// A system's file for each connector: a test loads them together. A connector that is new needs one.
const SYSTEMS: [(&str, &str, &str); 3] = [
    ("ldap", "systems/people.toml", include_str!("systems/ldap.toml")),
    ("manual", "systems/doors.toml", include_str!("systems/manual.toml")),
    ("scim", "systems/chat.toml", include_str!("systems/scim.toml")),
];

/// The page.
pub(crate) fn page() -> String {
    let mut text = "# Connections\n\nWhat `[connection]` of a system's file may say, by its `connector`. `tenure check` knows these settings, and \
                    `tenure check --connect` connects with them. A secret is a reference: `env:NAME`, `file:PATH` or `credential:NAME`. Each \
                    example is complete: with the sources and the policy that `tenure init` writes, `tenure check` accepts it once the \
                    files of the secrets are there.\n"
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
        for (_, path, file) in SYSTEMS.iter().filter(|(connector, ..)| *connector == name) {
            text.push_str(&format!("\n`{path}`, whole:\n\n```toml\n{file}```\n"));
        }
    }
    text
}
