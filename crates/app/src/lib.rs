//! Use cases and workers.
