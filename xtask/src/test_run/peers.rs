//! The real servers for tests: finds them, installs them, or says how to.

use std::fs;
use std::path::{Path, PathBuf};

use super::debian;
use crate::paths;
use crate::problem::{Done, Problem};
use crate::run::{command, output};
use crate::say;

/// A server that tests need.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    /// The environment variable with its path for the tests.
    pub(crate) variable: &'static str,
    /// Its path, or why it is missing and what to do.
    pub(crate) path: Result<PathBuf, String>,
}

impl Peer {
    pub(crate) fn line(&self) -> String {
        match &self.path {
            Ok(path) => format!("{}: {}", self.name, path.display()),
            Err(why) => format!("{}: MISSING, its tests are skipped. {why}", self.name),
        }
    }
}

/// Finds or installs all of them. A missing one is reported, and never fatal here: the other tests still run.
pub(crate) fn install() -> Vec<Peer> {
    let environment = python_environment();
    let python = |name: &str| match &environment {
        Ok(programs) if programs.join(name).exists() => Ok(programs.join(name)),
        Ok(programs) => Err(format!("{} was not installed", programs.join(name).display())),
        Err(why) => Err(why.clone()),
    };
    vec![
        Peer { name: "slapd", variable: "TENURE_TEST_SLAPD", path: slapd() },
        Peer { name: "scim2-server", variable: "TENURE_TEST_SCIM2_SERVER", path: python("scim2-server") },
        Peer { name: "scim2-cli", variable: "TENURE_TEST_SCIM2", path: python("scim2") },
        Peer { name: "python", variable: "TENURE_TEST_PYTHON", path: python("python3") },
    ]
}

fn slapd() -> Result<PathBuf, String> {
    let server = Path::new("/usr/sbin/slapd");
    let here = || server.exists() && Path::new("/usr/bin/ldapsearch").exists();
    if !here() {
        apt(&["slapd", "ldap-utils"])?;
    }
    if here() { Ok(server.to_path_buf()) } else { Err(format!("{} was not installed", server.display())) }
}

fn apt(packages: &[&str]) -> Result<(), String> {
    let by_hand = format!("On Debian, as root: apt-get install {}", packages.join(" "));
    debian::can_install().map_err(|why| format!("{why}. {by_hand}"))?;
    debian::install(packages).map_err(|problem| format!("{problem}. {by_hand}"))
}

/// The folder of programs of a virtual environment, created once. It is created again when its list of requirements or its own path
/// changes: its programs contain the path of the folder in which they were created.
fn python_environment() -> Result<PathBuf, String> {
    let folder = paths::target().join("peers").join("venv");
    let wanted = format!("# {}\n{}", folder.display(), include_str!("../../scim2.requirements.txt"));
    let made_for = folder.join("made-for.txt");
    if fs::read_to_string(&made_for).is_ok_and(|made| made == wanted) {
        return Ok(folder.join("bin"));
    }
    say::line("installing scim2-server, scim2-cli and cryptography");
    match make_environment(&folder) {
        Ok(()) => {}
        // Debian packages venv separately from python3.
        Err(_) if debian::can_install().is_ok() => {
            apt(&["python3", "python3-venv"])?;
            make_environment(&folder).map_err(|problem| problem.to_string())?;
        }
        Err(problem) => return Err(format!("{problem}. It needs python3 with its venv and pip modules")),
    }
    fs::write(&made_for, wanted).map_err(|error| format!("cannot write {}: {error}", made_for.display()))?;
    Ok(folder.join("bin"))
}

fn make_environment(folder: &Path) -> Done {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(Problem::doing(format!("cannot remove {}", folder.display())))?;
    }
    output(command("python3").args(["-m", "venv"]).arg(folder))?;
    let list = paths::root().join("xtask").join("scim2.requirements.txt");
    let mut pip = command(folder.join("bin").join("pip"));
    output(pip.args(["install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(list))
        .map(drop)
}
