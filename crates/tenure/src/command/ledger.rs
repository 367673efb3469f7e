//! `tenure ledger`: verify, export, prove, go on under a new origin; and the verifier that needs only the public key and files.

use super::acting::moment;
use crate::cli::{Cli, Ledger, LedgerCheck, LedgerCommand};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use serde_json::json;
use std::path::{Path, PathBuf};
use tenure_connect::read_regular;
use tenure_ledger::verify::{
    Confirmed, Continued, Files, confirm_consistency, confirm_continued, prove_entry, verify_log,
};
use tenure_ledger::{Checkpoint, Links, OldHead, Place, Proof, ReadError, VerifierKey};

mod export;
mod pack;
mod population;
mod sentences;

pub(crate) use sentences::words;

pub(crate) async fn ledger(cli: &Cli, args: &Ledger) -> Result<Exit, Failure> {
    match &args.command {
        LedgerCommand::Verify => verify(cli).await,
        LedgerCommand::Key => key(cli).await,
        LedgerCommand::Export { folder } => export::export(cli, folder).await,
        LedgerCommand::Population { from, to, files } => population::write(cli, *from, *to, files).await,
        LedgerCommand::Pack(args) => pack::write(cli, args).await,
        LedgerCommand::Show { index } => show(cli, *index).await,
        LedgerCommand::Prove { files, key, index } => prove(cli, files, key, *index),
        LedgerCommand::Check(args) => check(cli, args),
        LedgerCommand::Reopen { reason, clock: true, .. } => reopen_clock(cli, reason).await,
        LedgerCommand::Reopen { reason, moved: true, .. } => moved(cli, reason).await,
        LedgerCommand::Reopen { reason, .. } => reopen(cli, reason).await,
        LedgerCommand::Repaired { reason } => repaired(cli, reason).await,
    }
}

async fn verify(cli: &Cli) -> Result<Exit, Failure> {
    let app = wire::ledger_read(cli).await?;
    let outside = wire::outside(&cli.folder, &app.context.setup.settings)?;
    let outside = app.proved(outside.as_deref()).await?;
    let bar = out::bar("verifying the ledger");
    let check = app
        .proof()
        .verify_ledger(outside, &|done, all| {
            bar.set_length(all);
            bar.set_position(done);
        })
        .await?;
    bar.finish_and_clear();
    if cli.json {
        out::json(&json!({
            "entries": check.entries, "signed": check.signed, "tiles": check.tiles,
            "checkpoints": check.checkpoints,
            "with_now": check.with_now, "outside": check.outside, "database": app.born().as_str(),
        }));
    } else {
        let outside = check.outside.map_or("no checkpoint outside the database".to_owned(), |n| {
            format!("the checkpoint outside the database covers {n}")
        });
        let with_now = match check.with_now {
            0 => String::new(),
            n => format!("; {} with --now", out::count(n, "entry")),
        };
        if app.born() == tenure_app::Born::Replay {
            out::line(super::run::REPLAY);
        }
        out::line(&format!(
            "the ledger verifies: {}, {} signed, {}; {outside}{with_now}",
            out::count(check.entries, "entry"),
            check.signed,
            out::count(check.tiles, "full tile"),
        ));
    }
    Ok(Exit::Done)
}

async fn key(cli: &Cli) -> Result<Exit, Failure> {
    let app = wire::ledger_read(cli).await?;
    let key = app.public_key();
    if cli.json {
        out::json(&json!({ "key": key }))
    } else {
        out::line(&key)
    }
    Ok(Exit::Done)
}

async fn show(cli: &Cli, index: u64) -> Result<Exit, Failure> {
    let app = wire::ledger_read(cli).await?;
    let moment = moment(cli, &app).await?;
    let (entry, opening) = app.entry(index, &moment).await?;
    let payload = opening.as_ref().map(|o| String::from_utf8_lossy(o.payload()).into_owned());
    let mut payload = payload.map(|p| serde_json::from_str(&p).unwrap_or(serde_json::Value::String(p)));
    if let Some(payload) = &mut payload {
        app.cut_off().without_reasons(payload, &moment).await?;
    }
    let bytes = entry.encode().map_err(|e| Failure::internal(e.to_string()))?;
    let open: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let links = opening.as_ref().map(|o| links_json(o.links()));
    out::json(&json!({ "index": index, "entry": open, "opening": payload, "links": links }));
    Ok(Exit::Done)
}

