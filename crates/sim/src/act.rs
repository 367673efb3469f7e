//! What people do in a scenario, done through the application's own commands.

use crate::application::Application;
use crate::codes::Failure;
use crate::cut_off::{is_about_cut_off, says};
use crate::see::MANY;
use crate::verbs::Act;
use crate::words;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_app::{AppError, CustodyChange, Item, NewCustody};
use tenure_connect::Secret;
use tenure_model::Name as _;
use tenure_model::{
    ApprovalRequest, CorrelationId, HoldClass, IdentityId, IdentityKind, RecordKey, SourceName, SystemName,
    TaskKind,
};

impl Application {
    /// Executes an act of a person; a text says what went wrong.
    pub(crate) async fn act(&self, act: &Act) -> Result<(), String> {
        let done = match act.acknowledge.as_ref().or(act.dismiss.as_ref()) {
            Some(finding) => self.acknowledge(finding, act).await,
            None => self.try_act(act).await,
        };
        let what = words::act(act);
        match (&act.refused, done) {
            (None, Ok(())) => Ok(()),
            (None, Err(e)) => Err(format!("{what} That failed: {e}")),
            (Some(_), Ok(())) => Err(format!("{what} That went through.")),
            (Some(why), Err(e)) => {
                let failure = Failure::from(e);
                let Failure { code, text } = &failure;
                match failure.is(why) {
                    true => Ok(()),
                    false => Err(format!(
                        "{what} That was refused for another reason: {} ({text})",
                        code.unwrap_or_default()
                    )),
                }
            }
        }
    }

    /// Acknowledges or dismisses a finding, named as it is expected; that of a cut-off names its identity by the id.
    async fn acknowledge(&self, finding: &str, act: &Act) -> Result<(), AppError> {
        let moment = self.moment(act.by.as_deref()).await?;
        let wanted = match finding.strip_prefix("overdue-cut-off: cut-off of ") {
            Some(person) => {
                format!("overdue-cut-off: cut-off of {}", self.app.people().person(person).await?.identity.id)
            }
            None => finding.to_owned(),
        };
        let all = crate::see::findings(self, &moment, None).await?;
        let found = all.into_iter().find(|f| crate::see::finding_words(&f.finding) == wanted);
        let found = found.ok_or_else(|| AppError::unknown(Item::Finding, finding.to_owned()))?;
        let reason = act.reason.as_deref().unwrap_or("scenario");
        match act.dismiss {
            Some(_) => self.app.findings().dismiss(found.id, reason, &moment).await?,
            None => {
                let until = act.until.as_deref().unwrap().parse().unwrap();
                self.app.findings().acknowledge(found.id, reason, until, &moment).await?
            }
        };
        Ok(())
    }

