//! A replay that is killed 50 times at random points and resumed ends in the same state as an undisturbed one.

use super::cases::{Case, cases};
use super::data::{Month, months};
use super::directory::content;
use super::site::{Site, machine_now};
use std::collections::{BTreeMap, BTreeSet};
use std::thread::sleep;
use std::time::Duration;
use tenure_testkit::peer::LdifEntry;

/// How often a pass is killed, at least.
const KILLS: usize = 50;
/// Planned beyond that, for passes that end before their turn comes.
const SPARE: usize = 10;
/// Planned for each month, however short; the rest goes by how long a month takes.
const EACH: usize = 3;
/// Where `TENURE_SEED` says nothing.
const SEED: u64 = 20_091_231;
/// How often a running pass is looked at.
const LOOK: Duration = Duration::from_millis(2);
/// A task whose attempt died waits a little longer each time before the next; so does this test.
const PAUSE: Duration = Duration::from_secs(2);
/// Passes until nothing is open.
const PASSES_MAX: usize = 60;

/// What two replays must agree on: the directory without stamps, cases with their facts without ids.
struct Outcome {
    directory: BTreeMap<String, LdifEntry>,
    cases: BTreeSet<Case>,
}

#[test]
fn fifty_kills_change_nothing() {
    let Some(months) = months() else { return };
    let (Some(undisturbed), Some(killed)) = (Site::new(&months), Site::new(&months)) else { return };
    let times: Vec<Duration> = months.iter().map(|month| undisturbed.take(month).took).collect();
    let seed = seed();
    println!("TENURE_SEED={seed}, undisturbed in {:.1} s", times.iter().sum::<Duration>().as_secs_f64());

    let mut random = Random(seed);
    let start = machine_now();
    let mut kills = 0;
    for ((month, time), planned) in months.iter().zip(&times).zip(plan(&times)) {
        let landed = kill_and_resume(&killed, month, *time, planned, &mut random);
        println!("{}: {landed} of {planned} kills within {:.2} s", month.name, time.as_secs_f64());
        kills += landed;
    }
    println!("{kills} kills, each resumed, in {:.1} s", (machine_now() - start).as_secs_f64());
    assert!(kills >= KILLS, "only {kills} passes were still running when they were to be killed");

    agree(&outcome(&undisturbed), &outcome(&killed));
    for site in [&undisturbed, &killed] {
        let verified = site.tenure(&["ledger", "verify"]);
        assert_eq!(verified.code, Some(0), "{}", verified.said());
    }
}

/// How many kills each month gets.
fn plan(times: &[Duration]) -> Vec<usize> {
    let all: Duration = times.iter().sum();
    let rest = KILLS + SPARE - EACH * times.len();
    times
        .iter()
        .map(|time| {
            let share = time.as_millis() * u128::try_from(rest).unwrap_or(0) / all.as_millis().max(1);
            EACH + usize::try_from(share).unwrap_or(0) + 1
        })
        .collect()
}

/// Points spread over the time that the month takes undisturbed: each pass goes on from the point at which the one before it
/// was killed, so it gets the time from one point to the next.
fn kill_and_resume(site: &Site, month: &Month, time: Duration, planned: usize, random: &mut Random) -> usize {
    site.export(&month.text);
    let now = month.hours_after(0);
    let mut points: Vec<Duration> = (0..planned).map(|_| time.mul_f64(random.fraction())).collect();
    points.sort();
    let mut last = Duration::ZERO;
    let mut landed = 0;
    for point in points {
        landed += usize::from(killed_after(site, &now, point - last));
        last = point;
    }
    for _ in 0..PASSES_MAX {
        let ran = site.run(&now);
        match ran.code {
            _ if ran.is_done() => return landed,
            Some(4 | 7) => sleep(PAUSE),
            _ => panic!("{}: {}", month.name, ran.said()),
        }
    }
    panic!("{}: something is still open: {}", month.name, site.tenure(&["case", "--limit", "3"]).said());
}

/// Begins a pass and sends it SIGKILL after a delay; whether it was still running.
fn killed_after(site: &Site, now: &str, delay: Duration) -> bool {
    let end = machine_now() + delay;
    let mut pass = site.begin_run(now);
    while machine_now() < end {
        if pass.try_wait().unwrap().is_some() {
            return false;
        }
        sleep(LOOK);
    }
    // `Child::kill` is SIGKILL; the exit code of a process that a signal ended is none.
    pass.kill().unwrap();
    pass.wait().unwrap().code().is_none()
}

fn outcome(site: &Site) -> Outcome {
    Outcome { directory: content(&site.directory), cases: cases(site) }
}

fn agree(undisturbed: &Outcome, killed: &Outcome) {
    let names: BTreeSet<&String> = undisturbed.directory.keys().chain(killed.directory.keys()).collect();
    for name in names {
        assert_eq!(killed.directory.get(name), undisturbed.directory.get(name), "the entry {name}");
    }
    let lost: Vec<&Case> = undisturbed.cases.difference(&killed.cases).take(3).collect();
    let more: Vec<&Case> = killed.cases.difference(&undisturbed.cases).take(3).collect();
    assert!(lost.is_empty() && more.is_empty(), "only undisturbed: {lost:#?}\nonly killed: {more:#?}");
}

/// SplitMix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn fraction(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        (z >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever repeats a failed run gives its seed by the environment"
)]
fn seed() -> u64 {
    std::env::var("TENURE_SEED").ok().map_or(SEED, |seed| seed.parse().unwrap())
}
