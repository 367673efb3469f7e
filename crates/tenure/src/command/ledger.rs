//! `tenure ledger`: verify, export, prove; and the verifier that needs only the public key and files.

use crate::cli::{Cli, Ledger, LedgerCommand};
use crate::exit::{Exit, Failure};
use crate::{out, wire};
use serde_json::json;
use std::path::{Path, PathBuf};
use tenure_ledger::verify::{Files, confirm_consistency, prove_entry, verify_log};
use tenure_ledger::{Checkpoint, Proof, ReadError, VerifierKey};

pub(crate) async fn ledger(cli: &Cli, args: &Ledger) -> Result<Exit, Failure> {
    match &args.command {
        LedgerCommand::Verify => verify(cli).await,
        LedgerCommand::Key => key(cli).await,
        LedgerCommand::Export { folder } => export(cli, folder).await,
        LedgerCommand::Show { index } => show(cli, *index).await,
        LedgerCommand::Prove { files, key, index } => prove(cli, files, key, *index),
        LedgerCommand::Check { files, key, old, proof } => {
            check(cli, files.as_deref(), key, old.as_deref(), proof.as_deref())
        }
    }
}

async fn verify(cli: &Cli) -> Result<Exit, Failure> {
    let app = wire::stored(&cli.folder).await?;
    let outside = cli.folder.join(&*app.context.setup.settings.checkpoints).join("checkpoint");
    let outside = std::fs::read_to_string(outside).ok();
    let bar = out::bar("verifying the ledger");
    let check = app
        .verify_ledger(outside.as_deref(), &|done, all| {
            bar.set_length(all);
            bar.set_position(done);
        })
        .await?;
    bar.finish_and_clear();
    if cli.json {
        out::json(&json!({
            "entries": check.entries, "signed": check.signed, "tiles": check.tiles,
            "with_now": check.with_now, "outside": check.outside,
        }));
    } else {
        let outside = check.outside.map_or("no checkpoint outside the database".to_owned(), |n| {
            format!("the checkpoint outside the database covers {n}")
        });
        let with_now = match check.with_now {
            0 => String::new(),
            n => format!("; {} with --now", out::count(n, "entry")),
        };
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
    let app = wire::stored(&cli.folder).await?;
    let key = app.vault.signer().verifier().to_string();
    if cli.json {
        out::json(&json!({ "key": key }))
    } else {
        out::line(&key)
    }
    Ok(Exit::Done)
}

async fn export(cli: &Cli, folder: &Path) -> Result<Exit, Failure> {
    let app = wire::stored(&cli.folder).await?;
    let spinner = out::spinner("exporting the ledger");
    let mut files = 0_u64;
    let checkpoint = app
        .publish_ledger(&mut |path, bytes| {
            let path = folder.join(path);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            files += 1;
            std::fs::write(path, bytes)
        })
        .await?;
    spinner.finish_and_clear();
    let key = app.vault.signer().verifier().to_string();
    if cli.json {
        out::json(&json!({ "entries": checkpoint.size, "files": files, "key": key }));
        return Ok(Exit::Done);
    }
    let (entries, files) = (out::count(checkpoint.size, "entry"), out::count(files, "file"));
    out::line(&format!("{entries} in {files} below {}", folder.display()));
    out::line("anybody verifies them with the public key and nothing else:");
    out::line(&format!("  tenure ledger check --files {} --key '{key}'", folder.display()));
    Ok(Exit::Done)
}

async fn show(cli: &Cli, index: u64) -> Result<Exit, Failure> {
    let app = wire::stored(&cli.folder).await?;
    let (entry, opening) = app.opening(index).await?;
    let payload = opening.as_ref().map(|o| String::from_utf8_lossy(o.payload()).into_owned());
    let payload = payload.map(|p| serde_json::from_str(&p).unwrap_or(serde_json::Value::String(p)));
    let bytes = entry.encode().map_err(|e| Failure::internal(e.to_string()))?;
    let open: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
    out::json(&json!({ "index": index, "entry": open, "opening": payload }));
    Ok(Exit::Done)
}

/// Published files below a folder.
struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, ReadError> {
        match std::fs::read(self.0.join(path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(Box::new(e)),
        }
    }
}

fn prove(cli: &Cli, files: &Path, key: &str, index: u64) -> Result<Exit, Failure> {
    let proof = prove_entry(&Folder(files.to_owned()), &[parse_key(key)?], index).map_err(no)?;
    if cli.json {
        out::json(&json!({ "proof": proof.to_string() }))
    } else {
        out::line(proof.to_string().trim_end())
    }
    Ok(Exit::Done)
}

fn check(
    cli: &Cli,
    files: Option<&Path>,
    key: &str,
    old: Option<&Path>,
    proof: Option<&Path>,
) -> Result<Exit, Failure> {
    let keys = [parse_key(key)?];
    let read = |path: &Path| {
        std::fs::read(path).map_err(|e| {
            Failure::invalid(
                "L003",
                format!("{} cannot be read: {e}", path.display()),
                "name a file that is there",
            )
        })
    };
    let mut said = Vec::new();
    if let Some(path) = proof {
        let proof = Proof::parse(&read(path)?).map_err(no)?;
        let entry = tenure_ledger::verify::confirm_proof(&proof, None, &keys).map_err(no)?;
        said.push(format!(
            "entry {} ({}) is in the log of {}",
            entry.index,
            entry.entry.kind,
            out::count(entry.checkpoint.size, "entry")
        ));
    }
    if let Some(files) = files {
        let folder = Folder(files.to_owned());
        let done = verify_log(&folder, &keys, &mut |_, _| ()).map_err(no)?;
        said.push(format!(
            "the log verifies: {}, {}",
            out::count(done.checkpoint.size, "entry"),
            out::count(done.tiles, "tile")
        ));
        if let Some(old) = old {
            let (old, new): (Checkpoint, Checkpoint) =
                confirm_consistency(&folder, &keys, &read(old)?, None).map_err(no)?;
            said.push(format!("it only grew: from {} to {}", old.size, out::count(new.size, "entry")));
        }
    }
    if cli.json {
        out::json(&json!({ "verified": said }))
    } else {
        said.iter().for_each(|s| out::line(s))
    }
    Ok(Exit::Done)
}

fn parse_key(key: &str) -> Result<VerifierKey, Failure> {
    VerifierKey::parse(key.trim()).map_err(|e| {
        Failure::invalid(
            "L004",
            format!("this is no verifier key: {e}"),
            "`tenure ledger key` prints it: name+id+base64",
        )
    })
}

fn no(e: impl std::fmt::Display) -> Failure {
    Failure::invalid(
        "L005",
        format!("it does not verify: {e}"),
        "keep the files as they are and tell whoever runs this Tenure",
    )
}
