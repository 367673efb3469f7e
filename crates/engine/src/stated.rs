//! What a command states about a non-human identity, as the record that a source would give.

use crate::Context;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{
    Engagement, EngagementType, Name, NameError, NormalRecord, RecordKey, SourceName, Timeline, Value, Zone,
};
use tenure_policy::{COMMAND_SOURCE, CUSTODY};

/// The attribute that holds its name, where the policy declares it: identifiers are made of attributes.
pub const MACHINE: &str = "machine";

/// The record of a new identity, from a local day of its zone on; nothing else is stated yet.
///
/// # Errors
/// When the name has control characters or white space at an end, is empty or too long.
pub fn newly_stated(
    context: &Context,
    name: &Arc<str>,
    start: Date,
    zone: Zone,
) -> Result<NormalRecord, NameError> {
    let mut record = NormalRecord {
        source: SourceName::new(COMMAND_SOURCE)?,
        key: RecordKey::new(name)?,
        engagement: Some(EngagementType::new(CUSTODY)?),
        start: Some(start),
        last_day: None,
        end: None,
        zone,
        absences: Vec::new(),
        withdrawn: false,
        keys: [(Arc::from("name"), name.clone())].into(),
        attributes: BTreeMap::new(),
        cleared: BTreeMap::new(),
        // A statement is not a row of a file that could arrive again unchanged.
        digest: [0; 32],
    };
    if let Some((machine, _)) = context.setup.attributes.get_key_value(MACHINE) {
        record.attributes.insert(machine.clone(), Timeline::always(Value::text(name)));
    }
    Ok(record)
}

/// The record of an existing identity, as it is; its attributes stay unless they are stated.
#[must_use]
pub fn stated_again(there: &Engagement) -> NormalRecord {
    NormalRecord {
        source: there.source.clone(),
        key: there.key.clone(),
        engagement: Some(there.kind.clone()),
        start: there.start,
        last_day: there.last_day,
        end: there.end,
        zone: there.zone.clone(),
        absences: there.absences.clone(),
        withdrawn: false,
        keys: there.keys.clone(),
        attributes: BTreeMap::new(),
        cleared: BTreeMap::new(),
        digest: [0; 32],
    }
}
