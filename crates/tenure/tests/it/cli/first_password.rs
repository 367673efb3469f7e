//! `activate`: a first password is set by the code of a link over a real directory, and afterwards nothing but the message holds
//! either of them: not the database, not the log, not the ledger, not the list of processes.

use super::acme::{Acme, MONDAY, OWNERS};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tenure_testkit::need;
use tenure_testkit::peer::{Slapd, slapd};

const PASSWORD: &str = "Zebra-Harmonica-47-quiet";

fn system(directory: &Slapd) -> String {
    let (url, dn, base) = (&directory.url, &directory.service_dn, &directory.base_dn);
    format!(
        r#"edition = 1

connector    = "ldap"
owner        = "1002"
mode         = "enforce"
account_name = "user_name"

[connection]
url         = "{url}"
bind_dn     = "{dn}"
password    = "file:keys/directory.password"
people_base = "ou=people,{base}"
groups_base = "ou=groups,{base}"
policy      = "cn=default,ou=policies,{base}"
create_groups = "true"

[activation]
how     = "one_time_link"
to      = "manager"
address = "post"

[[attribute]]
name  = "cn"
value = 'given_name + " " + family_name'

[[attribute]]
name  = "sn"
value = 'family_name'

[[entitlement]]
name  = "account"
owner = "1002"

[[entitlement]]
name  = "engineering"
owner = "1001"
"#
    )
}

/// Ola's manager is Astrid: the link for Ola goes to her.
fn begun(directory: &Slapd) -> Acme {
    let acme = Acme::new();
    acme.write("keys/directory.password", &directory.service_password);
    acme.write("systems/directory.toml", &system(directory));
    let people = fs::read_to_string(acme.path("policy/people.toml")).unwrap();
    let post = "\n[[identifier]]\nname       = \"post\"\ncandidates = ['id.user_name + \"@acme.example\"']\n";
    acme.write("policy/people.toml", &format!("{people}{post}"));
    acme.feed(&[OWNERS]);
    acme.applied(MONDAY);
    acme
}

/// The code in the one message of the outbox, and the rest of the message.
fn code(acme: &Acme) -> (String, String) {
    let new = acme.path("outbox/new");
    let mut messages = fs::read_dir(new).unwrap().map(|e| fs::read_to_string(e.unwrap().path()).unwrap());
    let (message, None) = (messages.next().unwrap(), messages.next()) else {
        panic!("one message is expected")
    };
    let code =
        message.lines().find(|l| l.len() > 90 && l.contains('.') && !l.contains(' ')).unwrap().to_owned();
    (code.clone(), message.replace(&code, "…"))
}

/// All files below a folder, the outbox aside.
fn files(folder: &Path, into: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("outbox") {
            files(&path, into);
        } else if path.is_file() {
            into.insert(path.display().to_string(), fs::read(&path).unwrap());
        }
    }
}

fn holds(bytes: &[u8], secret: &[u8]) -> bool {
    bytes.windows(secret.len()).any(|w| w == secret)
}

/// What every process of this host shows of its arguments.
fn arguments() -> Vec<u8> {
    let processes = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    processes.filter_map(|p| fs::read(p.path().join("cmdline")).ok()).flatten().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_but_the_message_holds_the_code_and_nothing_the_password() {
    let directory = need!(slapd());
    let acme = begun(&directory);
    let first = acme.tenure(&["run", "-vvv", "--now", MONDAY]);
    let (code, message) = code(&acme);
    assert!(message.contains("To: aberg@acme.example") && message.contains("Subject: "), "{message}");
    let ola = format!("cn=Ola Müller,ou=people,{}", directory.base_dn);
    let dn = directory.search("(uid=omuller)", &["uid"]).unwrap();
    let dn = dn.first().and_then(|e| e.get("dn")).and_then(|d| d.first()).cloned().unwrap_or(ola);
    assert!(!directory.bind_as(&dn, PASSWORD).unwrap());

    let mut command = acme.command(&["activate", "-vvv", "--now", MONDAY]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut seen = arguments();
    writeln!(child.stdin.take().unwrap(), "{code}\n{PASSWORD}").unwrap();
    while child.try_wait().unwrap().is_none() {
        seen.extend(arguments());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let output = child.wait_with_output().unwrap();
    assert!(holds(&seen, b"activate"), "the program was seen running");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(directory.bind_as(&dn, PASSWORD).unwrap());
    let again = acme.command(&["activate", "--now", MONDAY]).stdin(Stdio::null()).output().unwrap();
    assert_eq!(again.status.code(), Some(1), "an empty input sets nothing");
    acme.tenure(&["ledger", "export", acme.path("exported").to_str().unwrap()]).ends(0);

    let mut everything = BTreeMap::new();
    files(&acme.path(""), &mut everything);
    assert!(everything.keys().any(|name| name.contains("exported")), "{:?}", everything.keys());
    everything.insert("the first pass".to_owned(), [first.stdout, first.stderr].concat().into_bytes());
    everything.insert("the activation".to_owned(), [output.stdout, output.stderr].concat());
    everything.insert("the list of processes".to_owned(), seen);
    let secret = code.split_once('.').unwrap().1;
    let raw: Vec<u8> = (0..32).map(|i| u8::from_str_radix(&secret[2 * i..2 * i + 2], 16).unwrap()).collect();
    for (name, bytes) in &everything {
        for (what, secret) in
            [("code", secret.as_bytes()), ("bytes", &raw), ("password", PASSWORD.as_bytes())]
        {
            assert!(!holds(bytes, secret), "{name} holds the {what}");
        }
    }
}
