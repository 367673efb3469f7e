//! A real OpenLDAP server per test: mdb, ppolicy, memberOf and refint overlays, TLS, a small tree.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::certificates::{Certificates, make_certificates};
use super::error::PeerError;
use super::find::Program;
use super::ports::free_port;
use super::server::{Server, log_end};
use super::tool::{TOOL_LIMIT, run};

const HOW_TO_GET_IT: &str = "on Debian, as root: apt-get install slapd ldap-utils";
const SLAPD: Program = Program {
    name: "slapd",
    variable: "TENURE_TEST_SLAPD",
    usual: &["/usr/sbin/slapd", "/usr/libexec/slapd"],
    how_to_get_it: HOW_TO_GET_IT,
};
const LDAPSEARCH: Program = Program {
    name: "ldapsearch",
    variable: "TENURE_TEST_LDAPSEARCH",
    usual: &["/usr/bin/ldapsearch"],
    how_to_get_it: HOW_TO_GET_IT,
};
/// A port may be taken between our look and the server's bind; then it exits at once and is tried again.
const START_TRIES: u32 = 5;

/// A running slapd. It and its folder are gone when this is dropped.
///
/// The tree below [`base_dn`](Self::base_dn) has `ou=people`, `ou=groups`, `ou=services` and `ou=policies`
/// with the default password policy: lock-out on, at least 12 characters, 5 failures lock for 15 minutes.
/// An account with `pwdAccountLockedTime: 000001010000Z` cannot bind until an administrator removes that.
pub struct Slapd {
    /// `ldap://127.0.0.1:<port>`; StartTLS works on it.
    pub url: String,
    /// `ldaps://127.0.0.1:<port>`; the certificate is for `127.0.0.1` and `localhost` (for which OpenLDAP's own
    /// client tools put the host's name, so they refuse it).
    pub ldaps_url: String,
    /// The authority that signed the server's certificate, as a PEM file.
    pub ca_pem: PathBuf,
    /// The root of the tree, `dc=example,dc=test`.
    pub base_dn: String,
    /// The directory's root: no access rule and no password policy applies to it.
    pub admin_dn: String,
    /// Its password.
    pub admin_password: String,
    /// An ordinary entry that may write everything below the base and read without a limit when it asks in
    /// pages (500 entries when it does not), as a connector's account should be in production.
    pub service_dn: String,
    /// Its password.
    pub service_password: String,
    pub(super) tools: PathBuf,
    program: PathBuf,
    server: Option<Server>,
    // After `server`, so that the folder goes when nothing writes to it any more.
    folder: TempDir,
}

/// Starts slapd on two free ports of 127.0.0.1 and waits until it answers.
///
/// # Errors
///
/// [`PeerError::Missing`] when slapd or ldap-utils is not installed; any other error is a defect to look at.
pub fn slapd() -> Result<Slapd, PeerError> {
    let program = SLAPD.find()?;
    let search = LDAPSEARCH.find()?;
    let tools = search.parent().unwrap_or(Path::new("/usr/bin")).to_path_buf();
    let folder =
        TempDir::with_prefix("tenure-slapd-").map_err(PeerError::machine("make a folder for slapd"))?;
    let certificates = make_certificates(folder.path())?;
    write_configuration(folder.path(), &certificates)?;
    load_tree(&program, folder.path())?;

    let mut slapd = Slapd {
        url: String::new(),
        ldaps_url: String::new(),
        ca_pem: certificates.ca,
        base_dn: BASE.to_owned(),
        admin_dn: ADMIN.to_owned(),
        admin_password: ADMIN_PASSWORD.to_owned(),
        service_dn: SERVICE.to_owned(),
        service_password: SERVICE_PASSWORD.to_owned(),
        tools,
        program,
        server: None,
        folder,
    };
    let mut tries = 1;
    loop {
        slapd.url = format!("ldap://127.0.0.1:{}", free_port()?);
        slapd.ldaps_url = format!("ldaps://127.0.0.1:{}", free_port()?);
        match slapd.start() {
            Ok(()) => return Ok(slapd),
            Err(error) if tries == START_TRIES => return Err(error),
            Err(_) => tries += 1,
        }
    }
}

