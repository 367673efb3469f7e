//! Cases and tasks, as lists.

use super::Query;
use super::page::{Listed, Page, no_place};
use crate::{AppError, IdentityShown, LateCases};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{Case, CaseId, IdentityId, Overdue, Task, TaskId, TaskKind};
use tenure_store::{CaseFilter, CasePlace, TaskFilter};

/// A task that is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskShown {
    /// The task.
    pub task: Task,
    /// The identity whose account it is about.
    pub who: Option<IdentityShown>,
    /// Who does it, where it is manual: a name of the configuration.
    pub assigned_to: Option<String>,
}

impl Query<'_> {
    /// Cases, the latest decision first. The page decides how many, and after which; the filter's own limit and place count for nothing.
    ///
    /// # Errors
    /// When the page begins at no place of this list, or the store fails.
    pub async fn cases(&self, filter: &CaseFilter, page: &Page) -> Result<Listed<Case>, AppError> {
        let read = |text: &Arc<str>| place(text).ok_or_else(|| no_place(text));
        let after = page.after.as_ref().map(read).transpose()?;
        let filter = CaseFilter { after, limit: page.limit().saturating_add(1), ..filter.clone() };
        let rows = self.app.store.cases(&filter).await?.into_iter();
        Ok(page.of(rows.map(|c| (Arc::from(format!("{}/{}", c.clocks.decided_at, c.id)), c)).collect()))
    }

    /// Open cases past their deadline, the longest-running first, and the number of all.
    ///
    /// # Errors
    /// When the page begins at no place of this list, or the store fails.
    pub async fn overdue(&self, page: &Page) -> Result<(Listed<(Case, Overdue)>, u64), AppError> {
        let read = |text: &Arc<str>| place(text).ok_or_else(|| no_place(text));
        let after = page.after.as_ref().map(read).transpose()?;
        let LateCases { cases, all } =
            self.app.work().overdue(self.now(), after, page.rows().saturating_add(1)).await?;
        let place = |case: &Case| Arc::from(format!("{}/{}", case.clocks.runs_from(), case.id));
        Ok((page.of(cases.into_iter().map(|late| (place(&late.0), late)).collect()), all))
    }

    /// Tasks that are not done, the oldest first.
    ///
    /// # Errors
    /// When the page begins after no task, or the store fails.
    pub async fn tasks_listed(
        &self,
        filter: &TaskFilter,
        page: &Page,
    ) -> Result<Listed<TaskShown>, AppError> {
        let read = |text: &Arc<str>| TaskId::parse(text).ok_or_else(|| no_place(text));
        let after = page.after.as_ref().map(read).transpose()?;
        let rows = self.app.store.tasks_listed(filter, after, page.limit().saturating_add(1)).await?;
        let rows = rows.into_iter().map(|task| (Arc::from(task.id.to_string()), task)).collect();
        let Listed { rows, next } = page.of(rows);
        if rows.is_empty() {
            self.has(None, filter.system.as_ref())?;
        }
        let ids: Vec<IdentityId> = rows.iter().map(|task| task.identity).collect();
        let who: BTreeMap<IdentityId, IdentityShown> =
            self.app.people().shown(&ids).await?.into_iter().map(|who| (who.id, who)).collect();
        let mut shown = Vec::new();
        for task in rows {
            let assigned_to = match task.kind {
                TaskKind::Manual => Some(self.assigned_to(&task.account.system, task.identity).await?),
                _ => None,
            };
            shown.push(TaskShown { who: who.get(&task.identity).cloned(), assigned_to, task });
        }
        Ok(Listed { rows: shown, next })
    }
}

fn place(text: &str) -> Option<CasePlace> {
    let (at, id) = text.split_once('/')?;
    Some((at.parse::<Timestamp>().ok()?, CaseId::parse(id)?))
}
