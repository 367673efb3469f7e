//! Generated organisations in which two or three mechanisms meet on one person, under the invariants after every step.

use std::path::Path;
use tenure_sim::{SEEDS, fails};

/// Seeds of one test: four of them share those that the page of scenarios counts on.
const EACH: u64 = SEEDS / 4;

fn none_fails(first: u64) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    for seed in first..first + EACH {
        if let Some(failure) = fails(seed, &folder) {
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
