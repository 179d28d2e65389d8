//! What must survive a restart, in one JSON file that is always whole.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::error::SimulatorError;
use crate::platform::{Platform, SavedState};

/// Changes within this time are written together.
const GATHERING: std::time::Duration = std::time::Duration::from_millis(20);

/// Reads the state of an earlier run; nothing when there was none.
pub(crate) fn load(path: &Path) -> Result<Option<SavedState>, SimulatorError> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            return Err(SimulatorError::ReadState {
                path: path.to_owned(),
                source,
            });
        }
    };
    let state = serde_json::from_slice(&text).map_err(|source| SimulatorError::DamagedState {
        path: path.to_owned(),
        source,
    })?;
    Ok(Some(state))
}

/// Writes the state after each change until the platform closes. A failure is logged and the next change
/// tries again.
pub(crate) fn keep(platform: Arc<Platform>, path: PathBuf) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut made = platform.changes.made();
        loop {
            let count = *made.borrow_and_update();
            if let Err(error) = save(&platform, &path).await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the state was not written"
                );
            }
            platform.changes.mark_written(count);
            tokio::select! {
                changed = made.changed() => if changed.is_err() { return },
                () = platform.closing.cancelled() => return,
            }
            tokio::time::sleep(GATHERING).await;
        }
    })
}

pub(crate) async fn save(platform: &Arc<Platform>, path: &Path) -> Result<(), SimulatorError> {
    let (platform, path) = (Arc::clone(platform), path.to_owned());
    tokio::task::spawn_blocking(move || {
        write(&path, &platform.saved()).map_err(|source| SimulatorError::WriteState { path, source })
    })
    .await?
}

/// Replaces the file in one step: a reader sees the old state or the new one, never half of it.
fn write(path: &Path, state: &SavedState) -> std::io::Result<()> {
    let text = serde_json::to_vec(state)?;
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&temporary)?;
    file.write_all(&text)?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)
}
