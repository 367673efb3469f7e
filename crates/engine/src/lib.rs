//! Settle, diff, label: what is due, what differs, what it is called.
