//! What is known about the connections of a pool, and which of them it may go on using.
//!
//! The driver sets no limits on its waits and keeps a connection whatever was heard over it. Here everything that is
//! asked has a limit, and what was heard counts for all connections of the process:
//! - A question without an answer, and one that nobody waited for, make connections suspect. A suspect one is tried
//!   before it is used again, and none is kept that does not answer.
//! - A server that takes no writes, and a connection that does not answer, make the pool give up what it holds: all
//!   connections older than that moment are closed instead of used.

use super::errors::{ConnectionFault, trouble, unanswered};
use sea_orm::DbErr;
use sqlx::{
    Connection,
    pool::{PoolConnectionMetadata, PoolOptions},
};
use std::{
    io,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// How long a server has for one statement. The longest that Vitrine asks for take well under a second.
const ANSWER: Duration = Duration::from_secs(15);
/// How long a connection has to show that it lives.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);
/// A connection that rested longer is tried before it is used.
const RESTED: Duration = Duration::from_secs(5);
/// What was under way when connections became suspect is over by then.
const SUSPICION: Duration = Duration::from_secs(60);
/// Nothing is given up more often: a server that stays read only goes on answering reads.
const BETWEEN: Duration = Duration::from_secs(5);

/// What a process knows about its connections to one server.
#[derive(Debug)]
pub(super) struct PoolHealth {
    suspected: Moment,
    given_up: Moment,
    limit: Option<Duration>,
}

impl PoolHealth {
    /// For a server, which may be away and may be replaced by another.
    pub(super) fn over_server() -> Self {
        Self::with(Some(ANSWER))
    }

    /// For a file, which SQLite itself waits for.
    pub(super) fn over_file() -> Self {
        Self::with(None)
    }

    /// For a server that answers sooner than most.
    #[cfg(test)]
    pub(super) fn limited_to(limit: Duration) -> Self {
        Self::with(Some(limit))
    }

    fn with(limit: Option<Duration>) -> Self {
        Self {
            suspected: Moment::never(),
            given_up: Moment::never(),
            limit,
        }
    }

    /// What the database answers to `question`, if it does in time.
    pub(super) async fn answer<T>(
        &self,
        question: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let mut question = pin!(question);
        // Dropped before the question and its connection, so that the pool tries that one.
        let mut unanswered_yet = Unanswered(Some(self));
        let outcome = match self.limit {
            None => question.await,
            Some(limit) => match tokio::time::timeout(limit, question.as_mut()).await {
                Ok(outcome) => outcome,
                Err(_) => return Err(unanswered()),
            },
        };
        unanswered_yet.0 = None;
        if let Err(error) = &outcome {
            self.hear(error);
        }
        outcome
    }

    fn hear(&self, error: &DbErr) {
        match trouble(error) {
            Some(ConnectionFault::ReadOnly) => self.give_up("the database takes no writes"),
            Some(ConnectionFault::Away) => self.suspected.mark(),
            None => {}
        }
    }

    fn give_up(&self, reason: &str) {
        if self.given_up.elapsed().is_none_or(|since| since >= BETWEEN) {
            self.given_up.mark();
            tracing::warn!(reason, "reopening the connections to the database");
        }
    }

    fn gave_up(&self, age: Duration) -> bool {
        self.given_up.elapsed().is_some_and(|since| age >= since)
    }

    /// Whether a resting connection has to show that it lives.
    fn doubts(&self, idle_for: Duration) -> bool {
        idle_for >= RESTED || self.suspected.elapsed().is_some_and(|since| idle_for >= since)
    }

    fn suspects(&self) -> bool {
        self.suspected.elapsed().is_some_and(|since| since < SUSPICION)
    }

    async fn is_usable<C: Connection>(
        &self,
        connection: &mut C,
        known: PoolConnectionMetadata,
    ) -> Result<bool, sqlx::Error> {
        if self.gave_up(known.age) {
            return Ok(false);
        }
        if self.doubts(known.idle_for) {
            self.lives(connection).await?;
        }
        Ok(true)
    }

    async fn is_worth_keeping<C: Connection>(
        &self,
        connection: &mut C,
        known: PoolConnectionMetadata,
    ) -> Result<bool, sqlx::Error> {
        if self.gave_up(known.age) {
            return Ok(false);
        }
        // The end of a transaction may still be on its way.
        if self.suspects() || connection.is_in_transaction() {
            self.lives(connection).await?;
        }
        // SQLite ends a transaction by itself when the disk is full; the driver's end of it then fails, and
        // everything that is asked later would happen inside a transaction that nobody ends.
        Ok(!connection.is_in_transaction())
    }

    async fn lives<C: Connection>(&self, connection: &mut C) -> Result<(), sqlx::Error> {
        if self.limit.is_none() {
            return connection.ping().await;
        }
        match tokio::time::timeout(SIGN_OF_LIFE, connection.ping()).await {
            Ok(outcome) => outcome,
            Err(_) => {
                self.give_up("a connection does not answer");
                Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

/// The options of a pool that uses only connections that `health` thinks well of.
pub(super) fn with_health_checks<D: sqlx::Database>(
    options: PoolOptions<D>,
    health: &Arc<PoolHealth>,
) -> PoolOptions<D> {
    let (before, after) = (Arc::clone(health), Arc::clone(health));
    options
        .test_before_acquire(false)
        .before_acquire(move |connection, known| {
            let health = Arc::clone(&before);
            Box::pin(async move { health.is_usable(connection, known).await })
        })
        .after_release(move |connection, known| {
            let health = Arc::clone(&after);
            Box::pin(async move { health.is_worth_keeping(connection, known).await })
        })
}

/// Makes connections suspect when a question ends without an answer.
struct Unanswered<'w>(Option<&'w PoolHealth>);

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        if let Some(health) = self.0 {
            health.suspected.mark();
        }
    }
}

/// When something last happened.
#[derive(Debug)]
struct Moment {
    since: Instant,
    /// Milliseconds after `since`, and one; 0 while it never happened.
    at: AtomicU64,
}

impl Moment {
    fn never() -> Self {
        Self {
            since: Instant::now(),
            at: AtomicU64::new(0),
        }
    }

    fn mark(&self) {
        let at = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX - 1);
        self.at.store(at + 1, Ordering::Relaxed);
    }

    fn elapsed(&self) -> Option<Duration> {
        let at = self.at.load(Ordering::Relaxed).checked_sub(1)?;
        Some(self.since.elapsed().saturating_sub(Duration::from_millis(at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_question_without_an_answer_makes_connections_suspect() {
        let health = PoolHealth::over_server();
        assert!(!health.suspects() && !health.doubts(Duration::from_secs(1)));

        let answer = health.answer(std::future::pending::<Result<(), DbErr>>()).await;

        assert!(answer.is_err() && health.suspects());
        assert!(health.doubts(Duration::from_secs(1)));
        assert!(!health.gave_up(Duration::from_secs(1)));
    }

    #[tokio::test]
    async fn a_question_that_nobody_waits_for_does_too() {
        let health = PoolHealth::over_file();

        let asked = health.answer(std::future::pending::<Result<(), DbErr>>());
        let _nobody_waits = tokio::time::timeout(Duration::from_millis(1), asked).await;

        assert!(health.suspects());
    }

    #[tokio::test]
    async fn a_mistake_makes_nothing_suspect() {
        let health = PoolHealth::over_server();

        let answer = health
            .answer(async { Err::<(), _>(DbErr::RecordNotUpdated) })
            .await;

        assert!(answer.is_err() && !health.suspects());
    }

    #[test]
    fn younger_connections_are_kept() {
        let health = PoolHealth::over_server();
        assert!(!health.gave_up(Duration::from_secs(9)));

        health.give_up("a test");

        assert!(health.gave_up(Duration::from_secs(9)));
        assert!(!health.gave_up(Duration::ZERO) || health.given_up.elapsed() == Some(Duration::ZERO));
    }
}
