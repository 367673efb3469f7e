//! Processes one row completely; everything that can be resolved once for a feed is resolved once.

use super::ends::{Dates, EngagementTake};
use super::key_form::is_shortened;
use super::keys;
use super::outcome::{Normalised, Readable};
use super::problems::{Problems, ValueError};
use super::take::{Got, Taken};
use super::values::{self, AttributeTake, Attributes};
use super::zone::ZoneTake;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{
    Columns, EngagementType, Name, NormalRecord, RawRecord, RecordKey, SourceName, Zone, ZoneSource, Zones,
};
use tenure_policy::{DateFormat, Source};

/// The zone of records whose source maps no dates and declares no zone: nothing depends on it.
const NO_ZONE: &str = "UTC";

/// Interprets the rows of one feed. Pure: the same row gives the same answer.
#[derive(Debug)]
pub struct Normaliser {
    source: SourceName,
    file: Arc<str>,
    format: DateFormat,
    key: Taken,
    engagement: Option<EngagementTake>,
    types: BTreeSet<EngagementType>,
    end_required: BTreeSet<EngagementType>,
    zone: ZoneTake,
    keys: Vec<(Arc<str>, Taken)>,
    attributes: Vec<AttributeTake>,
    header: [u8; 32],
}

impl Normaliser {
    /// For the feed `file` with these columns.
    ///
    /// # Errors
    /// The mapped columns that are missing, sorted. The feed reader refuses such a feed earlier (see [`super::feed_shape`]).
    pub fn new(source: &Source, file: &Arc<str>, columns: &Columns) -> Result<Self, Vec<Arc<str>>> {
        let mut missing = BTreeSet::new();
        let gone = &mut missing;
        let it = Self {
            source: source.name.clone(),
            file: file.clone(),
            format: source.dates,
            key: Taken::new(&source.key, columns, gone),
            engagement: source.engagement.as_ref().map(|e| EngagementTake::new(e, columns, gone)),
            types: source.engagement_types.clone(),
            end_required: source.end_required.clone(),
            zone: ZoneTake::new(&source.zone, columns, gone),
            keys: source.keys.iter().map(|(k, t)| (k.clone(), Taken::new(t, columns, gone))).collect(),
            attributes: values::compile(&source.mappings, columns, gone),
            header: header_digest(columns),
        };
        if missing.is_empty() { Ok(it) } else { Err(missing.into_iter().collect()) }
    }

    /// Digest of a row under its header: equal digests mean the same while the source's mapping is the same.
    #[must_use]
    pub fn digest(&self, row: &RawRecord) -> [u8; 32] {
        let (text, ends) = row.parts();
        let mut hash = Sha256::new();
        hash.update(self.header);
        let mut places = Vec::with_capacity(ends.len() * 4);
        places.extend(ends.iter().flat_map(|e| e.to_le_bytes()));
        hash.update(&places);
        hash.update(text);
        // A field that cannot be read has no text: without this the row would equal one in which it is blank.
        for fault in row.faults() {
            hash.update(u64::try_from(fault.column).unwrap_or(u64::MAX).to_le_bytes());
            for said in [fault.code, fault.value.as_deref().unwrap_or_default(), &fault.reason] {
                hash.update((said.len() as u64).to_le_bytes());
                hash.update(said.as_bytes());
            }
        }
        hash.finalize().into()
    }

    /// Interprets a row.
    #[must_use]
    pub fn normalise(&self, row: &RawRecord, zones: &Zones) -> Normalised {
        let digest = self.digest(row);
        let mut problems = Problems { file: &self.file, row, list: Vec::new() };
        problems.of_whole_row();
        let key = self.key(&mut problems);
        if let (Some(engagement), Some(key)) = (&self.engagement, &key)
            && engagement.gone(&mut problems)
        {
            return Normalised::Gone { key: key.clone(), digest };
        }
        let (kind, dates) = match &self.engagement {
            Some(e) => (e.kind(&self.types, &mut problems), e.dates(self.format, &mut problems)),
            None => (None, Dates::default()),
        };
        self.must_end(kind.as_ref(), &dates, &mut problems);
        let zone = self.zone(zones, &mut problems);
        let keys = self.keys(&mut problems);
        let attributes = values::attributes(&self.attributes, self.format, &mut problems);
        let problems = problems.list;
        match (key, zone) {
            (Some(key), Some(zone)) if problems.is_empty() => {
                Normalised::Taken(Box::new(self.record(key, zone, kind, dates, keys, attributes, digest)))
            }
            (Some(key), Some(zone)) if dates.ends_something() => {
                Normalised::Partial { applies: Box::new(readable(key, zone, dates)), problems, keys, digest }
            }
            (key, _) => Normalised::Bad { key, problems, keys, digest },
        }
    }

