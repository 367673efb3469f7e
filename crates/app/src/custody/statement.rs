//! Statements about a non-human identity, checked and made the record that a source would give.

use super::Custodies;
use crate::{AppError, DecisionContext, IdentityRefusal, Item};
use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_engine::{DEPUTY, MACHINE, OWNER, newly_stated, stated_again};
use tenure_model::Name as _;
use tenure_model::when::local_date;
use tenure_model::{
    AttributeName, Day, Engagement, IdentityKind, LocalEnd, NormalRecord, Phase, SourceName, Timeline, Value,
    Zone,
};
use tenure_policy::COMMAND_SOURCE;
use tenure_store::StoredSubject;

/// The attribute for its purpose.
pub(super) const PURPOSE: &str = "purpose";

/// A new non-human identity.
#[derive(Debug, Clone)]
pub struct NewCustody {
    /// Its kind; never a person.
    pub kind: IdentityKind,
    /// Its name, unique among all that commands state.
    pub name: Arc<str>,
    /// Its stated values; owner and purpose are required.
    pub stated: CustodyChange,
}

/// Changed values; what is not named stays as it is.
#[derive(Debug, Clone, Default)]
pub struct CustodyChange {
    /// Its owner.
    pub owner: Option<Arc<str>>,
    /// Its deputy, when the owner is gone.
    pub deputy: Option<Arc<str>>,
    /// Its purpose.
    pub purpose: Option<Arc<str>>,
    /// Its last day, in the owner's zone.
    pub until: Option<Date>,
    /// Further attributes, by name.
    pub attributes: BTreeMap<Arc<str>, Arc<str>>,
}

/// An owner or deputy, as the policy's attribute names people.
struct Answerer {
    key: Value,
    zone: Zone,
}

