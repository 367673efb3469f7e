//! How fast evidence is made, appended and verified, beside how fast the host hashes.

use crate::figure::Figure;
use crate::machine::{float, start};
use crate::wired::{self, Measured};
use crate::{Fail, organisation};
use serde_json::json;
use std::time::Duration;
use tenure_app::{About, DecisionContext, Recorder};
use tenure_ledger::tree::{TILE_WIDTH, node_hash};
use tenure_ledger::verify::{MemoryFiles, Publisher};
use tenure_ledger::{Checkpoint, Frontier, Hash, Links, leaf_hash, verify_log};
use tenure_store::{Change, Evidence, Unit};

/// Units in one commit, as an import sends them.
const UNITS_AT_ONCE: usize = 512;

/// Measures with so many entries.
pub(crate) fn run(entries: u32) -> Result<Vec<Figure>, Fail> {
    let folder = tempfile::tempdir()?;
    wired::runtime()?.block_on(async {
        let measured = wired::app(folder.path(), &organisation::files(100, false, false)).await?;
        let moment = measured.app.clock().moment(None).await?;
        let began = start();
        let evidence = (0..entries).map(|n| made(&measured, &moment, n)).collect::<Result<Vec<_>, Fail>>()?;
        let making = began.elapsed();
        let links = Links::default().encode()?;
        let leaves: Vec<Vec<u8>> =
            evidence.iter().zip(0..).map(|(e, n)| e.draft.finish(&links, n).entry).collect();
        let appending = append(&measured, evidence).await?;
        let (verifying, hashing) = verify(&measured, &leaves)?;
        let rate = |took: Duration| f64::from(entries) / took.as_secs_f64();
        let part = "ledger";
        Ok(vec![
            Figure::new(part, "evidence made", rate(making), "entries/s")
                .limit(rate(hashing))
                .note(format!("{entries} entries: payload, salt, commitment, entry, leaf hash, opening sealed for a random identity")),
            Figure::new(part, "appended", rate(appending), "entries/s")
                .limit(rate(hashing))
                .note(format!("durable in SQLite, {UNITS_AT_ONCE} units a commit")),
            Figure::new(part, "verified", rate(verifying), "entries/s")
                .limit(rate(hashing))
                .note("the whole published log, from memory; the limit is SHA-256 of every entry and of one inner node each, same machine, same run"),
        ])
    })
}

/// Evidence of a decision of usual size.
fn made(measured: &Measured, moment: &DecisionContext, n: u32) -> Result<Evidence, Fail> {
    let payload = json!({
        "v": 1, "name": format!("Person {n}"), "change": "joiner", "phase": "active", "cut_off": false,
        "steps": [
            { "account": "directory", "step": "create", "gate": "open" },
            { "account": "directory", "step": "enable", "gate": "open" },
            { "account": "directory", "step": "grant directory:staff", "gate": "open", "because": ["all people"] },
        ],
        "cause": [{ "record": format!("hr:{n}") }],
    });
    let recorder = Recorder {
        vault: &measured.vault,
        machine: &measured.app.machine,
        setup: Some(&measured.app.context.setup.hash),
        moment,
    };
    Ok(recorder.evidence("case.decided", About::default(), payload)?)
}

async fn append(measured: &Measured, evidence: Vec<Evidence>) -> Result<Duration, Fail> {
    let mut units = Vec::new();
    let mut all = evidence
        .into_iter()
        .map(|e| Unit { expects: Vec::new(), changes: vec![Change::Append(e)] })
        .peekable();
    while all.peek().is_some() {
        units.push(all.by_ref().take(UNITS_AT_ONCE).collect::<Vec<_>>());
    }
    let began = start();
    for some in units {
        measured.store.commit(some).await?;
    }
    Ok(began.elapsed())
}

/// How long verifying takes, and hashing alone.
fn verify(measured: &Measured, leaves: &[Vec<u8>]) -> Result<(Duration, Duration), Fail> {
    let signer = measured.vault.signer();
    let (mut files, mut publisher, mut frontier) = (MemoryFiles::new(), Publisher::new(), Frontier::new());
    for bundle in leaves.chunks(usize::from(TILE_WIDTH)) {
        files.extend(publisher.bundle(bundle)?);
        frontier.append(&bundle.iter().map(|e| leaf_hash(e)).collect::<Vec<Hash>>())?;
    }
    let head = Checkpoint::new(signer.verifier().name(), frontier.size(), frontier.root())?.sign(signer)?;
    files.extend(publisher.finish(&head)?);
    let began = start();
    let confirmed = verify_log(&files, &[signer.verifier().clone()], &mut |_, _| ())?;
    let verifying = began.elapsed();
    if float(confirmed.checkpoint.size) < float(u64::try_from(leaves.len())?) {
        return Err("not all entries were verified".into());
    }
    let began = start();
    let mut last = Hash([0; 32]);
    for leaf in leaves {
        last = node_hash(&last, &leaf_hash(leaf));
    }
    let hashing = began.elapsed();
    // Used, so that it is computed.
    if last == Hash([0; 32]) { Err("a hash is zero".into()) } else { Ok((verifying, hashing)) }
}