/// The place of an entry among those before it, and what it leaves decided.
fn links_json(links: &Links) -> serde_json::Value {
    let place = |place: Option<Place>| place.map(|p| json!({ "number": p.number, "previous": p.previous }));
    let hex = |digest: Option<[u8; 32]>| digest.map(|d| tenure_ledger::Hash(d).to_string());
    let states = links
        .states
        .iter()
        .map(|s| json!({ "of": s.subject.to_string(), "before": hex(s.before), "after": hex(s.after) }));
    json!({
        "case": place(links.case), "identity": place(links.identity),
        "count": links.case.filter(|_| links.closes).map(|p| p.number),
        "states": states.collect::<Vec<_>>(),
    })
}

/// Largest exported file that is read.
const EXPORTED_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;

/// Published files below a folder.
struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let path = self.0.join(path);
        if path.symlink_metadata().is_err_and(|e| e.kind() == std::io::ErrorKind::NotFound) {
            return Ok(None);
        }
        Ok(Some(
            read_regular(Path::new("."), &path, tenure_connect::Links::Follow, EXPORTED_BYTES_MAX)?.bytes,
        ))
    }
}

fn prove(cli: &Cli, files: &Path, key: &str, index: u64) -> Result<Exit, Failure> {
    let proof = prove_entry(&Folder(files.to_owned()), &[parse_key(key)?], index).map_err(no)?;
    if cli.json {
        out::json(&json!({ "proof": proof.to_string() }))
    } else {
        out::lines(proof.to_string().trim_end());
    }
    Ok(Exit::Done)
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let read = read_regular(Path::new("."), path, tenure_connect::Links::Follow, EXPORTED_BYTES_MAX);
    read.map(|file| file.bytes).map_err(|e| {
        Failure::invalid(
            "L003",
            format!("{} cannot be read: {e}", path.display()),
            "name a file that is there",
        )
    })
}

fn check(cli: &Cli, args: &LedgerCheck) -> Result<Exit, Failure> {
    let keys = [parse_key(&args.key)?];
    let mut said = Vec::new();
    if let Some(path) = &args.proof {
        let proof = Proof::parse(&read(path)?).map_err(no)?;
        let entry = tenure_ledger::verify::confirm_proof(&proof, None, &keys).map_err(no)?;
        said.push(format!(
            "entry {} ({}) is in the log of {}",
            entry.index,
            entry.entry.kind,
            out::count(entry.checkpoint.size, "entry")
        ));
    }
    if let Some(path) = &args.population {
        said.extend(population::confirm(&read(path)?, &keys, args.files.as_deref())?);
    }
    if let Some(folder) = &args.pack {
        said.extend(pack::confirm(folder, &keys)?);
    }
    if let Some(files) = &args.files {
        let folder = Folder(files.clone());
        let first = prove_entry(&folder, &keys, 0).map_err(no)?;
        let first = tenure_ledger::verify::confirm_proof(&first, None, &keys).map_err(no)?;
        if first.entry.kind.as_str() == tenure_app::Born::Replay.entry_kind() {
            said.push(super::run::REPLAY.to_owned());
        }
        let done = verify_log(&folder, &keys, &mut |_, _| ()).map_err(no)?;
        said.push(format!(
            "the log verifies: {}, {}",
            out::count(done.checkpoint.size, "entry"),
            out::count(done.tiles, "tile")
        ));
        let goes_on = |(index, old): &(u64, OldHead)| {
            let (entries, origin) = (out::count(old.size, "entry"), &old.origin);
            format!(
                "entry {index} states that this log continues {origin}, which had {entries} and the root {}",
                old.root
            )
        };
        said.extend(done.continues.iter().map(goes_on));
        match (&args.old, &args.old_key) {
            (Some(old), None) => {
                let (old, new): (Checkpoint, Checkpoint) =
                    confirm_consistency(&folder, &keys, &read(old)?, None).map_err(no)?;
                said.push(format!("it only grew: from {} to {}", old.size, out::count(new.size, "entry")));
            }
            (Some(old), Some(key)) => said.push(goes_on_after(&folder, &done, old, key)?),
            (None, _) => {}
        }
    }
    if cli.json {
        out::json(&json!({ "verified": said }))
    } else {
        said.iter().for_each(|s| out::line(s))
    }
    Ok(Exit::Done)
}

/// The relation of a checkpoint of another log, verified with that log's own key, to this one.
fn goes_on_after(folder: &Folder, done: &Confirmed, old: &Path, key: &str) -> Result<String, Failure> {
    let old = Checkpoint::open(&read(old)?, &[parse_key(key)?]).map_err(no)?;
    let entries = out::count(old.size, "entry");
    Ok(match confirm_continued(folder, done, &old).map_err(no)? {
        Continued::Kept(index) => {
            format!("all {entries} of that checkpoint of {} are in it, before entry {index}", old.origin)
        }
        Continued::Named(index) => format!(
            "that checkpoint of {} is the head that entry {index} names; entries that it covers and this log does not have are in the files of {}",
            old.origin, old.origin
        ),
    })
}

