//! The local stand-in for Instagram, in a process of its own.

use std::fmt::{self, Display, Formatter};

use tokio_util::sync::CancellationToken;
use vitrine_simulator::{Dialect, RunningSimulator, Simulator, SimulatorError, SimulatorSettings};

use crate::config::Settings;
use crate::data_directory::private_file;
use crate::demo::{cannot_start, simulator_settings};
use crate::failure::Failure;
use crate::print;

/// Simulates until `stop`, and keeps its state in the data directory.
///
/// # Errors
/// When the address is taken or the state cannot be read or written.
pub(crate) async fn run(settings: &Settings, stop: CancellationToken) -> Result<(), Failure> {
    private_file::make_directory(&settings.server.data_dir)?;
    let wanted = simulator_settings(settings, settings.simulator.listen);
    let running = Simulator::start(wanted)
        .await
        .map_err(|error| not_there(&error))?;
    print(&Start::of(settings, &running).to_string())?;
    tracing::info!(
        address = running.base_url(),
        client.id = running.settings().client_id,
        "simulating Instagram; stop with Ctrl-C"
    );
    stop.cancelled().await;
    running
        .stop()
        .await
        .map_err(|error| Failure::because("the simulator did not end well", &error))
}

/// Why it did not start, and which setting helps when its address is taken.
fn not_there(error: &SimulatorError) -> Failure {
    let failure = cannot_start(error);
    match error {
        SimulatorError::Listen { .. } => Failure::start(format!(
            "{}; choose another address with --listen ADDRESS:PORT or the setting simulator.listen",
            failure.lines().concat()
        )),
        _ => failure,
    }
}

/// What somebody needs to know who wants to use it.
struct Start<'a> {
    base_url: &'a str,
    app: &'a SimulatorSettings,
    /// Whether the secret is the operator's own, which is not shown.
    own_secret: bool,
}

impl<'a> Start<'a> {
    fn of(settings: &Settings, running: &'a RunningSimulator) -> Self {
        Self {
            base_url: running.base_url(),
            app: running.settings(),
            own_secret: settings.instagram_client().is_some(),
        }
    }
}

impl Display for Start<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let base = self.base_url;
        let secret = match self.own_secret {
            true => "(your instagram.client_secret)",
            false => &self.app.client_secret,
        };
        writeln!(formatter, "A simulated Instagram runs at {base}/")?;
        writeln!(formatter, "Its page lists what can be ordered: {base}/\n")?;
        writeln!(formatter, "  Dialect    {}", words(self.app.dialect))?;
        writeln!(
            formatter,
            "  State      kept in simulator.json in the data directory\n"
        )?;
        writeln!(formatter, "To let Vitrine use it, start it with")?;
        for (name, value) in [
            ("INSTAGRAM__CLIENT_ID", self.app.client_id.as_str()),
            ("INSTAGRAM__CLIENT_SECRET", secret),
            ("INSTAGRAM__AUTHORIZE_URL", &format!("{base}/oauth/authorize")),
            ("INSTAGRAM__TOKEN_URL", &format!("{base}/oauth/access_token")),
            ("INSTAGRAM__GRAPH_URL", &format!("{base}/")),
            ("INSTAGRAM__DIALECT", words(self.app.dialect)),
            ("SIMULATOR__URL", &format!("{base}/")),
        ] {
            writeln!(formatter, "  VITRINE_{name}={value}")?;
        }
        Ok(())
    }
}

/// As the setting writes it.
fn words(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::InstagramLogin => "instagram_login",
        Dialect::BasicDisplay => "basic_display",
    }
}
