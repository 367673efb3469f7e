//! States by command that a non-human identity exists, has changed, or ends; all else is as for a source.

use super::Custodies;
use super::statement::{CustodyChange, NewCustody, source};
use crate::authority::Target;
use crate::text::fold;
use crate::{
    AppError, Candidate, Cause, Decision, DecisionContext, IdentityRefusal, Item, Operation, Permit,
};
use jiff::civil::Date;
use serde_json::{Value, json};
use sha2::Digest as _;
use sha2::Sha256;
use std::sync::Arc;
use tenure_engine::{DEPUTY, OWNER, apply_record, value_on};
use tenure_model::Name as _;
use tenure_model::{
    Day, Engagement, FeedRunId, Identity, IdentityId, IdentityKind, LocalEnd, NormalRecord, RecordState,
};
use tenure_policy::COMMAND_SOURCE;
use tenure_store::{Change, Keyed, RecordRow, StoredSubject};

impl Custodies<'_> {
    /// Adds a non-human identity with an owner. The work for its access is queued when this returns.
    ///
    /// # Errors
    /// When no actor is given, the name is taken, the owner cannot answer, or the expiry exceeds the policy's limit.
    pub async fn add_custody(
        &self,
        new: &NewCustody,
        moment: &DecisionContext,
    ) -> Result<Decision, AppError> {
        let permit = self.app.authority().permit(Operation::StateIdentity, &Target::all(), moment).await?;
        if new.kind == IdentityKind::Person {
            return Err(AppError::refused(IdentityRefusal::PeopleFromSources));
        }
        if let Some(taken) = self.called_so(&new.name).await?.first() {
            let from = taken.identity.engagements.last().map(Engagement::key_text).unwrap_or_default();
            return Err(AppError::precondition(IdentityRefusal::NameTaken {
                name: new.name.clone(),
                kind: taken.identity.kind,
                record: from,
            }));
        }
        let record = self.new_record(new, moment).await?;
        let identity = Identity::new(id_of(&new.name), new.kind);
        self.commit_record(None, identity, record, "identity add", &permit).await
    }

    /// Changes stated values. An ended identity continues when its expiry is moved to a later date.
    ///
    /// # Errors
    /// As [`Self::add_custody`]; when the identity is not known, or was not stated by command.
    pub async fn change_custody(
        &self,
        name: &str,
        change: &CustodyChange,
        moment: &DecisionContext,
    ) -> Result<Decision, AppError> {
        let (stored, there) = self.stated(name).await?;
        let permit = self.may_change(Operation::ChangeIdentity, &stored, &there, moment).await?;
        let record = self.changed_record(&there, change, moment).await?;
        let after = stored.identity.clone();
        self.commit_record(Some(stored), after, record, "identity change", &permit).await
    }

    /// Ends it: at the end of a day in the owner's zone, or now. Its access ends like that of any leaver.
    ///
    /// # Errors
    /// When no actor is given, it is not known, it was not stated by command, or it already ends by then.
    pub async fn end_custody(
        &self,
        name: &str,
        on: Option<Date>,
        moment: &DecisionContext,
    ) -> Result<Decision, AppError> {
        let (stored, there) = self.stated(name).await?;
        let permit = self.may_change(Operation::EndIdentity, &stored, &there, moment).await?;
        let zone = self.app.context.zones.get(&there.zone.name).map_err(|e| {
            AppError::precondition(IdentityRefusal::ZoneUnknown { problem: e.to_string().into() })
        })?;
        let here = moment.now.to_zoned(zone.clone()).datetime();
        if let Some(Err(e)) = on.map(Day::real_end) {
            return Err(AppError::precondition(IdentityRefusal::LastDayInvalid {
                problem: e.to_string().into(),
            }));
        }
        let end = match on {
            Some(day) => LocalEnd::day(day),
            // Truncated to the second, so that the instant has passed.
            None => {
                LocalEnd { date: here.date(), time: here.time().with().subsec_nanosecond(0).build().ok() }
            }
        };
        if there.end.is_some_and(|e| e.instant(&zone) <= end.instant(&zone)) {
            return Err(AppError::precondition(IdentityRefusal::EndsAlready {
                identity: stored.title,
                end: there.end.map(|e| e.to_string()).unwrap_or_default().into(),
            }));
        }
        let mut record = self.changed_record(&there, &CustodyChange::default(), moment).await?;
        record.end = Some(end);
        let after = stored.identity.clone();
        self.commit_record(Some(stored), after, record, "identity end", &permit).await
    }

    /// Who may change or end it: its owner and its deputy. Also after its end, when its engagement has no references any more.
    async fn may_change(
        &self,
        operation: Operation,
        stored: &StoredSubject,
        there: &Engagement,
        moment: &DecisionContext,
    ) -> Result<Permit, AppError> {
        let day = self.today(&there.zone, moment.now)?;
        let mut keys = Vec::new();
        for attribute in [OWNER, DEPUTY] {
            let declared = self.app.context.setup.attributes.get_key_value(attribute);
            let Some((name, kind)) = declared.and_then(|(n, d)| Some((n, d.reference.clone()?))) else {
                continue;
            };
            let value = value_on(&self.app.context, &stored.identity, there, name, day, moment.now);
            keys.extend(value.and_then(|(v, _)| v.as_text()).map(|v| Keyed { kind, value: fold(v) }));
        }
        let custodians = self.app.store.by_keys(&keys).await?.into_iter().map(|(_, id)| id).collect();
        self.app.authority().permit(operation, &Target { custodians, ..Target::of(stored) }, moment).await
    }

    /// All identities with this name.
    pub(super) async fn called_so(&self, name: &str) -> Result<Vec<StoredSubject>, AppError> {
        let keyed = Keyed { kind: Arc::from("name"), value: fold(name) };
        let ids: Vec<IdentityId> =
            self.app.store.by_keys(&[keyed]).await?.into_iter().map(|(_, id)| id).collect();
        Ok(if ids.is_empty() { Vec::new() } else { self.app.stored().readable(&ids).await? })
    }

    /// An identity that a command stated, with the stated engagement.
    async fn stated(&self, name: &str) -> Result<(StoredSubject, Engagement), AppError> {
        let stored = self.custody_named(name).await?;
        let stated =
            stored.identity.engagements.iter().rfind(|e| e.source.as_str() == COMMAND_SOURCE).cloned();
        match stated {
            Some(engagement) => Ok((stored, engagement)),
            None => {
                let from = stored.identity.engagements.last().map(Engagement::key_text).unwrap_or_default();
                Err(AppError::precondition(IdentityRefusal::StatedBySource {
                    identity: stored.title,
                    record: from,
                }))
            }
        }
    }

    /// A non-human identity by its name, otherwise by the search that applies to any identity.
    pub(super) async fn custody_named(&self, name: &str) -> Result<StoredSubject, AppError> {
        let mut named = self.called_so(name).await?;
        named.retain(|s| s.identity.kind != IdentityKind::Person);
        let stored = match named.pop() {
            Some(only) if named.is_empty() => only,
            _ => self.app.people().person(name).await.map_err(|e| match e {
                AppError::Unknown { .. } => AppError::unknown(Item::Identity, name),
                other => other,
            })?,
        };
        if stored.identity.kind == IdentityKind::Person {
            return Err(AppError::refused(IdentityRefusal::IsAPerson { identity: stored.title }));
        }
        Ok(stored)
    }

    async fn commit_record(
        &self,
        before: Option<StoredSubject>,
        mut after: Identity,
        record: NormalRecord,
        command: &'static str,
        permit: &Permit,
    ) -> Result<Decision, AppError> {
        let moment = permit.moment();
        apply_record(&self.app.context, &mut after, &record, moment.now);
        let what = told(command, &record);
        let (ms, random) = self.app.machine.id();
        let row = RecordRow {
            source: source()?,
            key: record.key,
            identity: Some(after.id),
            state: RecordState::Taken,
            digest: record.digest,
            waiting: None,
            run: FeedRunId::new(ms, random),
        };
        let extra = vec![Change::PutRecord(Box::new(row))];
        let cause = Cause { label: None, what, refresh: true, ..Cause::default() };
        let candidate = Candidate { before, after, extra, expects: Vec::new(), cause };
        self.app.settle().commit_together(vec![candidate], moment).await
    }
}

/// The id of an identity stated under a name: two concurrent statements meet in one row, and one fails.
fn id_of(name: &str) -> IdentityId {
    let digest: [u8; 32] = Sha256::digest(format!("{COMMAND_SOURCE}:{}", fold(name))).into();
    let mut id = [0; 16];
    id.copy_from_slice(&digest[..16]);
    IdentityId::from_digest(id)
}

/// The stated values, for the evidence.
fn told(command: &str, record: &NormalRecord) -> Value {
    let attributes: serde_json::Map<String, Value> = record
        .attributes
        .iter()
        .filter_map(|(name, line)| {
            Some((name.to_string(), line.entries().last()?.value.as_ref()?.to_string().into()))
        })
        .collect();
    json!({
        "command": command,
        "record": format!("{}:{}", record.source, record.key),
        "end": record.end.map(|e| e.to_string()),
        "attributes": attributes,
    })
}
