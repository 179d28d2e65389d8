//! News that a feed's content changed, so that copies in memory are looked at again.

use futures::StreamExt;
use redis::{AsyncCommands, Client, RedisResult};
use std::time::Duration;
use tokio::sync::broadcast;
use vitrine_entity::FeedId;
use vitrine_redis::{Address, Connection, in_time, subscriber};

/// News that a slow listener may lag behind; a listener that lost some doubts everything it holds.
const BACKLOG: usize = 4_096;
const RECONNECT_AFTER: Duration = Duration::from_secs(1);

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// The content of a feed.
    Changed(FeedId),
    /// Nobody listened for a while: anything may have changed.
    Missed,
}

/// Tells every process that shares it. News may be lost: whoever keeps copies also bounds their age.
#[derive(Clone)]
pub struct FeedChanges {
    here: broadcast::Sender<News>,
    elsewhere: Option<Elsewhere>,
}

#[derive(Clone)]
struct Elsewhere {
    connection: Connection,
    channel: String,
}

impl FeedChanges {
    /// News within this process.
    #[must_use]
    pub fn in_process() -> Self {
        Self {
            here: broadcast::channel(BACKLOG).0,
            elsewhere: None,
        }
    }

    /// News among all processes on one Redis. Keep [`FeedChanges::listen`] running to hear the
    /// others.
    #[must_use]
    pub fn over_redis(connection: Connection, prefix: &str) -> Self {
        let elsewhere = Elsewhere {
            connection,
            channel: format!("{prefix}:feed-changed"),
        };
        Self {
            elsewhere: Some(elsewhere),
            ..Self::in_process()
        }
    }

    /// Spreads the news; trouble on the way is logged and otherwise ignored.
    pub async fn publish(&self, feeds: &[FeedId]) {
        for feed in feeds {
            let _nobody_listens = self.here.send(News::Changed(*feed));
        }
        let Some(Elsewhere { connection, channel }) = &self.elsewhere else {
            return;
        };
        for feed in feeds {
            let told: RedisResult<()> = connection.clone().publish(channel, feed.to_string()).await;
            if let Err(error) = told {
                tracing::warn!(error = %error, "other processes were not told of a changed feed");
            }
        }
    }

    /// Hears the news from now on.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<News> {
        self.here.subscribe()
    }

    /// Passes on what other processes publish; runs until it is dropped, whatever Redis does.
    pub async fn listen(self, address: Address) {
        let Some(Elsewhere { channel, .. }) = self.elsewhere.clone() else {
            return;
        };
        for seed in address.seeds().iter().cycle() {
            if let Err(error) = self.pass_on(seed, &channel).await {
                tracing::debug!(error = %error, "not listening for changed feeds; trying again");
            }
            tokio::time::sleep(RECONNECT_AFTER).await;
        }
    }

    async fn pass_on(&self, seed: &Client, channel: &str) -> RedisResult<()> {
        let mut pubsub = subscriber(seed).await?;
        in_time(pubsub.subscribe(channel)).await?;
        let _nobody_listens = self.here.send(News::Missed);
        let mut news = pubsub.on_message();
        while let Some(message) = news.next().await {
            if let Ok(feed) = message.get_payload::<String>()?.parse() {
                let _nobody_listens = self.here.send(News::Changed(feed));
            }
        }
        Ok(())
    }
}
