//! Benchmarks beside the machine's own limit.
fn main() {}