async fn reopen_clock(cli: &Cli, reason: &str) -> Result<Exit, Failure> {
    let app = wire::to_write(cli).await?;
    // Only the time of the database is ahead: the command itself is not of a later instant.
    let mut moment = app.clock().moment(None).await?;
    moment.actor = super::acting::actor(cli, &app).await?;
    let back = app.clock().reopen_clock(cli.now, reason, &moment).await?;
    let labels = app.reconfigured().settle_everybody(&back).await?;
    super::publish(cli, &app).await?;
    if cli.json {
        out::json(&json!({
            "from": moment.now.to_string(), "to": back.now.to_string(), "labels": super::run::labels_json(&labels),
        }));
    } else {
        out::line(&format!("business time is {} again; it was {}", back.now, moment.now));
        out::line(&super::run::labels_line(&labels, 0, 0));
        out::line(
            "what was done while the time was wrong is not undone: compare with `tenure scan`, then continue with `tenure run`",
        );
    }
    Ok(Exit::Done)
}

/// The database belongs to this folder from now on.
async fn moved(cli: &Cli, reason: &str) -> Result<Exit, Failure> {
    let app = wire::moved(cli).await?;
    let moment = moment(cli, &app).await?;
    let settings = crate::folder::settings(&cli.folder)?;
    let to = crate::home::bond(&cli.folder, &cli.folder.join(&*settings.database));
    let from = app.proof().move_folder(&to, reason, &moment).await?;
    super::publish(cli, &app).await?;
    if cli.json {
        out::json(&json!({ "from": from, "to": to }));
    } else {
        out::line(&format!("the database belongs to the folder {to} from now on; it belonged to {from}"));
    }
    Ok(Exit::Done)
}

async fn reopen(cli: &Cli, reason: &str) -> Result<Exit, Failure> {
    let app = wire::ledger(cli).await?;
    let moment = super::acting::moment(cli, &app).await?;
    let outside = wire::outside(&cli.folder, &app.context.setup.settings)?;
    let reopened = app.proof().reopen_ledger(outside.as_deref(), reason, &moment).await?;
    let old_key = app.public_key_of(&reopened.old.origin)?;
    drop(app);
    // Opened again, the key signs for the new origin.
    let app = wire::reopened(cli).await?;
    let again = wire::cut_off_again(cli, &app).await?;
    super::publish(cli, &app).await?;
    let key = app.public_key();
    let old = &reopened.old;
    if cli.json {
        out::json(&json!({
            "origin": reopened.origin, "key": key, "kept": reopened.kept, "cut_off_again": again,
            "old": { "origin": old.origin, "size": old.size, "root": old.root.to_string(), "key": old_key },
        }));
        return Ok(Exit::Done);
    }
    out::line(&format!(
        "the ledger continues as {}: entry {} names {} with {}",
        reopened.origin,
        reopened.kept,
        old.origin,
        out::count(old.size, "entry")
    ));
    out::line(&format!("key of the new origin: {key}"));
    out::line(&format!("key of the old origin: {old_key}"));
    out::line(
        "the systems may be ahead of this database: compare with `tenure scan`, then continue with `tenure run`",
    );
    Ok(Exit::Done)
}

/// A member of the escalation group says that what was damaged is dealt with.
async fn repaired(cli: &Cli, reason: &str) -> Result<Exit, Failure> {
    let app = wire::app_for_cut_off(cli).await?;
    let moment = super::acting::moment(cli, &app).await?;
    let pieces = app.damage_reports().deal_with_damage(reason, &moment).await?;
    super::publish(cli, &app).await?;
    if cli.json {
        out::json(&json!({ "dealt_with": pieces.iter().map(|d| &*d.what).collect::<Vec<_>>() }));
        return Ok(Exit::Done);
    }
    pieces.iter().for_each(|d| out::line(&format!("recorded as dealt with: {}", d.what)));
    out::line("access is granted again from the next `tenure run` on");
    Ok(Exit::Done)
}

fn parse_key(key: &str) -> Result<VerifierKey, Failure> {
    VerifierKey::parse(key.trim())
        .map_err(|e| Failure::invalid("L004", e.to_string(), "`tenure ledger key` prints it: name+id+base64"))
}

fn no(e: impl std::fmt::Display) -> Failure {
    Failure::invalid(
        "L005",
        format!("it does not verify: {e}"),
        "keep the files as they are and tell the operator of the installation that wrote them",
    )
}
