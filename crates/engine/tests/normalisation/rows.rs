//! Rows and their results.

use crate::{HR, Sheet, source, zones};
use std::fmt::Write;
use std::sync::Arc;
use tenure_engine::normalise::{KeysOfFeed, Normalised, Normaliser, feed_shape, required_columns};
use tenure_model::{AttributeName, Columns, Name, NormalRecord, Value, ZoneSource};

fn taken(row: Normalised) -> NormalRecord {
    match row {
        Normalised::Taken(record) => *record,
        other => panic!("{other:#?}"),
    }
}

fn attribute(name: &str) -> AttributeName {
    AttributeName::new(name).unwrap()
}

#[test]
fn a_good_row_says_everything() {
    let sheet = Sheet::new(&source(HR));
    let record = taken(sheet.normalise(&[
        ("last", "31.03.2026"),
        ("end", "30.04.2026 17:00"),
        ("away", "1.3.2026"),
        ("born", "02.01.1980"),
        ("mail", " Anna@Example.COM"),
        ("role_since", "01.06.2026"),
        ("level", "3"),
        ("badge", "yes"),
        ("projects", "b, a,,b"),
    ]));
    insta::assert_snapshot!(shown(&record), @r#"
    42 Some("employee") from Some(2026-02-01)
    last day 2026-03-31, end 2026-04-30 17:00:00, zone Europe/Oslo (Location)
    absences [Absence { from: 2026-03-01, until: None }], withdrawn false
    key birth_date "1980-01-02"
    key email "anna@example.com"
    key name "Anna Müller"
    key worker_number "42"
    badge: Some(Bool(true))
    department: Some(Text("Law"))
    level: Some(Int(3))
    projects: Some(Texts(["a", "b"]))
    role: from 2026-06-01: Some(Text("Clerk"))
    team: Some(Text("law/clerk"))
    "#);
}

fn shown(r: &NormalRecord) -> String {
    let mut out = format!("{} {:?} from {:?}\n", r.key, r.engagement, r.start);
    let end = |e: Option<tenure_model::LocalEnd>| e.map_or("-".to_owned(), |e| e.to_string());
    writeln!(
        out,
        "last day {}, end {}, zone {} ({:?})",
        end(r.last_day),
        end(r.end),
        r.zone.name,
        r.zone.source
    )
    .unwrap();
    writeln!(out, "absences {:?}, withdrawn {}", r.absences, r.withdrawn).unwrap();
    for (kind, value) in &r.keys {
        writeln!(out, "key {kind} {value:?}").unwrap();
    }
    for (name, line) in &r.attributes {
        let entries: Vec<String> = line
            .entries()
            .iter()
            .map(|e| {
                let from = e.from.map_or(String::new(), |f| format!("from {f}: "));
                format!("{from}{:?}", e.value)
            })
            .collect();
        writeln!(out, "{name}: {}", entries.join(", ")).unwrap();
    }
    out
}

#[test]
fn blank_cells_are_values_unless_they_are_kept() {
    let sheet = Sheet::new(&source(HR));
    let record = taken(sheet.normalise(&[("department", ""), ("role", "")]));
    assert!(record.attributes[&attribute("department")].is_empty(), "blank counts: no department");
    assert!(!record.attributes.contains_key(&attribute("level")), "blank is kept: nothing is said");
    assert!(record.cleared.is_empty());

    let record = taken(sheet.normalise(&[("role", ""), ("role_since", "01.09.2026")]));
    assert!(!record.attributes.contains_key(&attribute("role")), "the old role holds until then");
    assert_eq!(record.cleared[&attribute("role")].to_string(), "2026-09-01");
}

#[test]
fn letters_that_look_the_same_are_the_same() {
    let sheet = Sheet::new(&source(HR));
    let composed = taken(sheet.normalise(&[("department", "Küche")]));
    let loose = taken(sheet.normalise(&[("department", "  Ku\u{308}che ")]));
    let department = attribute("department");
    assert_eq!(composed.attributes[&department], loose.attributes[&department]);
    assert_ne!(composed.digest, loose.digest, "the digest is of the raw row");
}

#[test]
fn the_zone_is_looked_for_in_order() {
    let sheet = Sheet::new(&source(HR));
    let zone = |changes: &[(&str, &str)]| {
        let zone = taken(sheet.normalise(changes)).zone;
        (zone.name.to_string(), zone.source)
    };
    let name = |n: &str| n.to_owned();
    assert_eq!(zone(&[("zone", "Asia/Seoul")]), (name("Asia/Seoul"), ZoneSource::Record));
    assert_eq!(zone(&[("site", "Tokyo"), ("entity", "NO")]), (name("Asia/Tokyo"), ZoneSource::Location));
    assert_eq!(zone(&[("site", "Mars"), ("entity", "NO")]), (name("Europe/Oslo"), ZoneSource::LegalEntity));
    assert_eq!(zone(&[("site", "")]), (name("Pacific/Kiritimati"), ZoneSource::EarliestDeclared));
    let default = HR.replace("earliest = \"Pacific/Kiritimati\"", "default = \"Europe/Berlin\"");
    let sheet = Sheet::new(&source(&default));
    let zone = taken(sheet.normalise(&[("site", "")])).zone;
    assert_eq!((&*zone.name, zone.source), ("Europe/Berlin", ZoneSource::SourceDefault));
}

#[test]
fn a_delete_marker_needs_nothing_but_its_key() {
    let sheet = Sheet::new(&source(HR));
    let gone = sheet.normalise(&[("status", "deleted"), ("type", ""), ("start", "oops"), ("zone", "oops")]);
    assert!(matches!(&gone, Normalised::Gone { key, .. } if key.as_str() == "42"), "{gone:?}");
}

#[test]
fn ends_apply_although_the_rest_is_bad() {
    let sheet = Sheet::new(&source(HR));
    let row = sheet.normalise(&[
        ("type", "vip"),
        ("level", "three"),
        ("last", "31.03.2026"),
        ("status", "withdrawn"),
    ]);
    let Normalised::Partial { applies, problems, .. } = row else { panic!("{row:?}") };
    assert_eq!(applies.last_day.unwrap().to_string(), "2026-03-31");
    assert!(applies.withdrawn);
    assert_eq!(problems.len(), 2);
    assert!(problems.iter().all(|p| !p.urgent));

    // One end can be read, the other cannot: the readable one applies, and a person must check the other at once.
    let row = sheet.normalise(&[("end", "31.03.26"), ("last", "28.02.2026")]);
    let Normalised::Partial { applies, problems, .. } = row else { panic!("{row:?}") };
    assert_eq!((applies.last_day.unwrap().to_string(), applies.end), ("2026-02-28".to_owned(), None));
    assert!(problems[0].urgent);

    // An end in a zone that does not exist applies in the zone where the day begins first.
    let row = sheet.normalise(&[("zone", "Europe/Olso"), ("last", "28.02.2026")]);
    let Normalised::Partial { applies, .. } = row else { panic!("{row:?}") };
    assert_eq!(
        (&*applies.zone.name, applies.zone.source),
        ("Pacific/Kiritimati", ZoneSource::EarliestDeclared)
    );
}

#[test]
fn bad_input() {
    let sheet = Sheet::new(&source(HR));
    let mut table = String::new();
    for changes in [
        &[("id", "")][..],
        &[("id", "a\u{7}b")],
        &[("type", "")],
        &[("type", "vip")],
        &[("start", "2026-02-01")],
        &[("start", "30.02.2026")],
        &[("start", "01.02.26")],
        &[("start", "01.02.2026 08:00")],
        &[("last", "02/28/2026")],
        &[("last", "0.0.0000")],
        &[("end", "31.03.2026 00:00")],
        &[("end", "31.03.2026 25:00")],
        &[("last", "31.01.2026")],
        &[("back", "31.03.2026")],
        &[("away", "31.03.2026"), ("back", "01.03.2026")],
        &[("away", "soon"), ("back", "01.03.2026")],
        &[("zone", "Europe/Olso")],
        &[("born", "1.1.80")],
        &[("level", "three")],
        &[("level", "99999999999999999999")],
        &[("badge", "perhaps")],
        &[("role_since", "someday")],
    ] {
        let row = sheet.normalise(changes);
        let word = match &row {
            Normalised::Partial { .. } => "partial",
            Normalised::Bad { key: Some(_), .. } => "bad",
            Normalised::Bad { key: None, .. } => "bad, no key",
            other => panic!("{changes:?} {other:?}"),
        };
        writeln!(table, "{word}").unwrap();
        for p in row.problems() {
            let urgent = if p.urgent { " URGENT" } else { "" };
            writeln!(table, "  {}{urgent} {p}\n  help: {}", p.code, p.help).unwrap();
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn a_feed_without_a_mapped_column_has_no_normaliser() {
    let source = source(HR);
    let columns = Columns::new(["id", "type", "start", "name"]);
    let missing = Normaliser::new(&source, &Arc::from("hr.csv"), &columns).unwrap_err();
    let required = required_columns(&source);
    assert_eq!(missing.len() + 4, required.len());
    assert!(missing.iter().all(|m| required.contains(m)));
    // Columns inside expressions and conditions are among them.
    assert!(required.contains("status") && required.contains("department"));
    assert_eq!(feed_shape(&source).required.len(), required.len());
}

#[test]
fn columns_in_another_order_change_the_digest_and_nothing_else() {
    let source = source(HR);
    let sheet = Sheet::new(&source);
    let row = sheet.row(&[]);
    let mut names: Vec<Arc<str>> = row.columns().names().to_vec();
    names.reverse();
    let columns = Arc::new(Columns::new(&names));
    let turned = tenure_model::RawRecord::new(
        7,
        columns.clone(),
        names.iter().map(|n| row.get(n)).collect::<Vec<_>>(),
    );
    let other = Normaliser::new(&source, &Arc::from("hr.csv"), &columns).unwrap();
    let (a, b) =
        (taken(sheet.normaliser.normalise(&row, &zones())), taken(other.normalise(&turned, &zones())));
    assert_ne!(a.digest, b.digest);
    assert_eq!(a, NormalRecord { digest: a.digest, ..b });
}

#[test]
fn digests_tell_rows_apart() {
    let sheet = Sheet::new(&source(HR));
    let digest = |changes: &[(&str, &str)]| sheet.normaliser.digest(&sheet.row(changes));
    assert_eq!(digest(&[]), digest(&[]));
    // The same letters, split differently.
    assert_ne!(
        digest(&[("department", "Law"), ("role", "yer")]),
        digest(&[("department", "Lawy"), ("role", "er")])
    );
    let columns = Arc::new(Columns::new(["a", "b"]));
    let row = |fields: [Option<&'static str>; 2]| tenure_model::RawRecord::new(1, columns.clone(), fields);
    assert_ne!(
        sheet.normaliser.digest(&row([Some(""), Some("x")])),
        sheet.normaliser.digest(&row([None, Some("x")]))
    );
}

#[test]
fn a_field_that_cannot_be_read_is_not_a_blank_one() {
    let sheet = Sheet::new(&source(HR));
    let blank = sheet.row(&[("last", "")]);
    let fault = |reason: &str| tenure_model::FieldFault {
        column: blank.columns().index("last").unwrap(),
        code: "R04",
        value: None,
        reason: reason.to_owned(),
        help: "write it once".to_owned(),
    };
    let digest = |reason| sheet.normaliser.digest(&blank.clone().with_faults(vec![fault(reason)]));
    assert_ne!(sheet.normaliser.digest(&blank), digest("stands in the object twice"));
    assert_ne!(digest("stands in the object twice"), digest("is an object"));
}

#[test]
fn one_key_on_two_rows_is_found() {
    let sheet = Sheet::new(&source(HR));
    let mut seen = KeysOfFeed::default();
    let (row, file) = (sheet.row(&[]), Arc::from("hr.csv"));
    let key = sheet.normalise(&[]).key().unwrap().clone();
    assert!(seen.note(&key, &file, &row).is_ok());
    let error = seen.note(&key, &file, &row).unwrap_err();
    assert_eq!(
        error.to_string(),
        "hr.csv:7: \"42\" is the key of line 7 already: the first row counts, with the earliest end of both"
    );
}

#[test]
fn a_source_of_attributes_alone_needs_no_engagement() {
    let text = HR
        .split("[engagement]")
        .next()
        .map(|head| {
            head.replace("engagement_types = [\"employee\", \"contractor\"]", "engagement_types = []")
        })
        .unwrap()
        + "[keys]\nworker_number = \"id\"\n[map]\ndepartment = \"department\"\n[[correlate]]\nexact = \"worker_number\"\n";
    let sheet = Sheet::new(&source(&text));
    let record = taken(sheet.normalise(&[("type", "anything")]));
    assert_eq!((record.engagement, record.start), (None, None));
    assert_eq!(record.attributes[&attribute("department")].entries()[0].value, Some(Value::text("Law")));
}

/// A row that was cut into fields at each `|`.
fn torn(fields: &str) -> Normalised {
    let sheet = Sheet::new(&source(HR));
    let problem = tenure_model::RowError {
        code: "R01",
        at: tenure_model::Where { file: Arc::from("hr.csv"), line: 9, column: None },
        value: None,
        reason: "the row has another number of fields".to_owned(),
        help: "quote it".to_owned(),
        urgent: true,
        fields: fields.split('|').map(Into::into).collect(),
    };
    let columns = sheet.row(&[]).columns().clone();
    sheet.normaliser.torn(&problem, &columns, &zones())
}

#[test]
fn a_row_that_was_split_wrongly_keeps_its_key_and_an_end_that_is_certain() {
    // Columns: id type start last end away back status zone site entity name mail born department role role_since level badge projects
    let row = torn(
        "42|employee|01.02.2026|31.03.2026|||||| Oslo||Anna|a@b.no|1.1.1980|Law| Tax and Trade|Clerk||||",
    );
    let Normalised::Partial { applies, problems, .. } = row else { panic!("{row:?}") };
    assert_eq!(
        (applies.key.as_str(), applies.last_day.unwrap().to_string()),
        ("42", "2026-03-31".to_owned())
    );
    assert!(!problems[0].urgent, "its end applies");

    // A cell is missing among blank ones: whether the day is the last one or the contract's end is not known.
    let row = torn("42|employee|01.02.2026||31.03.2026||||Oslo||Anna|a@b.no|1.1.1980|Law|Clerk||||");
    let Normalised::Bad { key, problems, .. } = row else { panic!("{row:?}") };
    assert_eq!(key.unwrap().as_str(), "42");
    assert!(problems[0].urgent);

    // No possible reading makes sense.
    for nonsense in ["Total: 4", "42|nobody|soon|never|x|x|x|x", ""] {
        let row = torn(nonsense);
        assert!(matches!(&row, Normalised::Bad { key: None, .. }), "{nonsense} {row:?}");
    }
}

#[test]
fn a_field_that_was_split_in_one_of_two_places_ends_on_the_earlier_day() {
    let text = r#"
edition = 1
format = "csv"
path = "hr.csv"
mode = "snapshot"
dates = "dd.mm.yyyy"
key = "id"
owner = "1"
engagement_types = ["employee", "contractor"]
[engagement]
type = "type"
start = "start"
last_day = "last"
[zone]
default = "Europe/Oslo"
[keys]
worker_number = "id"
[map]
department = "department"
role = "role"
[missing]
rule = "ignore"
[[correlate]]
exact = "worker_number"
"#;
    let columns = Arc::new(Columns::new("id;type;department;start;last;role".split(';')));
    let normaliser = Normaliser::new(&source(text), &Arc::from("hr.csv"), &columns).unwrap();
    let read = |fields: &str| {
        let problem = tenure_model::RowError {
            code: "R01",
            at: tenure_model::Where { file: Arc::from("hr.csv"), line: 9, column: None },
            value: None,
            reason: "the row has another number of fields".to_owned(),
            help: "quote it".to_owned(),
            urgent: true,
            fields: fields.split('|').map(Into::into).collect(),
        };
        normaliser.torn(&problem, &columns, &zones())
    };
    // Either the department or the role was split, and each reading has another last day.
    let row = read("42|employee|Law|01.02.2021|31.03.2026|31.12.2026|Clerk");
    let Normalised::Partial { applies, problems, .. } = row else { panic!("{row:?}") };
    assert_eq!(applies.last_day.unwrap().to_string(), "2026-03-31");
    assert!(problems[0].urgent, "a person is to look at it");
    // If a cell is missing, the first day could be read as the last one: nothing applies.
    let row = read("42|employee|Law|01.02.2021|");
    assert!(matches!(row, Normalised::Bad { key: Some(_), .. }), "{row:?}");
}

#[test]
fn what_a_spreadsheet_made_of_a_value_is_not_taken_for_it() {
    let sheet = Sheet::new(&source(HR));
    for key in ["#N/A", "#REF!", "NULL", "n/a", "4\u{200b}2"] {
        let row = sheet.normalise(&[("id", key), ("last", "31.03.2026")]);
        assert!(matches!(&row, Normalised::Bad { key: None, .. }), "{key} {row:?}");
    }
    // Lost digits, and a second header in the middle of the file: recognised by their text, and linked to no identity.
    for key in ["9.00719925474099E+16", "1,2E+05", "ID"] {
        let row = sheet.normalise(&[("id", key)]);
        assert!(matches!(&row, Normalised::Bad { key: Some(_), .. }), "{key} {row:?}");
        assert_eq!(row.problems()[0].code, "R24");
    }
    // Invisible characters around a key are not part of it.
    for key in ["\u{feff}42", "42\u{a0}", "\u{200b}42\u{200d} "] {
        assert_eq!(taken(sheet.normalise(&[("id", key)])).key.as_str(), "42");
    }
    let row = sheet.normalise(&[("department", "#REF!"), ("last", "31.03.2026")]);
    let Normalised::Partial { applies, problems, .. } = row else { panic!("{row:?}") };
    assert_eq!((problems[0].code, applies.last_day.unwrap().to_string()), ("R24", "2026-03-31".to_owned()));
    // A matching key that a failed formula destroyed must not link different people.
    assert!(!taken(sheet.normalise(&[("mail", "#NV")])).keys.contains_key("email"));
}

#[test]
fn a_far_year_means_that_there_is_no_end() {
    let sheet = Sheet::new(&source(HR));
    let far = &[
        ("last", "31.12.9999"),
        ("end", "01.01.9000 17:00"),
        ("away", "1.3.2026"),
        ("back", "31.12.9999"),
        ("born", "31.12.9999"),
    ];
    let record = taken(sheet.normalise(far));
    assert_eq!((record.last_day, record.end), (None, None));
    assert_eq!(record.absences[0].until, None);
    assert!(!record.keys.contains_key("birth_date"));
    let record = taken(sheet.normalise(&[("last", "31.12.8999")]));
    assert_eq!(record.last_day.unwrap().to_string(), "8999-12-31");
    for begins in ["start", "away", "role_since"] {
        let row = sheet.normalise(&[(begins, "31.12.9999")]);
        assert_eq!(row.problems()[0].code, "R13", "{begins}: nothing begins then");
    }
}

#[test]
fn a_field_that_cannot_be_read_hides_no_other() {
    let sheet = Sheet::new(&source(HR));
    let row = sheet.row(&[("last", "31.03.2026")]);
    let damaged = |column: &str| {
        let column = row.columns().index(column).unwrap();
        let fault = tenure_model::FieldFault {
            column,
            code: "R02",
            value: None,
            reason: "is damaged".to_owned(),
            help: "repair it".to_owned(),
        };
        sheet.normaliser.normalise(&row.clone().with_faults(vec![fault]), &zones())
    };
    // A column that only an expression reads, a mapped one, the type, and a zone.
    for column in ["role", "department", "type", "zone", "born", "start"] {
        let said = damaged(column);
        let Normalised::Partial { applies, problems, .. } = said else { panic!("{column} {said:?}") };
        assert_eq!(applies.last_day.unwrap().to_string(), "2026-03-31", "{column}");
        assert!(problems.iter().all(|p| p.code == "R02"), "{column} {problems:?}");
    }
    assert!(matches!(damaged("end"), Normalised::Partial { problems, .. } if problems[0].urgent));
    assert!(
        matches!(damaged("status"), Normalised::Partial { problems, .. } if problems.iter().all(|p| p.urgent))
    );
    assert!(matches!(damaged("id"), Normalised::Bad { key: None, .. }));
}

#[test]
fn what_would_steer_a_terminal_is_refused_in_values_and_breaks_become_spaces() {
    let sheet = Sheet::new(&source(HR));
    for evil in ["Anna\u{1b}[2J", "Anna\u{202e}reldaM", "An\u{7}na", "An\u{feff}na", "An\u{9b}na"] {
        for column in ["name", "department", "mail", "projects"] {
            let row = sheet.normalise(&[(column, evil), ("last", "31.03.2026")]);
            let Normalised::Partial { problems, .. } = &row else { panic!("{column} {row:?}") };
            assert!(problems.iter().all(|p| p.code == "R22" && !p.urgent), "{column} {problems:?}");
        }
        let row = sheet.normalise(&[("id", evil)]);
        assert!(matches!(&row, Normalised::Bad { key: None, .. }), "{row:?}");
    }
    let record = taken(sheet.normalise(&[("department", "Head\r\n of\tSales")]));
    assert_eq!(
        record.attributes[&attribute("department")].entries()[0].value,
        Some(Value::text("Head of Sales"))
    );
    let record = taken(sheet.normalise(&[("mail", "a@x.no; b@y.no")]));
    assert!(!record.keys.contains_key("email"), "two addresses are none");
}
