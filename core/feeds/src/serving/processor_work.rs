//! Work that takes a processor for a while.

use crate::FeedError;
use std::{num::NonZeroUsize, sync::LazyLock, thread::available_parallelism};
use tokio::{sync::Semaphore, task::spawn_blocking};

/// As many at once as there are processors. More would only delay each other, and whoever is served meanwhile, and
/// would take memory that is counted nowhere.
static PLACES: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(available_parallelism().map_or(1, NonZeroUsize::get)));

/// Does it on a thread that answers nobody, once there is a place. The work must not wait for other such work.
///
/// # Errors
/// What the work refuses, and [`FeedError::Unwritable`] when it panics.
pub(crate) async fn run_apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FeedError> + Send + 'static,
) -> Result<T, FeedError> {
    let _place = PLACES.acquire().await.map_err(FeedError::unwritable)?;
    spawn_blocking(work).await.map_err(FeedError::unwritable)?
}
