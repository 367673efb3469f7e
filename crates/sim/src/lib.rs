//! Whole organisations in a test: see `tests/`.
