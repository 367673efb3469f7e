//! Nested entitlements, as a scan of their system saw them: stored, counted, and reported where no configuration declares them.

use super::Reconciliation;
use super::report::ScanReport;
use super::snapshot::{Scope, Snapshot};
use crate::{About, AppError, DecisionContext, Labels};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_engine::{Reach, circles};
use tenure_model::{Containment, EntitlementName, Finding, FindingDetail, FindingKind, IdentityId, Name};
use tenure_policy::ClassCache;
use tenure_store::{Change, ContainmentRow, Unit};

/// Rows that are written together.
const CHUNK: usize = 512;

/// The outer entitlement, and the inner one that its holders inherit.
type Pair = (EntitlementName, EntitlementName);

impl Reconciliation<'_> {
    /// Stores what the scan saw, with evidence of new and ended nesting. Returns whether there is any.
    pub(crate) async fn note_containment(
        &self,
        scope: &Scope<'_>,
        seen: &Snapshot,
        report: &mut ScanReport,
        moment: &DecisionContext,
    ) -> Result<bool, AppError> {
        let named = |local: &Arc<str>| EntitlementName::of(scope.name, local).ok();
        let now: BTreeSet<Pair> =
            seen.contains.iter().filter_map(|(outer, inner)| Some((named(outer)?, named(inner)?))).collect();
        let rows = self.app.stored().containment(scope.name).await?;
        let before: BTreeMap<Pair, ContainmentRow> =
            rows.into_iter().map(|r| ((r.outer.clone(), r.inner.clone()), r)).collect();
        let new: Vec<&Pair> = now.iter().filter(|pair| !before.contains_key(*pair)).collect();
        // Only a complete scan shows that nesting has ended.
        let gone: Vec<&Pair> = before.keys().filter(|pair| report.complete && !now.contains(*pair)).collect();
        let mut changes: Vec<Change> =
            gone.iter().map(|(outer, inner)| Change::EndContainment(outer.clone(), inner.clone())).collect();
        changes.extend(now.iter().map(|(outer, inner)| {
            let row = ContainmentRow {
                outer: outer.clone(),
                inner: inner.clone(),
                since: moment.now,
                seen: moment.now,
            };
            Change::PutContainment(row)
        }));
        for found in self.undeclared(scope, &now) {
            changes.push(self.app.finding_rows().finding(scope.name, None, found.clone(), moment));
            report.findings.push(found);
        }
        let changed = !new.is_empty() || !gone.is_empty();
        if changed {
            let words = |pairs: &[&Pair]| -> Vec<String> {
                pairs.iter().map(|(outer, inner)| format!("{outer} in {inner}")).collect()
            };
            let payload = json!({
                "v": 1, "system": scope.name.as_str(), "nested": words(&new), "no_longer": words(&gone),
            });
            changes.push(Change::Append(self.app.recorder(moment).evidence(
                "system.nested",
                About::default(),
                payload,
            )?));
        }
        let units = changes.chunks(CHUNK).map(|some| Unit { expects: Vec::new(), changes: some.to_vec() });
        self.app.store.commit(units.collect()).await?;
        Ok(changed)
    }

    /// Nesting that gives a managed entitlement without a declaration, and entitlements that contain themselves.
    fn undeclared(&self, scope: &Scope<'_>, now: &BTreeSet<Pair>) -> Vec<Finding> {
        let declared = Reach::declared(&self.app.context);
        let gained = now.iter().filter(|(outer, inner)| {
            outer != inner && self.app.context.is_managed(inner) && !declared.from(outer).contains(inner)
        });
        let mut found: Vec<Finding> = gained
            .map(|(outer, inner)| {
                let entitlement = self.app.context.entitlement(inner);
                let owner = entitlement.and_then(|e| e.owner.as_ref()).unwrap_or(&scope.system.owner);
                let about = format!("{outer} in {inner}");
                let (outer, inner) = (outer.clone(), inner.clone());
                let (owner, system) = (owner.clone(), scope.name.clone());
                Finding::new(about, FindingDetail::NestingUndeclared { outer, inner, owner, system })
            })
            .collect();
        let seen: Containment = now.iter().cloned().collect();
        found.extend(circles(&seen).into_iter().map(|circle| {
            let names: Vec<&str> = circle.iter().map(Name::as_str).collect();
            let (owner, system) = (scope.system.owner.clone(), scope.name.clone());
            Finding::new(names.join(", "), FindingDetail::NestingCircular { owner, system })
        }));
        found
    }

    /// Settles the identities that nesting affects, where a separation rule covers the system: all of them if the nesting changed,
    /// otherwise those with changed inherited entitlements or with a separation conflict.
    pub(crate) async fn settle_nested(
        &self,
        scope: &Scope<'_>,
        changed: bool,
        mut whose: BTreeSet<IdentityId>,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        if !self.app.containment().kept_apart().contains(scope.name) {
            return Ok(());
        }
        let mut cache = ClassCache::default();
        let what = json!({ "nested": scope.name.as_str() });
        let mut labels = Labels::new();
        if changed {
            return self.app.settle().settle_all(&what, false, &mut cache, moment, &mut labels).await;
        }
        let kept = self
            .app
            .finding_rows()
            .findings_where(|r| r.finding.kind() == FindingKind::SeparationConflict)
            .await?;
        whose.extend(kept.into_iter().filter_map(|r| r.identity));
        let whose: Vec<IdentityId> = whose.into_iter().collect();
        let dependents =
            self.app.settle().settle_again(&whose, &what, false, &mut cache, moment, &mut labels).await?;
        self.app.settle().resettle_dependents(dependents, &mut cache, moment, &mut labels).await
    }
}
