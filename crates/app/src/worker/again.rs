//! Puts work that needs a person back into the queue: by command, or because a scan shows that it can continue.

use super::Worker;
use crate::authority::Target;
use crate::{About, AppError, DecisionContext, Item, Operation, WorkRefusal};
use serde_json::json;
use std::sync::Arc;
use tenure_model::{TaskId, TaskKind, TaskState};
use tenure_store::{Change, Outcome};

impl Worker<'_> {
    /// Tries work again that needs a person or is scheduled for retry, from the first
    /// attempt. It decides nothing: what was decided before is still due.
    ///
    /// # Errors
    /// When there is no such task, a brake holds it, its owner does it by hand, or it is for
    /// the actor's own account.
    pub async fn try_again(&self, id: TaskId, moment: &DecisionContext) -> Result<(), AppError> {
        let task = self.app.store.task(id).await?;
        let unknown = || AppError::unknown(Item::Task, id.to_string());
        let task = task.ok_or_else(unknown)?;
        if task.kind == TaskKind::Manual {
            return Err(AppError::precondition(WorkRefusal::ManualTask { task: id }));
        }
        // Work scheduled for retry also starts at once: the pause may be the problem.
        if let TaskState::Held { .. } = task.state {
            return Err(AppError::precondition(WorkRefusal::TaskHeld { task: id }));
        }
        let subject = self.app.stored().readable(&[task.identity]).await?.pop().ok_or_else(unknown)?;
        let target = Target::account(&subject, &task.account);
        let permit = self.app.authority().permit(Operation::TryAgain, &target, moment).await?;
        let moment = permit.moment();
        let key = self.app.stored().key_of(task.identity, subject.person_key.as_deref());
        let about = About {
            identity: key.as_ref().map(|k| (task.identity, k)),
            case: self.app.cases().open_case(task.identity).await?,
            task: Some(id),
            account: Some(&task.account),
            entitlements: &crate::evidence::in_motion(&subject.grants, &task.account),
            ..About::default()
        };
        let payload = json!({ "v": 1, "account": task.account.to_string(), "generation": task.generation });
        let evidence = self.app.recorder(moment).evidence("task.again", about, payload)?;
        let more = vec![Change::BusinessTime(moment.now), Change::Append(evidence)];
        let unit = self.app.reconcile().ready_again(task, more);
        match self.app.store.commit(vec![unit]).await?.iter().all(Outcome::is_committed) {
            true => Ok(()),
            false => Err(AppError::ConcurrentChange(Arc::from(format!("task {}", id.short())))),
        }
    }
}
