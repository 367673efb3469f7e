//! Text forms for comparison and storage: key values, hexadecimal, and the replacement for an erased name.

use std::sync::Arc;

/// A key value as it is stored: trimmed, case-folded.
pub(crate) fn fold(text: &str) -> Arc<str> {
    Arc::from(text.trim().to_lowercase())
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The display name of an erased identity.
pub(crate) const TITLE: &str = "erased";

/// The evidence of an erasure.
pub(crate) const ERASURE: &str = "identity.erased";
