//! Writes one decision as a unit: all its changes and its evidence, or nothing.

use super::batch::BatchContext;
use super::identifiers::Issued;
use super::tasks::access;
use super::title::search;
use crate::decision::Cause;
use crate::describe::{FindingForm, Shown, StepForm};
use crate::finding_rows::finding_id;
use crate::references::{given_keys, wants};
use crate::text::fold;
use crate::{About, App, AppError, DecisionContext};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_engine::{Asking, Decided, Gated, ReferenceText, carried, classes};
use tenure_model::{
    ApprovalId, ApprovalRequest, ApprovalState, Case, CaseEvent, CaseId, CaseLabel, CaseState, Clocks,
    EntitlementName, Finding, FindingId, FindingKind, Identity, IdentityId, Obligation, RecordState,
    ReferenceState, Subject,
};
use tenure_store::{Change, Evidence, Expect, FindingRow, IdentityRow, Keyed, StoredSubject, Unit};

/// The parts of one unit.
pub(crate) struct UnitDraft<'a> {
    pub(crate) before: Option<&'a StoredSubject>,
    pub(crate) extra: Vec<Change>,
    pub(crate) expects: Vec<Expect>,
    pub(crate) cause: &'a Cause,
    pub(crate) subject: Subject,
    pub(crate) title: Arc<str>,
    pub(crate) gated: &'a Gated,
    pub(crate) decided: &'a Decided,
    pub(crate) texts: &'a [ReferenceText],
    pub(crate) issued: &'a Issued,
    pub(crate) found: Option<CaseLabel>,
    pub(crate) open: Option<&'a Case>,
    pub(crate) asked: &'a [ApprovalRequest],
    /// What they own and must be handed over, because they leave now.
    pub(crate) owned: &'a [Obligation],
    pub(crate) effective_at: Timestamp,
    /// Whether no brake counts it: a cut-off, or a change that sources had announced and whose time has come.
    pub(crate) foreseen: bool,
}

/// The unit of a decision, and the keys that find the identity; no unit when nothing differs.
pub(crate) fn unit(
    app: &App,
    mut parts: UnitDraft<'_>,
    known: &BatchContext,
    moment: &DecisionContext,
) -> Result<(Option<Unit>, Vec<Keyed>), AppError> {
    let keys = keys(app, &parts);
    let id = parts.subject.identity.id;
    let version = parts.before.map_or(0, |b| b.identity.version);
    if is_idle(&parts, known) {
        return Ok((quiet(&mut parts, (id, version)), keys));
    }
    let mut expects = std::mem::take(&mut parts.expects);
    expects.push(Expect::SetUp(app.context.setup.hash.clone()));
    expects.push(Expect::Version(id, version));
    let sealed = parts.before.and_then(|b| b.person_key.as_deref());
    let (key, new_key) = app.stored().key_or_new(id, sealed)?;
    let case = case(app, &parts, moment);
    let evidence = evidence(app, &parts, case.as_ref(), &key, moment)?;
    let mut asked = Vec::new();
    approvals(app, &parts, known, moment, (&mut expects, &mut asked));
    let mut rest = std::mem::take(&mut parts.extra);
    access(app, &parts, known, case.as_ref(), &mut rest);
    rest.append(&mut asked);
    if !parts.gated.settlement.findings.is_empty() || parts.before.is_some() {
        rest.push(Change::ReplaceFindings(id, findings(id, &parts.gated.settlement.findings, moment)));
    }
    rest.push(Change::BusinessTime(moment.now));
    rest.push(Change::Append(evidence));
    rest.extend(case.map(Change::PutCase));
    let names = || parts.issued.names.iter().chain(&parts.issued.reserved);
    let mut changes = Vec::with_capacity(names().count() + 1 + rest.len());
    changes.extend(names().map(|(name, value)| Change::IssueIdentifier {
        identity: id,
        name: name.clone(),
        value: value.clone(),
    }));
    changes.push(identity_row(app, parts, &keys, version, new_key, moment));
    changes.append(&mut rest);
    Ok((Some(Unit { expects, changes }), keys))
}

/// What is noted where nothing differs: that a row was read unchanged. It decides nothing, so it has no ledger entry.
fn quiet(parts: &mut UnitDraft<'_>, (id, version): (IdentityId, u64)) -> Option<Unit> {
    let changes = std::mem::take(&mut parts.extra);
    let mut expects = std::mem::take(&mut parts.expects);
    expects.push(Expect::Version(id, version));
    (!changes.is_empty()).then_some(Unit { expects, changes })
}

