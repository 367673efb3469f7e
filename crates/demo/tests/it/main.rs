//! The demo's parts against programs and expectations that are not ours.

#[cfg(test)]
mod scim_peer;
