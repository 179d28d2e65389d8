//! Connections that hear what is published.

use std::{io, time::Duration};

use futures::StreamExt;
use redis::{
    Client, Msg, RedisError, RedisResult,
    aio::{PubSub, PubSubSink, PubSubStream},
};
use tokio::{sync::watch, time::timeout};

use crate::{ANSWER, Address, CONNECT, Connection, within};

/// A connection on which nothing was heard for this long is asked whether it is alive.
const SILENCE: Duration = Duration::from_secs(10);

/// What is listened to.
#[derive(Clone, Copy, Debug)]
pub enum Channels<'a> {
    /// One channel.
    Named(&'a str),
    /// All channels that match.
    Like(&'a str),
}

/// Hears what is published, until its connection is lost, falls silent, or leads to a server that the commands of the
/// same process have given up.
pub struct Subscription {
    sink: PubSubSink,
    messages: PubSubStream,
    given_up: watch::Receiver<u64>,
}

impl Subscription {
    /// Listens at the seed that has this number, counted round. A cluster sends every node what is published on any,
    /// so one that answers will do.
    ///
    /// # Errors
    /// When the server is away, refuses, or takes too long.
    pub async fn open(connection: &Connection, number: usize, channels: Channels<'_>) -> RedisResult<Self> {
        let given_up = connection.given_up();
        let seeds = connection.address().seeds();
        let seed = seeds.get(number % seeds.len().max(1)).ok_or_else(lost)?;
        let (mut sink, messages) = connected(seed).await?.split();
        match channels {
            Channels::Named(name) => within(ANSWER, sink.subscribe(name)).await?,
            Channels::Like(pattern) => within(ANSWER, sink.psubscribe(pattern)).await?,
        }
        Ok(Self {
            sink,
            messages,
            given_up,
        })
    }

    /// What is published next.
    ///
    /// # Errors
    /// When nothing more will be heard.
    pub async fn next(&mut self) -> RedisResult<Msg> {
        loop {
            let heard = tokio::select! {
                heard = timeout(SILENCE, self.messages.next()) => heard,
                _ = self.given_up.changed() => return Err(lost()),
            };
            match heard {
                Ok(Some(message)) => return Ok(message),
                Ok(None) => return Err(lost()),
                Err(_) => within(ANSWER, self.sink.ping::<redis::Value>()).await.map(drop)?,
            }
        }
    }
}

/// Why none of the seeds can be reached; none when one can. The client of a cluster only says that it found no
/// node.
pub async fn trouble(address: &Address) -> Option<RedisError> {
    let mut reason = None;
    for seed in address.seeds() {
        reason = Some(connected(seed).await.err()?);
    }
    reason
}

async fn connected(seed: &Client) -> RedisResult<PubSub> {
    within(CONNECT, seed.get_async_pubsub()).await
}

fn lost() -> RedisError {
    io::Error::from(io::ErrorKind::ConnectionAborted).into()
}
