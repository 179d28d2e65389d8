//! The simulated Instagram of the demo.

use std::net::SocketAddr;
use std::sync::Arc;

use url::Url;
use vitrine_base::clock::SharedClock;
use vitrine_instagram::{ClientSettings, Dialect};
use vitrine_simulator::{RunningSimulator, Simulator, SimulatorError, SimulatorSettings};

use super::state_file::{DemoState, Moved};
use crate::clocks::SimulatorTime;
use crate::config::Settings;
use crate::failure::Failure;

/// A running simulator and how to talk to it.
pub(crate) struct DemoInstagram {
    running: RunningSimulator,
    client: ClientSettings,
}

impl DemoInstagram {
    /// Where it answers, without a trailing slash.
    pub(crate) fn base_url(&self) -> &str {
        self.running.base_url()
    }

    /// How to talk to it.
    pub(crate) fn client(&self) -> ClientSettings {
        self.client.clone()
    }

    /// Its time.
    pub(crate) fn clock(&self) -> SharedClock {
        Arc::new(SimulatorTime(self.running.clock()))
    }

    /// Ends it and writes down its state.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub(crate) async fn stop(self) -> Result<(), Failure> {
        self.running
            .stop()
            .await
            .map_err(|error| Failure::because("the simulator did not end well", &error))
    }
}

/// Starts the simulator where it was before, so that the links to its pictures stay the same; else where it is
/// configured; else on any free port, which is then kept.
///
/// # Errors
/// When it cannot start anywhere.
pub(crate) async fn start_instagram(settings: &Settings) -> Result<DemoInstagram, Failure> {
    let mut demo_state = DemoState::read(settings)?.unwrap_or_else(DemoState::new);
    let wanted = settings.simulator.listen;
    let before = demo_state
        .moved
        .filter(|moved| moved.from == wanted)
        .map(|moved| moved.to);
    let running = start_at(settings, before.into_iter().chain([wanted, any_port(wanted)])).await?;
    let moved = (running.addr() != wanted).then(|| Moved {
        from: wanted,
        to: running.addr(),
    });
    if before != moved.map(|moved| moved.to) {
        demo_state.moved = moved;
        demo_state.write(settings)?;
    }
    let client = client(settings, &running)?;
    Ok(DemoInstagram { running, client })
}

async fn start_at(
    settings: &Settings,
    places: impl Iterator<Item = SocketAddr>,
) -> Result<RunningSimulator, Failure> {
    let mut refusal = Failure::start("the simulator has no address");
    for listen in places {
        match Simulator::start(simulator_settings(settings, listen)).await {
            Ok(running) => return Ok(running),
            Err(error @ SimulatorError::Listen { .. }) => refusal = cannot_start(&error),
            Err(error) => return Err(cannot_start(&error)),
        }
    }
    Err(refusal)
}

/// What a simulator of this process is started with.
pub(crate) fn simulator_settings(settings: &Settings, listen: SocketAddr) -> SimulatorSettings {
    let defaults = SimulatorSettings::default();
    let app = settings.instagram_client();
    let (client_id, client_secret) = match app {
        Some(app) => (
            app.client_id,
            secrecy::ExposeSecret::expose_secret(&app.client_secret).to_owned(),
        ),
        None => (defaults.client_id, defaults.client_secret),
    };
    SimulatorSettings {
        listen,
        client_id,
        client_secret,
        dialect: match settings.instagram.dialect {
            Dialect::InstagramLogin => vitrine_simulator::Dialect::InstagramLogin,
            Dialect::BasicDisplay => vitrine_simulator::Dialect::BasicDisplay,
        },
        state_file: Some(settings.simulator_file()),
        ..defaults
    }
}

/// Says why a simulator did not start.
pub(crate) fn cannot_start(error: &SimulatorError) -> Failure {
    Failure::because("the simulator cannot start", error)
}

fn client(settings: &Settings, running: &RunningSimulator) -> Result<ClientSettings, Failure> {
    let address = |path: &str| {
        Url::parse(&format!("{}{path}", running.base_url()))
            .map_err(|error| Failure::because("the simulator has no address", &error))
    };
    let app = running.settings();
    let known = settings
        .instagram
        .client(app.client_id.clone(), app.client_secret.clone().into());
    Ok(ClientSettings {
        authorize_url: address("/oauth/authorize")?,
        token_url: address("/oauth/access_token")?,
        graph_url: address("/")?,
        ..known
    })
}

fn any_port(wanted: SocketAddr) -> SocketAddr {
    SocketAddr::new(wanted.ip(), 0)
}
