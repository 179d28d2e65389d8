//! Starting and stopping.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::listener::{Connection, CuttableListener};
use super::routes::routes;
use super::state_file;
use crate::error::SimulatorError;
use crate::platform::{Platform, SimulatorClock};
use crate::settings::SimulatorSettings;

/// Connections still open this long after a stop was asked for are cut.
const GRACE: Duration = Duration::from_secs(5);

/// Starts simulators; any number may run in one process.
#[derive(Debug, Clone, Copy)]
pub struct Simulator;

impl Simulator {
    /// Binds the listener and serves on a task of the current runtime until stopped or dropped.
    ///
    /// # Errors
    /// When the address cannot be bound, the public URL is none, or the state file cannot be read.
    pub async fn start(settings: SimulatorSettings) -> Result<RunningSimulator, SimulatorError> {
        let listen_error = |source| SimulatorError::Listen {
            address: settings.listen,
            source,
        };
        let listener = TcpListener::bind(settings.listen).await.map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        let base_url = base_url(settings.public_url.as_deref(), address)?;
        let saved = settings
            .state_file
            .as_deref()
            .map(state_file::load)
            .transpose()?
            .flatten();
        let state_file = settings.state_file.clone();
        let closing = CancellationToken::new();
        let platform = Arc::new(Platform::new(settings, base_url, saved, closing.clone())?);
        if let Some(path) = &state_file {
            state_file::save(&platform, path).await?;
        }
        let keeper = state_file.map(|path| state_file::keep(Arc::clone(&platform), path));
        let app = routes(Arc::clone(&platform)).into_make_service_with_connect_info::<Connection>();
        let server = tokio::spawn(async move {
            axum::serve(CuttableListener(listener), app)
                .with_graceful_shutdown(closing.cancelled_owned())
                .await
        });
        Ok(RunningSimulator {
            platform,
            address,
            server,
            keeper,
        })
    }
}

/// A simulator that answers. Dropping it ends it without waiting; [`RunningSimulator::stop`] waits.
pub struct RunningSimulator {
    pub(crate) platform: Arc<Platform>,
    address: SocketAddr,
    server: JoinHandle<std::io::Result<()>>,
    keeper: Option<JoinHandle<()>>,
}

impl RunningSimulator {
    /// The base of every URL given out, without a trailing slash.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.platform.base_url
    }

    /// The address bound.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Its clock; moving it moves the simulator's time.
    #[must_use]
    pub fn clock(&self) -> SimulatorClock {
        self.platform.clock.clone()
    }

    /// What it was started with.
    #[must_use]
    pub fn settings(&self) -> &SimulatorSettings {
        &self.platform.settings
    }

    /// Waits until every change made so far is in the state file; at once when there is none.
    pub async fn saved(&self) {
        self.platform.changes.written().await;
    }

    /// Stops taking calls, ends hanging answers, lets the others finish for a few seconds and writes the state.
    ///
    /// # Errors
    /// When the state file cannot be written.
    pub async fn stop(mut self) -> Result<(), SimulatorError> {
        self.platform.closing.cancel();
        if tokio::time::timeout(GRACE, &mut self.server).await.is_err() {
            self.server.abort();
        }
        if let Some(keeper) = self.keeper.take() {
            keeper.await?;
        }
        match &self.platform.settings.state_file {
            Some(path) => state_file::save(&self.platform, path).await,
            None => Ok(()),
        }
    }
}

impl Drop for RunningSimulator {
    fn drop(&mut self) {
        self.platform.closing.cancel();
        self.server.abort();
    }
}

impl std::fmt::Debug for RunningSimulator {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("RunningSimulator")
            .field("base_url", &self.base_url())
            .finish_non_exhaustive()
    }
}

fn base_url(public: Option<&str>, address: SocketAddr) -> Result<String, SimulatorError> {
    let Some(public) = public else {
        return Ok(format!("http://{address}"));
    };
    let refused = || SimulatorError::PublicUrl(public.to_owned());
    let url = Url::parse(public).map_err(|_| refused())?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(refused());
    }
    Ok(public.trim_end_matches('/').to_owned())
}
