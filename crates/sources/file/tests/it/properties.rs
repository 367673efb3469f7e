//! The reader never panics, agrees with the csv crate where that is strict enough, and reads back what was written.

use crate::{COMMA, read, shape};
use proptest::collection::vec;
use proptest::prelude::*;
use std::sync::Arc;
use tenure_model::{FeedFormat, FeedLimits, FeedShape};
use tenure_source_file::Input;

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z ]{0,8}",
        "[a-z,;\"\r\n\t é李]{0,12}",
        Just(String::new()),
        Just("\"".to_owned()),
        Just("a\r\nb".to_owned()),
    ]
}

fn written(rows: &[Vec<String>], columns: usize, line_end: csv::Terminator) -> Vec<u8> {
    let mut out = csv::WriterBuilder::new().terminator(line_end).from_writer(Vec::new());
    out.write_record((0..columns).map(|i| format!("c{i}"))).unwrap();
    for row in rows {
        out.write_record(row).unwrap();
    }
    out.into_inner().unwrap()
}

/// Empty rows count as no rows.
fn is_blank<S: AsRef<str>>(row: &[S]) -> bool {
    row.iter().all(|c| c.as_ref().trim().is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes_are_read_or_refused(
        bytes in vec(prop_oneof![Just(b','), Just(b'"'), Just(b'\n'), Just(b'\r'), Just(b'{'), Just(b':'), any::<u8>()], 0..300),
        label in prop_oneof![Just("utf-8"), Just("utf-16le"), Just("shift_jis"), Just("latin1"), Just("gb18030")],
        json in any::<bool>(),
        snapshot in any::<bool>(),
    ) {
        let format = if json { FeedFormat::JsonLines } else { COMMA };
        let limits = FeedLimits { file_bytes: 250, row_bytes: 40, columns: 6, field_bytes: 10 };
        let shape = FeedShape { encoding: Arc::from(label), snapshot, limits, ..shape(format, &[]) };
        if let Ok(read) = read(&Input::bytes("x", bytes), &shape) {
            for row in &read.rows {
                for i in 0..row.columns().len() {
                    prop_assert!(row.fault(i).is_some() || row.at(i).is_none_or(|t| t.len() <= 10));
                }
            }
        }
    }

    #[test]
    fn any_json_is_read_or_refused(lines in vec("[{}\\[\\]\":,a-c0-9.e ]{0,40}|\\{\"a\":(1|\"x\"|null|\\[1,2\\]|\\{\"b\":1\\})\\}", 0..8)) {
        drop(read(&Input::bytes("x", lines.join("\n").into_bytes()), &shape(FeedFormat::JsonLines, &[])));
    }

    #[test]
    fn what_was_written_is_read_back(
        rows in vec(vec(cell(), 3), 1..12),
        crlf in any::<bool>(),
        utf16 in any::<bool>(),
    ) {
        let end = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut bytes = written(&rows, 3, end);
        if utf16 {
            let text = format!("\u{feff}{}", String::from_utf8(bytes).unwrap());
            bytes = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        }
        let all_blank = rows.iter().all(|r| is_blank(r));
        let found = match read(&Input::bytes("x", bytes), &shape(COMMA, &["c0"])) {
            Err(e) if all_blank => {
                prop_assert_eq!(e.fault.code(), "F03");
                return Ok(());
            }
            found => found.unwrap(),
        };
        prop_assert!(found.errors.is_empty());
        let fields: Vec<Vec<String>> = found
            .rows
            .iter()
            .map(|r| (0..3).map(|i| r.at(i).unwrap_or_default().to_owned()).collect())
            .collect();
        let rows: Vec<Vec<String>> = rows.into_iter().filter(|r| !is_blank(r)).collect();
        prop_assert_eq!(fields, rows);
    }

    #[test]
    fn a_cut_file_never_shows_a_row_that_the_whole_one_has_not(
        rows in vec(vec("[a-z,\"\n]{0,6}", 4), 2..10),
        cut in 0.0_f64..1.0,
    ) {
        let bytes = written(&rows, 4, csv::Terminator::Any(b'\n'));
        let at = (bytes.len() as f64 * cut) as usize;
        let Ok(whole) = read(&Input::bytes("x", bytes.clone()), &shape(COMMA, &["c0"])) else {
            prop_assert!(rows.iter().all(|r| is_blank(r)));
            return Ok(());
        };
        if let Ok(part) = read(&Input::bytes("x", &bytes[..at]), &shape(COMMA, &["c0"])) {
            // Only the last field of the last row can be shorter: a file may end without a line break.
            let n = part.rows.len();
            prop_assert!(n <= whole.rows.len());
            prop_assert_eq!(&part.rows[..n - 1], &whole.rows[..n - 1]);
            for i in 0..3 {
                prop_assert_eq!(part.rows[n - 1].at(i), whole.rows[n - 1].at(i));
            }
        }
    }

    #[test]
    fn the_csv_crate_agrees(text in "(a|b|,|\n|\r\n|\"x\"|\"y,\n\"|é){0,60}") {
        let text = format!("h,i\n{text}\n");
        let Ok(found) = read(&Input::bytes("x", text.clone().into_bytes()), &shape(COMMA, &["h"])) else {
            return Ok(());
        };
        let mut oracle = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let expected: Vec<csv::StringRecord> = oracle.records().map(Result::unwrap).filter(|r| r.len() == 2 && !r.iter().all(|c| c.trim().is_empty())).collect();
        let ours: Vec<csv::StringRecord> =
            found.rows.iter().map(|r| csv::StringRecord::from(vec![r.at(0).unwrap(), r.at(1).unwrap()])).collect();
        prop_assert_eq!(ours, expected);
    }
}
