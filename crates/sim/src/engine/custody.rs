//! Non-human identities, stated by command, as the engine alone knows them.

use super::world::World;
use crate::verbs::Act;
use jiff::civil::Date;
use tenure_engine::{DEPUTY, OWNER, apply_record, newly_stated, stated_again};
use tenure_model::when::local_date;
use tenure_model::{
    AttributeName, Engagement, Identity, IdentityId, IdentityKind, LocalEnd, Name as _, NormalRecord,
    Timeline, Value, Zone,
};
use tenure_policy::COMMAND_SOURCE;

impl World {
    /// States a new one, or changes an existing one.
    pub(super) fn state_custody(&mut self, name: &str, act: &Act, actor: IdentityId) -> Result<(), String> {
        let (before, mut record) = match &act.kind {
            Some(kind) => {
                let owner = act.owner.as_deref().ok_or_else(|| format!("{name} has no owner"))?;
                let zone = self.answerer(OWNER, owner)?.1;
                let kind = IdentityKind::parse(kind).ok_or_else(|| format!("no identity is a {kind}"))?;
                let record = newly_stated(&self.context, &name.into(), self.today(&zone)?, zone);
                let new = Identity::new(IdentityId::new(0, self.id()), kind);
                (new, record.map_err(|e| e.to_string())?)
            }
            None => self.stated(name)?,
        };
        for (attribute, person) in [(OWNER, &act.owner), (DEPUTY, &act.deputy)] {
            if let Some(person) = person {
                let value = self.answerer(attribute, person)?.0;
                record.attributes.insert(AttributeName::new(attribute).unwrap(), Timeline::always(value));
            }
        }
        if let Some(purpose) = &act.purpose {
            let purpose = Timeline::always(Value::text(purpose));
            record.attributes.insert(AttributeName::new("purpose").unwrap(), purpose);
        }
        record.end = act.day().map(LocalEnd::day).or(record.end);
        self.take_statement(before, &record, actor);
        Ok(())
    }

    /// Ends one now.
    pub(super) fn end_custody(&mut self, name: &str, actor: IdentityId) -> Result<(), String> {
        let (before, mut record) = self.stated(name)?;
        let zone = self.context.zones.get(&record.zone.name).map_err(|e| e.to_string())?;
        let here = self.now.to_zoned(zone).datetime();
        let time = here.time().with().subsec_nanosecond(0).build().ok();
        record.end = Some(LocalEnd { date: here.date(), time });
        self.take_statement(before, &record, actor);
        Ok(())
    }

    fn stated(&self, name: &str) -> Result<(Identity, NormalRecord), String> {
        let identity = self.known[&self.person(name)?].subject.identity.clone();
        let by_command = |e: &&Engagement| e.source.as_str() == COMMAND_SOURCE;
        let there = identity.engagements.iter().find(by_command);
        let record = there.map(stated_again).ok_or_else(|| format!("{name} was not stated by command"))?;
        Ok((identity, record))
    }

    fn take_statement(&mut self, mut identity: Identity, record: &NormalRecord, actor: IdentityId) {
        apply_record(&self.context, &mut identity, record, self.now);
        let decision = self.weigh(identity, None, Some(actor));
        self.commit(decision);
        self.resettle_dependents();
    }

    /// An owner or deputy, by the key that the attribute refers to, and their time zone.
    fn answerer(&self, attribute: &str, person: &str) -> Result<(Value, Zone), String> {
        let kind = self.context.setup.attributes.get(attribute).and_then(|d| d.reference.as_ref());
        let kind = kind.ok_or_else(|| format!("`{attribute}` does not refer to people"))?;
        let person = &self.known[&self.person(person)?].subject.identity;
        let found = person.engagements.iter().rev();
        let mut found = found.filter_map(|e| Some((Value::text(e.keys.get(kind)?), e.zone.clone())));
        found.next().ok_or_else(|| format!("no source gives a `{kind}` of the {attribute}"))
    }

    fn today(&self, zone: &Zone) -> Result<Date, String> {
        let zone = self.context.zones.get(&zone.name).map_err(|e| e.to_string())?;
        Ok(local_date(self.now, &zone))
    }
}
