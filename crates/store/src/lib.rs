//! The port to storage: writes are values, reads are batched.
