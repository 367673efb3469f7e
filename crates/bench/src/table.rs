//! The one place that prints: the table for people, or JSON.

use crate::figure::{Figure, Goal};
use crate::{Fail, machine};
use serde_json::json;

/// Shows all figures.
pub(crate) fn show(figures: &[Figure], as_json: bool) -> Result<(), Fail> {
    if as_json {
        let all: Vec<_> = figures
            .iter()
            .map(|f| {
                json!({
                    "part": f.part, "name": f.name, "value": f.value, "unit": f.unit, "goal": f.goal, "met": f.met(),
                    "limit": f.limit, "ratio": f.ratio(), "note": f.note,
                })
            })
            .collect();
        let machine = json!({ "cpu": machine::cpu(), "cores": machine::cores() });
        line(&serde_json::to_string_pretty(&json!({ "machine": machine, "figures": all }))?);
        return Ok(());
    }
    line(&format!("{}, {} cores", machine::cpu(), machine::cores()));
    let rows: Vec<[String; 6]> = figures.iter().map(row).collect();
    let head = ["figure", "value", "goal", "", "machine's limit", "ratio"].map(str::to_owned);
    let width = |column: usize| {
        rows.iter().chain([&head]).map(|r| r.get(column).map_or(0, |c| c.chars().count())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..6).map(width).collect();
    let show = |cells: &[String; 6]| {
        let padded: Vec<String> = cells
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(i, (cell, width))| match i {
                0 | 3 => format!("{cell:<width$}"),
                _ => format!("{cell:>width$}"),
            })
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    line(&show(&head));
    for (figure, cells) in figures.iter().zip(&rows) {
        line(&show(cells));
        if !figure.note.is_empty() {
            line(&format!("    {}", figure.note));
        }
    }
    Ok(())
}

fn row(figure: &Figure) -> [String; 6] {
    let goal = match figure.goal {
        Some(Goal::AtLeast(least)) => format!("≥ {}", number(least)),
        Some(Goal::AtMost(most)) => format!("≤ {}", number(most)),
        None => String::new(),
    };
    let met = match figure.met() {
        Some(true) => "met",
        Some(false) => "NOT MET",
        None => "",
    };
    [
        format!("{}: {}", figure.part, figure.name),
        format!("{} {}", number(figure.value), figure.unit).trim_end().to_owned(),
        goal,
        met.to_owned(),
        figure.limit.map(|l| format!("{} {}", number(l), figure.unit)).unwrap_or_default(),
        figure.ratio().map(|r| format!("{r:.2}")).unwrap_or_default(),
    ]
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
