//! The login that runs this command, as the kernel states it: the login uid where it is set, else the real uid. No environment variable
//! is trusted.

use crate::cli::{Cli, Command};
use crate::exit::Failure;
use nix::unistd::{Uid, User};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;
use tenure_app::{Born, Login};
use tenure_policy::GlobalSettings;

/// Where the kernel states the login uid of this process. It is set once, at login, and stays through `sudo` and `su`.
const LOGIN_UID: &str = "/proc/self/loginuid";
/// The kernel's value where no login was set.
const NO_LOGIN: u32 = u32::MAX;

/// The login that runs this command.
pub(crate) fn login() -> Login {
    let real_uid = Uid::current().as_raw();
    let noted = std::fs::read_to_string(LOGIN_UID).ok().and_then(|text| text.trim().parse().ok());
    let login_uid = noted.filter(|uid: &u32| *uid != NO_LOGIN);
    let uid = login_uid.unwrap_or(real_uid);
    let name = User::from_uid(Uid::from_raw(uid)).ok().flatten().map(|user| Arc::from(user.name));
    #[expect(clippy::disallowed_methods, reason = "recorded in the evidence, never believed")]
    let sudo_uid =
        std::env::var("SUDO_UID").ok().map(|text| Arc::from(text.chars().take(16).collect::<String>()));
    Login { uid, name, by_login_uid: login_uid.is_some(), real_uid, sudo_uid }
}

/// Refuses a login that `[actors]` maps to no person. The service user, which owns the database, needs no person for passes
/// that a timer begins: it has no login uid then.
pub(crate) fn admit(cli: &Cli, settings: &GlobalSettings, born: Born) -> Result<(), Failure> {
    let login = login();
    let is_mapped = settings.actor(&login.uid_key(), login.name.as_deref()).is_some();
    let stands_in = cli.acting.is_some() && settings.allow_as && born == Born::Replay;
    let database = cli.folder.join(&*settings.database);
    if is_mapped || stands_in || (is_unattended(&cli.command) && is_service_user(&login, &database)) {
        return Ok(());
    }
    Err(unmapped(&login))
}

/// Whether a timer may begin it.
fn is_unattended(command: &Command) -> bool {
    matches!(command, Command::Run(_) | Command::Scan(_) | Command::Doctor)
}

fn is_service_user(login: &Login, database: &Path) -> bool {
    let owner = std::fs::metadata(database).map(|found| found.uid());
    !login.by_login_uid && owner.is_ok_and(|uid| uid == login.uid)
}

/// The refusal of a login that is mapped to no person.
fn unmapped(login: &Login) -> Failure {
    let key = toml_key(login);
    Failure::new(
        "A005",
        format!("the login {login} is mapped to no person in [actors] of the active configuration"),
        format!(
            "add {key} = \"your worker number\" below [actors] in tenure.toml, and have a person who is mapped run `tenure apply`"
        ),
    )
}

/// The refusal where no configuration is active yet: the person who makes the first one active maps their login in it.
pub(crate) fn unmapped_at_first(login: &Login) -> Failure {
    Failure::new(
        "A005",
        format!("the login {login} is mapped to no person in [actors] of tenure.toml"),
        format!(
            "add {} = \"1001\" below [actors], with your own worker number instead of 1001, and run `tenure apply` again",
            toml_key(login)
        ),
    )
}

/// How `[actors]` names a login, as TOML.
pub(crate) fn toml_key(login: &Login) -> String {
    let key = login.key();
    let is_bare = key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if is_bare { key } else { format!("{key:?}") }
}
