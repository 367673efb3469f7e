//! Who acts is what the kernel says: the login uid, also through `sudo`, else the real uid; never the environment.

use super::acme::{Acme, Ran};
use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Command;
use tenure_testkit::peer::{PeerError, or_skip};

/// Notes a login uid as a log-in does, and becomes the program.
const LOG_IN: &str = r#"echo "$0" > /proc/self/loginuid && exec "$@""#;
/// The service user that owns database, keys and outbox in these tests: `daemon`, which every system has.
const SERVICE: u32 = 1;
/// Logins that no user of this host has.
const ASTRID: u32 = 61_001;
const OLA: u32 = 61_002;
const STRANGER: u32 = 61_009;
const LOGINS: &str = "[actors]\n\"uid:61001\" = \"1001\"\n\"uid:61002\" = \"1002\"\n";

/// A live organisation whose files belong to the service user; `None` after saying SKIPPED where this process may not note a
/// login or become another user.
fn served() -> Option<Acme> {
    let noted = std::fs::read_to_string("/proc/self/loginuid").unwrap_or_default();
    if !rustix::process::getuid().is_root() || noted.trim() != "4294967295" {
        return or_skip(Err(PeerError::Missing {
            program: "a login that can be noted",
            how_to_get_it: "run as root in a process without a login (a container, a service)".to_owned(),
        }));
    }
    let acme = Acme::nothing();
    acme.tenure(&["init", "--organisation", "Acme"]).ends(0);
    acme.edit("tenure.toml", "[actors]\n", LOGINS);
    acme.tenure(&["apply"]).ends(0);
    acme.tenure(&["run"]).ends(4);
    own(&acme.path(""), SERVICE);
    Some(acme)
}

fn own(path: &Path, user: u32) {
    chown(path, Some(user), Some(user)).unwrap();
    for entry in std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path()) {
        if entry.is_dir() { own(&entry, user) } else { chown(&entry, Some(user), Some(user)).unwrap() }
    }
}

#[test]
fn who_would_leave_files_that_the_service_user_cannot_write_is_told_how_to_run_it() {
    let Some(acme) = served() else { return };
    acme.tenure(&["run"]).fails(1, "C005").says("belongs to the user `daemon`").says("sudo -u daemon");
}

/// The program as this login calls it through `sudo`, where that is installed; else as `setpriv` does it.
fn through_sudo(acme: &Acme, login: u32, arguments: &[&str]) -> Ran {
    let sudo = Path::new("/usr/bin/sudo").exists();
    let become_service: &[&str] = match sudo {
        true => &["sudo", "-n", "-u", "daemon"],
        false => &["setpriv", "--reuid", "1", "--regid", "1", "--clear-groups"],
    };
    let program = acme.command(arguments);
    let mut command = Command::new("sh");
    command.arg("-c").arg(LOG_IN).arg(login.to_string()).args(become_service);
    command.arg(program.get_program()).args(program.get_args()).env("SUDO_UID", "61001").env("USER", "root");
    Ran::new(command.output().unwrap(), &acme.path(""))
}

#[test]
fn two_log_ins_through_sudo_are_two_actors() {
    let Some(acme) = served() else { return };
    through_sudo(&acme, OLA, &["cutoff", "1003", "--reason", "a theft"]).ends(4);
    let entries = through_sudo(&acme, OLA, &["ledger", "verify", "--json"]).ends(0);
    let entries = entries.data()["entries"].as_u64().unwrap();
    let shown =
        |index: u64| through_sudo(&acme, ASTRID, &["ledger", "show", &index.to_string()]).ends(0).stdout;
    let ordered = (0..entries).map(shown).find(|e| e.contains("\"login\"")).unwrap();
    let ordered: serde_json::Value = serde_json::from_str(&ordered).unwrap();
    let login = &ordered["opening"]["actor"]["login"];
    assert_eq!(
        (login["uid"].as_u64(), login["real_uid"].as_u64()),
        (Some(u64::from(OLA)), Some(1)),
        "{ordered:#}"
    );
    assert_eq!(login["by"], "login uid");
    assert!(login["sudo_uid"].is_string(), "what the environment says is recorded: {ordered:#}");
    // The same service user, another login: who ordered it does not lift it, the other one does.
    through_sudo(&acme, OLA, &["cutoff", "1003", "--lift"]).fails(1, "A002");
    through_sudo(&acme, ASTRID, &["cutoff", "1003", "--lift"]).ends(4);
}

