//! Starting and stopping the service.

use super::options::PeerOptions;
use super::routes::serve;
use super::state::{PeerState, Shared};
use axum::Router;
use axum::serve::ListenerExt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long a stopping service waits for requests under way.
const STOP_MAX: Duration = Duration::from_secs(2);

/// Why the service could not start.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// No port.
    #[error("the SCIM service cannot listen on 127.0.0.1: {0}")]
    Listen(#[from] std::io::Error),
    /// The schemas of the build are broken.
    #[error("the SCIM service cannot read its schemas: {0}")]
    Schemas(#[from] tenure_scim::ScimError),
}

/// A running service. Dropping it stops it without waiting.
pub struct ScimPeer {
    state: PeerState,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl ScimPeer {
    /// Starts a service on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn start(options: PeerOptions) -> Result<Self, PeerError> {
        Self::start_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?, options)
    }

    /// Starts a service on a listener.
    ///
    /// # Errors
    /// When the listener has no address.
    pub fn start_on(listener: TcpListener, options: PeerOptions) -> Result<Self, PeerError> {
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::new(options, format!("http://{address}/scim/v2"))?);
        let app = Router::new().fallback(serve).with_state(shared.clone());
        let (stop, mut stopped) = watch::channel(false);
        // Small answers would otherwise wait for the peer's delayed acknowledgement.
        let listener = listener.tap_io(|socket| {
            // A socket that refuses the option still works, only slower.
            drop(socket.set_nodelay(true));
        });
        let task = tokio::spawn(async move {
            let until_stopped = async move {
                // An error means that the sender is gone: the peer was dropped.
                drop(stopped.changed().await);
            };
            // Serving ends by the signal only; accept errors are retried inside.
            drop(axum::serve(listener, app).with_graceful_shutdown(until_stopped).await);
        });
        Ok(Self { state: PeerState(shared), address, stop, task })
    }

    /// The base URL (`http://127.0.0.1:<port>/scim/v2`).
    #[must_use]
    pub fn url(&self) -> String {
        self.state.0.base.clone()
    }
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
    /// The bearer token that it takes.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.state.0.options.token
    }
    /// What it holds.
    #[must_use]
    pub fn state(&self) -> PeerState {
        self.state.clone()
    }
    /// Ends the service: takes no new requests and waits, at most two seconds, for those under way. What it holds can still
    /// be looked at through [`ScimPeer::state`].
    pub async fn stop(self) {
        self.stop.send_replace(true);
        let mut task = self.task;
        if tokio::time::timeout(STOP_MAX, &mut task).await.is_err() {
            task.abort();
        }
    }
}
