//! A demo whose deletion is due: nothing is begun in it any more.

use std::time::Duration;

use vitrine_entity::TenantId;
use vitrine_people::identity::first_owned_by;
use vitrine_tenancy::tenants::{OperatorDeletions, TaskError, is_deletion_due};

use super::state_file::EMAIL;
use super::step;
use crate::failure::Failure;
use crate::wiring::Services;

/// How long the start waits for the worker of this process.
const PATIENCE: Duration = Duration::from_mins(1);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Waits until a demo whose deletion is due is gone, so that a new one can be made.
///
/// # Errors
/// When it is not gone in a minute, or the database does not answer.
pub(super) async fn wait_until_deleted(services: &Services) -> Result<(), Failure> {
    tokio::time::timeout(PATIENCE, finish(services))
        .await
        .unwrap_or_else(|_| {
            Err(Failure::start(
                "the demo that was made here before is still being deleted; start again in a few minutes",
            ))
        })
}

async fn finish(services: &Services) -> Result<(), Failure> {
    let deletions = OperatorDeletions::new(services.database(), services.clock());
    while let Some(tenant) = pending_deletion(services).await? {
        match deletions.delete_at_once(tenant).await {
            // The worker was quicker.
            Ok(()) | Err(TaskError::NotFound) => {}
            Err(error) => return Err(step(error)),
        }
        while pending_deletion(services).await? == Some(tenant) {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
    Ok(())
}

async fn pending_deletion(services: &Services) -> Result<Option<TenantId>, Failure> {
    let database = services.database();
    let Some(tenant) = first_owned_by(&database, EMAIL).await.map_err(step)? else {
        return Ok(None);
    };
    let due = is_deletion_due(&database, tenant, services.clock().now()).await;
    Ok(due.map_err(step)?.then_some(tenant))
}
