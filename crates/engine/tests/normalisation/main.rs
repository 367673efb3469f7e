//! The promises of normalising: nothing guessed, ends first, and the same answer for the same row.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests too")]

mod properties;
mod rows;
mod speed;

use std::sync::Arc;
use tenure_engine::normalise::{Normalised, Normaliser};
use tenure_model::{Columns, Name, RawRecord, SourceName, Zones};
use tenure_policy::{Source, load};

const TENURE: &str = r#"
edition = 1
[organisation]
name = "Test"
[storage]
path = "tenure.db"
[ledger]
checkpoints = "checkpoints"
[keys]
key_encryption_key = "file:/kek"
[people]
key = "worker_number"
[actors]
root = "1"
[groups]
board = ["1", "2"]
[governance]
last_resort = "board"
"#;

const PEOPLE: &str = r#"
edition = 1
owner = "group:board"
[attributes]
department = "text"
role = "text"
level = "int"
badge = "bool"
born = "date"
projects = "texts"
team = "text"
[lifecycle]
prepare = "3 days before start"
activate = "start of first day"
end_access = "end of last day"
keep_account = "30 days"
primary = ["employee", "contractor"]
"#;

pub(crate) const HR: &str = r#"
edition = 1
format = "csv"
path = "hr.csv"
mode = "snapshot"
delimiter = ";"
dates = "dd.mm.yyyy"
key = "id"
owner = "1"
engagement_types = ["employee", "contractor"]
[engagement]
type = "type"
start = "start"
last_day = "last"
end = "end"
absence_from = "away"
absence_until = "back"
withdrawn = 'row.status == "withdrawn"'
gone = 'row.status == "deleted"'
[zone]
column = "zone"
location = "site"
table = { Oslo = "Europe/Oslo", Tokyo = "Asia/Tokyo" }
entity = "entity"
entity_table = { NO = "Europe/Oslo" }
earliest = "Pacific/Kiritimati"
[keys]
worker_number = "id"
name = { cel = 'row.name' }
email = "mail"
birth_date = "born"
[map]
department = "department"
role = { column = "role", effective = "role_since" }
level = { column = "level", blank = "keep" }
badge = "badge"
projects = { column = "projects", separator = "," }
team = { cel = 'row.department.lower() + "/" + row.role.lower()' }
[missing]
rule = "ignore"
[[correlate]]
exact = "worker_number"
"#;

/// The source of a file, checked and compiled as the loader does it.
pub(crate) fn source(text: &str) -> Source {
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let files =
        [file("tenure.toml", TENURE), file("policy/people.toml", PEOPLE), file("sources/hr.toml", text)];
    let loaded = load(&files).unwrap_or_else(|e| panic!("{e:#?}"));
    loaded.setup.sources[&SourceName::new("hr").unwrap()].clone()
}

pub(crate) const HEADER: &str = "id;type;start;last;end;away;back;status;zone;site;entity;name;mail;born;department;role;role_since;level;badge;projects";

/// Header and rows without quotes; a row has as many fields as given, the rest is blank.
pub(crate) struct Sheet {
    pub(crate) normaliser: Normaliser,
    columns: Arc<Columns>,
}

impl Sheet {
    pub(crate) fn new(source: &Source) -> Self {
        let columns = Arc::new(Columns::new(HEADER.split(';')));
        Self { normaliser: Normaliser::new(source, &Arc::from("hr.csv"), &columns).unwrap(), columns }
    }
    /// A row from `column=value` pairs, over a good one.
    pub(crate) fn row(&self, changes: &[(&str, &str)]) -> RawRecord {
        let good = [
            ("id", "42"),
            ("type", "employee"),
            ("start", "01.02.2026"),
            ("site", "Oslo"),
            ("name", "Anna Müller"),
            ("department", "Law"),
            ("role", "Clerk"),
        ];
        let field = |name: &str| {
            let pair = changes.iter().chain(&good).find(|(n, _)| *n == name);
            pair.map_or("", |(_, value)| *value)
        };
        assert!(changes.iter().all(|(n, _)| self.columns.index(n).is_some()));
        let fields: Vec<&str> = self.columns.names().iter().map(|n| field(n)).collect();
        RawRecord::new(7, self.columns.clone(), fields.into_iter().map(Some))
    }
    pub(crate) fn normalise(&self, changes: &[(&str, &str)]) -> Normalised {
        self.normaliser.normalise(&self.row(changes), &zones())
    }
}

pub(crate) fn zones() -> Zones {
    Zones::bundled("test")
}
