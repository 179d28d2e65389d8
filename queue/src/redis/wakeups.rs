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
    client::Link,
    keys::{BellPattern, LAYOUT, layout_key},
};
use crate::{ClassName, backoff::Patience, meters};

/// One bell a class. A bell that is rung in vain costs one fetch.
#[derive(Default)]
pub(super) struct Bells(Mutex<HashMap<ClassName, Arc<Notify>>>);

impl Bells {
    /// The bell of a class.
    pub(super) fn of(&self, class: &ClassName) -> Arc<Notify> {
        let mut bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(bells.entry(class.clone()).or_default())
    }

    fn ring(&self, class: &str) {
        let bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bell) = bells.get(class) {
            bell.notify_waiters();
        }
    }

    fn ring_all(&self) {
        let bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        bells.values().for_each(|bell| bell.notify_waiters());
    }
}

/// Listens until dropped, connecting again whenever the connection is lost.
pub(super) async fn listen(link: Arc<Link>, prefix: String, bells: Arc<Bells>) {
    let pattern = BellPattern::new(&prefix);
    let mut patience = Patience::default();
    for number in 0.. {
        check_layout(&link, &prefix).await;
        let Err(ended) = listen_once(&link, number, &pattern, &bells, &mut patience).await;
        if patience.failures() == 0 {
            tracing::warn!(error = %ended, "not notified of pushed jobs, polling until connected again");
        }
        patience.wait().await;
    }
}

async fn listen_once(
    link: &Link,
    number: usize,
    pattern: &BellPattern,
    bells: &Bells,
    patience: &mut Patience,
) -> RedisResult<Infallible> {
    let channels = Channels::Like(&pattern.glob);
    let mut messages = Subscription::open(&link.connection, number, channels).await?;
    if patience.reset() {
        tracing::info!("notified of pushed jobs again");
    }
    // Whatever was pushed while nobody listened.
    bells.ring_all();
    loop {
        let message = messages.next().await?;
        if let Some(class) = pattern.class(message.get_channel_name()) {
            bells.ring(class);
        }
    }
}

/// Says so when another version of the queue has been using this Redis: their jobs are not seen by us.
async fn check_layout(link: &Link, prefix: &str) {
    let key = layout_key(prefix);
    let set = link
        .query::<bool>("note the layout", redis::cmd("SETNX").arg(&key).arg(LAYOUT))
        .await;
    let found = link
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
