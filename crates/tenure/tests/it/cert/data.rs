//! The monthly files and what their README counts, read without any code of the product.

use jiff::ToSpan as _;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tenure_testkit::peer::{PeerError, or_skip};

/// Where the files lie, from the workspace's root.
const FOLDER: &str = "../shared/data/cert-r5.2";

/// One person of a file: column to value.
pub(super) type Row = BTreeMap<String, String>;

/// What the README counts of one month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) people: usize,
    pub(super) leavers: usize,
    pub(super) movers: usize,
}

/// One month-end export.
pub(super) struct Month {
    /// `2010-01`.
    pub(super) name: String,
    /// The file as it is.
    pub(super) text: String,
    /// Its people by `user_id`.
    pub(super) people: BTreeMap<String, Row>,
    /// The README's line. The first month has no leavers and no movers.
    pub(super) counts: Counts,
}

/// The months in their order; `None` after saying SKIPPED where the files are not.
pub(super) fn months() -> Option<Vec<Month>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(FOLDER);
    let readme = folder.join("README.md");
    if !readme.exists() {
        let how_to_get_it = format!(
            "put the monthly files of the CERT Insider Threat Test Dataset r5.2 and their README.md into {}",
            folder.display()
        );
        return or_skip(Err(PeerError::Missing { program: "the data set of the cert tests", how_to_get_it }));
    }
    let months =
        table(&readme).into_iter().map(|(name, counts)| month(&folder, name, counts)).collect::<Vec<_>>();
    assert_eq!(months.len(), 10, "the README's table has ten months");
    Some(months)
}

/// The rows of the table `| file | people | leavers | movers |`.
fn table(readme: &PathBuf) -> Vec<(String, Counts)> {
    let number = |cell: &str| match cell {
        "–" => 0,
        digits => digits.replace(',', "").parse::<usize>().unwrap(),
    };
    let text = std::fs::read_to_string(readme).unwrap();
    let rows = text.lines().filter_map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        match cells.as_slice() {
            [name, people, leavers, movers] if name.starts_with("20") => {
                let counts =
                    Counts { people: number(people), leavers: number(leavers), movers: number(movers) };
                Some(((*name).to_owned(), counts))
            }
            _ => None,
        }
    });
    rows.collect()
}

fn month(folder: &Path, name: String, counts: Counts) -> Month {
    let text = std::fs::read_to_string(folder.join(format!("{name}.csv"))).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let people: BTreeMap<String, Row> = reader
        .deserialize::<Row>()
        .map(|row| row.unwrap())
        .map(|row| (row["user_id"].clone(), row))
        .collect();
    assert_eq!(people.len(), counts.people, "{name}: the file and the README agree");
    Month { name, text, people, counts }
}

impl Month {
    /// Midnight in New York after the last day of the month, some hours later: RFC 3339.
    pub(super) fn hours_after(&self, hours: i8) -> String {
        let first: Date = format!("{}-01", self.name).parse().unwrap();
        let next = first.checked_add(1.month()).unwrap();
        format!("{next}T{:02}:00:00Z", 5 + hours)
    }

    /// The identities that were in the month before and are missing now.
    pub(super) fn leavers_since(&self, before: &Self) -> BTreeSet<String> {
        before.people.keys().filter(|id| !self.people.contains_key(*id)).cloned().collect()
    }

    /// Those whose projects changed since the month before.
    pub(super) fn changed_projects_since(&self, before: &Self) -> BTreeSet<String> {
        let changed = |(id, row): &(&String, &Row)| {
            before.people.get(*id).is_some_and(|old| old["projects"] != row["projects"])
        };
        self.people.iter().filter(changed).map(|(id, _)| id.clone()).collect()
    }

    /// The file with the same rows in another order.
    pub(super) fn in_another_order(&self) -> String {
        let mut lines: Vec<&str> = self.text.lines().collect();
        lines[1..].reverse();
        lines.iter().map(|line| format!("{line}\n")).collect()
    }

    /// The file without the last third of its rows.
    pub(super) fn without_a_third(&self) -> String {
        let lines: Vec<&str> = self.text.lines().collect();
        let rows = (lines.len() - 1) * 2 / 3;
        lines[..=rows].iter().map(|line| format!("{line}\n")).collect()
    }

    /// The file as far as a copy got that stopped within a row.
    pub(super) fn broken_off(&self) -> String {
        let half = &self.text[..self.text.len() / 2];
        let row = half.rfind('\n').unwrap();
        let inside = half[row..].find(',').map_or(row + 5, |comma| row + comma + 3);
        self.text[..inside].to_owned()
    }
}

/// The two who answer for the directory: security people of the data set who are there in every month.
pub(super) fn responders(months: &[Month]) -> [String; 2] {
    let always = |id: &&String| months.iter().all(|month| month.people.contains_key(*id));
    let secures = |id: &&String| months[0].people[*id]["department"].ends_with("Security");
    let mut found = months[0].people.keys().filter(always).filter(secures).cloned();
    [found.next().unwrap(), found.next().unwrap()]
}
