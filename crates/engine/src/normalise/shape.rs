//! What a source's configuration requires of its feeds.

use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::{FeedFormat, FeedLimits, FeedShape};
use tenure_policy::{Source, SourceFormat, Take};

/// What the feed reader must know of a source.
#[must_use]
pub fn feed_shape(source: &Source) -> FeedShape {
    FeedShape {
        format: match source.format {
            SourceFormat::Csv { delimiter, quote } => FeedFormat::Separated { delimiter, quote },
            SourceFormat::JsonLines => FeedFormat::JsonLines,
        },
        encoding: source.encoding.clone(),
        snapshot: source.snapshot,
        required: required_columns(source).into_iter().collect(),
        limits: FeedLimits::default(),
    }
}

/// Every column that the mapping of a source reads, those inside expressions included.
#[must_use]
pub fn required_columns(source: &Source) -> BTreeSet<Arc<str>> {
    let mut columns: BTreeSet<Arc<str>> = source.extracted.iter().cloned().collect();
    for take in takes(source) {
        match take {
            Take::Column(name) => {
                columns.insert(name.clone());
            }
            Take::Cel(expression) => columns.extend(expression.reads().columns.iter().cloned()),
            Take::Constant(_) => {}
        }
    }
    let engagement = source.engagement.iter();
    for condition in engagement.flat_map(|e| [&e.withdrawn, &e.gone]).flatten() {
        columns.extend(condition.reads().columns.iter().cloned());
    }
    columns
}

fn takes(source: &Source) -> Vec<&Take> {
    let mut all = vec![&source.key];
    if let Some(e) = &source.engagement {
        all.push(&e.kind);
        all.extend([&e.start, &e.last_day, &e.end].into_iter().flatten());
        all.extend(e.absence.iter().flat_map(|(from, until)| [from, until]));
    }
    all.extend(&source.zone.record);
    all.extend([&source.zone.location, &source.zone.entity].into_iter().flatten().map(|(take, _)| take));
    all.extend(source.keys.values());
    for mapping in &source.mappings {
        all.push(&mapping.take);
        all.extend(&mapping.effective);
    }
    all
}
