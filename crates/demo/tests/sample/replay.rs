//! The ten days, executed by the engine.

use crate::configuration::loaded;
use crate::world::World;
use std::sync::Arc;
use tenure_demo::{Action, Day, Expected, Organisation, script};
use tenure_engine::Context;
use tenure_model::Zones;

/// Executes the days and hands each run's outcome to `look`.
pub(crate) fn live(seed: u64, mut look: impl FnMut(&Day, usize, &Expected, &World)) -> World {
    let setup = loaded(&Organisation::generate(seed)).setup;
    let mut world = World::new(Context::new(Arc::new(setup), Zones::bundled("test")));
    for day in script(seed) {
        for (number, run) in day.runs.iter().enumerate() {
            let feeds = (number == 0).then_some(&*day.feeds);
            let came = world.run(run, feeds);
            look(&day, number, &came, &world);
        }
    }
    world
}

#[test]
fn every_run_comes_out_as_the_script_says() {
    for seed in [1, 2, 3, 99] {
        live(seed, |day, number, came, _| {
            let expected = &day.runs[number].expected;
            assert!(
                expected == came,
                "seed {seed}, day {}, run {number}\nexpected {expected:#?}\ncame     {came:#?}",
                day.number
            );
        });
    }
}

/// The actor of the action that satisfies `fits`, or the person it is about.
pub(crate) fn actor(days: &[Day], fits: impl Fn(&Action) -> Option<String>) -> String {
    days.iter().flat_map(|d| &d.runs).flat_map(|r| &r.actions).find_map(fits).unwrap()
}
