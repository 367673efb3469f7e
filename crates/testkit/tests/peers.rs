//! Each real server starts, answers, enforces what the connectors rely on, and is gone afterwards.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "helpers of tests may panic and measure time"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use tenure_testkit::need;
use tenure_testkit::peer::{self, Fault, FaultProxy, Slapd};

const ALICE: &str = "uid=alice,ou=people,dc=example,dc=test";
const STAFF: &str = "cn=staff,ou=groups,dc=example,dc=test";
const PASSWORD: &str = "correct-horse-battery";

fn add_alice(directory: &Slapd) {
    directory
        .apply_ldif(&format!(
            "dn: {ALICE}\nobjectClass: inetOrgPerson\nuid: alice\ncn: Alicia Nuñez\nsn: Nuñez\n\n\
             dn: {STAFF}\nobjectClass: groupOfNames\ncn: staff\nmember: {ALICE}\n"
        ))
        .unwrap();
    directory.set_password(ALICE, PASSWORD).unwrap();
}

fn is_running(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

#[test]
fn slapd_answers_over_tcp_tls_and_start_tls() {
    let directory = need!(peer::slapd());
    assert!(directory.bind_as(&directory.admin_dn, &directory.admin_password).unwrap());
    assert!(directory.bind_as(&directory.service_dn, &directory.service_password).unwrap());
    assert!(!directory.bind_as(&directory.service_dn, "something else").unwrap());
    directory.tls_works(false).unwrap();
    directory.tls_works(true).unwrap();
    std::fs::write(&directory.ca_pem, "").unwrap();
    assert!(directory.tls_works(false).is_err(), "a client without the run's authority must refuse");
}

#[test]
fn slapd_keeps_locked_accounts_out_and_the_count_says_so() {
    let directory = need!(peer::slapd());
    assert_eq!(directory.count_usable_accounts().unwrap(), 0);
    add_alice(&directory);
    assert_eq!(directory.count_usable_accounts().unwrap(), 1);
    assert!(directory.bind_as(ALICE, PASSWORD).unwrap());

    let lock = "changetype: modify\nadd: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n";
    directory.apply_ldif(&format!("dn: {ALICE}\n{lock}")).unwrap();
    assert!(!directory.bind_as(ALICE, PASSWORD).unwrap());
    assert_eq!(directory.count_usable_accounts().unwrap(), 0);
}

#[test]
fn slapd_keeps_groups_and_members_in_step() {
    let directory = need!(peer::slapd());
    add_alice(&directory);
    let alice = &directory.search("(uid=alice)", &["cn", "memberOf"]).unwrap()[0];
    assert_eq!(alice["cn"], ["Alicia Nuñez"]);
    assert_eq!(alice["memberOf"], [STAFF]);

    directory
        .apply_ldif(&format!(
            "dn: {ALICE}\nchangetype: modrdn\nnewrdn: uid=alicia\ndeleteoldrdn: 1\n\n\
             dn: uid=alicia,ou=people,dc=example,dc=test\nchangetype: modify\nreplace: description\n\
             description: renamed\n"
        ))
        .unwrap();
    assert_eq!(directory.entry(ALICE).unwrap(), None);
    let renamed = "uid=alicia,ou=people,dc=example,dc=test";
    assert_eq!(directory.entry(STAFF).unwrap().unwrap()["member"], [renamed]);

    directory.apply_ldif(&format!("dn: {renamed}\nchangetype: delete\n")).unwrap();
    assert_eq!(directory.entry(STAFF).unwrap().unwrap()["member"], ["cn=nobody,dc=example,dc=test"]);
}

#[test]
fn slapd_stops_hangs_and_starts_again_with_its_content() {
    let mut directory = need!(peer::slapd());
    add_alice(&directory);
    directory.pause().unwrap();
    let address: SocketAddr = directory.url.trim_start_matches("ldap://").parse().unwrap();
    let mut silent = TcpStream::connect(address).unwrap();
    silent.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    // An anonymous bind (RFC 4511), which a running slapd answers in a millisecond.
    silent.write_all(&[0x30, 0x0c, 2, 1, 1, 0x60, 7, 2, 1, 3, 4, 0, 0x80, 0]).unwrap();
    assert!(silent.read(&mut [0; 1]).is_err());
    directory.resume().unwrap();

    directory.stop();
    assert!(TcpStream::connect(address).is_err());
    directory.start().unwrap();
    assert!(directory.bind_as(ALICE, PASSWORD).unwrap());
}

#[test]
fn slapd_and_its_folder_are_gone_after_drop_and_after_a_panic() {
    let directory = need!(peer::slapd());
    let (pid, folder) = (directory.pid().unwrap(), directory.folder().to_path_buf());
    assert!(is_running(pid) && folder.exists());
    drop(directory);
    assert!(!is_running(pid) && !folder.exists());

    let directory = peer::slapd().unwrap();
    let (pid, folder) = (directory.pid().unwrap(), directory.folder().to_path_buf());
    let panicked = std::thread::spawn(move || {
        let _held = directory;
        panic!("this panic is meant");
    })
    .join();
    assert!(panicked.is_err());
    assert!(!is_running(pid) && !folder.exists());
}

fn holder(peer: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_peer"));
    command.arg(peer).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn held_pid(holder: &mut Child) -> u32 {
    let mut line = String::new();
    BufReader::new(holder.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    line.trim().strip_prefix("pid ").unwrap().parse().unwrap()
}

#[test]
fn slapd_is_gone_after_the_process_that_started_it_is_killed() {
    drop(need!(peer::slapd()));
    let folder = tempfile::tempdir().unwrap();
    let mut holder = holder("slapd").env("TMPDIR", folder.path()).spawn().unwrap();
    let pid = held_pid(&mut holder);
    assert!(is_running(pid));
    holder.kill().unwrap();
    holder.wait().unwrap();
    wait_for(|| (!is_running(pid)).then_some(()));
}

fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "did not happen within 20 s");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn scim2_server_answers_its_token_only_and_is_gone_afterwards() {
    let mut service = need!(peer::scim2_server());
    let alice = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "alice",
        "emails": [{"value": "alice@example.test", "primary": true}],
    });
    let (status, created) = service.request("POST", "/Users", Some(&alice)).unwrap();
    assert_eq!(status, 201, "{created}");
    let users = service.resources("Users").unwrap();
    assert_eq!(users.len(), 1);
    assert_eq!(users[0]["userName"], "alice");

    let token = std::mem::replace(&mut service.token, "another".to_owned());
    assert_eq!(service.request("GET", "/Users", None).unwrap().0, 401);
    service.token = token;

    let (pid, folder) = (service.pid().unwrap(), service.folder().to_path_buf());
    drop(service);
    assert!(!is_running(pid) && !folder.exists());
}

