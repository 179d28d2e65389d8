//! The local stand-in for Instagram, in a process of its own.

use tokio_util::sync::CancellationToken;
use vitrine_simulator::Simulator;

use crate::config::Settings;
use crate::demo::{cannot_start, simulator_settings};
use crate::failure::Failure;
use crate::private_file;

/// Simulates until `stop`, and keeps its state in the data directory.
///
/// # Errors
/// When the address is taken or the state cannot be read or written.
pub(crate) async fn run(settings: &Settings, stop: CancellationToken) -> Result<(), Failure> {
    private_file::make_directory(&settings.server.data_dir)?;
    let wanted = simulator_settings(settings, settings.simulator.listen);
    let running = Simulator::start(wanted)
        .await
        .map_err(|error| cannot_start(&error))?;
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
