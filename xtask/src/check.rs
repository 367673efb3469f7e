//! `cargo xtask check`: all checks that do not run the product's tests.

use crate::problem::Done;
use crate::run::{cargo, run};
use crate::step::Steps;
use crate::{deny, generated, tidy};

/// Runs every check and fails at the end if one of them failed. Budgets are for a cold build on two cores.
pub(crate) fn check() -> Done {
    let mut steps = Steps::new();
    steps.step("fmt", 10, || run(cargo().args(["fmt", "--all", "--check"])));
    steps.step("tidy", 5, || tidy::tidy(&[]));
    steps.step("clippy", 300, || {
        run(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    });
    steps.step("docs", 90, || {
        run(cargo().args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
    });
    steps.step("deny", 200, deny::deny);
    steps.step("generated files", 420, generated::are_current);
    steps.finish()
}
