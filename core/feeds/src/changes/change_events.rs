//! News that a feed's content or a key changed, so that copies in memory are looked at again.

use crate::changes::event_status::EventStatus;
use futures::{Stream, stream};
use redis::{AsyncCommands, RedisResult};
use std::{convert::Infallible, time::Duration};
use tokio::sync::broadcast::{self, error::RecvError};
use vitrine_entity::{ApiKeyId, FeedId, TenantId};
use vitrine_redis::{Channels, Connection, Subscription};

/// News that a slow listener may lag behind; a listener that lost some doubts everything it holds.
const BACKLOG: usize = 4_096;
const RECONNECT_AFTER: Duration = Duration::from_secs(1);
/// Stands before the id of a key; ids of feeds stand alone.
const KEY_MARK: &str = "key:";
/// Stands before the id of a tenant.
const FEEDS_MARK: &str = "feeds-of:";

/// What is announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeEvent {
    /// The content of a feed.
    Changed(FeedId),
    /// Which feeds a tenant has.
    FeedsOf(TenantId),
    /// When a key ends, or that it ended.
    KeyEnds(ApiKeyId),
    /// Nobody listened for a while: anything may have changed.
    Missed,
}

/// What a listener hears until nobody reports any more; news that it lagged behind are missed ones.
pub(crate) fn event_stream(news: broadcast::Receiver<ChangeEvent>) -> impl Stream<Item = ChangeEvent> + Send {
    stream::unfold(news, async |mut news| match news.recv().await {
        Ok(told) => Some((told, news)),
        Err(RecvError::Lagged(_)) => Some((ChangeEvent::Missed, news)),
        Err(RecvError::Closed) => None,
    })
}

impl ChangeEvent {
    /// How it is announced to other processes; what only concerns this one is not.
    fn words(self) -> Option<String> {
        match self {
            Self::Changed(feed) => Some(feed.to_string()),
            Self::FeedsOf(tenant) => Some(format!("{FEEDS_MARK}{tenant}")),
            Self::KeyEnds(key) => Some(format!("{KEY_MARK}{key}")),
            Self::Missed => None,
        }
    }

    /// What other processes announced; nothing for words of a newer version.
    fn read(words: &str) -> Option<Self> {
        if let Some(key) = words.strip_prefix(KEY_MARK) {
            return key.parse().ok().map(Self::KeyEnds);
        }
        match words.strip_prefix(FEEDS_MARK) {
            Some(tenant) => tenant.parse().ok().map(Self::FeedsOf),
            None => words.parse().ok().map(Self::Changed),
        }
    }
}

/// Tells every process that shares it. News may be lost: whoever keeps copies also bounds their age.
#[derive(Clone)]
pub struct ChangeEvents {
    here: broadcast::Sender<ChangeEvent>,
    elsewhere: Option<RemoteChannel>,
    event_status: EventStatus,
}

#[derive(Clone)]
struct RemoteChannel {
    connection: Connection,
    channel: String,
}

impl ChangeEvents {
    /// News within this process, which is the only one.
    #[must_use]
    pub fn in_process() -> Self {
        Self {
            here: broadcast::channel(BACKLOG).0,
            elsewhere: None,
            event_status: EventStatus::new(true),
        }
    }

    /// News within this process; others change the database too, and announce nothing.
    #[must_use]
    pub fn without_remote_events() -> Self {
        Self {
            event_status: EventStatus::new(false),
            ..Self::in_process()
        }
    }

    /// News among all processes on one Redis. Keep [`ChangeEvents::listen`] running to hear the
    /// others.
    #[must_use]
    pub fn over_redis(connection: Connection, prefix: &str) -> Self {
        let elsewhere = RemoteChannel {
            connection,
            channel: format!("{prefix}:feed-changed"),
        };
        Self {
            elsewhere: Some(elsewhere),
            ..Self::without_remote_events()
        }
    }

    /// Spreads the news; trouble on the way is logged and otherwise ignored.
    pub async fn publish(&self, feeds: &[FeedId]) {
        // All of them here before any of them elsewhere: Redis may keep the caller waiting.
        for feed in feeds {
            self.publish_locally(ChangeEvent::Changed(*feed));
        }
        for feed in feeds {
            self.publish_remotely(ChangeEvent::Changed(*feed)).await;
        }
    }

