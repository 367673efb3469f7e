//! The configuration of the sample organisation: files that a new user reads first, with the few places filled in that depend
//! on where the demo runs and who was generated.

use super::Organisation;
use super::places::{SITES, Site};

/// Where a SCIM service is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Base URL, without `/Users`.
    pub url: String,
    /// Reference to its bearer token: `env:NAME`, `file:/path` or `credential:NAME`.
    pub token: String,
}

/// What the configuration cannot know by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// The system `directory`.
    pub directory: Endpoint,
    /// The system `git`.
    pub git: Endpoint,
    /// The system `vpn`.
    pub vpn: Endpoint,
    /// The system `erp`.
    pub erp: Endpoint,
    /// Reference to the key-encryption key.
    pub key: String,
    /// OS user name of the operator of the demo; acts as the lead of the security team.
    pub operator: String,
}

/// The files as they are kept, with `<<places>>` to fill in.
const FILES: [(&str, &str); 16] = [
    ("tenure.toml", include_str!("configuration/tenure.toml")),
    ("sources/hr.toml", include_str!("configuration/sources/hr.toml")),
    ("sources/vendors.toml", include_str!("configuration/sources/vendors.toml")),
    ("sources/machines.toml", include_str!("configuration/sources/machines.toml")),
    ("sources/agents.toml", include_str!("configuration/sources/agents.toml")),
    ("systems/directory.toml", include_str!("configuration/systems/directory.toml")),
    ("systems/git.toml", include_str!("configuration/systems/git.toml")),
    ("systems/vpn.toml", include_str!("configuration/systems/vpn.toml")),
    ("systems/erp.toml", include_str!("configuration/systems/erp.toml")),
    ("systems/badge.toml", include_str!("configuration/systems/badge.toml")),
    ("policy/attributes.toml", include_str!("configuration/policy/attributes.toml")),
    ("policy/lifecycle.toml", include_str!("configuration/policy/lifecycle.toml")),
    ("policy/names.toml", include_str!("configuration/policy/names.toml")),
    ("policy/access.toml", include_str!("configuration/policy/access.toml")),
    ("policy/approvals.toml", include_str!("configuration/policy/approvals.toml")),
    ("policy/controls.toml", include_str!("configuration/policy/controls.toml")),
];

impl Organisation {
    /// The configuration folder: path within it and text of each file.
    #[must_use]
    pub fn write_configuration(&self, endpoints: &Endpoints) -> Vec<(String, String)> {
        let places = self.places(endpoints);
        let filled = |text: &str| {
            places
                .iter()
                .fold(text.to_owned(), |text, (place, with)| text.replace(&format!("<<{place}>>"), with))
        };
        FILES.iter().map(|(path, text)| ((*path).to_owned(), filled(text))).collect()
    }

    fn places(&self, e: &Endpoints) -> Vec<(&'static str, String)> {
        let mut places = vec![
            ("key", toml(&e.key)),
            ("operator", toml(&e.operator)),
            ("sites", sites()),
            ("exception_person", self.auditor().to_owned()),
        ];
        for (url, token, endpoint) in [
            ("directory_url", "directory_token", &e.directory),
            ("git_url", "git_token", &e.git),
            ("vpn_url", "vpn_token", &e.vpn),
            ("erp_url", "erp_token", &e.erp),
        ] {
            places.push((url, toml(&endpoint.url)));
            places.push((token, toml(&endpoint.token)));
        }
        for (place, department) in [
            ("it_head", "IT"),
            ("people_head", "People"),
            ("finance_head", "Finance"),
            ("operations_head", "Operations"),
            ("engineering_head", "Engineering"),
        ] {
            places.push((place, self.head_of(department).to_owned()));
        }
        for (place, team) in [
            ("security_lead", "security"),
            ("platform_lead", "platform"),
            ("workplace_lead", "workplace"),
            ("payroll_lead", "payroll"),
            ("controlling_lead", "controlling"),
            ("logistics_lead", "logistics"),
            ("facilities_lead", "facilities"),
        ] {
            places.push((place, self.lead_of(team).to_owned()));
        }
        places
    }

    /// Who has an exception: the first analyst of a sales team.
    pub(crate) fn auditor(&self) -> &str {
        let found =
            self.staff.iter().find(|s| s.team == "europe" && s.role == "analyst" && s.last_day.is_none());
        found.map_or("", |s| &s.number)
    }
}

/// A text inside the quotes of a TOML string.
fn toml(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// The lines of the table that says which zone a site is in.
fn sites() -> String {
    let width = SITES.iter().map(|s| s.name.chars().count()).max().unwrap_or(0) + 2;
    let line = |s: &Site| format!("{:width$} = \"{}\"", format!("\"{}\"", s.name), s.zone);
    SITES.iter().map(line).collect::<Vec<_>>().join("\n")
}
