//! Forms of a normalised record and of a feed's result.

use super::form::{self, derived};
use crate::FeedResult;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{
    Absence, AttributeName, EngagementType, HeldChangeId, LocalEnd, NormalRecord, RecordKey, SourceName,
    Timeline, Value, Zone,
};

derived! {
    NormalRecordForm: NormalRecord,
    FeedResultForm: FeedResult,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "NormalRecord")]
struct NormalRecordForm {
    #[serde(rename = "s", with = "form")]
    source: SourceName,
    #[serde(rename = "k", with = "form")]
    key: RecordKey,
    #[serde(rename = "t", with = "form", default, skip_serializing_if = "Option::is_none")]
    engagement: Option<EngagementType>,
    #[serde(rename = "f", with = "form", default, skip_serializing_if = "Option::is_none")]
    start: Option<Date>,
    #[serde(rename = "l", with = "form", default, skip_serializing_if = "Option::is_none")]
    last_day: Option<LocalEnd>,
    #[serde(rename = "e", with = "form", default, skip_serializing_if = "Option::is_none")]
    end: Option<LocalEnd>,
    #[serde(rename = "z", with = "form")]
    zone: Zone,
    #[serde(rename = "b", with = "form", default, skip_serializing_if = "Vec::is_empty")]
    absences: Vec<Absence>,
    #[serde(rename = "w", default, skip_serializing_if = "std::ops::Not::not")]
    withdrawn: bool,
    #[serde(rename = "i", default, skip_serializing_if = "BTreeMap::is_empty")]
    keys: BTreeMap<Arc<str>, Arc<str>>,
    #[serde(rename = "a", with = "form")]
    attributes: BTreeMap<AttributeName, Timeline<Value>>,
    #[serde(rename = "c", with = "form", default, skip_serializing_if = "BTreeMap::is_empty")]
    cleared: BTreeMap<AttributeName, Date>,
    #[serde(rename = "h", with = "form")]
    digest: [u8; 32],
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "FeedResult", rename_all = "snake_case")]
enum FeedResultForm {
    Taken,
    Held(#[serde(with = "form")] HeldChangeId),
    Refused(Arc<str>),
}
