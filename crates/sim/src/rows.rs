//! Changes to single rows of a feed, so that a long scenario tells what changed and not everything again.

use serde::Deserialize;
use std::collections::BTreeMap;
use tenure_policy::{Source, SourceFormat, Take};

/// What a row becomes.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Row {
    /// `"gone"`: the row is no longer there.
    Gone(String),
    /// These cells, by column; the others stay. A row of an unknown key is added, its other cells blank.
    Cells(BTreeMap<String, String>),
}

/// The word that takes a row away.
const GONE: &str = "gone";

/// What a source reported last, with these rows changed; a row is known by the source's key.
pub(crate) fn edited(source: &Source, text: &str, rows: &BTreeMap<String, Row>) -> Result<String, String> {
    let SourceFormat::Csv { delimiter, .. } = source.format else {
        return Err(format!("rows of {} cannot be changed: it is no CSV", source.name));
    };
    let delimiter = char::from(delimiter);
    let table = |line: &str| line.split(delimiter).map(str::to_owned).collect::<Vec<String>>();
    let mut lines: Vec<Vec<String>> = text.trim().lines().map(table).collect();
    if lines.is_empty() || text.contains('"') {
        return Err(format!(
            "rows of {} cannot be changed: report it whole first, without quotes",
            source.name
        ));
    }
    let Take::Column(named) = &source.key else {
        return Err(format!("rows of {} cannot be changed: its key is no column", source.name));
    };
    let keyed = column(source, &lines[0], named)?;
    for (key, row) in rows {
        let place = lines.iter().skip(1).position(|l| l[keyed] == *key).map(|p| p + 1);
        match (row, place) {
            (Row::Gone(word), Some(place)) if word == GONE => drop(lines.remove(place)),
            (Row::Gone(word), _) if word == GONE => {
                return Err(format!("{} has no row {key} that could go", source.name));
            }
            (Row::Gone(word), _) => return Err(format!("row {key}: `{word}` is neither cells nor `{GONE}`")),
            (Row::Cells(cells), place) => {
                let place = place.unwrap_or_else(|| {
                    lines.push(vec![String::new(); lines[0].len()]);
                    lines.len() - 1
                });
                key.clone_into(&mut lines[place][keyed]);
                for (named, value) in cells {
                    let at = column(source, &lines[0], named)?;
                    value.clone_into(&mut lines[place][at]);
                }
            }
        }
    }
    let separator = delimiter.to_string();
    Ok(lines.iter().map(|cells| cells.join(&separator) + "\n").collect())
}

fn column(source: &Source, header: &[String], named: &str) -> Result<usize, String> {
    let place = header.iter().position(|c| c == named);
    place.ok_or_else(|| format!("{} has no column {named}", source.name))
}
