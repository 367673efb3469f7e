//! The systems of the measured organisation: SCIM services in this process, so that the commands call real servers.

use crate::Fail;
use crate::machine::now;
use crate::organisation::{SYSTEMS, groups};
use std::sync::Arc;
use tenure_demo::scim_peer::{PeerOptions, ScimPeer};
use tokio::runtime::Runtime;

/// The token of every service; they listen on 127.0.0.1 only, and hold made-up people.
pub(crate) const TOKEN: &str = "measured";

/// Running services, and what runs them.
pub(crate) struct Peers {
    runtime: Runtime,
    all: Vec<(&'static str, ScimPeer)>,
}

impl Peers {
    /// Starts one service for each system, with its groups.
    pub(crate) fn start() -> Result<Self, Fail> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let mut all = Vec::new();
        for name in SYSTEMS {
            let options = PeerOptions::new(name, TOKEN, Arc::new(now));
            let peer = runtime.block_on(ScimPeer::start(options))?;
            for group in groups(name) {
                peer.state().add_group(&group).map_err(|e| format!("{name}: group {group}: {e:?}"))?;
            }
            all.push((name, peer));
        }
        Ok(Self { runtime, all })
    }

    /// The address of a system's service.
    pub(crate) fn url(&self, system: &str) -> String {
        self.all.iter().find(|(name, _)| *name == system).map(|(_, peer)| peer.url()).unwrap_or_default()
    }

    /// Requests so far.
    pub(crate) fn requests(&self) -> u64 {
        self.all.iter().map(|(_, peer)| peer.state().requests()).sum()
    }

    /// Ends the services.
    pub(crate) fn stop(self) {
        for (_, peer) in self.all {
            self.runtime.block_on(peer.stop());
        }
    }
}
