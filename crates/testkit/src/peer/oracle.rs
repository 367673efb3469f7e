//! What a test asks a directory through OpenLDAP's own client tools, so that our code is checked by other programs.

use std::process::Command;
use std::time::Duration;

use super::error::PeerError;
use super::ldif::{LdifEntry, parse_ldif};
use super::server::log_end;
use super::slapd::Slapd;
use super::tool::{Output, TOOL_LIMIT, run};

/// LDAP's result code for a name or a password that is not accepted (RFC 4511, section 4.1.9).
const INVALID_CREDENTIALS: i32 = 49;
/// LDAP's result code for an entry that is not there.
const NO_SUCH_OBJECT: i32 = 32;
/// A server that is starting is asked often; one question may not take long.
const PROBE_LIMIT: Duration = Duration::from_secs(2);

impl Slapd {
    /// Entries below the base that match `filter`, with `attributes` (all user attributes when empty; `+` for
    /// the operational ones). Each entry has its name as `dn`. Order is the server's.
    ///
    /// # Errors
    ///
    /// When `ldapsearch` fails, with what it said.
    pub fn search(&self, filter: &str, attributes: &[&str]) -> Result<Vec<LdifEntry>, PeerError> {
        self.search_below(&self.base_dn, "sub", filter, attributes)
    }

    /// The entry named `dn` with user and operational attributes, or `None` when there is none.
    ///
    /// # Errors
    ///
    /// When `ldapsearch` fails for any other reason.
    pub fn entry(&self, dn: &str) -> Result<Option<LdifEntry>, PeerError> {
        let found = self.search_below(dn, "base", "(objectClass=*)", &["*", "+"])?;
        Ok(found.into_iter().next())
    }

    /// As [`search`](Self::search), from `base` with scope `base`, `one` or `sub`. A base that does not exist
    /// has no entries.
    ///
    /// # Errors
    ///
    /// When `ldapsearch` fails, with what it said.
    pub fn search_below(
        &self,
        base: &str,
        scope: &str,
        filter: &str,
        attributes: &[&str],
    ) -> Result<Vec<LdifEntry>, PeerError> {
        let mut command = self.as_admin("ldapsearch");
        command.args(["-LLL", "-o", "ldif-wrap=no", "-E", "pr=500/noprompt", "-b", base, "-s", scope]);
        command.arg(filter).args(attributes);
        let output = run("ldapsearch", &mut command, b"", TOOL_LIMIT)?;
        if output.code == NO_SUCH_OBJECT {
            return Ok(Vec::new());
        }
        let output = self.succeeded("ldapsearch", filter, output)?;
        parse_ldif(&String::from_utf8_lossy(&output.stdout)).map_err(|error| PeerError::Failed {
            peer: "ldapsearch",
            what: format!("printed what is not LDIF for {filter}: {error}"),
            log: String::from_utf8_lossy(&output.stdout).into_owned(),
        })
    }

    /// How many people below `ou=people` the server would let in: `inetOrgPerson` entries that are not locked.
    ///
    /// # Errors
    ///
    /// When `ldapsearch` fails, with what it said.
    pub fn count_usable_accounts(&self) -> Result<usize, PeerError> {
        let people = format!("ou=people,{}", self.base_dn);
        let usable = "(&(objectClass=inetOrgPerson)(!(pwdAccountLockedTime=*)))";
        Ok(self.search_below(&people, "sub", usable, &["1.1"])?.len())
    }

    /// Whether the server accepts this name and password: `true`, or `false` for "invalid credentials", which
    /// is also what it says for a locked account. The wrong password counts towards the lock-out.
    ///
    /// # Errors
    ///
    /// When the server says anything else.
    pub fn bind_as(&self, dn: &str, password: &str) -> Result<bool, PeerError> {
        let mut command = self.client("ldapwhoami", &self.url);
        command.args(["-D", dn, "-w", password]);
        let output = run("ldapwhoami", &mut command, b"", TOOL_LIMIT)?;
        match output.code {
            0 => Ok(true),
            INVALID_CREDENTIALS => Ok(false),
            _ => self.succeeded("ldapwhoami", dn, output).map(|_| false),
        }
    }

    /// Applies LDIF change records (a record without `changetype` is added) as the directory's root: the changes
    /// of an administrator outside Tenure.
    ///
    /// # Errors
    ///
    /// When `ldapmodify` fails, with what it said.
    pub fn apply_ldif(&self, ldif: &str) -> Result<(), PeerError> {
        let mut command = self.as_admin("ldapmodify");
        command.arg("-a");
        let output = run("ldapmodify", &mut command, ldif.as_bytes(), TOOL_LIMIT)?;
        self.succeeded("ldapmodify", "the change", output).map(drop)
    }

    /// Gives an account a password, as the directory's root.
    ///
    /// # Errors
    ///
    /// When `ldappasswd` fails, with what it said.
    pub fn set_password(&self, dn: &str, password: &str) -> Result<(), PeerError> {
        let mut command = self.as_admin("ldappasswd");
        command.args(["-s", password, dn]);
        let output = run("ldappasswd", &mut command, b"", TOOL_LIMIT)?;
        self.succeeded("ldappasswd", dn, output).map(drop)
    }

    /// Binds over TLS with the run's own authority: over `ldaps://`, or with StartTLS over `ldap://`.
    ///
    /// # Errors
    ///
    /// When the handshake or the bind fails, with what `ldapwhoami` said.
    pub fn tls_works(&self, start_tls: bool) -> Result<(), PeerError> {
        let url = if start_tls { &self.url } else { &self.ldaps_url };
        let mut command = self.client("ldapwhoami", url);
        if start_tls {
            command.arg("-ZZ");
        }
        command.args(["-D", &self.admin_dn, "-w", &self.admin_password]);
        let output = run("ldapwhoami", &mut command, b"", TOOL_LIMIT)?;
        self.succeeded("ldapwhoami", url, output).map(drop)
    }

    /// Whether the server answers about itself yet.
    pub(super) fn root_dse_answers(&self) -> bool {
        let mut command = self.as_admin("ldapsearch");
        command.args(["-LLL", "-b", "", "-s", "base", "(objectClass=*)", "1.1"]);
        run("ldapsearch", &mut command, b"", PROBE_LIMIT).is_ok_and(|output| output.code == 0)
    }

    fn as_admin(&self, tool: &str) -> Command {
        let mut command = self.client(tool, &self.url);
        command.args(["-D", &self.admin_dn, "-w", &self.admin_password]);
        command
    }

    /// A client tool that reads this run's settings and nothing of the host's or the user's.
    fn client(&self, tool: &str, url: &str) -> Command {
        let mut command = Command::new(self.tools.join(tool));
        command
            .env_clear()
            .env("HOME", self.folder())
            .env("LDAPCONF", self.folder().join("ldap.conf"))
            .args(["-x", "-o", "nettimeout=10", "-H", url]);
        command
    }

    fn succeeded(&self, tool: &'static str, about: &str, output: Output) -> Result<Output, PeerError> {
        if output.code == 0 {
            return Ok(output);
        }
        Err(PeerError::Failed {
            peer: tool,
            what: format!("failed with {} for {about}: {}", output.code, output.stderr.trim()),
            log: log_end(&self.log()),
        })
    }
}