impl Slapd {
    /// Starts a stopped server again, on the same ports with the same content.
    ///
    /// # Errors
    ///
    /// With the server's log, when it does not answer.
    pub fn start(&mut self) -> Result<(), PeerError> {
        let listen = format!("{} {}", self.url, self.ldaps_url);
        let configuration = self.folder.path().join("slapd.conf");
        let mut server = Server::start(
            "slapd",
            &self.program,
            |command| {
                // `-d none` keeps it in the foreground and lets only what matters into the log.
                command.arg("-f").arg(configuration).arg("-h").arg(listen).args(["-d", "none"]);
            },
            &self.log(),
        )?;
        let address = self.url.trim_start_matches("ldap://").to_owned();
        server.wait_until(|| TcpStream::connect(&address).is_ok() && self.root_dse_answers())?;
        self.server = Some(server);
        Ok(())
    }

    /// Ends the server; connections to it are refused until [`start`](Self::start).
    pub fn stop(&mut self) {
        self.server = None;
    }

    /// Rewrites the whole content as LDIF while the server is stopped, past every overlay and rule: what only a defect or an
    /// accident does to a directory.
    ///
    /// # Errors
    ///
    /// When the content cannot be read or loaded, or the server does not start again.
    pub fn rewrite(&mut self, edit: impl FnOnce(String) -> String) -> Result<(), PeerError> {
        self.stop();
        let mut cat = Command::new(&self.program);
        cat.args(["-Tcat", "-o", "ldif-wrap=no", "-f"]).arg(self.folder.path().join("slapd.conf"));
        let read = run("slapcat", &mut cat, b"", TOOL_LIMIT)?;
        let text = edit(String::from_utf8_lossy(&read.stdout).into_owned());
        let db = self.folder.path().join("db");
        fs::remove_dir_all(&db).map_err(PeerError::machine("empty the folder of slapd's database"))?;
        fs::create_dir(&db).map_err(PeerError::machine("make the folder of slapd's database"))?;
        fs::write(self.folder.path().join("tree.ldif"), text)
            .map_err(PeerError::machine("write the rewritten content"))?;
        load_tree(&self.program, self.folder.path())?;
        self.start()
    }

    /// Starts the server again with these lines ahead of its own limits and access rules, of which the first that fits counts
    /// (slapd.conf(5), slapd.access(5)); an empty text takes them away.
    ///
    /// # Errors
    ///
    /// With the server's log, when it does not start with them.
    pub fn rule(&mut self, lines: &str) -> Result<(), PeerError> {
        self.stop();
        let path = self.folder.path().join("slapd.conf");
        let changed = |what: &str| format!("{what} {}", path.display());
        let text = fs::read_to_string(&path).map_err(PeerError::machine(changed("read")))?;
        let (head, rest) = text.split_once(RULES).unwrap_or((&text, ""));
        let own = rest.split_once(OWN_RULES).map_or(rest, |(_, own)| own);
        fs::write(&path, format!("{head}{RULES}{lines}\n{OWN_RULES}{own}"))
            .map_err(PeerError::machine(changed("write")))?;
        self.start()
    }

    /// Makes the server hang: it keeps accepting connections and answers nothing until
    /// [`resume`](Self::resume).
    ///
    /// # Errors
    ///
    /// When the server is not running.
    pub fn pause(&self) -> Result<(), PeerError> {
        self.running()?.pause()
    }

    /// Lets a server that was paused go on.
    ///
    /// # Errors
    ///
    /// When the server is not running.
    pub fn resume(&self) -> Result<(), PeerError> {
        self.running()?.resume()
    }

    /// The process id, or `None` while the server is stopped.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.server.as_ref().map(Server::pid)
    }

    /// The folder with the configuration, the database and the log.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn log(&self) -> PathBuf {
        self.folder.path().join("slapd.log")
    }

    fn running(&self) -> Result<&Server, PeerError> {
        self.server.as_ref().ok_or_else(|| PeerError::Failed {
            peer: "slapd",
            what: "is stopped".to_owned(),
            log: log_end(&self.log()),
        })
    }
}

