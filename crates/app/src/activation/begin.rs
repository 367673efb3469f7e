//! Starts the handover of first passwords: sends a link, or gives a manual task.

use super::Activations;
use super::link;
use crate::references::Resolved;
use crate::{AppError, Candidate, DecisionContext};
use serde_json::json;
use std::sync::Arc;
use tenure_connect::{Message, Topic};
use tenure_engine::{is_available, reference_texts, values_on};
use tenure_model::{
    Account, AccountKey, AccountState, AttributeName, Fact, FactState, IdentityId, MailAddress, Obligation,
    Observation, ReferenceState, Task, TaskId, TaskKind, TaskState, Urgency,
};
use tenure_policy::{Activation, How};
use tenure_store::{Change, Expect, StoredSubject, Unit};

/// Most open tasks of one person that are read.
const TASKS_MAX: u32 = 100;

/// An account whose first password is due to be handed over now.
struct Beginning {
    stored: StoredSubject,
    account: Account,
    rule: Activation,
    fact: Fact,
}

impl Activations<'_> {
    /// Starts due activations once the account is confirmed usable. What cannot be sent becomes a manual task.
    pub(crate) async fn begin_activations(
        &self,
        owed: &[Fact],
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let Some(messages) = &self.app.messages else { return Ok(()) };
        for beginning in self.beginnings(owed).await? {
            let sent = match beginning.rule.how {
                How::OneTimeLink => self.send(&beginning, &**messages, moment).await?,
                _ => Err(format!("hand over the first password of {}", beginning.stored.title)),
            };
            if let Err(why) = sent {
                self.ask_by_hand(&beginning, &why).await?;
            }
        }
        Ok(())
    }

    async fn beginnings(&self, owed: &[Fact]) -> Result<Vec<Beginning>, AppError> {
        let open = owed.iter().filter_map(|f| match &f.obligation {
            Obligation::Activated(account) if f.state == FactState::Unknown => Some((f, account)),
            _ => None,
        });
        let open: Vec<(&Fact, &AccountKey)> = open.collect();
        let ids: Vec<IdentityId> = open.iter().map(|(f, _)| f.identity).collect();
        let stored = self.app.stored().readable(&ids).await?;
        let mut found = Vec::new();
        for (fact, key) in open {
            let Some(stored) = stored.iter().find(|s| s.identity.id == fact.identity) else { continue };
            let account = stored.accounts.iter().find(|a| &a.key == key);
            let usable =
                |a: &&Account| a.target.state == AccountState::Enabled && a.confirmed == a.generation;
            let rule = self.app.context.setup.systems.get(&key.system).and_then(|s| s.activation.clone());
            let (Some(account), Some(rule)) = (account.filter(usable), rule) else { continue };
            let (stored, account, fact) = (stored.clone(), account.clone(), fact.clone());
            found.push(Beginning { stored, account, rule, fact });
        }
        Ok(found)
    }

    /// Sends a link. It is stored only after it was sent: a link that was sent but not stored does not work.
    async fn send(
        &self,
        beginning: &Beginning,
        messages: &dyn tenure_connect::Deliver,
        moment: &DecisionContext,
    ) -> Result<Result<(), String>, AppError> {
        let Beginning { stored, account, rule, fact } = beginning;
        let (title, to) = match self.recipient(stored, rule, moment).await? {
            Ok(recipient) => recipient,
            Err(why) => return Ok(Err(why)),
        };
        let expires = tenure_model::range::moved(moment.now, rule.expires);
        let (link, code) = link::made(&self.app.machine, stored.identity.id, &account.key, expires);
        let subject = Arc::from(format!("First password of {} in {}", stored.title, account.key.system));
        let body = tenure_connect::Secret::new(&format!(
            "The account of {} in {} is ready and has no password yet.\n\nEnter this code, then the new password:\n\n{}\n\nThe code \
             works once, until {expires}. It is enough to set the password: keep it secret.\n",
            stored.title,
            account.key.system,
            code.expose(),
        ));
        if let Err(why) =
            messages.deliver(&Message { to, topic: Topic::FirstPassword, subject, about: None, body })
        {
            return Ok(Err(format!("the link for {} could not be sent ({why})", stored.title)));
        }
        let seen = format!("handed over for {title}; the link works until {expires}");
        let observation = Observation { at: moment.now, by: Arc::from("outbox"), seen: seen.into() };
        let what = json!({ "activation": "link sent", "account": account.key.to_string(), "to": &*title,
                           "expires": expires.to_string() });
        let mut candidate = Candidate::again(stored.clone(), what);
        candidate.after.decisions.links.retain(|l| l.account != account.key);
        candidate.after.decisions.links.push(link);
        candidate.extra =
            vec![Change::PutFact(Fact { state: FactState::Claimed(observation), ..fact.clone() })];
        candidate.cause.refresh = true;
        match self.app.settle().commit_together(vec![candidate], moment).await {
            // Another process was faster: the next pass sends another link.
            Ok(_) | Err(AppError::ConcurrentChange(_)) => Ok(Ok(())),
            Err(e) => Err(e),
        }
    }

    /// The recipient of the link and the address; otherwise why there is none.
    async fn recipient(
        &self,
        stored: &StoredSubject,
        rule: &Activation,
        moment: &DecisionContext,
    ) -> Result<Result<(Arc<str>, Arc<str>), String>, AppError> {
        let to = match &rule.to {
            None => Some(stored.clone()),
            Some(attribute) => self.referred(stored, attribute, moment).await?,
        };
        let Some(to) = to else {
            let whom = rule.to.as_ref().map(ToString::to_string).unwrap_or_default();
            return Ok(Err(format!("{} has no active {whom} to receive the link", stored.title)));
        };
        Ok(match self.address(&to, &rule.address, moment) {
            Some(address) if MailAddress::parse(address.trim()).is_some() => {
                Ok((to.title.clone(), Arc::from(address.trim())))
            }
            Some(_) => Err(format!("`{}` of {} is not one mail address", rule.address, to.title)),
            None => Err(format!("{} has no `{}` to which the link could be sent", to.title, rule.address)),
        })
    }

    /// The person that an attribute of an identity refers to, if that person is here.
    pub(super) async fn referred(
        &self,
        stored: &StoredSubject,
        attribute: &AttributeName,
        moment: &DecisionContext,
    ) -> Result<Option<StoredSubject>, AppError> {
        let texts = reference_texts(&self.app.context, &stored.identity, moment.now);
        let resolved = Resolved::load(self.app, &texts, moment).await?.of(stored.identity.id, &texts);
        let meant = resolved.iter().find(|r| &r.attribute == attribute && is_available(&r.state));
        let Some(ReferenceState::Resolved { id, .. }) = meant.map(|r| &r.state) else { return Ok(None) };
        Ok(self.app.stored().readable(&[*id]).await?.pop())
    }

    fn address(&self, of: &StoredSubject, name: &str, moment: &DecisionContext) -> Option<Arc<str>> {
        let identity = &of.identity;
        let stated = identity.engagements.iter().rev().find_map(|engagement| {
            let day = self.day_of(engagement, moment)?;
            let values = values_on(&self.app.context, identity, engagement, day, moment.now);
            values.get(name).map(|v| Arc::<str>::from(v.to_string())).filter(|v| !v.trim().is_empty())
        });
        stated.or_else(|| identity.identifiers.get(name).cloned())
    }

    fn day_of(
        &self,
        engagement: &tenure_model::Engagement,
        moment: &DecisionContext,
    ) -> Option<jiff::civil::Date> {
        let zone = self.app.context.zones.get(&engagement.zone.name).ok()?;
        Some(tenure_model::when::local_date(moment.now, &zone))
    }

    /// Gives a manual task, unless it was given already.
    async fn ask_by_hand(&self, beginning: &Beginning, why: &str) -> Result<(), AppError> {
        let (id, account) = (beginning.stored.identity.id, &beginning.account);
        let open = self.app.store.tasks(Some(id), TASKS_MAX).await?;
        if open.iter().any(|t| t.account == account.key) {
            return Ok(());
        }
        let (ms, random) = self.app.machine.id();
        let why = format!("{why}: set the password by hand and attest it");
        let task = Task {
            id: TaskId::new(ms, random),
            identity: id,
            account: account.key.clone(),
            kind: TaskKind::Manual,
            generation: account.generation,
            urgency: Urgency::Normal,
            attempts: 0,
            uncertain_creates: 0,
            contradictions: 0,
            failed: None,
            brake_passed: true,
            state: TaskState::NeedsPerson { why: why.into() },
        };
        let expects = vec![Expect::Generation(id, account.key.clone(), account.generation)];
        self.app.store.commit(vec![Unit { expects, changes: vec![Change::PutTask(task)] }]).await?;
        Ok(())
    }
}