    async fn try_act(&self, act: &Act) -> Result<(), AppError> {
        let moment = self.moment(act.by.as_deref()).await?;
        let app = &self.app;
        let reason = act.reason.as_deref().unwrap_or("scenario");
        if is_about_cut_off(act) {
            self.cut_off_act(act, reason, &moment).await?;
        } else if let Some(person) = &act.reads {
            self.read(person, act, &moment).await?;
        } else if let Some(person) = &act.lift {
            app.cut_off().lift(person, &moment).await.map(drop)?;
        } else if let Some(person) = &act.hold {
            app.retention().set_hold(person, class(act), reason, instant(act), &moment).await?;
        } else if let Some(person) = &act.erase {
            app.retention().erase(person, act.reason.as_deref(), &moment).await?;
        } else if let Some(person) = &act.lift_hold {
            app.retention().lift_hold(person, class(act), &moment).await?;
        } else if let Some(person) = act.approve.as_ref().or(act.deny.as_ref()) {
            self.vote(person, act, reason, &moment).await?;
        } else if let Some(scope) = &act.release {
            self.release(scope, &act.only, &moment).await?;
        } else if let Some(kind) = &act.same_by {
            app.correlation().resolve_by(kind, &moment).await?;
        } else if let Some(record) = act.same.as_ref().or(act.new.as_ref()) {
            self.say_whose(record, act, &moment).await?;
        } else if let (Some(from), Some(into)) = (&act.merge, &act.into) {
            app.correlation().merge(from, into, &moment).await?;
        } else if let (Some(record), Some(person)) = (&act.split, &act.person) {
            let (source, key) = record.split_once(':').unwrap();
            let (source, key) = (SourceName::new(source).unwrap(), RecordKey::new(key).unwrap());
            app.correlation().split(person, &source, &key, &moment).await?;
        } else if let Some(person) = act.done.as_ref().or(act.attest.as_ref()) {
            self.by_hand(person, act, reason, &moment).await?;
        } else if let (Some(person), Some(fact)) = (&act.accept, &act.fact) {
            let until = act.until.as_deref().unwrap().parse().unwrap();
            app.work().accept(person, fact, reason, until, &moment).await?;
        } else if let Some(system) = act.enable.as_ref().or(act.keep_disabled.as_ref()) {
            let system = SystemName::new(system).unwrap_or_else(|e| panic!("{system}: {e}"));
            let person = act.person.as_deref().unwrap_or_default();
            app.adoption().say_off_by_hand(&system, person, act.enable.is_some(), &moment).await?;
        } else if let Some(account) = act.claim.as_ref().or(act.disclaim.as_ref()) {
            self.claim(account, act, &moment).await?;
        } else if let Some(person) = &act.again {
            self.again(person, act, &moment).await?;
        } else if let Some(person) = &act.rename {
            app.decisions().ask_names_again(person, &moment).await?;
        } else if let Some(name) = &act.custody {
            self.state(name, act, &moment).await?;
        } else if act.activate.is_some() || act.renew.is_some() {
            self.first_password(act, &moment).await?;
        } else if let Some(name) = act.end.as_ref().filter(|_| act.person.is_none()) {
            app.custody().end_custody(name, None, &moment).await?;
        } else if !self.decide_access(act, &moment).await? {
            panic!("{act:?} does nothing");
        }
        Ok(())
    }

    /// Links an account to a person, or declares it an orphan.
    async fn claim(
        &self,
        account: &str,
        act: &Act,
        moment: &tenure_app::DecisionContext,
    ) -> Result<(), AppError> {
        let (system, name) = account.split_once(':').unwrap();
        let system = SystemName::new(system).unwrap();
        match (&act.claim, &act.person) {
            (Some(_), Some(person)) => self.app.adoption().claim(&system, name, person, moment).await,
            _ => self.app.adoption().disclaim(&system, name, moment).await,
        }
    }

    /// Reads the explanation of a person, and checks what it says.
    async fn read(
        &self,
        person: &str,
        act: &Act,
        moment: &tenure_app::DecisionContext,
    ) -> Result<(), AppError> {
        let explained = self.app.explain().explain(person, None, moment).await?;
        let found = explained.findings.iter();
        let found = found.map(|f| format!("finding: {}: {}", f.about, tenure_words::finding(f)));
        says(&explained.lines.into_iter().chain(found).collect::<Vec<_>>().join("\n"), act);
        Ok(())
    }

    /// The open correlation question about a record.
    async fn question(&self, record: &str) -> Result<CorrelationId, AppError> {
        let questions = self.store.correlations_after(None, MANY).await?;
        let found = questions.iter().find(|q| format!("{}:{}", q.source, q.key) == *record);
        Ok(found.unwrap_or_else(|| panic!("no question is open about {record}")).id)
    }

    async fn first_password(&self, act: &Act, moment: &tenure_app::DecisionContext) -> Result<(), AppError> {
        let Some(to) = &act.activate else {
            return self.app.activation().renew_links(act.renew.as_deref().unwrap_or_default(), moment).await;
        };
        let code = self.sent.code(to, act.link).unwrap_or_else(|| panic!("no code went to {to}"));
        let password = Secret::new(act.password.as_deref().unwrap_or("correct horse battery staple"));
        self.app.activation().redeem(&code, &password, moment).await.map(drop)
    }

    async fn state(
        &self,
        name: &str,
        act: &Act,
        moment: &tenure_app::DecisionContext,
    ) -> Result<(), AppError> {
        let text = |t: &Option<String>| t.as_deref().map(Arc::from);
        let stated = CustodyChange {
            owner: text(&act.owner),
            deputy: text(&act.deputy),
            purpose: text(&act.purpose),
            until: act.until.as_deref().map(|u| u.parse().unwrap()),
            attributes: BTreeMap::new(),
        };
        match &act.kind {
            None => self.app.custody().change_custody(name, &stated, moment).await?,
            Some(kind) => {
                let kind = IdentityKind::parse(kind).unwrap_or_else(|| panic!("no identity is a {kind}"));
                self.app
                    .custody()
                    .add_custody(&NewCustody { kind, name: Arc::from(name), stated }, moment)
                    .await?
            }
        };
        Ok(())
    }

