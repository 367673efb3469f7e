//! Feeds as others deliver them: no pipe, no link, nothing that hides in a field, and quarantine that stays told.
#![expect(clippy::disallowed_methods, reason = "tests measure how long the program took")]

use super::acme::{Acme, OWNERS, TUESDAY, WEDNESDAY};
use rustix::fs::{CWD, Mode, mkfifoat};
use std::fs;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

/// No pass may wait for a file; the slowest host runs one in a part of this.
const SOON: Duration = Duration::from_secs(30);

#[test]
fn a_feed_is_a_regular_file_behind_no_link_and_never_a_secret() {
    let acme = Acme::begun();
    let (feed, key) = (acme.path("feeds/hr.csv"), acme.path("keys/key-encryption.key"));
    let secret = fs::read_to_string(&key).unwrap().trim().to_owned();
    type Put<'a> = (&'static str, &'a dyn Fn());
    let puts: [Put<'_>; 5] = [
        ("regular file", &|| mkfifoat(CWD, &feed, Mode::RWXU).unwrap()),
        ("symbolic link", &|| symlink("../keys/key-encryption.key", &feed).unwrap()),
        ("symbolic link", &|| symlink("/dev/zero", &feed).unwrap()),
        ("a file of Tenure itself", &|| fs::hard_link(&key, &feed).unwrap()),
        ("it has `(not shown)`", &|| fs::write(&feed, &secret).unwrap()),
    ];
    for (why, put) in puts {
        fs::remove_file(&feed).unwrap();
        put();
        let started = Instant::now();
        for command in ["run", "plan"] {
            let ran = acme.tenure(&[command, "--now", TUESDAY]).ends(3).says(why);
            assert!(!ran.stdout.contains(&secret) && !ran.stderr.contains(&secret), "{why}");
        }
        assert!(started.elapsed() < SOON, "{why}: {:?}", started.elapsed());
    }
    let named = acme.path("elsewhere.csv");
    symlink(&key, &named).unwrap();
    let with = format!("hr={}", named.display());
    acme.tenure(&["plan", "--now", TUESDAY, "--feed", &with]).ends(3).says("symbolic link");
}

#[test]
fn what_is_in_quarantine_is_told_by_each_pass_until_it_is_repaired() {
    let acme = Acme::begun();
    acme.feed(&[OWNERS, "1004,Bo,Berg,employee,IT,1001,2026-01-05,\n"]);
    acme.tenure(&["run", "--now", TUESDAY]).ends(4).says_no("quarantine");
    // An end that cannot be read, and a row without a key, which cannot be correlated.
    let bad = "1004,Bo,Berg,employee,IT,1001,2026-01-05,46083\n,No,Key,employee,IT,1001,2026-01-05,\n";
    acme.feed(&[OWNERS, bad]);
    let (first, later) = ("2026-01-13T10:00:00Z", "2026-01-13T10:59:00Z");
    let told = acme.tenure(&["run", "--now", first]);
    told.ends(7).says("due 2026-01-13T11:00:00Z)").says("no record of this source counts as missing");
    acme.tenure(&["run", "--now", later]).ends(7).says("2 in quarantine").says_no("escalated");
    let told = acme.tenure(&["run", "--now", WEDNESDAY]);
    told.ends(7).says("the same 4 rows as last time, 2 in quarantine").says("escalated to the group");
    acme.tenure(&["doctor", "--now", WEDNESDAY]).ends(7).says("wrong quarantine hr:1004").says("hr:line 5");
    acme.tenure(&["explain", "1004", "--now", WEDNESDAY])
        .says("finding: quarantined: feeds/hr.csv:4 column `last_day`");
    // A feed that is refused takes nothing out of it.
    acme.write("feeds/hr.csv", "nothing\n");
    acme.tenure(&["run", "--now", WEDNESDAY]).ends(3).says("quarantined: feeds/hr.csv:4");
    let (run, _) = acme.json(&["run", "--now", WEDNESDAY]);
    let of = |i: usize, key: &str| run["quarantine"][i][key].as_str().unwrap().to_owned();
    assert_eq!(
        (of(0, "key"), of(0, "code"), of(0, "since")),
        ("1004".to_owned(), "R13".to_owned(), first.to_owned())
    );
    // Delivered in another order it is the same row, since the same instant.
    acme.feed(&[bad, OWNERS]);
    acme.tenure(&["run", "--now", WEDNESDAY])
        .ends(7)
        .says("feeds/hr.csv:2 column `last_day`")
        .says("(since 2026-01-13T10:00:00Z");
    acme.feed(&[OWNERS, "1004,Bo,Berg,employee,IT,1001,2026-01-05,2026-03-02\n"]);
    acme.tenure(&["run", "--now", WEDNESDAY]).says_no("quarantine");
    acme.tenure(&["doctor", "--now", WEDNESDAY]).says("ok    quarantine: holds no row");
}

#[test]
fn a_name_cannot_steer_the_terminal() {
    let acme = Acme::begun();
    acme.feed(&[OWNERS, "1004,Bo\u{1b}[2J\u{202e},Berg,employee,IT,1001,2026-01-05,\n"]);
    let told = acme.tenure(&["run", "--now", TUESDAY]);
    told.ends(7).says("quarantined:").says_no("\u{1b}").says_no("\u{202e}");
    let refused = acme.tenure(&["explain", "Bo\u{1b}[2J\u{202e}", "--now", TUESDAY]);
    refused.fails(1, "A001").says_no("\u{1b}").says_no("\u{202e}");
}

#[test]
fn an_end_that_a_person_decides_is_a_real_one() {
    let acme = Acme::begun();
    let reason = ["--reason", "x", "--now", TUESDAY];
    for command in [
        &["request", "add", "directory:engineering", "--for", "1002", "--until", "9999-12-31"][..],
        &["cutoff", "1002", "--review", "9990-01-01T00:00:00Z"],
        &["hold", "set", "1002", "--class", "legal", "--until", "9990-01-01T00:00:00Z"],
        &["delegate", "--to", "1002", "--until", "9999-12-31"],
    ] {
        acme.tenure(&[command, &reason].concat()).fails(1, "A003").says("means \"no end\"");
    }
    acme.tenure(&["run", "--now", "9999-06-01T00:00:00Z"]).ends(2).says("years 1 to 9998");
    acme.tenure(&["run", "--now", WEDNESDAY]).says("changes: none");
}