#[test]
fn a_login_that_is_mapped_to_no_person_does_and_reads_nothing() {
    let Some(acme) = served() else { return };
    let id = "01a22bbf-bf38-7d04-8fb0-e1bedf7b6d27";
    let refused: &[&[&str]] = &[
        &["run"],
        &["plan"],
        &["apply"],
        &["check", "--connect"],
        &["cutoff", "1002", "--reason", "x"],
        &["explain", "1001"],
        &["case"],
        &["approvals"],
        &["approve", id],
        &["deny", id],
        &["release"],
        &["correlate"],
        &["scan"],
        &["adopt", "directory"],
        &["request", "directory:engineering", "--for", "1003"],
        &["exception", "list"],
        &["delegate", "--list"],
        &["override", "list"],
        &["hold", "--list"],
        &["erase"],
        &["identity", "list"],
        &["findings"],
        &["people"],
        &["holders", "directory"],
        &["entitlements"],
        &["exceptions"],
        &["reviews"],
        &["quarantine"],
        &["tasks"],
        &["accounts"],
        &["history", "1001"],
        &["doctor"],
        &["ledger", "verify"],
        &["ledger", "show", "0"],
        &["ledger", "export", "there"],
    ];
    for arguments in refused {
        let ran = through_sudo(&acme, STRANGER, arguments);
        // What is no use of the command is refused before it is known who asks.
        if ran.code != Some(2) {
            ran.fails(1, "A005").says("uid 61009").says("\"uid:61009\" = ");
        }
    }
    // Every command there is, but for those that touch neither the database nor a system.
    let help = acme.tenure(&["--help"]).ends(0).stdout;
    let commands = help.lines().skip_while(|l| *l != "Commands:").skip(1).take_while(|l| !l.is_empty());
    let names = commands.filter(|l| !l.starts_with("   ")).filter_map(|l| l.split_whitespace().next());
    let open = ["init", "demo", "completions", "man", "help", "activate"];
    for name in names.filter(|name| !open.contains(name)) {
        assert!(refused.iter().any(|r| r.first() == Some(&name)), "{name} is in neither list");
    }
}

#[test]
fn a_folder_of_ones_own_sends_no_secret_of_the_service_anywhere() {
    let Some(acme) = served() else { return };
    acme.write("keys/token", "tok");
    own(&acme.path("keys"), SERVICE);
    let token = acme.path("keys/token").display().to_string();
    let mine = Acme::nothing();
    mine.tenure(&["init", "--organisation", "Mine"]).ends(0);
    mine.edit("systems/directory.toml", "\"manual\"", "\"scim\"");
    let system = std::fs::read_to_string(mine.path("systems/directory.toml")).unwrap();
    let connection = format!("[connection]\nurl = \"http://127.0.0.1:9\"\ntoken = \"file:{token}\"\n");
    mine.write("systems/directory.toml", &format!("{system}\n{connection}"));
    own(&mine.path(""), STRANGER);
    let readable = Command::new("chmod").args(["-R", "a+rX"]).arg(mine.path("")).status().unwrap();
    assert!(readable.success());
    through_sudo(&mine, STRANGER, &["check", "--connect"]).says("does not belong to the service user");
}

#[test]
fn the_key_that_seals_everything_is_sent_to_no_system() {
    let acme = Acme::begun();
    acme.edit("systems/directory.toml", "\"manual\"", "\"scim\"");
    let system = std::fs::read_to_string(acme.path("systems/directory.toml")).unwrap();
    let connection =
        "[connection]\nurl = \"https://127.0.0.1:9\"\ntoken = \"file:./keys/key-encryption.key\"\n";
    acme.write("systems/directory.toml", &format!("{system}\n{connection}"));
    acme.tenure(&["check"]).fails(3, "C003").says("is sent to no system");
    acme.tenure(&["apply"]).fails(3, "C003");
}

