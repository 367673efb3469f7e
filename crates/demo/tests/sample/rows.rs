//! Reads the sample's feeds into raw rows, as any reader of the two formats would.

use std::sync::Arc;
use tenure_model::{Columns, RawRecord};
use tenure_policy::SourceFormat;

/// The rows of a feed and their header.
pub(crate) fn rows(format: &SourceFormat, text: &str) -> (Arc<Columns>, Vec<RawRecord>) {
    match format {
        SourceFormat::Csv { delimiter, .. } => separated(*delimiter, text),
        SourceFormat::JsonLines => lines(text),
    }
}

fn separated(delimiter: u8, text: &str) -> (Arc<Columns>, Vec<RawRecord>) {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let columns = Arc::new(Columns::new(reader.headers().unwrap()));
    let rows = reader.records().zip(2..).map(|(row, line)| {
        let row = row.unwrap();
        RawRecord::new(line, columns.clone(), row.iter().map(Some))
    });
    let rows = rows.collect();
    (columns, rows)
}

fn lines(text: &str) -> (Arc<Columns>, Vec<RawRecord>) {
    let flat: Vec<Vec<(String, Option<String>)>> =
        text.lines().map(|line| flatten("", &serde_json::from_str(line).unwrap())).collect();
    let columns = Arc::new(Columns::new(flat[0].iter().map(|(name, _)| name.as_str())));
    let rows = flat.iter().zip(1..).map(|(row, line)| {
        RawRecord::new(line, columns.clone(), row.iter().map(|(_, text)| text.as_deref()))
    });
    let rows = rows.collect();
    (columns, rows)
}

fn flatten(prefix: &str, object: &serde_json::Value) -> Vec<(String, Option<String>)> {
    let mut fields = Vec::new();
    for (key, value) in object.as_object().unwrap() {
        let column = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            serde_json::Value::Object(_) => fields.extend(flatten(&column, value)),
            serde_json::Value::Array(items) => {
                let texts: Vec<&str> = items.iter().map(|i| i.as_str().unwrap()).collect();
                fields.push((column, Some(texts.join(";"))));
            }
            serde_json::Value::Null => fields.push((column, None)),
            other => fields.push((column, Some(other.as_str().unwrap().to_owned()))),
        }
    }
    fields
}