#[test]
fn scim2_server_gives_more_than_a_page() {
    let service = need!(peer::scim2_server());
    for number in 0..105 {
        let user = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": format!("user{number}"),
        });
        assert_eq!(service.request("POST", "/Users", Some(&user)).unwrap().0, 201);
    }
    assert_eq!(service.resources("Users").unwrap().len(), 105);
}

#[test]
fn a_server_that_is_not_installed_is_a_skip_that_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let noted = folder.path().join("skipped");
    let output = holder("slapd")
        .env("TENURE_TEST_SLAPD", "none")
        .env(peer::SKIPPED_FILE, &noted)
        .env_remove("NEXTEST_TEST_NAME")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("SKIPPED ") && said.contains("slapd is not installed"), "{said}");
    let noted = std::fs::read_to_string(noted).unwrap();
    let (place, reason) = noted.trim_end().split_once('\t').unwrap();
    assert!(place.contains("bin/peer.rs:"), "{place}");
    assert!(reason.contains("apt-get install slapd ldap-utils"), "{reason}");
}

#[test]
fn a_server_that_is_misnamed_fails_and_says_how() {
    fails_with("/nonexistent/slapd", "TENURE_TEST_SLAPD names /nonexistent/slapd, which does not exist");
}

#[test]
fn a_server_that_is_broken_fails_and_says_how() {
    drop(need!(peer::slapd()));
    fails_with("/bin/false", "could not load the first tree, exit code 1");
}

fn fails_with(program: &str, message: &str) {
    let output = holder("slapd").env("TENURE_TEST_SLAPD", program).output().unwrap();
    assert_eq!(output.status.code(), Some(101), "{program} must fail, not skip");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(message) && !said.contains("SKIPPED"), "{said}");
}

/// A server that answers each byte with that byte plus one.
fn plus_one_server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut stream = stream;
                let mut byte = [0];
                while stream.read_exact(&mut byte).is_ok() {
                    if stream.write_all(&[byte[0] + 1]).is_err() {
                        break;
                    }
                }
            });
        }
    });
    address
}

fn ask(stream: &mut TcpStream, byte: u8) -> std::io::Result<u8> {
    stream.write_all(&[byte])?;
    let mut answer = [0];
    stream.read_exact(&mut answer)?;
    Ok(answer[0])
}

fn connect(proxy: &FaultProxy) -> TcpStream {
    let stream = TcpStream::connect(proxy.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    stream
}

#[test]
fn the_fault_proxy_passes_delays_swallows_and_cuts() {
    let proxy = FaultProxy::start(plus_one_server()).unwrap();
    let mut stream = connect(&proxy);
    assert_eq!(ask(&mut stream, 7).unwrap(), 8);

    proxy.set(Fault::Delay(Duration::from_millis(40)));
    let begun = Instant::now();
    assert_eq!(ask(&mut stream, 8).unwrap(), 9);
    assert!(begun.elapsed() >= Duration::from_millis(80), "there and back are delayed");

    proxy.set(Fault::CutAnswerAfter(2));
    assert_eq!(ask(&mut stream, 1).unwrap(), 2);
    assert_eq!(ask(&mut stream, 2).unwrap(), 3);
    assert!(ask(&mut stream, 3).is_err());

    proxy.set(Fault::None);
    let mut stream = connect(&proxy);
    assert_eq!(ask(&mut stream, 1).unwrap(), 2);
    proxy.set(Fault::CutRequestAfter(0));
    assert!(ask(&mut stream, 1).is_err());

    proxy.set(Fault::Swallow);
    let mut stream = connect(&proxy);
    let error = ask(&mut stream, 1).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock, "it hangs, it does not close");
    assert_eq!(proxy.connections(), 3);
}

#[test]
fn the_fault_proxy_refuses_and_listens_again_on_the_same_port() {
    let proxy = FaultProxy::start(plus_one_server()).unwrap();
    let mut open = connect(&proxy);
    assert_eq!(ask(&mut open, 1).unwrap(), 2);
    proxy.set(Fault::Refuse);
    assert_eq!(
        TcpStream::connect(proxy.address()).unwrap_err().kind(),
        std::io::ErrorKind::ConnectionRefused
    );
    assert!(ask(&mut open, 1).is_err());
    proxy.set(Fault::None);
    assert_eq!(ask(&mut connect(&proxy), 1).unwrap(), 2);
}