    /// Answers which identity a record in question belongs to.
    async fn say_whose(
        &self,
        record: &str,
        act: &Act,
        moment: &tenure_app::DecisionContext,
    ) -> Result<(), AppError> {
        let whose = match &act.person {
            Some(person) => Some(self.app.people().person(person).await?.identity.id),
            None => None,
        };
        let question = self.question(record).await?;
        self.app.correlation().resolve(question, whose, moment).await?;
        Ok(())
    }

    async fn vote(
        &self,
        person: &str,
        act: &Act,
        reason: &str,
        moment: &tenure_app::DecisionContext,
    ) -> Result<(), AppError> {
        let about = self.app.people().person(person).await?.identity.id;
        let mut requests = self.store.approvals(Some(about), 100).await?;
        requests.retain(|r| act.rule.as_ref().is_none_or(|rule| r.rule.as_str() == rule));
        if requests.is_empty() {
            return Err(AppError::unknown(Item::Question, person));
        }
        // Of several questions the approver answers their own.
        let by = moment.actor.as_ref().map(|a| a.id);
        let own = |r: &ApprovalRequest| by.is_some_and(|by| r.put_to().contains(&by));
        if requests.iter().any(own) {
            requests.retain(own);
        }
        for request in requests {
            self.app.votes().vote(request.id, act.approve.is_some(), reason, moment).await?;
        }
        Ok(())
    }

    async fn release(
        &self,
        scope: &str,
        only: &[String],
        moment: &tenure_app::DecisionContext,
    ) -> Result<(), AppError> {
        let held = self.store.held_changes_after(None, MANY).await?;
        let held = held.iter().find(|h| *h.scope == *scope);
        let held = held.ok_or_else(|| AppError::unknown(Item::HeldChange, scope))?;
        let mut people = std::collections::BTreeSet::<IdentityId>::new();
        for person in only {
            people.insert(self.app.people().person(person).await?.identity.id);
        }
        self.app.brakes().release(held.id, (!people.is_empty()).then_some(&people), moment).await?;
        Ok(())
    }

    async fn again(
        &self,
        person: &str,
        act: &Act,
        moment: &tenure_app::DecisionContext,
    ) -> Result<(), AppError> {
        let about = self.app.people().person(person).await?.identity.id;
        let mut tasks = self.store.tasks(Some(about), 100).await?;
        tasks.retain(|t| act.system.as_ref().is_none_or(|s| t.account.system.as_str() == s));
        assert!(!tasks.is_empty(), "{person} has no open work");
        for task in tasks {
            self.app.work().try_again(task.id, moment).await?;
        }
        Ok(())
    }

    async fn by_hand(
        &self,
        person: &str,
        act: &Act,
        seen: &str,
        moment: &tenure_app::DecisionContext,
    ) -> Result<(), AppError> {
        let about = self.app.people().person(person).await?.identity.id;
        let tasks = self.store.tasks(Some(about), 100).await?;
        let task = tasks.iter().find(|t| {
            t.kind == TaskKind::Manual && act.system.as_ref().is_none_or(|s| t.account.system.as_str() == s)
        });
        let task = task.unwrap_or_else(|| panic!("{person} has no manual task"));
        if act.done.is_some() {
            self.app.work().manual_done(task.id, moment).await?;
        } else {
            self.app.work().attest(task.id, seen, moment).await?;
        }
        Ok(())
    }
}

/// The class of a hold.
pub(crate) fn class(act: &Act) -> HoldClass {
    let class = act.class.as_deref().and_then(HoldClass::parse);
    class.unwrap_or_else(|| panic!("{act:?}: a hold has a class, legal or hr"))
}

/// Until when a hold is on.
pub(crate) fn instant(act: &Act) -> Option<Timestamp> {
    act.until.as_deref().map(|until| until.parse().unwrap_or_else(|e| panic!("{until}: {e}")))
}
