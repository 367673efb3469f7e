//! The one place that prints: the table for people, or JSON.

use crate::figure::Figure;
use crate::machine::{self, float};
use crate::{Fail, measure};
use serde_json::json;
use std::path::Path;

const COLUMNS: usize = 8;

/// Shows all figures.
pub(crate) fn show(program: &Path, figures: &[Figure], as_json: bool) -> Result<(), Fail> {
    let mib = float(std::fs::metadata(program)?.len()) / f64::from(1 << 20);
    let date = machine::now().strftime("%Y-%m-%d").to_string();
    let (cpu, cores, load) = (machine::cpu(), machine::cores(), machine::load());
    if as_json {
        let machine = json!({ "cpu": cpu, "cores": cores, "load": load });
        let all: Vec<_> = figures.iter().map(as_value).collect();
        let text = json!({ "date": date, "machine": machine, "program_mib": mib, "figures": all });
        line(&serde_json::to_string_pretty(&text)?);
        return Ok(());
    }
    line(&format!("{date}, {cpu}, {cores} cores, load {load:.1}; the program has {mib:.1} MiB"));
    let rows: Vec<[String; COLUMNS]> = figures.iter().map(row).collect();
    let head = ["command", "people", "seconds", "processor", "peak MiB", "host's limit", "ratio", "goal"];
    let head = head.map(str::to_owned);
    let width = |column: usize| {
        rows.iter().chain([&head]).map(|r| r.get(column).map_or(0, |c| c.chars().count())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..COLUMNS).map(width).collect();
    let show = |cells: &[String; COLUMNS]| {
        let padded: Vec<String> = cells
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(i, (cell, width))| match i {
                0 | 7 => format!("{cell:<width$}"),
                _ => format!("{cell:>width$}"),
            })
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    line(&show(&head));
    for (figure, cells) in figures.iter().zip(&rows) {
        line(&show(cells));
        line(&format!("    {}", figure.note));
    }
    Ok(())
}

fn as_value(f: &Figure) -> serde_json::Value {
    let measure::Used { wall, processor, peak, written, .. } = f.used;
    json!({
        "command": f.name, "people": f.people, "seconds": wall, "processor_seconds": processor, "peak_mib": peak,
        "written_bytes": written, "limit_seconds": f.limit, "ratio": f.ratio(), "goal_seconds": f.goal, "met": f.met(), "note": f.note,
    })
}

fn row(figure: &Figure) -> [String; COLUMNS] {
    let goal = figure.goal.map(|most| {
        let met = if figure.met() == Some(true) { "met" } else { "NOT MET" };
        format!("≤ {} {met}", number(most))
    });
    [
        figure.name.to_owned(),
        figure.people.to_string(),
        number(figure.used.wall),
        number(figure.used.processor),
        number(figure.used.peak),
        short(figure.limit),
        number(figure.ratio()),
        goal.unwrap_or_default(),
    ]
}

/// Seconds; what is under a hundredth has a digit more.
fn short(seconds: f64) -> String {
    if seconds < 0.01 { format!("{seconds:.4}") } else { number(seconds) }
}

/// Three significant digits are all that a measurement has.
fn number(value: f64) -> String {
    let text = if value.abs() >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") };
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), None), |(w, r)| (w, Some(r)));
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        let left = whole.len() - i;
        if i > 0 && left.is_multiple_of(3) && digit.is_ascii_digit() {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    rest.map_or(grouped.clone(), |rest| format!("{grouped}.{rest}"))
}

/// A line of result.
#[expect(clippy::print_stdout, reason = "this is a command for people")]
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// A line of progress, or what stopped the command.
#[expect(clippy::print_stderr, reason = "this is a command for people")]
pub(crate) fn problem(text: &str) {
    eprintln!("{text}");
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(number(1_234_567.8), "1,234,568");
        assert_eq!(number(123.4), "123");
        assert_eq!(number(0.4), "0.40");
    }
}
