//! One process at a time in a data directory.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;

use crate::config::Settings;
use crate::failure::Failure;

const OWNER_ONLY: u32 = 0o600;

/// The data directory is this process's own until this is dropped, or the process ends in whatever way.
#[derive(Debug)]
#[must_use]
pub(crate) struct DataLock {
    _file: File,
}

impl DataLock {
    /// Takes the data directory, which must be there.
    ///
    /// # Errors
    /// When another process has it, or the lock cannot be made.
    pub(crate) fn take(settings: &Settings) -> Result<Self, Failure> {
        let path = settings.server.data_dir.join("vitrine.lock");
        let unusable = |error| Failure::because(format!("cannot lock {}", path.display()), &error);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(OWNER_ONLY)
            .open(&path)
            .map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Failure::start(format!(
                "another vitrine runs on the data directory {}; stop it, or give this one another server.data_dir",
                settings.server.data_dir.display()
            ))),
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }
}
