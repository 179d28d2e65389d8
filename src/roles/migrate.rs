//! Brings the database to this version's shape.

use crate::config::Settings;
use crate::failure::Failure;
use crate::wiring::{connect_database, migrate};

/// Applies what is pending; twice is safe, also at once.
///
/// # Errors
/// When the database does not answer or refuses.
pub(crate) async fn run(settings: &Settings) -> Result<(), Failure> {
    migrate(&connect_database(settings).await?).await
}
