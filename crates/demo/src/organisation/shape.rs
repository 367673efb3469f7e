//! What there is of the organisation, for greetings, and for services that must have their groups before the first joiner.

use super::Organisation;
use super::places::SITES;
use super::structure::PROJECTS;
use std::collections::{BTreeMap, BTreeSet};

/// How large the organisation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Rows of people in all feeds, those who have left included.
    pub people: usize,
    /// Of them, paid by other companies.
    pub outside: usize,
    /// Service accounts.
    pub services: usize,
    /// AI agents.
    pub agents: usize,
    /// Sites, each in a zone of its own.
    pub sites: usize,
}

impl Organisation {
    /// How large it is.
    #[must_use]
    pub fn size(&self) -> Size {
        Size {
            people: self.staff.len() + self.outside.len(),
            outside: self.outside.len(),
            services: self.services.len(),
            agents: self.agents.len(),
            sites: SITES.len(),
        }
    }

    /// The groups that each SCIM system of the sample has before Tenure comes: system and names. A service grants only
    /// what it has, so the program that starts the services makes these first.
    #[must_use]
    pub fn groups() -> BTreeMap<&'static str, BTreeSet<String>> {
        let texts = |all: &[&str]| all.iter().map(|t| (*t).to_owned()).collect::<BTreeSet<String>>();
        let mut directory = texts(&["staff", "outside-workers", "machines"]);
        directory.extend(Self::teams().map(|t| format!("team/{t}")));
        let mut git = texts(&["member", "release"]);
        git.extend(PROJECTS.iter().map(|p| format!("project/{p}")));
        let erp = texts(&["reports", "payment-create", "payment-release", "personnel-records", "interface"]);
        BTreeMap::from([
            ("directory", directory),
            ("git", git),
            ("vpn", texts(&["standard", "production"])),
            ("erp", erp),
        ])
    }
}
