//! `cargo xtask bench`: the benchmarks, in the profile that ships.

use crate::problem::Done;
use crate::run::{cargo, run};

/// Builds the program that is measured, and runs the benchmark beside it; arguments are the benchmark's own.
pub(crate) fn bench(arguments: &[String]) -> Done {
    run(cargo().args(["build", "--release", "--package", "tenure", "--bin", "tenure"]))?;
    run(cargo().args(["run", "--release", "--package", "tenure-bench", "--"]).args(arguments))
}
