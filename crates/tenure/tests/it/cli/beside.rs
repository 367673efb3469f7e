//! Two processes on one database: while one works, and hangs, reading goes on and a cut-off is accepted and carried out.
#![expect(clippy::disallowed_methods, reason = "tests measure how long the program took")]

use super::acme::{Acme, MONDAY, TUESDAY};
use super::service::{SYSTEM, TOKEN, organisation};
use rustix::fs::{FlockOperation, flock};
use std::fs;
use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use tenure_demo::scim_peer::ScimPeer;

/// How long anything may take that must not wait for a system that hangs.
const SOON: Duration = Duration::from_secs(25);
const KEPT: &str = "state/checkpoints/cut-offs";

/// Beside the directory, which works, stands a system that accepts connections and never answers.
async fn with_one_that_hangs() -> (Acme, ScimPeer, TcpListener) {
    let (acme, directory) = organisation("enforce").await;
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    acme.write("keys/vpn.token", TOKEN);
    let url = format!("http://{}", silent.local_addr().unwrap());
    acme.write("systems/vpn.toml", &SYSTEM.replace("{url}", &url).replace("directory.token", "vpn.token"));
    acme.edit("policy/access.toml", "[\"directory:account\"]", "[\"directory:account\", \"vpn:account\"]");
    acme.tenure(&["apply", "--yes", "--now", MONDAY]).ends(0);
    (acme, directory, silent)
}