    fn key(&self, problems: &mut Problems<'_>) -> Option<RecordKey> {
        let wrong = match self.key.get(problems.row).map(Got::into_text) {
            Ok(Some(text)) => match keys::record_key(&text) {
                Ok(key) => {
                    if let Some(wrong) = self.key_damage(&key, problems) {
                        problems.add_urgent(&self.key, wrong);
                    }
                    return Some(key);
                }
                Err(wrong) => wrong,
            },
            Ok(None) => ValueError::new(
                "R10",
                "",
                "is blank, and the record's key is taken from it",
                "give every record a key",
            ),
            Err(wrong) => wrong,
        };
        // Without a key it is unknown whose end the row may contain.
        problems.add_urgent(&self.key, wrong);
        None
    }

    /// Why a readable key identifies no record: its digits are lost, or it is the name of its column.
    fn key_damage(&self, key: &RecordKey, problems: &Problems<'_>) -> Option<ValueError> {
        let text = key.as_str();
        let is_header = self.key.column(problems.row).is_some_and(|c| c.trim().eq_ignore_ascii_case(text));
        if is_header {
            let reason = "is the name of its column: a second header stands among the rows";
            return Some(ValueError::new("R24", text, reason, "deliver one file with one header"));
        }
        let reason = "is a number as a spreadsheet shortens it: digits of the key are lost";
        let help = "give the column of keys the format `text` before it is exported";
        is_shortened(text).then(|| ValueError::new("R24", text, reason, help))
    }

    /// An engagement of a type that must end states an end. An end that cannot be read is a separate problem.
    fn must_end(&self, kind: Option<&EngagementType>, dates: &Dates, problems: &mut Problems<'_>) {
        let required = kind.is_some_and(|kind| self.end_required.contains(kind));
        if required && problems.list.is_empty() && !dates.withdrawn && dates.last_day.or(dates.end).is_none()
        {
            let wrong = ValueError {
                code: "R23",
                value: None,
                reason: "states neither a last day nor an end, and the policy wants one of this type"
                    .to_owned(),
                help: "state an end in the source, or take the type out of `end_required`".to_owned(),
            };
            problems.add_row(wrong, false);
        }
    }

    fn zone(&self, zones: &Zones, problems: &mut Problems<'_>) -> Option<Zone> {
        let before = problems.list.len();
        let found = self.zone.find(zones, problems);
        if found.is_some() || problems.list.len() > before {
            return found;
        }
        if !self.engagement.as_ref().is_some_and(EngagementTake::has_dates) {
            return Some(Zone::new(NO_ZONE, ZoneSource::SourceDefault));
        }
        let wrong = ValueError {
            code: "R18",
            value: None,
            reason: "says nothing of its time zone, nor does the source".to_owned(),
            help: "declare `default` or `earliest` under `[zone]` of the source".to_owned(),
        };
        problems.add_row(wrong, true);
        None
    }

    fn keys(&self, problems: &mut Problems<'_>) -> BTreeMap<Arc<str>, Arc<str>> {
        let mut found = BTreeMap::new();
        for (kind, taken) in &self.keys {
            match taken.get(problems.row).and_then(|got| keys::key(kind, got, self.format)) {
                Ok(Some(key)) => {
                    found.insert(kind.clone(), key);
                }
                Ok(None) => {}
                Err(wrong) => problems.add(taken, wrong),
            }
        }
        found
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one record, each from its own module")]
    fn record(
        &self,
        key: RecordKey,
        zone: Zone,
        engagement: Option<EngagementType>,
        dates: Dates,
        keys: BTreeMap<Arc<str>, Arc<str>>,
        attributes: Attributes,
        digest: [u8; 32],
    ) -> NormalRecord {
        let Dates { start, last_day, end, absences, withdrawn } = dates;
        NormalRecord {
            source: self.source.clone(),
            key,
            engagement,
            start,
            last_day,
            end,
            zone,
            absences,
            withdrawn,
            keys,
            attributes: attributes.lines,
            cleared: attributes.cleared,
            digest,
        }
    }
}

fn readable(key: RecordKey, zone: Zone, dates: Dates) -> Readable {
    let Dates { last_day, end, absences, withdrawn, .. } = dates;
    Readable { key, zone, last_day, end, absences, withdrawn }
}

/// Names with their lengths, so that no two headers have one digest.
fn header_digest(columns: &Columns) -> [u8; 32] {
    let mut hash = Sha256::new();
    for name in columns.names() {
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name.as_bytes());
    }
    hash.finalize().into()
}
