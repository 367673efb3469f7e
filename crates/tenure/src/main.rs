//! Tenure keeps access exactly as long as the reason for it.
fn main() {}
