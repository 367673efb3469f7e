//! People from a CSV file through the whole real path to durable tasks; the tasks are not worked.

use crate::figure::{Figure, Goal};
use crate::machine::{float, peak_mib, processor_seconds, start};
use crate::organisation::{self, SYSTEMS};
use crate::{Fail, plain, table, wired};
use std::path::Path;
use std::time::Duration;
use tenure_app::FeedReport;
use tenure_policy::ClassCache;

/// Baseline rules of the configuration.
const RULES: u32 = 200;

/// What the import did.
struct Done {
    took: Duration,
    processor: f64,
    report: FeedReport,
    tasks: u64,
    peak: f64,
    synced: u64,
}

/// Imports and measures. `likeness` compares names and birth dates with people who are known.
pub(crate) fn run(people: u32, likeness: bool) -> Result<Vec<Figure>, Fail> {
    let folder = tempfile::tempdir()?;
    let bytes = organisation::write_feed(folder.path(), people)?;
    let done = wired::runtime()?.block_on(import(folder.path(), likeness))?;
    let count = done.report.new;
    if count + done.report.asked != u64::from(people) || !done.report.quarantined.is_empty() {
        return Err(
            format!("{count} of {people} people are new: {:?}", done.report.quarantined.first()).into()
        );
    }
    let part = if likeness { "import with likeness" } else { "import" };
    let rate = float(count) / done.took.as_secs_f64();
    table::problem(&format!("{part}: {rate:.0} people/s; now plain SQLite with the same rows"));
    let plain =
        plain::insert_again(&folder.path().join(wired::DATABASE), &folder.path().join("plain.db"), count)?;
    let limit = float(count) / plain.took.as_secs_f64();
    let each = |n: u64| float(n) / float(count);
    let mut tables: Vec<String> = plain
        .tables
        .iter()
        .filter(|(_, n)| each(*n) >= 0.005)
        .map(|(table, n)| format!("{table} {:.2}", each(*n)))
        .collect();
    tables.sort();
    let mut figures = vec![
        Figure::new(part, "people", rate, "people/s")
            .note(format!(
                "{count} people, 50 attributes, {RULES} rules, {} systems, {} tasks, {:.1} s; {} asked about; feed {} MiB",
                SYSTEMS.len(),
                done.tasks,
                done.took.as_secs_f64(),
                done.report.asked,
                bytes >> 20,
            ))
            .limit(limit),
    ];
    if !likeness {
        figures.iter_mut().for_each(|f| f.goal = Some(Goal::AtLeast(4_000.0)));
        figures.push(
            Figure::new(part, "share of plain SQLite", rate / limit, "").goal(Goal::AtLeast(0.4)).note(
                format!(
                    "plain: prepared statements, {} people a transaction, WAL, synchronous=FULL",
                    plain::PEOPLE_PER_TRANSACTION
                ),
            ),
        );
    }
    figures.push(
        Figure::new(part, "processor time", done.processor / float(count) * 1e6, "µs/person")
            .limit(plain.processor / float(count) * 1e6)
            .note("all threads together; hardly depends on what else the machine does"),
    );
    figures.push(Figure::new(part, "rows", each(plain.rows()), "rows/person").note(tables.join(", ")));
    figures.push(Figure::new(part, "database", each(plain.source_bytes), "bytes/person"));
    figures.push(
        Figure::new(part, "written", each(done.synced), "bytes/person").note("to disk, log and database"),
    );
    figures.push(Figure::new(part, "peak memory", done.peak, "MiB"));
    Ok(figures)
}

async fn import(folder: &Path, likeness: bool) -> Result<Done, Fail> {
    let wired::Measured { app, store, .. } =
        wired::app(folder, &organisation::files(RULES, likeness, false)).await?;
    let source = app.context.setup.sources.keys().next().cloned().ok_or("the configuration has no source")?;
    let moment = app.clock().moment(None).await?;
    let written = written_bytes();
    let (began, used) = (start(), processor_seconds());
    let report = app.feed().take_feed(&source, &moment, &mut ClassCache::default(), &|_, _| ()).await?;
    let took = began.elapsed();
    let processor = processor_seconds() - used;
    let synced = written_bytes().saturating_sub(written);
    let tasks = store.task_counts().await?.ready;
    Ok(Done { took, processor, report, tasks, peak: peak_mib()?, synced })
}

/// Bytes that this process caused to be written to disk (Linux: `/proc/self/io`), 0 where the kernel does not count them.
fn written_bytes() -> u64 {
    let io = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    io.lines().find_map(|l| l.strip_prefix("write_bytes: ")?.parse().ok()).unwrap_or(0)
}
