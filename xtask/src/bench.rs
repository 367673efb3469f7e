//! `cargo xtask bench`: the benchmarks, in the profile that ships.

use crate::problem::Done;
use crate::run::{cargo, run};

/// Runs the benchmark program; arguments are its own.
pub(crate) fn bench(arguments: &[String]) -> Done {
    run(cargo().args(["run", "--release", "--package", "tenure-bench", "--"]).args(arguments))
}
