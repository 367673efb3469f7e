//! `tenure scan`: what a system really holds, beside what was decided.

use super::acting::moment;
use crate::cli::{Cli, Scan};
use crate::exit::{self, Exit, Failure, State, states};
use crate::{out, wire, worded};
use serde_json::json;
use std::collections::BTreeMap;
use tenure_app::{App, DecisionContext, FindingsFilter, Page, ScanReport};
use tenure_model::{Name, SystemName};

/// Findings that are listed of one sort.
const LISTED: usize = 20;

pub(crate) async fn scan(cli: &Cli, args: &Scan) -> Result<Exit, Failure> {
    let app = wire::app(cli).await?;
    let moment = moment(cli, &app).await?;
    let systems: Vec<SystemName> = match &args.system {
        Some(name) => vec![
            SystemName::new(name)
                .map_err(|e| Failure::new("A001", format!("`{name}`: {e}"), "see systems/"))?,
        ],
        None => app.systems.iter().filter(|(_, w)| w.capabilities.scan).map(|(n, _)| n.clone()).collect(),
    };
    if let (Some(person), Some(system)) =
        (args.enable.as_ref().or(args.keep_disabled.as_ref()), systems.first())
    {
        return say(cli, &app, (system, person, args.enable.is_some()), &moment).await;
    }
    let (mut reports, mut failed) = (Vec::new(), None);
    for system in &systems {
        let bar = out::bar("scanning");
        bar.enable_steady_tick(std::time::Duration::from_millis(200));
        let scanned = app.work().attended(&moment, None, app.reconcile().scan(system, &moment)).await;
        bar.finish_and_clear();
        match scanned {
            Ok(report) => reports.push(report),
            // A system that cannot be read does not block the others.
            Err(e) if args.system.is_none() => {
                let failure = Failure::from(e);
                exit::tell(&failure);
                failed = Some(failure.exit);
            }
            Err(e) => return Err(e.into()),
        }
    }
    let work = app.work().work(&moment, None, &|_, _| ()).await?;
    super::publish(cli, &app).await?;
    if cli.json {
        out::json(&reports.iter().map(as_json).collect());
    } else if systems.is_empty() {
        out::line(
            "no system can be scanned: those that are worked by hand are confirmed by an export or an attestation",
        );
    } else {
        reports.iter().for_each(show);
        super::run::show_held(work.held);
    }
    if let Some(failed) = failed {
        return Ok(failed);
    }
    let found = has_findings(&app, &systems, &moment).await?;
    let left = states([
        (State::Held, work.held > 0),
        (State::Attention, found),
        (State::Open, work.needs_person + work.waiting > 0),
    ]);
    Ok(Exit::of(&left, &cli.fail_on))
}

/// Whether a finding about one of these systems is open.
async fn has_findings(app: &App, systems: &[SystemName], moment: &DecisionContext) -> Result<bool, Failure> {
    let query = app.query(moment).await?;
    for system in systems {
        let filter = FindingsFilter {
            system: Some(system.clone()),
            acknowledged: Some(false),
            ..FindingsFilter::default()
        };
        if !query.findings(&filter, &Page { limit: 1, after: None }).await?.rows.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What the owner says of an account that was made unusable by hand.
async fn say(
    cli: &Cli,
    app: &App,
    (system, person, enable): (&SystemName, &str, bool),
    moment: &DecisionContext,
) -> Result<Exit, Failure> {
    app.adoption().say_off_by_hand(system, person, enable, moment).await?;
    let work = app.work().work(moment, None, &|_, _| ()).await?;
    super::publish(cli, app).await?;
    let said = match enable {
        true => format!("the account of {person} in {system} is enabled again"),
        false => format!("the account of {person} in {system} stays disabled"),
    };
    if cli.json {
        out::json(&json!({ "said": said }));
    } else {
        out::line(&said);
    }
    Ok(if work.needs_person + work.waiting > 0 { Exit::Open } else { Exit::Done })
}

fn show(report: &ScanReport) {
    let complete =
        if report.complete { "complete" } else { "NOT proved complete: a missing account is no evidence" };
    out::line(&format!(
        "{}: {}, {complete}; {}, {}, {} unlinked or disputed, {} repaired",
        report.system,
        out::count(report.accounts, "account"),
        out::count(report.findings.len(), "finding"),
        out::count(report.orphans, "orphan"),
        report.asked,
        report.repaired
    ));
    let mut by_kind: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for finding in &report.findings {
        by_kind.entry(finding.kind().as_str()).or_default().push(worded::line(finding));
    }
    for (kind, found) in by_kind {
        out::line(&format!("  {} {kind}", found.len()));
        found.iter().take(LISTED).for_each(|f| out::line(&format!("    {f}")));
        if found.len() > LISTED {
            out::line(&format!("    … and {} more: --json lists all", found.len() - LISTED));
        }
    }
}

fn as_json(report: &ScanReport) -> serde_json::Value {
    json!({
        "system": report.system.as_str(), "accounts": report.accounts, "complete": report.complete,
        "orphans": report.orphans, "asked": report.asked, "repaired": report.repaired, "again": report.again,
        "findings": report.findings.iter().map(worded::as_json).collect::<Vec<_>>(),
    })
}
