//! The organisation as its sources would export it: HR with semicolons and German dates, procurement as JSON Lines,
//! non-human identities as plain CSV.

use super::people::{ExternalWorker, Machine, Organisation, Staff};
use jiff::civil::Date;
use serde_json::{Value, json};

/// Path of the personnel system's feed within the configuration folder.
pub const HR_FEED: &str = "feeds/hr.csv";
/// Path of the procurement system's feed.
pub const VENDORS_FEED: &str = "feeds/vendors.jsonl";
/// Path of the feed of service accounts.
pub const MACHINES_FEED: &str = "feeds/machines.csv";
/// Path of the feed of AI agents.
pub const AGENTS_FEED: &str = "feeds/agents.csv";

const HR_COLUMNS: [&str; 21] = [
    "personnel_no",
    "worker_type",
    "given_name",
    "family_name",
    "given_latin",
    "family_latin",
    "born",
    "site",
    "country",
    "department",
    "team",
    "role",
    "projects",
    "manager",
    "cost_centre",
    "first_day",
    "last_day",
    "contract_end",
    "away_from",
    "away_until",
    "previous_no",
];

impl Organisation {
    /// All feeds as whole snapshots: path within the configuration folder and text.
    #[must_use]
    pub fn feeds(&self) -> Vec<(String, String)> {
        vec![
            (HR_FEED.to_owned(), self.hr_feed(self.staff.len())),
            (VENDORS_FEED.to_owned(), self.outside.iter().map(outside_line).collect()),
            (MACHINES_FEED.to_owned(), machines(&self.services)),
            (AGENTS_FEED.to_owned(), agents(&self.agents)),
        ]
    }

    /// The personnel feed with only its first rows, as after a transfer that stopped between two of them.
    pub(crate) fn hr_feed(&self, rows: usize) -> String {
        let mut columns = HR_COLUMNS.to_vec();
        columns.push("status");
        let header = columns.join(";") + "\n";
        header + &self.staff.iter().take(rows).map(staff_line).collect::<String>()
    }
}

fn staff_line(s: &Staff) -> String {
    let p = &s.person;
    let end = s.typo.map_or_else(|| s.contract_end.map(german).unwrap_or_default(), str::to_owned);
    let fields = [
        s.number.clone(),
        s.kind.to_owned(),
        p.given.clone(),
        p.family.clone(),
        p.given_latin.clone(),
        p.family_latin.clone(),
        german(p.born),
        s.site.name.to_owned(),
        s.site.country.to_owned(),
        s.department.to_owned(),
        s.team.to_owned(),
        s.role.to_owned(),
        s.projects.join(","),
        s.manager.clone(),
        s.cost_centre.to_owned(),
        german(s.first_day),
        s.last_day.map(german).unwrap_or_default(),
        end,
        s.away.map(|(from, _)| german(from)).unwrap_or_default(),
        s.away.map(|(_, until)| german(until)).unwrap_or_default(),
        s.previous.clone(),
        String::new(),
    ];
    line(&fields, ';')
}

fn outside_line(o: &ExternalWorker) -> String {
    let p = &o.person;
    let latin = |text: &str| if text.is_empty() { Value::Null } else { json!(text) };
    let row = json!({
        "badge": o.badge,
        "kind": o.kind,
        "company": o.company,
        "name": { "given": p.given, "family": p.family },
        "latin": { "given": latin(&p.given_latin), "family": latin(&p.family_latin) },
        "born": p.born.to_string(),
        "site": o.site.name,
        "country": o.site.country,
        "department": o.department,
        "team": o.team,
        "role": o.role,
        "projects": o.projects,
        "sponsor": o.sponsor,
        "from": o.from.to_string(),
        "until": o.until.to_string(),
    });
    format!("{row}\n")
}

fn machines(all: &[Machine]) -> String {
    let line = |m: &Machine| {
        let (since, expires) = (m.since.to_string(), m.expires.to_string());
        let fields =
            [&m.name, m.function, &m.purpose, &m.owner, &m.deputy, &since, &expires].map(str::to_owned);
        line(&fields, ',')
    };
    "name,function,purpose,owner,deputy,since,expires\n".to_owned()
        + &all.iter().map(line).collect::<String>()
}

fn agents(all: &[Machine]) -> String {
    let line = |m: &Machine| {
        let (projects, since, expires) = (m.projects.join(","), m.since.to_string(), m.expires.to_string());
        let fields =
            [&m.name, &m.purpose, &m.owner, &m.deputy, &projects, &since, &expires].map(|f| f.clone());
        line(&fields, ',')
    };
    "name,purpose,owner,deputy,projects,since,expires\n".to_owned()
        + &all.iter().map(line).collect::<String>()
}

/// `31.03.2026`.
fn german(date: Date) -> String {
    format!("{:02}.{:02}.{:04}", date.day(), date.month(), date.year())
}

/// One line of separated values (RFC 4180 quoting).
fn line(fields: &[String], delimiter: char) -> String {
    let quoted: Vec<String> = fields
        .iter()
        .map(|f| match f.contains([delimiter, '"', '\n']) {
            true => format!("\"{}\"", f.replace('"', "\"\"")),
            false => f.clone(),
        })
        .collect();
    quoted.join(&delimiter.to_string()) + "\n"
}
