//! Throughput of normalising rows of 50 attributes: printed, and limited to a multiple of the time for their digests.

use crate::{HR, source, zones};
use std::sync::Arc;
use std::time::Instant;
use tenure_engine::normalise::{Normalised, Normaliser};
use tenure_model::{AttributeName, Columns, Name, RawRecord, ValueType};
use tenure_policy::{Blank, Mapping, Take};

/// Number of normalised rows.
const ROWS: usize = 20_000;
/// Maximum time of a row as a multiple of its digest's; the machine's own speed cancels out. The goal on a free core is 20,000 rows/s.
const RATIO_MAX: f64 = 20.0;

#[test]
#[expect(clippy::disallowed_methods, reason = "a test that measures needs the clock")]
fn fifty_attributes_are_normalised_fast() {
    let mut source = source(HR);
    source.mappings.clear();
    let mut names: Vec<String> = crate::HEADER.split(';').map(str::to_owned).collect();
    let plain = names.len();
    for i in 0..50 {
        let column = format!("a{i}");
        source.mappings.push(Mapping {
            attribute: AttributeName::new(&column).unwrap(),
            value_type: ValueType::Text,
            take: Take::Column(Arc::from(&*column)),
            separator: None,
            blank: Blank::Value,
            effective: None,
        });
        names.push(column);
    }
    let columns = Arc::new(Columns::new(&names));
    let rows: Vec<RawRecord> = (0..ROWS)
        .map(|row| {
            let mut fields = vec![String::new(); plain];
            for (name, value) in
                [("type", "employee"), ("start", "01.02.2026"), ("last", "31.03.2026"), ("site", "Oslo")]
            {
                fields[columns.index(name).unwrap()] = value.to_owned();
            }
            fields[0] = format!("W{row:06}");
            fields[columns.index("name").unwrap()] = "Anna Müller".to_owned();
            fields.extend((0..50).map(|i| format!("value {}", (row * 31 + i) % 97)));
            RawRecord::new(
                row as u64 + 2,
                columns.clone(),
                fields.iter().map(|f| Some(&**f)).collect::<Vec<_>>(),
            )
        })
        .collect();
    let normaliser = Normaliser::new(&source, &Arc::from("hr.csv"), &columns).unwrap();
    let zones = zones();
    let started = Instant::now();
    let taken =
        rows.iter().filter(|r| matches!(normaliser.normalise(r, &zones), Normalised::Taken(_))).count();
    let rate = ROWS as f64 / started.elapsed().as_secs_f64();
    let started = Instant::now();
    let digests: std::collections::BTreeSet<[u8; 32]> = rows.iter().map(|r| normaliser.digest(r)).collect();
    let digest_rate = ROWS as f64 / started.elapsed().as_secs_f64();
    assert_eq!((taken, digests.len()), (ROWS, ROWS));
    println!("normalised {rate:.0} rows/s of 50 attributes; digests alone {digest_rate:.0} rows/s");
    assert!(rate * RATIO_MAX > digest_rate, "{rate:.0} rows/s, {digest_rate:.0} digests/s");
}
