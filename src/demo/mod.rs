//! The demo: a local Instagram, a tenant, a connected account, a key and a feed, made once and kept.

mod account;
mod greeting;
mod leftover;
mod links;
mod pending_deletion;
mod platform;
mod state_file;
mod tenant;

use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use vitrine_base::paging::PageRequest;
use vitrine_entity::{FeedId, TenantId};
use vitrine_feeds::ChangeEvent;

pub(crate) use leftover::{leftover, remove, warn_of_leftover};
pub(crate) use platform::{DemoInstagram, cannot_start, simulator_settings, start_instagram};

use crate::config::Settings;
use crate::failure::Failure;
use crate::wiring::Services;
use greeting::Demo;
use state_file::DemoState;
use tenant::Entered;

/// How long the start waits for the first photos.
const FIRST_PHOTOS: Duration = Duration::from_secs(3);

/// Makes what is missing of the demo. Twice gives the same.
///
/// # Errors
/// When a step is refused; what was made so far is kept.
pub(crate) async fn prepare(
    settings: &Settings,
    services: &Services,
    instagram: &DemoInstagram,
) -> Result<Demo, Failure> {
    pending_deletion::wait_until_deleted(services).await?;
    let mut demo_state = DemoState::read(settings)?.unwrap_or_else(DemoState::new);
    let Entered {
        tenant,
        password_fits,
    } = tenant::enter(settings, services, &mut demo_state).await?;
    let news = services.changes.subscribe();
    if account::connect(settings, services, instagram, tenant).await? {
        // A slow first sync only means that the photos appear a moment later.
        let read = async || account::is_read(services, tenant).await;
        let _ = tokio::time::timeout(FIRST_PHOTOS, until(read, news)).await;
    } else if links::expire_moved(services, tenant, instagram.base_url()).await? {
        let renewed = async || links::are_here(services, tenant, instagram.base_url()).await;
        let _ = tokio::time::timeout(FIRST_PHOTOS, until(renewed, news)).await;
    }
    let key = tenant::key(settings, services, tenant, &mut demo_state).await?;
    Ok(Demo {
        public_url: services.parts.public_url.clone(),
        instagram: instagram.base_url().to_owned(),
        feed: default_feed(services, tenant).await?,
        email: demo_state.email,
        password: password_fits.then_some(demo_state.password),
        key,
        moved_from: None,
    })
}

/// Waits for news of feeds until this holds.
async fn until(holds: impl AsyncFn() -> bool, mut news: Receiver<ChangeEvent>) {
    while !holds().await {
        if let Err(RecvError::Closed) = news.recv().await {
            return;
        }
    }
}

/// The feed that came with the account; none when somebody deleted it.
async fn default_feed(services: &Services, tenant: TenantId) -> Result<Option<FeedId>, Failure> {
    let page = services
        .feeds()
        .list(
            tenant,
            PageRequest {
                limit: 1,
                cursor: None,
            },
        )
        .await
        .map_err(step)?;
    Ok(page.data.into_iter().next().map(|feed| feed.feed.id))
}

fn step(error: impl std::error::Error + 'static) -> Failure {
    Failure::because("cannot make the demo", &error)
}