impl Custodies<'_> {
    /// The record of a new identity.
    pub(super) async fn new_record(
        &self,
        new: &NewCustody,
        moment: &DecisionContext,
    ) -> Result<NormalRecord, AppError> {
        let stated = &new.stated;
        let (Some(owner), Some(_)) = (&stated.owner, &stated.purpose) else {
            return Err(AppError::refused(IdentityRefusal::OwnerOrPurposeMissing));
        };
        let zone = self.answerer(OWNER, owner).await?.zone;
        let today = self.today(&zone, moment.now)?;
        if stated.until.is_none() && !self.app.context.setup.policy.custody.endless {
            let longest = self.longest(today);
            return Err(AppError::refused(IdentityRefusal::ExpiryMissing { latest: longest }));
        }
        let mut record = newly_stated(&self.app.context, &new.name, today, zone)
            .map_err(|_| AppError::unknown(Item::IdentityName, new.name.clone()))?;
        self.state(&mut record, stated, moment).await?;
        Ok(record)
    }

    /// The record of an existing identity, with the changed values.
    pub(super) async fn changed_record(
        &self,
        there: &Engagement,
        change: &CustodyChange,
        moment: &DecisionContext,
    ) -> Result<NormalRecord, AppError> {
        let mut record = stated_again(there);
        self.state(&mut record, change, moment).await?;
        Ok(record)
    }

    async fn state(
        &self,
        record: &mut NormalRecord,
        stated: &CustodyChange,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        for (attribute, person) in [(OWNER, &stated.owner), (DEPUTY, &stated.deputy)] {
            if let Some(person) = person {
                let value = self.answerer(attribute, person).await?.key;
                record.attributes.insert(attribute_name(attribute)?, Timeline::always(value));
            }
        }
        if let (Some(owner), Some(deputy)) = (record.attributes.get(OWNER), record.attributes.get(DEPUTY))
            && owner == deputy
        {
            return Err(AppError::refused(IdentityRefusal::DeputyIsOwner));
        }
        if let Some(purpose) = &stated.purpose {
            if purpose.trim().is_empty() {
                return Err(AppError::refused(IdentityRefusal::PurposeBlank));
            }
            self.declared(PURPOSE, None)?;
            record.attributes.insert(attribute_name(PURPOSE)?, Timeline::always(Value::text(purpose)));
        }
        for (name, text) in &stated.attributes {
            let (name, value) = self.attribute(name, text)?;
            record.attributes.insert(name, Timeline::always(value));
        }
        if let Some(until) = stated.until {
            Day::real_end(until).map_err(|e| {
                AppError::refused(IdentityRefusal::ExpiryInvalid {
                    expiry: until,
                    problem: e.to_string().into(),
                })
            })?;
            let today = self.today(&record.zone, moment.now)?;
            let longest = self.longest(today);
            if until < today || until > longest {
                return Err(AppError::refused(IdentityRefusal::ExpiryOutside {
                    expiry: until,
                    from: today,
                    latest: longest,
                }));
            }
            record.end = Some(LocalEnd::day(until));
        }
        Ok(())
    }

    /// A person who can be owner or deputy: neither departed nor cut off, by the key that the attribute refers to.
    async fn answerer(&self, attribute: &'static str, text: &str) -> Result<Answerer, AppError> {
        let by = self.app.context.setup.settings.actor_key.clone();
        let declared = self.declared(attribute, Some(by))?;
        let Some(kind) = &declared.reference else {
            return Err(AppError::precondition(IdentityRefusal::NoReference {
                attribute: attribute.into(),
                key: self.app.context.setup.settings.actor_key.clone(),
            }));
        };
        let person = self.app.people().person(text).await?;
        if let Some(why) = unable(&person, attribute) {
            return Err(AppError::refused(why));
        }
        let mut found = person.identity.engagements.iter().rev();
        let found = found.find_map(|e| Some((Value::text(e.keys.get(kind)?), e.zone.clone())));
        let Some((key, zone)) = found else {
            return Err(AppError::precondition(IdentityRefusal::KeyMissing {
                person: person.title,
                key: kind.clone(),
                attribute: attribute.into(),
            }));
        };
        Ok(Answerer { key, zone })
    }

    /// `reference`: the kind of key by which it has to refer to people.
    fn declared(
        &self,
        name: &str,
        reference: Option<Arc<str>>,
    ) -> Result<&tenure_policy::AttributeDecl, AppError> {
        let declared = self.app.context.setup.attributes.get(name);
        declared.ok_or_else(|| AppError::unknown(Item::Attribute { reference }, name))
    }

    fn attribute(&self, name: &str, text: &str) -> Result<(AttributeName, Value), AppError> {
        if [OWNER, DEPUTY, PURPOSE, MACHINE].contains(&name) {
            return Err(AppError::refused(IdentityRefusal::NotSetLikeThis { attribute: name.into() }));
        }
        let declared = self.declared(name, None)?;
        let value = declared.value_type.typed(text);
        let value = value.ok_or_else(|| {
            AppError::refused(IdentityRefusal::NotAValue {
                attribute: name.into(),
                value: text.into(),
                expected: declared.value_type,
            })
        })?;
        Ok((attribute_name(name)?, value))
    }

    fn longest(&self, today: Date) -> Date {
        let days = i64::from(self.app.context.setup.policy.custody.longest_days);
        Day::nearest(today.saturating_add(days.days())).get()
    }

    pub(super) fn today(&self, zone: &Zone, now: Timestamp) -> Result<Date, AppError> {
        let zone = self.app.context.zones.get(&zone.name).map_err(|e| {
            AppError::precondition(IdentityRefusal::ZoneUnknown { problem: e.to_string().into() })
        })?;
        Ok(local_date(now, &zone))
    }
}

/// Why a person cannot be owner or deputy of anything.
fn unable(person: &StoredSubject, attribute: &str) -> Option<IdentityRefusal> {
    let (identity, attribute) = (person.title.clone(), attribute.into());
    match person {
        p if p.identity.kind != IdentityKind::Person => {
            Some(IdentityRefusal::AnswererNoPerson { identity, attribute })
        }
        p if p.identity.is_cut_off() => Some(IdentityRefusal::AnswererCutOff { identity, attribute }),
        p if p.phase == Phase::Departed || p.identity.merged_into.is_some() => {
            Some(IdentityRefusal::AnswererDeparted { identity, attribute })
        }
        _ => None,
    }
}

pub(super) fn source() -> Result<SourceName, AppError> {
    SourceName::new(COMMAND_SOURCE).map_err(|_| AppError::unknown(Item::Source, COMMAND_SOURCE))
}

fn attribute_name(name: &str) -> Result<AttributeName, AppError> {
    AttributeName::new(name)
        .map_err(|e| AppError::unknown(Item::AttributeName { problem: e.to_string().into() }, name))
}