/// Around what [`Slapd::rule`] sets.
const RULES: &str = "# Set while the server runs:\n";
const OWN_RULES: &str = "# Its own:";
const BASE: &str = "dc=example,dc=test";
const ADMIN: &str = "cn=admin,dc=example,dc=test";
const ADMIN_PASSWORD: &str = "root of the directory";
const SERVICE: &str = "cn=tenure,ou=services,dc=example,dc=test";
const SERVICE_PASSWORD: &str = "what the connector knows";

fn write_configuration(folder: &Path, tls: &Certificates) -> Result<(), PeerError> {
    fs::create_dir(folder.join("db")).map_err(PeerError::machine("make the folder of slapd's database"))?;
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        fs::write(&path, text).map_err(PeerError::machine(format!("write {}", path.display())))
    };
    write("tree.ldif", tree())?;
    // The client tools read this instead of the host's own settings.
    write("ldap.conf", format!("TLS_CACERT {}\nTLS_REQCERT demand\n", tls.ca.display()))?;
    write("slapd.conf", configuration(folder, tls))
}

fn configuration(folder: &Path, tls: &Certificates) -> String {
    let (ca, certificate, key) = (tls.ca.display(), tls.certificate.display(), tls.key.display());
    let db = folder.join("db");
    let db = db.display();
    format!(
        r#"include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
moduleload memberof
moduleload refint
moduleload syncprov
# Searches a group of thousands instead of walking through it at every change.
sortvals member memberOf
TLSCACertificateFile {ca}
TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}

database mdb
suffix "{BASE}"
rootdn "{ADMIN}"
rootpw "{ADMIN_PASSWORD}"
directory {db}
maxsize 1073741824
# A test's directory need not survive the machine, so nothing waits for the disk.
envflags nosync writemap
index objectClass,uid,cn,mail,employeeNumber,member,memberOf,entryCSN,entryUUID eq
index pwdAccountLockedTime pres,eq
{RULES}
{OWN_RULES}
limits dn.exact="{SERVICE}" size.soft=500 size.hard=500 size.pr=unlimited size.prtotal=unlimited
access to attrs=userPassword
  by dn.exact="{SERVICE}" write
  by self write
  by anonymous auth
  by * none
access to *
  by dn.exact="{SERVICE}" write
  by users read
  by * none
overlay ppolicy
ppolicy_default "cn=default,ou=policies,{BASE}"
ppolicy_use_lockout
ppolicy_hash_cleartext
overlay memberof
memberof-group-oc groupOfNames
memberof-refint TRUE
overlay refint
refint_attributes member manager secretary
# A groupOfNames must have a member: the last one to be deleted leaves this name, which has no entry.
refint_nothing "cn=nobody,{BASE}"
overlay syncprov
"#
    )
}

fn tree() -> String {
    format!(
        "dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n\n\
         dn: ou=people,{BASE}\nobjectClass: organizationalUnit\nou: people\n\n\
         dn: ou=groups,{BASE}\nobjectClass: organizationalUnit\nou: groups\n\n\
         dn: ou=services,{BASE}\nobjectClass: organizationalUnit\nou: services\n\n\
         dn: ou=policies,{BASE}\nobjectClass: organizationalUnit\nou: policies\n\n\
         dn: cn=default,ou=policies,{BASE}\nobjectClass: device\nobjectClass: pwdPolicy\ncn: default\n\
         pwdAttribute: userPassword\npwdCheckQuality: 1\npwdMinLength: 12\npwdInHistory: 5\n\
         pwdLockout: TRUE\npwdMaxFailure: 5\npwdLockoutDuration: 900\npwdAllowUserChange: TRUE\n\n\
         dn: {SERVICE}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: tenure\n\
         userPassword: {SERVICE_PASSWORD}\n"
    )
}

/// `slapd -Tadd` is slapadd: it fills the database before the server opens it.
fn load_tree(program: &Path, folder: &Path) -> Result<(), PeerError> {
    let mut command = Command::new(program);
    command
        .args(["-Tadd", "-q", "-f"])
        .arg(folder.join("slapd.conf"))
        .arg("-l")
        .arg(folder.join("tree.ldif"));
    let output = run("slapadd", &mut command, b"", TOOL_LIMIT)?;
    if output.code == 0 {
        return Ok(());
    }
    Err(PeerError::Failed {
        peer: "slapadd",
        what: format!("could not load the first tree, exit code {}", output.code),
        log: output.stderr,
    })
}
