//! The SCIM conformance tester from PyPI, `scim2-cli`: what an independent program says of a SCIM service of ours.

use std::process::Command;
use std::time::Duration;

use super::error::PeerError;
use super::find::Program;
use super::tool;

/// How long the tester may take: it makes some 500 requests.
const LIMIT: Duration = Duration::from_secs(120);

const SCIM2: Program = Program {
    name: "scim2",
    variable: "TENURE_TEST_SCIM2",
    // Relative to this crate, where `cargo xtask test` puts it.
    usual: &[concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/peers/venv/bin/scim2")],
    how_to_get_it: "`cargo xtask test` installs it into target/peers; it needs python3 with its venv module",
};

/// What the tester said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conformance {
    /// Checks that passed.
    pub successes: usize,
    /// Checks that failed, each with its reason.
    pub errors: Vec<String>,
}

/// Runs the tester against a service. It makes and removes users and groups there.
///
/// # Errors
///
/// [`PeerError::Missing`] when it is not installed, [`PeerError::Failed`] when its output cannot be read.
pub fn scim2_conformance(url: &str, token: &str) -> Result<Conformance, PeerError> {
    let program = SCIM2.find()?;
    let mut command = Command::new(program);
    // The header goes by the environment: command lines are seen by others.
    command.args(["--url", url, "test"]).env("SCIM_CLI_HEADERS", format!("Authorization: Bearer {token}"));
    let output = tool::run("scim2", &mut command, &[], LIMIT)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let blocks = text.lines().fold(Vec::<String>::new(), |mut all, line| {
        if line.starts_with("  ") {
            if let Some(last) = all.last_mut() {
                last.push_str(line);
            }
        } else {
            all.push(line.to_owned());
        }
        all
    });
    let successes = blocks.iter().filter(|b| b.starts_with("SUCCESS")).count();
    let failed = |b: &&String| b.starts_with("ERROR") || b.starts_with("CRITICAL");
    let errors: Vec<String> = blocks.iter().filter(failed).cloned().collect();
    if successes == 0 && errors.is_empty() {
        let log = format!("{text}{}", output.stderr);
        return Err(PeerError::Failed {
            peer: "scim2",
            what: "said nothing that can be read".to_owned(),
            log,
        });
    }
    Ok(Conformance { successes, errors })
}
