//! Generated organisations in which two or three mechanisms meet on one person, under the invariants after every step.

use std::path::Path;
use tenure_sim::{Mechanism, SEEDS, Stage, fails, pairs};

/// Seeds of one test: four of them share those that the page of scenarios counts on.
const EACH: u64 = SEEDS / 4;

/// Of so many seeds one is run with the whole application as well: it has brakes of systems, a store and plans. Where a brake is one of the
/// mechanisms, one of fewer.
const WHOLE_EVERY: u64 = 25;
const BRAKED_EVERY: u64 = 2;

fn none_fails(first: u64) {
    run((first..first + EACH).map(|seed| (seed, Stage::Engine)));
}

fn none_fails_whole(first: u64) {
    let is_whole = |seed: &u64| {
        let every = if pairs(*seed).contains(&Mechanism::Brake) { BRAKED_EVERY } else { WHOLE_EVERY };
        seed.is_multiple_of(every)
    };
    let seeds = (first..first + EACH).filter(is_whole);
    run(seeds.map(|seed| (seed, Stage::Fake)));
}

fn run(seeds: impl Iterator<Item = (u64, Stage)>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    for (seed, stage) in seeds {
        if let Some(failure) = fails(seed, &folder, stage) {
            panic!("seed {seed}: {}\n{}", failure.what, failure.scenario);
        }
    }
}

#[test]
fn organisations_of_the_first_seeds_keep_every_promise() {
    none_fails(0);
}

#[test]
fn organisations_of_the_second_seeds_keep_every_promise() {
    none_fails(EACH);
}

#[test]
fn organisations_of_the_third_seeds_keep_every_promise() {
    none_fails(2 * EACH);
}

#[test]
fn organisations_of_the_fourth_seeds_keep_every_promise() {
    none_fails(3 * EACH);
}

#[test]
fn organisations_of_the_first_seeds_keep_every_promise_with_the_whole_application() {
    none_fails_whole(0);
}

#[test]
fn organisations_of_the_second_seeds_keep_every_promise_with_the_whole_application() {
    none_fails_whole(EACH);
}

#[test]
fn organisations_of_the_third_seeds_keep_every_promise_with_the_whole_application() {
    none_fails_whole(2 * EACH);
}

#[test]
fn organisations_of_the_fourth_seeds_keep_every_promise_with_the_whole_application() {
    none_fails_whole(3 * EACH);
}
