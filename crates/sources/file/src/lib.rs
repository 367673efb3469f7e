//! Feeds from files: CSV and JSON Lines.
