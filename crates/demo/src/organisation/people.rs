//! The organisation as a value: rows of people and non-human identities that a script changes and feeds are written from.

use super::places::Site;
use super::structure::{DEPARTMENTS, department_of};
use jiff::civil::Date;

/// A person's own data, whatever company they work for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) given: String,
    /// Empty where people have one name.
    pub(crate) family: String,
    /// The Latin form; empty where the name is written in Latin letters.
    pub(crate) given_latin: String,
    pub(crate) family_latin: String,
    pub(crate) born: Date,
}

impl Person {
    /// As people say it: in Chinese, Japanese and Korean the family comes first.
    pub(crate) fn name(&self) -> String {
        let family_first =
            self.given.chars().any(|c| matches!(c, '\u{3040}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}'));
        let (first, second) =
            if family_first { (&self.family, &self.given) } else { (&self.given, &self.family) };
        format!("{first} {second}").trim_end().to_owned()
    }
    /// The usual form of the name, with the Latin form for readers who cannot read the other script.
    pub(crate) fn readable(&self) -> String {
        if self.given_latin.is_empty() {
            return self.name();
        }
        let latin = format!("{} {}", self.given_latin, self.family_latin);
        format!("{} ({})", self.name(), latin.trim_end())
    }
}

/// An employee on the payroll: one row of the personnel system.
#[derive(Debug, Clone)]
pub(crate) struct Staff {
    /// Also the key of the row.
    pub(crate) number: String,
    pub(crate) person: Person,
    pub(crate) kind: &'static str,
    pub(crate) site: &'static Site,
    /// Empty for the chief.
    pub(crate) team: &'static str,
    pub(crate) department: &'static str,
    pub(crate) role: &'static str,
    pub(crate) projects: Vec<&'static str>,
    /// A number; empty for the chief.
    pub(crate) manager: String,
    pub(crate) cost_centre: &'static str,
    pub(crate) first_day: Date,
    pub(crate) last_day: Option<Date>,
    pub(crate) contract_end: Option<Date>,
    /// First and last day away.
    pub(crate) away: Option<(Date, Date)>,
    /// The number that they had before.
    pub(crate) previous: String,
    /// A typing error in place of the contract's end.
    pub(crate) typo: Option<&'static str>,
}

impl Staff {
    /// `hr:10042`.
    pub(crate) fn record(&self) -> String {
        format!("hr:{}", self.number)
    }
    /// Puts a person into a team.
    pub(crate) fn join(&mut self, team: &'static str, role: &'static str, manager: &str) {
        if let Some(department) = department_of(team) {
            self.department = department.name;
            self.cost_centre = department.cost_centre;
        }
        self.team = team;
        self.role = role;
        manager.clone_into(&mut self.manager);
    }
}

/// A worker who is paid by another company: one row of the procurement system.
#[derive(Debug, Clone)]
pub(crate) struct ExternalWorker {
    /// Also the key of the row.
    pub(crate) badge: String,
    pub(crate) person: Person,
    pub(crate) kind: &'static str,
    pub(crate) company: &'static str,
    pub(crate) site: &'static Site,
    pub(crate) team: &'static str,
    pub(crate) department: &'static str,
    pub(crate) role: &'static str,
    pub(crate) projects: Vec<&'static str>,
    /// A number of an employee on the payroll.
    pub(crate) sponsor: String,
    pub(crate) from: Date,
    pub(crate) until: Date,
}

impl ExternalWorker {
    /// `vendors:V2007`.
    pub(crate) fn record(&self) -> String {
        format!("vendors:{}", self.badge)
    }
}

/// A service account or an AI agent.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    /// Also the key of the row.
    pub(crate) name: String,
    /// What a service does; empty for agents.
    pub(crate) function: &'static str,
    pub(crate) purpose: String,
    pub(crate) owner: String,
    pub(crate) deputy: String,
    pub(crate) projects: Vec<&'static str>,
    pub(crate) since: Date,
    pub(crate) expires: Date,
}

/// The sample organisation on one day. The same seed makes the same one.
#[derive(Debug, Clone)]
pub struct Organisation {
    pub(crate) staff: Vec<Staff>,
    pub(crate) outside: Vec<ExternalWorker>,
    pub(crate) services: Vec<Machine>,
    pub(crate) agents: Vec<Machine>,
}

impl Organisation {
    pub(crate) fn member(&self, number: &str) -> Option<&Staff> {
        self.staff.iter().find(|s| s.number == number)
    }
    pub(crate) fn member_mut(&mut self, number: &str) -> Option<&mut Staff> {
        self.staff.iter_mut().find(|s| s.number == number)
    }
    pub(crate) fn outsider(&self, badge: &str) -> Option<&ExternalWorker> {
        self.outside.iter().find(|o| o.badge == badge)
    }
    pub(crate) fn outsider_mut(&mut self, badge: &str) -> Option<&mut ExternalWorker> {
        self.outside.iter_mut().find(|o| o.badge == badge)
    }
    /// The number of the head of a department, else an empty text.
    pub(crate) fn head_of(&self, department: &str) -> &str {
        let head = self.staff.iter().find(|s| s.department == department && s.role == "head");
        head.map_or("", |s| &s.number)
    }
    /// The number of the lead of a team, else an empty text.
    pub(crate) fn lead_of(&self, team: &str) -> &str {
        self.staff.iter().find(|s| s.team == team && s.role == "lead").map_or("", |s| &s.number)
    }
    /// Whether others depend on this person: reports, outside workers, non-human identities.
    pub(crate) fn is_needed(&self, number: &str) -> bool {
        self.staff.iter().any(|s| s.manager == number)
            || self.outside.iter().any(|o| o.sponsor == number)
            || self.services.iter().chain(&self.agents).any(|m| m.owner == number || m.deputy == number)
    }

    /// The name of a person by number or badge, with its Latin form where it is written in other letters.
    #[must_use]
    pub fn name_of(&self, number: &str) -> Option<String> {
        let staff = self.member(number).map(|s| s.person.readable());
        staff.or_else(|| self.outsider(number).map(|o| o.person.readable()))
    }

    /// The teams that there are.
    pub(crate) fn teams() -> impl Iterator<Item = &'static str> {
        DEPARTMENTS.iter().flat_map(|d| d.teams).map(|t| t.name)
    }
}
