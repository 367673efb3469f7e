//! Normalising gives an answer for any row, and the same answer again.

use crate::{HR, Sheet, source, zones};
use proptest::collection::vec;
use proptest::prelude::*;
use std::sync::{Arc, LazyLock};
use tenure_engine::normalise::Normalised;
use tenure_model::{RawRecord, Zones};

static SHEET: LazyLock<Sheet> = LazyLock::new(|| Sheet::new(&source(HR)));
static ZONES: LazyLock<Zones> = LazyLock::new(zones);

fn cell() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        any::<String>().prop_map(Some),
        "[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,5}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?)?".prop_map(Some),
        "[0-9]{1,25}".prop_map(Some),
        prop_oneof![
            Just("employee"),
            Just("deleted"),
            Just("withdrawn"),
            Just("Oslo"),
            Just("true"),
            Just("Asia/Tokyo"),
            Just("")
        ]
        .prop_map(|s| Some(s.to_owned())),
        Just(None),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn any_row_is_answered(cells in vec(cell(), 20)) {
        let columns = SHEET.row(&[]).columns().clone();
        let row = RawRecord::new(3, columns, cells.iter().map(Option::as_deref));
        let first = SHEET.normaliser.normalise(&row, &ZONES);
        prop_assert_eq!(&first, &SHEET.normaliser.normalise(&row, &ZONES));
        match &first {
            Normalised::Taken(record) => prop_assert!(record.engagement.is_some()),
            Normalised::Gone { .. } => {}
            Normalised::Partial { applies, problems, .. } => {
                prop_assert!(!problems.is_empty());
                let ends = applies.last_day.is_some() || applies.end.is_some();
                prop_assert!(ends || applies.withdrawn || !applies.absences.is_empty());
            }
            Normalised::Bad { problems, .. } => prop_assert!(!problems.is_empty()),
        }
        for problem in first.problems() {
            prop_assert_eq!(problem.at.line, 3);
            prop_assert!(!problem.help.is_empty() && !problem.reason.is_empty());
        }
    }

    #[test]
    fn every_day_that_is_written_as_declared_is_read(day in 1_u8..=28, month in 1_u8..=12, year in 1900_u16..=8999) {
        let text = format!("{day:02}.{month:02}.{year}");
        let row = SHEET.normalise(&[("start", ""), ("last", &text)]);
        let Normalised::Taken(record) = row else { return Err(TestCaseError::fail(format!("{row:?}"))) };
        prop_assert_eq!(record.last_day.unwrap().to_string(), format!("{year:04}-{month:02}-{day:02}"));
    }

    #[test]
    fn white_space_around_a_cell_means_nothing(cells in vec("[a-zé0-9.]{0,6}", 20)) {
        let columns = SHEET.row(&[]).columns().clone();
        let padded: Vec<String> = cells.iter().map(|c| format!(" {c}\t")).collect();
        let plain = RawRecord::new(3, columns.clone(), cells.iter().map(|c| Some(&**c)));
        let loose = RawRecord::new(3, columns, padded.iter().map(|c| Some(&**c)));
        let (a, b) = (SHEET.normaliser.normalise(&plain, &ZONES), SHEET.normaliser.normalise(&loose, &ZONES));
        prop_assert_eq!(a.key(), b.key());
        prop_assert_eq!(a.problems().len(), b.problems().len());
    }
}

#[test]
fn the_sheet_is_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&Arc::new(&SHEET.normaliser));
}
