//! Stored payloads as versioned JSON: domain types are not `Serialize`, this module is their stored form.
