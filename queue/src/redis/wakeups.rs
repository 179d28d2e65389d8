//! Hears of pushes by any process, so that idle workers need not poll.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
};

use redis::RedisResult;
use tokio::sync::Notify;
use vitrine_redis::{Channels, Subscription};

use super::{
    client::RedisClient,
    keys::{LAYOUT, WakeChannelPattern, layout_key},
};
use crate::{ClassName, backoff::Backoff, meters};

/// One bell a class. A bell that is rung in vain costs one fetch.
#[derive(Default)]
pub(super) struct Wakeups(Mutex<HashMap<ClassName, Arc<Notify>>>);

impl Wakeups {
    /// The bell of a class.
    pub(super) fn of(&self, class: &ClassName) -> Arc<Notify> {
        let mut wakeups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(wakeups.entry(class.clone()).or_default())
    }

    fn wake(&self, class: &str) {
        let wakeups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(wakeup) = wakeups.get(class) {
            wakeup.notify_waiters();
        }
    }

    fn wake_all(&self) {
        let wakeups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        wakeups.values().for_each(|wakeup| wakeup.notify_waiters());
    }
}

/// Listens until dropped, connecting again whenever the connection is lost.
pub(super) async fn listen(client: Arc<RedisClient>, prefix: String, wakeups: Arc<Wakeups>) {
    let pattern = WakeChannelPattern::new(&prefix);
    let mut backoff = Backoff::default();
    for number in 0.. {
        check_layout(&client, &prefix).await;
        let Err(ended) = listen_once(&client, number, &pattern, &wakeups, &mut backoff).await;
        if backoff.failures() == 0 {
            tracing::warn!(error = %ended, "not notified of pushed jobs, polling until connected again");
        }
        backoff.wait().await;
    }
}

async fn listen_once(
    client: &RedisClient,
    number: usize,
    pattern: &WakeChannelPattern,
    wakeups: &Wakeups,
    backoff: &mut Backoff,
) -> RedisResult<Infallible> {
    let channels = Channels::Like(&pattern.glob);
    let mut messages = Subscription::open(&client.connection, number, channels).await?;
    if backoff.reset() {
        tracing::info!("notified of pushed jobs again");
    }
    // Whatever was pushed while nobody listened.
    wakeups.wake_all();
    loop {
        let message = messages.next().await?;
        if let Some(class) = pattern.class(message.get_channel_name()) {
            wakeups.wake(class);
        }
    }
}

/// Says so when another version of the queue has been using this Redis: their jobs are not seen by us.
async fn check_layout(client: &RedisClient, prefix: &str) {
    let key = layout_key(prefix);
    let set = client
        .query::<bool>("note the layout", redis::cmd("SETNX").arg(&key).arg(LAYOUT))
        .await;
    let found = client
        .query::<Option<String>>("read the layout", redis::cmd("GET").arg(&key))
        .await;
    if let (Ok(_), Ok(Some(found))) = (set, found) {
        meters::other_layout(found != LAYOUT);
        if found == LAYOUT {
            return;
        }
        tracing::error!(
            queue.layout.found = found,
            queue.layout.ours = LAYOUT,
            "this Redis holds a queue of another version: its jobs will not run here. Drain it with that \
             version, then delete {key}"
        );
    }
}
