//! Ten monthly exports from a third party, if present: the counts in their README.

use crate::{COMMA, read, shape};
use std::collections::BTreeMap;
use std::path::Path;
use tenure_source_file::Input;

const COLUMNS: [&str; 10] = [
    "employee_name",
    "user_id",
    "email",
    "role",
    "projects",
    "business_unit",
    "functional_unit",
    "department",
    "team",
    "supervisor",
];
/// Month, people, leavers, movers.
const README: [(&str, usize, usize, usize); 10] = [
    ("2009-12", 2_000, 0, 0),
    ("2010-01", 2_000, 0, 88),
    ("2010-02", 1_987, 13, 137),
    ("2010-03", 1_975, 12, 247),
    ("2010-04", 1_964, 11, 147),
    ("2010-05", 1_958, 6, 94),
    ("2010-06", 1_940, 18, 117),
    ("2010-07", 1_928, 12, 79),
    ("2010-08", 1_911, 17, 109),
    ("2010-09", 1_889, 22, 196),
];

#[test]
fn cert_months_have_the_people_leavers_and_movers_of_their_readme() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data/cert-r5.2");
    if !folder.is_dir() {
        println!("SKIPPED: {} is not there", folder.display());
        return;
    }
    let mut before: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (month, people, leavers, movers) in README {
        let input = Input::path(month, folder.join(format!("{month}.csv")));
        let found = read(&input, &shape(COMMA, &COLUMNS)).unwrap();
        assert!(found.errors.is_empty(), "{month}: {:?}", found.errors);
        let now: BTreeMap<String, Vec<String>> = found
            .rows
            .iter()
            .map(|r| {
                let fields = COLUMNS.iter().map(|c| r.get(c).unwrap().to_owned()).collect();
                (r.get("user_id").unwrap().to_owned(), fields)
            })
            .collect();
        let gone = before.keys().filter(|k| !now.contains_key(*k)).count();
        let moved = before.iter().filter(|(k, was)| now.get(*k).is_some_and(|is| is != *was)).count();
        println!(
            "{month}: {} people, {gone} leavers, {moved} changed rows (README: {movers} movers)",
            now.len()
        );
        assert_eq!((found.rows.len(), now.len(), gone), (people, people, leavers), "{month}");
        assert_eq!(moved, movers, "{month}");
        before = now;
    }
}
