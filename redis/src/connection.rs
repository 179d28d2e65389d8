//! One connection for commands, and when it is given up for another.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use redis::{Cmd, Pipeline, RedisError, RedisFuture, RedisResult, Value, aio::ConnectionLike};
use tokio::{sync::watch, time::Instant};

use crate::{Address, Cause, health_check, probe, route::Route};

/// A connection younger than this is not given up, so that a server that refuses everybody is not stormed.
const SETTLES: Duration = Duration::from_secs(1);

/// Connects when it is first used, and again when it was lost. Clones share it.
///
/// A server that no longer does its work loses it: one that takes no writes, is still loading, or does not answer in
/// time, at once; one that refuses for another reason, when that lasts. The next command then goes to whatever the
/// address names by now. A small write every five seconds, its health check, finds out in time.
#[derive(Clone)]
pub struct Connection(Arc<Shared>);

/// What clones share.
struct Shared {
    address: Address,
    prefix: Arc<str>,
    current: Mutex<Current>,
    given_up: watch::Sender<u64>,
}

struct Current {
    route: Route,
    number: u64,
    since: Instant,
}

impl Connection {
    /// Does not wait until it is connected. Keys that it writes by itself begin with the prefix.
    ///
    /// The future that comes with it is its health check: run it beside the connection. It ends with the last clone.
    ///
    /// # Errors
    /// When the nodes of a cluster cannot be used together.
    pub fn new(
        address: &Address,
        prefix: &str,
    ) -> RedisResult<(Self, impl Future<Output = ()> + Send + use<>)> {
        let current = Current {
            route: Route::new(address)?,
            number: 0,
            since: Instant::now(),
        };
        let shared = Arc::new(Shared {
            address: address.clone(),
            prefix: prefix.into(),
            current: Mutex::new(current),
            given_up: watch::Sender::new(0),
        });
        let health_check = look_after(Arc::downgrade(&shared));
        Ok((Self(shared), health_check))
    }

    /// Where it leads.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.0.address
    }

    /// Does what every script does, to keys of its own, which are deleted or end by themselves. Safe to repeat.
    ///
    /// # Errors
    /// When Redis is away or refuses any of it; [`Cause::of`] says why.
    pub async fn probe(&self) -> RedisResult<()> {
        probe::run(&mut self.clone(), &self.0.prefix).await
    }

    /// Changes each time the connection is given up: what else is connected to the same address does well to follow.
    pub(crate) fn given_up(&self) -> watch::Receiver<u64> {
        self.0.given_up.subscribe()
    }
}

/// Checks the connection for as long as a clone of it exists. The checks themselves do not keep it alive.
fn look_after(shared: Weak<Shared>) -> impl Future<Output = ()> + Send {
    let checked = Weak::clone(&shared);
    let check = move || {
        let connection = checked.upgrade().map(Connection);
        async move { Some(connection?.probe().await) }
    };
    let give_up = move |cause| {
        if let Some(shared) = shared.upgrade() {
            shared.give_up_current(cause);
        }
    };
    health_check::monitor(check, give_up)
}

impl Shared {
    fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection of this moment, and its number.
    fn route(&self) -> (Route, u64) {
        let current = self.current();
        (current.route.clone(), current.number)
    }

    /// Gives the connection up that is in use now.
    fn give_up_current(&self, cause: Cause) {
        let number = self.current().number;
        self.give_up(number, cause);
    }

    /// Puts a new connection in the place of this one, unless it is new itself; says whether another is there now.
    fn give_up(&self, number: u64, cause: Cause) -> bool {
        let mut current = self.current();
        if current.number != number {
            return true;
        }
        if current.since.elapsed() < SETTLES {
            return false;
        }
        let Ok(route) = Route::new(&self.address) else {
            return false;
        };
        *current = Current {
            route,
            number: number + 1,
            since: Instant::now(),
        };
        drop(current);
        self.given_up.send_replace(number + 1);
        tracing::debug!(cause = cause.as_str(), "gave up a connection to Redis");
        metrics::counter!("vitrine_redis_connections_given_up_total", "cause" => cause.as_str()).increment(1);
        true
    }

    /// Decides about the connection that gave this error; says whether to ask again on another.
    fn handle_error(&self, error: &RedisError, number: u64) -> bool {
        let cause = Cause::of(error);
        cause.ends_a_connection() && self.give_up(number, cause) && cause.was_not_executed()
    }

    async fn send(&self, command: &Cmd) -> RedisResult<Value> {
        let (mut route, number) = self.route();
        match route.send(command).await {
            Err(error) if self.handle_error(&error, number) => self.route().0.send(command).await,
            answer => answer,
        }
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(self.0.send(command))
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        Box::pin(async move {
            let (mut route, number) = self.0.route();
            let answer = route.send_many(pipeline, offset, count).await;
            if let Err(error) = &answer {
                self.0.handle_error(error, number);
            }
            answer
        })
    }

    fn get_db(&self) -> i64 {
        self.0.route().0.database()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Connection")
            .field(&self.0.address)
            .finish()
    }
}