fn begin(acme: &Acme, arguments: &[&str]) -> Child {
    acme.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn until(what: &str, is: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < SOON, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_off_is_carried_out_by_a_run_that_hangs() {
    let (acme, directory, _silent) = with_one_that_hangs().await;
    let mut run = begin(&acme, &["run", "--now", MONDAY]);
    until("the system that works is delayed by the one that hangs", || {
        directory.state().active_count() == 10
    });

    for (arguments, code) in [
        (&["case"][..], 4),
        (&["explain", "1101"], 0),
        (&["approvals"], 0),
        (&["ledger", "verify"], 0),
        (&["cutoff"], 0),
    ] {
        acme.tenure(&[arguments, &["--now", TUESDAY]].concat()).ends(code);
    }
    assert!(run.try_wait().unwrap().is_none(), "the run had ended: this shows nothing");
    acme.tenure(&["release", "--now", TUESDAY]).fails(1, "S001");

    // The other one of theirs is confirmed while the one that hangs hangs: so it is for each of several, one after the other.
    let ordered = |key: &'static str| ["cutoff", key, "--reason", "a key was found", "--now", TUESDAY];
    for (done, key) in (1..).zip(["1101", "1102", "1103"]) {
        acme.tenure(&ordered(key))
            .ends(4)
            .says("accepted")
            .says(&format!("cut off: Given{done} Family{done}"))
            .says("continues the open work")
            .says("still open: vpn: disabling of the account: not confirmed yet")
            .says_no("still open: directory");
        assert_eq!(directory.state().active_count(), 10 - done);
        // It was accepted as a line of its own, and stated once more when it was carried out.
        let lines = fs::read_to_string(acme.path(KEPT)).unwrap();
        let last: Vec<&str> =
            lines.lines().map(|l| l.rsplit(' ').next().unwrap()).skip(2 * (done - 1)).collect();
        assert!(matches!(*last, ["ordered", sealed] if sealed != "ordered"), "{lines}");
    }
    assert!(run.try_wait().unwrap().is_none(), "they waited for the call that hangs");

    assert_eq!(run.wait().unwrap().code(), Some(4));
    acme.tenure(&["explain", "1101", "--now", TUESDAY]).ends(0).says("cut off since").says("a key was found");
    acme.tenure(&ordered("1101")).fails(1, "A003").says("cut off already");
    directory.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_whose_system_hangs_keeps_no_other_cut_off_back() {
    let (acme, directory, _silent) = with_one_that_hangs().await;
    let mut run = begin(&acme, &["run", "--now", MONDAY]);
    until("the system that works is delayed by the one that hangs", || {
        directory.state().active_count() == 10
    });
    // Its system is to be asked for it, and does not answer.
    acme.tenure(&["cutoff", "--account", "vpn:ghost", "--reason", "a find", "--now", TUESDAY])
        .ends(0)
        .says("ordered");
    acme.tenure(&["cutoff", "1101", "--reason", "a key was found", "--now", TUESDAY])
        .ends(4)
        .says_no("still open: directory");
    assert!(run.try_wait().unwrap().is_none(), "it waited for the call that hangs");
    run.kill().unwrap();
    run.wait().unwrap();
    directory.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn for_bounds_a_call_that_hangs() {
    let (acme, directory, _silent) = with_one_that_hangs().await;
    let begun = Instant::now();
    acme.tenure(&["run", "--for", "3s", "--now", MONDAY]).ends(4);
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    assert_eq!(directory.state().active_count(), 10);
    // What was broken off is tried by the next pass, by no person's help.
    let (cases, _) = acme.json(&["case", "1101", "--now", MONDAY]);
    let tasks = cases["cases"][0]["tasks"].as_array().unwrap();
    assert!(tasks.iter().any(|t| t["kind"] == "converge" && t["needs_person"].is_null()), "{cases:#}");
    directory.stop().await;
}

#[test]
fn the_command_carries_it_out_itself_when_the_other_process_ends() {
    let acme = Acme::begun();
    let lock = fs::OpenOptions::new().write(true).open(acme.path("state/tenure.db.lock")).unwrap();
    flock(&lock, FlockOperation::NonBlockingLockExclusive).unwrap();
    let ordered = ["cutoff", "1002", "--reason", "a stolen laptop", "--now", TUESDAY];
    let mut command = begin(&acme, &ordered);
    until("it is accepted", || acme.path(KEPT).exists());
    until("it is accepted", || fs::read_to_string(acme.path(KEPT)).unwrap().ends_with(" ordered\n"));
    assert!(command.try_wait().unwrap().is_none());
    drop(lock);
    assert_eq!(command.wait().unwrap().code(), Some(4));
    acme.tenure(&["explain", "1002", "--now", TUESDAY]).ends(0).says("cut off since").says("a stolen laptop");
}

#[test]
fn one_that_nobody_waits_for_is_carried_out_by_the_next_command() {
    let acme = Acme::begun();
    let lock = fs::OpenOptions::new().write(true).open(acme.path("state/tenure.db.lock")).unwrap();
    flock(&lock, FlockOperation::NonBlockingLockExclusive).unwrap();
    let mut command = begin(&acme, &["cutoff", "1002", "--reason", "a theft", "--now", TUESDAY]);
    until("it is accepted", || {
        acme.path(KEPT).exists() && fs::read(acme.path(KEPT)).unwrap().ends_with(b"ordered\n")
    });
    command.kill().unwrap();
    command.wait().unwrap();
    drop(lock);
    acme.tenure(&["run", "--now", TUESDAY]).ends(7).says("1 cut-off");
    acme.tenure(&["explain", "1002", "--now", TUESDAY]).ends(0).says("cut off since").says("a theft");

    // Without its last word it is no order that was carried out: it is damage.
    let line = fs::read_to_string(acme.path(KEPT)).unwrap().lines().next().unwrap().to_owned();
    let forged = line.trim_end_matches(" ordered");
    let kept = fs::read_to_string(acme.path(KEPT)).unwrap();
    acme.write(KEPT, &format!("{kept}{forged}\n"));
    acme.tenure(&["run", "--now", TUESDAY]).ends(7).says("error L006").says("line 3");
}

#[test]
fn who_may_not_is_refused_at_once() {
    let acme = Acme::begun();
    acme.tenure(&["cutoff", "1002", "--reason", "a theft", "--now", TUESDAY]).ends(4);
    let lock = fs::OpenOptions::new().write(true).open(acme.path("state/tenure.db.lock")).unwrap();
    flock(&lock, FlockOperation::NonBlockingLockExclusive).unwrap();
    let lines = fs::read_to_string(acme.path(KEPT)).unwrap();
    acme.tenure_as("1002", &["cutoff", "1001", "--reason", "revenge", "--now", TUESDAY]).fails(1, "A002");
    acme.tenure(&["cutoff", "1002", "--reason", "again", "--now", TUESDAY]).fails(1, "A003");
    acme.tenure(&["cutoff", "1002", "--now", TUESDAY]).fails(1, "S001");
    assert_eq!(fs::read_to_string(acme.path(KEPT)).unwrap(), lines);
}
