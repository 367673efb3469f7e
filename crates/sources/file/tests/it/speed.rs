//! Throughput for 50 columns: printed, and tested against a minimum that only a gross error would miss.

use crate::{COMMA, shape};
use std::fmt::Write;
use std::time::Instant;
use tenure_source_file::{Input, inspect, open};

/// Rows of the feed.
const ROWS: usize = 100_000;
/// Minimum rows per second; a free core reads several times as many.
const FLOOR: f64 = 40_000.0;

#[test]
#[expect(clippy::disallowed_methods, reason = "a test that measures needs the clock")]
fn fifty_columns_are_read_fast() {
    let mut text = (0..50).map(|i| format!("column_{i}")).collect::<Vec<_>>().join(",");
    for row in 0..ROWS {
        write!(text, "\nW{row:07},Müller,\"Anna, Maria\"").unwrap();
        for i in 3..50 {
            write!(text, ",value{}", (row * 31 + i) % 97).unwrap();
        }
    }
    text.push('\n');
    let bytes = text.len() as f64 / 1e6;
    let input = Input::bytes("speed.csv", text.into_bytes());
    let shape = shape(COMMA, &["column_0"]);
    let started = Instant::now();
    let inspected = inspect(&input, &shape).unwrap();
    let first = started.elapsed().as_secs_f64();
    let rows = open(&input, &shape, &inspected).unwrap().filter(Result::is_ok).count();
    let both = started.elapsed().as_secs_f64();
    assert_eq!(rows, ROWS);
    let rate = |s: f64| ROWS as f64 / s;
    println!(
        "{bytes:.0} MB, {ROWS} rows of 50 columns: inspected {:.0}/s, read {:.0}/s, both {:.0}/s",
        rate(first),
        rate(both - first),
        rate(both)
    );
    assert!(rate(both) > FLOOR, "{:.0} rows/s", rate(both));
}