#[test]
fn what_is_written_follows_no_link() {
    let acme = Acme::begun();
    let other = acme.path("other");
    std::fs::write(&other, "kept").unwrap();
    for name in [
        "state/tenure.db.lock",
        "state/checkpoints/cut-offs",
        "state/checkpoints/cut-offs.lock",
        "state/checkpoints/checkpoint.part",
    ] {
        let path = acme.path(name);
        drop(std::fs::remove_file(&path));
        std::os::unix::fs::symlink(&other, &path).unwrap();
        acme.tenure(&["cutoff", "1002", "--reason", "x", "--now", super::acme::TUESDAY]);
        acme.tenure(&["run", "--now", super::acme::TUESDAY]);
        assert_eq!(std::fs::read_to_string(&other).unwrap(), "kept", "{name} was followed");
        drop(std::fs::remove_file(&path));
    }
}

#[test]
fn what_a_process_says_of_itself_is_not_believed() {
    let Some(acme) = served() else { return };
    own(&acme.path(""), 0);
    let says = |name: &str, value: &str, arguments: &[&str]| {
        let mut command = acme.command(arguments);
        command.env_clear().env(name, value);
        Ran::new(command.output().unwrap(), &acme.path(""))
    };
    acme.edit("tenure.toml", "[actors]\n", "[actors]\nola = \"1002\"\n");
    acme.tenure(&["apply", "--yes"]);
    // This process is root, whom `init` mapped to Astrid Berg. She lifts nothing that she ordered; Ola Müller would.
    acme.tenure(&["cutoff", "1003", "--reason", "a theft"]).ends(4);
    for (name, value) in [("USER", "ola"), ("LOGNAME", "ola"), ("SUDO_USER", "ola"), ("SUDO_UID", "61002")] {
        says(name, value, &["cutoff", "1003", "--lift"]).fails(1, "A002");
    }
    says("NOTHING", "", &["cutoff", "1003", "--lift"]).fails(1, "A002");
}

#[test]
fn a_timer_of_the_service_user_runs_passes_and_nothing_else() {
    let Some(acme) = served() else { return };
    let timer = |arguments: &[&str]| {
        let program = acme.command(arguments);
        let mut command = Command::new("setpriv");
        command.args(["--reuid", "1", "--regid", "1", "--clear-groups"]);
        command.arg(program.get_program()).args(program.get_args());
        Ran::new(command.output().unwrap(), &acme.path(""))
    };
    timer(&["run"]).ends(4);
    timer(&["cutoff", "1003", "--reason", "x"]).fails(1, "A005").says("`daemon` (uid 1)");
    timer(&["explain", "1003"]).fails(1, "A005");
}

#[test]
fn the_first_configuration_says_who_makes_it_active() {
    let acme = Acme::nothing();
    acme.tenure(&["init", "--organisation", "Acme"]).ends(0);
    let written = std::fs::read_to_string(acme.path("tenure.toml")).unwrap();
    let (before, rest) = written.split_once("[actors]\n").unwrap();
    let (mapped, rest) = rest.split_once('\n').unwrap();
    acme.write("tenure.toml", &format!("{before}[actors]\nmallory = \"1002\"\n{rest}"));
    acme.tenure(&["plan"]).ends(6);
    assert!(!acme.path("state").exists(), "a plan makes no database");
    acme.tenure(&["apply"]).fails(1, "A005").says("below [actors]").says("run `tenure apply` again");
    acme.write("tenure.toml", &format!("{before}[actors]\n{mapped}\n{rest}"));
    acme.tenure(&["apply"]).ends(0);
    acme.tenure(&["run"]).ends(4);
    acme.edit("tenure.toml", "[actors]\n", "[actors]\n\"uid:one\" = \"1002\"\n");
    acme.tenure(&["check"]).ends(3).says("`uid:one` is no login");
}

#[test]
fn no_one_takes_a_login_away_alone_and_the_last_two_who_can_act_stay_able_to() {
    let Some(acme) = served() else { return };
    acme.edit("tenure.toml", "\"uid:61001\" = \"1001\"", "\"uid:61003\" = \"1001\"");
    through_sudo(&acme, OLA, &["apply"]).ends(4).says("waits for a second person").says("actors.uid:61001");
    // Without any login of Astrid, Ola would be alone: no second person could confirm that.
    let text = std::fs::read_to_string(acme.path("tenure.toml")).unwrap();
    let left: Vec<&str> = text.lines().filter(|line| !line.contains("= \"1001\"")).collect();
    acme.write("tenure.toml", &left.join("\n"));
    through_sudo(&acme, OLA, &["apply"]).fails(1, "A002").says("members of the escalation group `security`");
    through_sudo(&acme, ASTRID, &["cutoff", "1003", "--reason", "a theft"]).ends(4);
}
