//! Answers that are waited for only so long.

use std::{io, time::Duration};

use redis::{RedisError, RedisResult};
use tokio::time::timeout;

/// Gives the answer if it comes in time. After the limit it is unknown whether the command was executed.
///
/// # Errors
/// Those of the answer; [`Cause::Silent`](crate::Cause::Silent) after the limit.
pub async fn within<T>(limit: Duration, answer: impl Future<Output = RedisResult<T>>) -> RedisResult<T> {
    timeout(limit, answer).await.unwrap_or_else(|_| Err(too_slow()))
}

fn too_slow() -> RedisError {
    io::Error::from(io::ErrorKind::TimedOut).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cause;

    #[tokio::test]
    async fn an_answer_that_does_not_come_is_silence() {
        let never = within(Duration::ZERO, std::future::pending::<RedisResult<()>>());

        assert_eq!(Cause::of(&never.await.unwrap_err()), Cause::Silent);
        assert_eq!(within(Duration::ZERO, async { Ok(1) }).await.unwrap(), 1);
    }
}
