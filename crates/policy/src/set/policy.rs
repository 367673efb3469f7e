//! The policy as a whole: everything that the files of `policy/` declare, and what all of its rules have in common.

use super::rules::{
    AbsenceRule, Approval, Baseline, CustodyRule, Handover, Identifier, Lifecycle, LocalRule,
    PolicyException, RequestRule, Retention, Separation, Watch,
};
use crate::{Bundle, Condition, Index};
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{BundleName, CaseLabel, RuleName};

/// The policy, compiled.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Lifecycle dates.
    pub lifecycle: Lifecycle,
    /// Local rules about them; for each setting the first matching rule wins.
    pub local: Vec<LocalRule>,
    /// Rules that give access.
    pub baselines: Vec<Baseline>,
    /// Rules that require approval.
    pub approvals: Vec<Approval>,
    /// How long before a dated change approvers are asked about it.
    pub ask_ahead: SignedDuration,
    /// Separation rules.
    pub separations: Vec<Separation>,
    /// Handover rules.
    pub handovers: Vec<Handover>,
    /// Accepted exceptions.
    pub exceptions: Vec<PolicyException>,
    /// Rules that only report.
    pub watches: Vec<Watch>,
    /// Unique names.
    pub identifiers: Vec<Identifier>,
    /// Absences.
    pub absence: AbsenceRule,
    /// What happens to requested access when the engagement changes.
    pub request: RequestRule,
    /// Custody of non-human identities.
    pub custody: CustodyRule,
    /// Holds and erasure.
    pub retention: Retention,
    /// Bundles.
    pub bundles: BTreeMap<BundleName, Bundle>,
    /// The precedence of labels if several apply to a change.
    pub labels: Vec<CaseLabel>,
    /// Rules by attribute value, and the values that make up a class.
    pub index: Index,
}

impl Policy {
    /// Every condition of the policy with the name of its rule: the single list for everything that examines conditions. A kind of
    /// rule that is missing in it is not settled on its dates and never checked.
    pub fn conditions(&self) -> impl Iterator<Item = (&RuleName, &Condition)> {
        self.every_rule().filter_map(|rule| Some((rule.name, rule.when?)))
    }

    /// The name of each rule that has an owner of its own, with the owner. Exceptions are found by their own check.
    pub fn rule_owners(&self) -> impl Iterator<Item = (&RuleName, &Arc<str>)> {
        self.every_rule().filter_map(|rule| Some((rule.name, rule.owner?)))
    }

    /// Every rule, in the order of its kind. The pattern names each field, so that a new kind of rule cannot be forgotten here.
    fn every_rule(&self) -> impl Iterator<Item = AnyRule<'_>> {
        let Self {
            local,
            baselines,
            approvals,
            separations,
            handovers,
            watches,
            exceptions: _,
            identifiers: _,
            bundles: _,
            lifecycle: _,
            absence: _,
            request: _,
            ask_ahead: _,
            custody: _,
            retention: _,
            labels: _,
            index: _,
        } = self;
        let rule = |name, when, owner| AnyRule { name, when, owner };
        let baselines = baselines.iter().map(move |r| rule(&r.name, Some(&r.when), Some(&r.owner)));
        baselines
            .chain(local.iter().map(move |r| rule(&r.name, Some(&r.when), None)))
            .chain(approvals.iter().map(move |r| rule(&r.name, Some(&r.when), None)))
            .chain(separations.iter().map(move |r| rule(&r.name, None, Some(&r.owner))))
            .chain(handovers.iter().map(move |r| rule(&r.name, Some(&r.when), None)))
            .chain(watches.iter().map(move |r| rule(&r.name, Some(&r.when), Some(&r.owner))))
    }
}

/// What rules of all kinds have in common.
struct AnyRule<'p> {
    name: &'p RuleName,
    when: Option<&'p Condition>,
    owner: Option<&'p Arc<str>>,
}
