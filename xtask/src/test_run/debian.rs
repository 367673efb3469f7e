//! Installs Debian packages as root without letting them start their daemons.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::problem::{Done, Problem};
use crate::run::{command, output};
use crate::say;

/// Debian asks this program whether a package may start its daemon; 101 means no.
const POLICY: &str = "/usr/sbin/policy-rc.d";
/// A mirror may be busy for a moment.
const TRIES: u32 = 3;

/// Whether packages can be installed here, or why not.
pub(crate) fn can_install() -> Result<(), String> {
    if !Path::new("/etc/debian_version").exists() || !Path::new("/usr/bin/apt-get").exists() {
        return Err("this is not Debian".to_owned());
    }
    match output(command("id").arg("-u")) {
        Ok(id) if id.trim() == "0" => Ok(()),
        Ok(_) => Err("only root may install packages".to_owned()),
        Err(problem) => Err(problem.to_string()),
    }
}

/// Installs `packages`. Their daemons are not started.
pub(crate) fn install(packages: &[&str]) -> Done {
    say::line(&format!("installing {}", packages.join(" ")));
    let _quiet = NoDaemons::begin()?;
    let mut tries = 1;
    loop {
        match update_and_install(packages) {
            Ok(()) => return Ok(()),
            Err(problem) if tries == TRIES => return Err(problem),
            Err(_) => tries += 1,
        }
    }
}

fn update_and_install(packages: &[&str]) -> Done {
    output(command("apt-get").args(["update", "-q"]))?;
    let mut install = command("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive").args(["install", "-y", "-q", "--no-install-recommends"]);
    output(install.args(packages)).map(drop)
}

/// While this exists, Debian starts no daemon of a new package. An existing policy stays.
struct NoDaemons {
    ours: bool,
}

impl NoDaemons {
    fn begin() -> Result<Self, Problem> {
        if Path::new(POLICY).exists() {
            return Ok(Self { ours: false });
        }
        let doing = || format!("cannot write {POLICY}, which keeps new daemons from starting");
        fs::write(POLICY, "#!/bin/sh\nexit 101\n").map_err(Problem::doing(doing()))?;
        let begun = Self { ours: true };
        fs::set_permissions(POLICY, fs::Permissions::from_mode(0o755)).map_err(Problem::doing(doing()))?;
        Ok(begun)
    }
}

impl Drop for NoDaemons {
    fn drop(&mut self) {
        if self.ours
            && let Err(error) = fs::remove_file(POLICY)
        {
            say::problem(&format!("{POLICY} could not be removed again: {error}"));
        }
    }
}
