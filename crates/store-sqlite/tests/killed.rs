//! Written next: a child process commits, is killed, and every acknowledged unit is there.
fn main() {}