/// Whether committing would decide nothing.
fn is_idle(parts: &UnitDraft<'_>, known: &BatchContext) -> bool {
    let Some(before) = parts.before else { return false };
    is_same(parts, known, before)
        && before.phase == parts.gated.settlement.phase
        && before.next == parts.gated.settlement.next
        && parts.decided.is_empty()
        && parts.gated.questions.is_empty()
        && parts.extra.iter().all(|change| is_read(change, before.identity.id))
        && !parts.cause.refresh
        && outdated(parts).next().is_none()
        && known.found_about(before.identity.id) == ids_of(parts)
}

/// Whether an identity is unchanged, except for used-up answers: those are removed with the next decision.
fn is_same(parts: &UnitDraft<'_>, known: &BatchContext, before: &StoredSubject) -> bool {
    if before.identity == parts.subject.identity {
        return true;
    }
    let mut was = before.identity.clone();
    known.braked.use_up(Some(before), &mut was);
    was == parts.subject.identity
}

/// Whether a change only notes that a record of an identity was read.
fn is_read(change: &Change, id: IdentityId) -> bool {
    matches!(change, Change::PutRecord(row) if row.state == RecordState::Taken && row.identity == Some(id))
}

/// The findings of this settlement.
fn ids_of(parts: &UnitDraft<'_>) -> BTreeSet<FindingId> {
    let found = parts.gated.settlement.findings.iter().filter(|f| f.kind() != FindingKind::LateEnd);
    found.map(|f| id_of(parts.subject.identity.id, f)).collect()
}

fn id_of(id: IdentityId, finding: &Finding) -> FindingId {
    finding_id(&[id.as_bytes(), finding.kind().as_str().as_bytes(), &finding.cause()])
}

/// The keys that find an identity: those from sources, and those it waits for.
fn keys(app: &App, parts: &UnitDraft<'_>) -> Vec<Keyed> {
    let identity = &parts.subject.identity;
    let mut keys: BTreeSet<Keyed> = given_keys(identity).collect();
    for text in parts.texts {
        let state = parts
            .subject
            .references
            .iter()
            .find(|r| r.engagement == text.engagement && r.attribute == text.attribute);
        if state.is_some_and(|r| !matches!(r.state, ReferenceState::Resolved { .. })) {
            keys.insert(Keyed { kind: wants(&text.key), value: fold(&text.text) });
        }
    }
    keys.extend(app.correlate().block_keys(identity));
    keys.extend((!identity.decisions.delegations.is_empty()).then(crate::directory::delegates_key));
    keys.extend(crate::tombstones::mark_keys(identity));
    keys.extend(super::index::listed_keys(identity));
    keys.into_iter().collect()
}

fn identity_row(
    app: &App,
    parts: UnitDraft<'_>,
    keys: &[Keyed],
    version: u64,
    person_key: Option<Arc<[u8]>>,
    moment: &DecisionContext,
) -> Change {
    let mut identity: Identity = parts.subject.identity;
    identity.version = version + 1;
    let classes = classes(&app.context, &identity, moment.now);
    Change::PutIdentity(Box::new(IdentityRow {
        search: search(&identity, &parts.title),
        title: parts.title,
        phase: parts.gated.settlement.phase,
        next: parts.gated.settlement.next,
        keys: keys.to_vec(),
        reads: parts.gated.settlement.reads.clone(),
        classes,
        person_key,
        identity,
    }))
}

/// The case of the change: the open one, joined, or a new one.
fn case(app: &App, parts: &UnitDraft<'_>, moment: &DecisionContext) -> Option<Case> {
    let works = !parts.decided.work.is_empty() || !parts.gated.questions.is_empty();
    let label = match parts.found {
        Some(label) => label,
        None if works => CaseLabel::Policy,
        None => return None,
    };
    if let Some(open) = parts.open {
        let leads = tenure_engine::precedes(&app.context, label, open.label);
        let effective_at = parts.effective_at;
        return open.clone().on(CaseEvent::Joined { label, leads, effective_at, at: moment.now }).ok();
    }
    let (ms, random) = app.machine.id();
    let waits = works || !parts.gated.waiting.is_empty() || !parts.owned.is_empty();
    Some(Case {
        id: CaseId::new(ms, random),
        identity: parts.subject.identity.id,
        label,
        clocks: Clocks {
            effective_at: parts.effective_at,
            known_at: moment.now,
            decided_at: moment.now,
            confirmed_at: (!waits).then_some(moment.now),
        },
        state: if waits { CaseState::Open } else { CaseState::Closed },
    })
}

