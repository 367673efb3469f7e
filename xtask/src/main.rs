//! The project's own commands: test, tidy, check, gen, bench.
fn main() {}