    /// Spreads the news that a tenant has other feeds than before; trouble on the way is logged and otherwise ignored.
    pub async fn publish_feeds_of(&self, tenant: TenantId) {
        self.publish_locally(ChangeEvent::FeedsOf(tenant));
        self.publish_remotely(ChangeEvent::FeedsOf(tenant)).await;
    }

    /// Spreads the news that a key ends; trouble on the way is logged and otherwise ignored.
    pub async fn key_ends(&self, key: ApiKeyId) {
        self.publish_locally(ChangeEvent::KeyEnds(key));
        self.publish_remotely(ChangeEvent::KeyEnds(key)).await;
    }

    fn publish_locally(&self, news: ChangeEvent) {
        let _nobody_listens = self.here.send(news);
    }

    async fn publish_remotely(&self, news: ChangeEvent) {
        let (Some(RemoteChannel { connection, channel }), Some(words)) = (&self.elsewhere, news.words())
        else {
            return;
        };
        let told: RedisResult<()> = connection.clone().publish(channel, words).await;
        if let Err(error) = told {
            tracing::warn!(error = %error, "could not announce a change to other processes");
        }
    }

    /// Hears the news from now on.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<ChangeEvent> {
        self.here.subscribe()
    }

    /// Whether news of every change come.
    pub(crate) fn event_status(&self) -> EventStatus {
        self.event_status.clone()
    }

    /// Passes on what other processes publish; runs until it is dropped, whatever Redis does.
    pub async fn listen(self) {
        let Some(elsewhere) = self.elsewhere.clone() else {
            return;
        };
        for number in 0.. {
            let Err(error) = self.pass_on(&elsewhere, number).await;
            self.event_status.set(false);
            tracing::debug!(error = %error, "not listening for changed feeds; trying again");
            tokio::time::sleep(RECONNECT_AFTER).await;
        }
    }

    async fn pass_on(&self, from: &RemoteChannel, number: usize) -> RedisResult<Infallible> {
        let channels = Channels::Named(&from.channel);
        let mut news = Subscription::open(&from.connection, number, channels).await?;
        // What was announced before the subscription stood is lost; only then can copies be trusted again.
        self.publish_locally(ChangeEvent::Missed);
        self.event_status.set(true);
        loop {
            if let Some(news) = ChangeEvent::read(&news.next().await?.get_payload::<String>()?) {
                self.publish_locally(news);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_redis::Address;
    use vitrine_test_support::{RedisServer, wait_until};

    #[test]
    fn what_is_told_is_understood() {
        for news in [
            ChangeEvent::Changed(FeedId::generate()),
            ChangeEvent::FeedsOf(TenantId::generate()),
            ChangeEvent::KeyEnds(ApiKeyId::generate()),
        ] {
            assert_eq!(ChangeEvent::read(&news.words().unwrap()), Some(news));
        }
        assert_eq!(ChangeEvent::Missed.words(), None);
        for other in ["", "key:", "key:x", "feeds-of:x", "member:1"] {
            assert_eq!(ChangeEvent::read(other), None, "{other}");
        }
    }

    #[test]
    fn only_news_that_nobody_can_miss_are_heard_from_the_start() {
        assert!(ChangeEvents::in_process().event_status().is_receiving());
        assert!(
            !ChangeEvents::without_remote_events()
                .event_status()
                .is_receiving()
        );
    }

    #[tokio::test]
    async fn news_are_heard_until_their_connection_is_lost() {
        let redis = RedisServer::start().await.unwrap();
        let address = Address::read(&redis.url()).unwrap();
        let (connection, health_check) = Connection::new(&address, "site").unwrap();
        tokio::spawn(health_check);
        let changes = ChangeEvents::over_redis(connection, "site");
        let status = changes.event_status();
        assert!(!status.is_receiving());
        tokio::spawn(changes.listen());
        let patience = Duration::from_secs(10);
        let heard = wait_until(patience, async || status.is_receiving());
        heard.await.unwrap();

        redis.kill().await.unwrap();

        let lost = wait_until(patience, async || !status.is_receiving());
        lost.await.unwrap();
    }
}
