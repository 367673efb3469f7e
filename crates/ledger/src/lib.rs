//! The evidence: an append-only Merkle log that anybody can verify offline.
