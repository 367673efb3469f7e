//! Finds the zone of a row: record, location, legal entity, the source's default; never the server's.

use super::problems::{Problems, ValueError};
use super::take::Taken;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{Columns, Zone, ZoneSource, Zones};
use tenure_policy::{Take, ZoneRule};

/// A column and the meaning of its values.
type Table = (Taken, BTreeMap<Arc<str>, Arc<str>>);

/// A zone rule with its columns resolved.
#[derive(Debug)]
pub(super) struct ZoneTake {
    record: Option<Taken>,
    location: Option<Table>,
    entity: Option<Table>,
    default: Option<Arc<str>>,
    earliest: Option<Arc<str>>,
}

impl ZoneTake {
    pub(super) fn new(rule: &ZoneRule, columns: &Columns, missing: &mut BTreeSet<Arc<str>>) -> Self {
        let mut table = |(take, means): &(Take, BTreeMap<Arc<str>, Arc<str>>)| {
            (Taken::new(take, columns, missing), means.clone())
        };
        Self {
            location: rule.location.as_ref().map(&mut table),
            entity: rule.entity.as_ref().map(&mut table),
            record: rule.record.as_ref().map(|t| Taken::new(t, columns, missing)),
            default: rule.default.clone(),
            earliest: rule.earliest.clone(),
        }
    }

    /// The zone. If the row names a zone that does not exist, that is a problem, and the earliest zone is used instead so that an end
    /// in the row still applies. `None` if nothing states a zone.
    pub(super) fn find(&self, zones: &Zones, problems: &mut Problems<'_>) -> Option<Zone> {
        match self.named(zones, problems) {
            Ok(Some(zone)) => return Some(zone),
            Ok(None) => {}
            Err(()) => return self.last_resort(),
        }
        let default =
            self.default.as_ref().map(|d| Zone { name: d.clone(), source: ZoneSource::SourceDefault });
        default.or_else(|| self.last_resort())
    }

    /// The zone that the row itself states; an error if the value is not a zone.
    fn named(&self, zones: &Zones, problems: &mut Problems<'_>) -> Result<Option<Zone>, ()> {
        if let Some(taken) = &self.record
            && let Some(name) = text(taken, problems)?
        {
            return exists(&name, ZoneSource::Record, taken, zones, problems).map(Some);
        }
        let tables = [(&self.location, ZoneSource::Location), (&self.entity, ZoneSource::LegalEntity)];
        for (table, source) in tables {
            if let Some((taken, means)) = table
                && let Some(place) = text(taken, problems)?
                && let Some(name) = means.get(&*place)
            {
                return exists(name, source, taken, zones, problems).map(Some);
            }
        }
        Ok(None)
    }

    fn last_resort(&self) -> Option<Zone> {
        let name = self.earliest.as_ref().or(self.default.as_ref())?;
        Some(Zone { name: name.clone(), source: ZoneSource::EarliestDeclared })
    }
}

fn text(taken: &Taken, problems: &mut Problems<'_>) -> Result<Option<String>, ()> {
    match taken.get(problems.row) {
        Ok(got) => Ok(got.into_text()),
        Err(wrong) => {
            problems.add(taken, wrong);
            Err(())
        }
    }
}

fn exists(
    name: &str,
    source: ZoneSource,
    taken: &Taken,
    zones: &Zones,
    problems: &mut Problems<'_>,
) -> Result<Zone, ()> {
    if zones.get(name).is_ok() {
        return Ok(Zone::new(name, source));
    }
    let reason = format!("is not a time zone of the IANA database {}", zones.version());
    problems.add(taken, ValueError::new("R17", name, reason, "write a name such as `Europe/Berlin`"));
    Err(())
}
