//! Forms of the values of notes.

use super::form::{self, Form, derived};
use crate::note::{
    DamageNote, DismissedRows, EarlierBrake, ReportNote, SingleConfirmation, UnreviewedCutOff,
};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::IdentityId;

derived! {
    SingleConfirmationForm: SingleConfirmation,
    EarlierBrakeForm: EarlierBrake,
    ReportNoteForm: ReportNote,
    DismissedRowsForm: DismissedRows,
    DamageNoteForm: DamageNote,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "SingleConfirmation", deny_unknown_fields)]
struct SingleConfirmationForm {
    hash: Arc<str>,
    by: Arc<str>,
    #[serde(with = "form")]
    until: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "EarlierBrake", deny_unknown_fields)]
struct EarlierBrakeForm {
    scope: Arc<str>,
    percent: u8,
    count: u32,
    #[serde(with = "form")]
    until: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ReportNote", deny_unknown_fields)]
struct ReportNoteForm {
    #[serde(with = "form")]
    at: Timestamp,
    print: Arc<str>,
    #[serde(with = "form")]
    extracted: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "DismissedRows", deny_unknown_fields)]
struct DismissedRowsForm {
    #[serde(with = "form")]
    file: [u8; 32],
    #[serde(with = "form")]
    rows: BTreeSet<Arc<str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "DamageNote", deny_unknown_fields)]
struct DamageNoteForm {
    what: Arc<str>,
    mark: Arc<str>,
    dealt_with: bool,
    apart: bool,
    configuration: Option<Arc<str>>,
}

#[derive(Serialize, Deserialize)]
enum UnreviewedForm {
    #[serde(rename = "reviewed")]
    Reviewed,
    #[serde(rename = "identity")]
    Identity(#[serde(with = "form")] IdentityId),
    #[serde(rename = "order")]
    Order,
}

impl Form for UnreviewedCutOff {
    fn put<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Reviewed => UnreviewedForm::Reviewed,
            Self::Identity(id) => UnreviewedForm::Identity(*id),
            Self::Order => UnreviewedForm::Order,
        }
        .serialize(s)
    }
    fn get<'de, D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(match UnreviewedForm::deserialize(d)? {
            UnreviewedForm::Reviewed => Self::Reviewed,
            UnreviewedForm::Identity(id) => Self::Identity(id),
            UnreviewedForm::Order => Self::Order,
        })
    }
}
