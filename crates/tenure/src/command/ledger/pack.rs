//! `tenure ledger pack` and its check: what happened to an identity, in a case or in a period, with proofs, in sentences.

use super::{no, read, sentences};
use crate::cli::{Cli, Pack as Args};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use jiff::Timestamp;
use serde_json::json;
use std::path::Path;
use tenure_app::{App, Born, PackOf};
use tenure_ledger::VerifierKey;
use tenure_ledger::verify::{Completeness, Pack, PackScope, Period, confirm_pack};
use tenure_model::CaseId;
use tenure_store::IdsOf;

/// The entries with their proofs.
const ENTRIES: &str = "pack.jsonl";
/// The signed head that covers them.
const CHECKPOINT: &str = "checkpoint";
/// What they say, for people.
const REPORT: &str = "report.md";

pub(super) async fn write(cli: &Cli, args: &Args) -> Result<Exit, Failure> {
    let app = wire::ledger_read(cli).await?;
    let moment = crate::command::acting::moment(cli, &app).await?;
    crate::own::refuse_own(&cli.folder, &app.context.setup, &args.folder)?;
    let of = what(args, &app, moment.now).await?;
    let made = app.proof().pack(of, &moment).await?;
    let key = app.public_key();
    let keys = [super::parse_key(&key)?];
    // What is handed over is checked as its receiver will.
    let pack = confirm_pack(&made.file, &keys).map_err(no)?;
    if pack.entries.is_empty() {
        return Err(Failure::new(
            "A001",
            "the signed part of the ledger has no entry about it",
            "`tenure case --all` lists cases; `tenure run` signs what is new; a period is in UTC",
        ));
    }
    let replay = app.born() == Born::Replay;
    let said = said(&pack, replay);
    let folder = &args.folder;
    let report = report(&said, &key);
    let files = [(ENTRIES, made.file.as_str()), (CHECKPOINT, &*made.checkpoint), (REPORT, &report)];
    // Every file of this process is for its user alone (`private`).
    let written = std::fs::create_dir(folder)
        .and_then(|()| files.iter().try_for_each(|(name, text)| std::fs::write(folder.join(name), text)));
    written.map_err(|e| {
        Failure::invalid(
            "L003",
            format!("{} cannot be written: {e}", folder.display()),
            "name a folder that is not there yet, where files can be written",
        )
    })?;
    let check = format!("tenure ledger check --pack {} --key '{key}'", folder.display());
    if cli.json {
        out::json(&json!({
            "folder": folder.display().to_string(), "entries": made.entries, "sealed": made.sealed,
            "key": key, "said": said,
        }));
        return Ok(Exit::Done);
    }
    said.iter().for_each(|line| out::line(line));
    out::line("");
    out::line(&format!("written to {}: {ENTRIES}, {CHECKPOINT} and {REPORT}", folder.display()));
    out::line("it contains personal data: handle it as a personnel file");
    out::line("the receiver verifies it with the public key alone:");
    out::line(&format!("  {check}"));
    Ok(Exit::Done)
}

async fn what(args: &Args, app: &App, now: Timestamp) -> Result<PackOf, Failure> {
    if let Some(person) = &args.person {
        return Ok(PackOf::Identity(app.people().person(person).await?.identity.id));
    }
    if let Some(case) = &args.case {
        let id = app.ids().found(IdsOf::Cases, case).await?.map(CaseId::from_bytes).ok_or_else(|| {
            Failure::new(
                "A001",
                format!("`{case}` is not the id of a case"),
                "`tenure case --all` lists them",
            )
        })?;
        return Ok(PackOf::Case(id));
    }
    let (from, before) = (args.from.unwrap_or(now), args.to.unwrap_or(now));
    if from >= before {
        let why = format!("{from} to {before} is not a period");
        return Err(Failure::new("A001", why, "--from must be before --to"));
    }
    Ok(PackOf::Period(Period { from, before }))
}

/// Verifies a folder and says what it proves.
pub(super) fn confirm(folder: &Path, keys: &[VerifierKey]) -> Result<Vec<String>, Failure> {
    let file = read(&folder.join(ENTRIES))?;
    let pack = confirm_pack(&String::from_utf8_lossy(&file), keys).map_err(no)?;
    let replay = pack.entries.iter().any(|e| e.entry.with_now);
    Ok(said(&pack, replay))
}

/// What a pack proves, in sentences.
fn said(pack: &Pack, replay: bool) -> Vec<String> {
    let mut said = Vec::new();
    if replay {
        said.push(crate::command::run::REPLAY.to_owned());
    }
    said.push(headline(pack));
    said.extend(sentences::summary(&pack.entries));
    said.push(String::new());
    said.extend(pack.entries.iter().map(sentences::sentence));
    said.push(String::new());
    said.push(complete(pack));
    let sealed = pack.entries.iter().filter(|e| e.payload.is_none()).count();
    if sealed > 0 {
        said.push(format!(
            "{} without the personal part: it was erased, or the person who made the pack may not read it",
            out::count(number(sealed), "entry")
        ));
    }
    said
}

fn number(entries: usize) -> u64 {
    u64::try_from(entries).unwrap_or(u64::MAX)
}

fn headline(pack: &Pack) -> String {
    let count = out::count(number(pack.entries.len()), "entry");
    let size = pack.checkpoint.as_ref().map_or(0, |c| c.size);
    let of = match pack.scope {
        PackScope::Case(id) => {
            let label = sentences::label(&pack.entries).map(|l| format!("{l} ")).unwrap_or_default();
            format!("the {label}case {}", CaseId::from_bytes(id))
        }
        PackScope::Identity(_) => "one identity".to_owned(),
        PackScope::Period(period) => format!("the time from {} to {}", period.from, period.before),
    };
    let whom = sentences::whom(&pack.entries).map(|name| format!(" of {name}")).unwrap_or_default();
    format!("{count} about {of}{whom}, each proved to be in the signed log of {}", out::count(size, "entry"))
}

fn complete(pack: &Pack) -> String {
    match pack.completeness {
        Completeness::Closed { first, last, count, after: 0 } => format!(
            "complete: the chain of this case is unbroken from entry {first} to its closing entry {last}, which counts {count}"
        ),
        Completeness::Closed { first, last, count, after } => format!(
            "complete: the chain of this case is unbroken from entry {first} to its closing entry {last}, which counts {count}; {} came after it",
            out::count(after, "entry")
        ),
        Completeness::UpTo { first, last, count } => format!(
            "complete to entry {last}: the chain is unbroken from entry {first} on ({}); whether there are later entries, no pack shows",
            out::count(count, "entry")
        ),
        Completeness::Period { first, last, is_over } => format!(
            "complete: every entry of the log from {first} to {last}{}",
            if is_over { "" } else { ", the last one when it was packed" }
        ),
        Completeness::Empty => "there is no entry".to_owned(),
    }
}

fn report(said: &[String], key: &str) -> String {
    let mut text = String::from("# Evidence\n\n");
    for line in said {
        if line.is_empty() {
            text.push('\n');
        } else {
            text.push_str("- ");
            text.push_str(line);
            text.push('\n');
        }
    }
    text.push_str(&format!(
        "\nThis page was written from `{ENTRIES}`, which carries the entries, what they stand for and their proofs. Verify that file, \
         not this page:\n\n    tenure ledger check --pack . --key '{key}'\n"
    ));
    text
}