/// Pending requests for something that no longer waits, each with what is left of it.
fn outdated<'a>(
    parts: &'a UnitDraft<'_>,
) -> impl Iterator<Item = (&'a ApprovalRequest, Option<ApprovalRequest>)> + 'a {
    let answered = |r: &ApprovalRequest| {
        parts.extra.iter().any(|c| matches!(c, Change::PutApproval(answered) if answered.id == r.id))
    };
    let pending =
        move |r: &&ApprovalRequest| matches!(r.state, ApprovalState::Pending { .. }) && !answered(r);
    let left = |r: &'a ApprovalRequest| (r, carried(&parts.subject, r).narrowed(&parts.gated.waiting));
    let differs = |(r, left): &(&ApprovalRequest, Option<ApprovalRequest>)| left.as_ref() != Some(*r);
    parts.asked.iter().filter(pending).map(left).filter(differs)
}

fn approvals(
    app: &App,
    parts: &UnitDraft<'_>,
    known: &BatchContext,
    moment: &DecisionContext,
    (expects, changes): (&mut Vec<Expect>, &mut Vec<Change>),
) {
    for question in &parts.gated.questions {
        let (ms, random) = app.machine.id();
        let id = ApprovalId::new(ms, random);
        let ask = |asking: Asking<'_>| asking.request(question, id);
        let ahead = question.on.map(|on| Subject {
            references: known.references_on(&app.context, &parts.subject.identity, on),
            ..parts.subject.clone()
        });
        let subject = ahead.as_ref().unwrap_or(&parts.subject);
        let request = known.directory.asking(&app.context, subject, (moment.now, question.on), ask);
        let (expect, put) = rewritten(request);
        expects.push(expect);
        changes.push(put);
    }
    for (request, left) in outdated(parts) {
        let moot = || ApprovalRequest { state: ApprovalState::Moot { at: moment.now }, ..request.clone() };
        let (expect, put) = rewritten(left.unwrap_or_else(moot));
        expects.push(expect);
        changes.push(put);
    }
}

fn findings(id: IdentityId, findings: &[Finding], moment: &DecisionContext) -> Vec<FindingRow> {
    findings
        .iter()
        .map(|f| FindingRow {
            id: id_of(id, f),
            identity: Some(id),
            system: None,
            finding: f.clone(),
            owner: None,
            deadline: None,
            since: moment.now,
        })
        .collect()
}

/// The content of the evidence of a decision.
#[derive(Serialize)]
struct CaseDecided<'a> {
    v: u32,
    identity: Shown<IdentityId>,
    name: &'a str,
    change: Option<&'static str>,
    phase: &'static str,
    cut_off: bool,
    effective_at: Shown<Timestamp>,
    steps: Vec<StepForm<'a>>,
    findings: Vec<FindingForm<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    owes: Vec<Shown<&'a Obligation>>,
    next: Option<Shown<Timestamp>>,
    zones: &'a str,
    cause: &'a serde_json::Value,
}

fn evidence(
    app: &App,
    parts: &UnitDraft<'_>,
    case: Option<&Case>,
    key: &tenure_ledger::seal::PersonKey,
    moment: &DecisionContext,
) -> Result<Evidence, AppError> {
    let id = parts.subject.identity.id;
    let settlement = &parts.gated.settlement;
    let payload = CaseDecided {
        v: 1,
        identity: Shown(id),
        name: &parts.title,
        change: case.map(|c| c.label.as_str()),
        phase: settlement.phase.as_str(),
        cut_off: settlement.cut_off,
        effective_at: Shown(parts.effective_at),
        steps: parts.gated.plan.steps.iter().map(StepForm::from).collect(),
        findings: settlement.findings.iter().map(FindingForm::from).collect(),
        owes: parts.owned.iter().map(Shown).collect(),
        next: settlement.next.map(Shown),
        zones: app.context.zones.version(),
        cause: &parts.cause.what,
    };
    let entitlements: BTreeSet<EntitlementName> =
        parts.gated.plan.steps.iter().filter_map(|s| s.kind.entitlement().cloned()).collect();
    let entitlements: Vec<EntitlementName> = entitlements.into_iter().collect();
    let mut accounts = parts.gated.plan.steps.iter().map(|s| &s.account);
    let first = accounts.next();
    let about = About {
        identity: Some((id, key)),
        case: case.map(|c| c.id),
        closes: case.is_some_and(|c| c.state != CaseState::Open),
        task: None,
        // Where there are several, its steps name each.
        account: first.filter(|first| accounts.all(|a| a == *first)),
        account_name: None,
        entitlements: &entitlements,
    };
    app.recorder(moment).evidence("case.decided", about, payload)
}

/// The write of an existing request, and the revision it expects.
pub(crate) fn rewritten(mut request: ApprovalRequest) -> (Expect, Change) {
    let expect = Expect::Approval(request.id, request.revision);
    request.revision += 1;
    (expect, Change::PutApproval(request))
}
