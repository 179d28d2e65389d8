//! Whether the parts work that the server cannot do without.
//!
//! Anybody may ask, as often as they like: a part is looked at once for all who ask within a second, whatever was found,
//! and the look goes on when whoever asked first goes away.

use futures::future::BoxFuture;
use std::{
    error::Error,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};
use vitrine_accounts::jobs::QueueUnavailable;
use vitrine_base::{database, error_chain::cause_chain};

/// The cause of a part that did not answer in time.
const NO_ANSWER: &str = "no_answer";
/// The cause of a part of which nothing closer is known.
const FAILED: &str = "failed";
/// How long a part may take to show that it works.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);
/// Whoever asks within this time is given what was found last.
const FRESH: Duration = Duration::from_secs(1);

/// Why a part does not work.
pub type ProbeError = Box<dyn Error + Send + Sync>;

/// The cause, in one word, while a part does not work.
type Cause = Option<&'static str>;
type Check = Box<dyn Fn() -> BoxFuture<'static, Result<(), ProbeError>> + Send + Sync>;

/// Looks whether one part works. Clones share what they find.
#[derive(Clone)]
pub struct Probe(Arc<Part>);

struct Part {
    name: &'static str,
    check: Check,
    newest: Mutex<Option<watch::Receiver<ProbeRun>>>,
}

#[derive(Clone, Copy)]
enum ProbeRun {
    /// Under way, after one that found this.
    Begun {
        before: Cause,
    },
    Ended {
        cause: Cause,
        at: Instant,
    },
}

impl Probe {
    /// A look at the part of this name, such as `database`. One that takes more than two seconds
    /// counts as failed.
    pub fn new<F, W, E>(name: &'static str, check: F) -> Self
    where
        F: Fn() -> W + Send + Sync + 'static,
        W: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<ProbeError>,
    {
        let check = move || -> BoxFuture<'static, Result<(), ProbeError>> {
            let outcome = check();
            Box::pin(async move { outcome.await.map_err(Into::into) })
        };
        Self(Arc::new(Part {
            name,
            check: Box::new(check),
            newest: Mutex::default(),
        }))
    }

    /// The part, and the cause when it does not work.
    pub(crate) async fn check(&self) -> (&'static str, Cause) {
        let mut look = self.newest();
        let ended = look.wait_for(|look| matches!(look, ProbeRun::Ended { .. })).await;
        let cause = match ended.as_deref() {
            Ok(ProbeRun::Ended { cause, .. }) => *cause,
            Ok(ProbeRun::Begun { .. }) | Err(_) => Some(NO_ANSWER),
        };
        (self.0.name, cause)
    }

    /// The look that answers whoever asks now; begins one where there is none.
    fn newest(&self) -> watch::Receiver<ProbeRun> {
        let mut newest = self.0.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(look) = newest.as_ref().filter(|look| answers(look)) {
            return look.clone();
        }
        let before = newest.as_ref().and_then(|look| found(&look.borrow()));
        let (teller, look) = watch::channel(ProbeRun::Begun { before });
        *newest = Some(look.clone());
        let part = Arc::clone(&self.0);
        // Nobody joins it: it ends with this one look, after the probe's timeout at the latest.
        tokio::spawn(async move {
            let cause = part.look(before).await;
            let at = Instant::now();
            teller.send_replace(ProbeRun::Ended { cause, at });
        });
        look
    }
}

fn answers(look: &watch::Receiver<ProbeRun>) -> bool {
    match *look.borrow() {
        // Whoever looks may be gone with its thread.
        ProbeRun::Begun { .. } => look.has_changed().is_ok(),
        ProbeRun::Ended { at, .. } => at.elapsed() < FRESH,
    }
}

/// What is known of the part.
fn found(look: &ProbeRun) -> Cause {
    match *look {
        ProbeRun::Begun { before } => before,
        ProbeRun::Ended { cause, .. } => cause,
    }
}

impl Part {
    /// Looks, and logs what is different from before.
    async fn look(&self, before: Cause) -> Cause {
        let outcome = timeout(PROBE_TIMEOUT, (self.check)()).await;
        let (cause, error) = match outcome {
            Ok(Ok(())) => (None, String::new()),
            Ok(Err(error)) => (Some(cause_of(&*error)), cause_chain(&*error)),
            Err(_) => (Some(NO_ANSWER), "no answer in time".to_owned()),
        };
        match cause {
            now if now == before => {}
            Some(cause) => tracing::warn!(part = self.name, cause, error, "a part is not ready"),
            None => tracing::info!(part = self.name, "a part is ready again"),
        }
        cause
    }
}

fn cause_of(error: &(dyn Error + Send + Sync + 'static)) -> &'static str {
    let queue = error.downcast_ref::<QueueUnavailable>();
    let of_queue = queue.and_then(|queue| queue.trouble);
    of_queue.or_else(|| database::cause(error)).unwrap_or(FAILED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{FutureExt, future::join_all};
    use std::sync::atomic::{AtomicU32, Ordering};
    use tokio::{
        sync::Notify,
        time::{advance, sleep},
    };

    /// A part that takes a while and does not work, and how often it was looked at.
    fn broken() -> (Probe, Arc<AtomicU32>) {
        let looks = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&looks);
        let probe = Probe::new("queue", move || {
            counted.fetch_add(1, Ordering::SeqCst);
            async {
                sleep(Duration::from_millis(100)).await;
                Err::<(), _>(ProbeError::from("refused"))
            }
        });
        (probe, looks)
    }

    #[tokio::test(start_paused = true)]
    async fn a_part_is_looked_at_once_a_second_for_all_who_ask() {
        let (probe, looks) = broken();

        let asked = join_all((0..50).map(|_| probe.check())).await;
        assert!(asked.iter().all(|found| *found == ("queue", Some(FAILED))));
        assert_eq!(probe.clone().check().await.1, Some(FAILED));
        assert_eq!(looks.load(Ordering::SeqCst), 1);

        advance(FRESH).await;
        probe.check().await;
        assert_eq!(looks.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_goes_on_when_whoever_asked_goes_away() {
        let (probe, looks) = broken();

        for _ in 0..5 {
            assert!(probe.check().now_or_never().is_none());
        }
        assert_eq!(probe.check().await.1, Some(FAILED));

        assert_eq!(looks.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_part_that_comes_back_is_seen_within_a_second() {
        let up = Arc::new(Notify::new());
        let seen = Arc::clone(&up);
        let probe = Probe::new("queue", move || {
            let seen = Arc::clone(&seen);
            async move {
                seen.notified().await;
                Ok::<_, ProbeError>(())
            }
        });

        assert_eq!(probe.check().await.1, Some(NO_ANSWER));
        up.notify_one();
        advance(FRESH).await;

        assert_eq!(probe.check().await.1, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_that_breaks_is_not_waited_for_by_whoever_asks_next() {
        let looks = AtomicU32::new(0);
        let probe = Probe::new("queue", move || {
            let number = looks.fetch_add(1, Ordering::SeqCst);
            async move {
                assert!(number > 0, "the first look breaks");
                Ok::<_, ProbeError>(())
            }
        });

        assert_eq!(probe.check().await.1, Some(NO_ANSWER));
        assert_eq!(probe.check().await.1, None);
    }
}
