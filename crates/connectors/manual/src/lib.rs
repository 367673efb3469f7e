//! Systems that no program can reach.
